"""Zero input: the stream that predicts the next token does not start from the current one.

"Why not have a zero input (or just a position embedding) and depend on the attention mechanism?"
The rows that answer start from one learned vector; the rotation of their queries says where they
stand. What they know of the text, their own token included, they get through attention, from a
second set of rows that run as in any GPT, with the same weights. That is the query stream of
XLNet (1906.08237), run from left to right. The vector is drawn small: as large as a token it
would drown what is added to it, and in rows that keep their token it would hide that.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Layout

COST = "the text is read by rows of its own, so that every layer has twice the rows"
SMALL = 0.02  # the size of a learned start at first; a token's channels are about 1


class Beside(nn.Module):
    """Every row twice: first the copies that read the text, then those that answer."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out the text twice; an answering row sees its own token, and is seen by nobody."""
        positions, mask, reads = self.inner(length, device)
        n = len(positions)
        own = torch.eye(n, dtype=torch.bool, device=device)
        start, stop, step = reads.indices(n)
        mask = F.pad(torch.cat([mask, mask | own]), (0, n))
        return Layout(positions.repeat(2), mask, slice(start + n, stop + n, step))


class Learned(nn.Embedding):
    """Vectors that start small."""

    def reset(self, generator: torch.Generator) -> None:
        """Draw them."""
        nn.init.normal_(self.weight, 0, SMALL, generator)


class Begin(nn.Module):
    """Where the stream begins: a learned vector, and `keep` times the token."""

    def __init__(self, config: GPTConfig, inner: nn.Module, tweak: "ZeroInput") -> None:
        super().__init__()
        self.inner: Any = inner
        self.keep, self.reads = tweak.keep, tweak.reads
        # Positions: room for the rows that others may put in front.
        vectors = {"zero": 0, "constant": 1, "positions": config.context + 8}[tweak.start]
        self.answer = Learned(vectors, config.d_model) if vectors else None

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> the stream, and what keys and values read if that is not the stream."""
        positions, mask, reads = layout
        n = len(positions) // (2 if self.reads == "rows" else 1)
        if n < len(positions):
            start, stop, step = reads.indices(len(positions))
            layout = Layout(positions[:n], mask[:n, :n], slice(start - n, stop - n, step))
        x, context = self.inner(x, layout)
        stream = x if self.keep == 1 else self.keep * x
        if self.answer is not None:
            stream = stream + self.answer(positions[:n].clamp(max=self.answer.num_embeddings - 1))
        if self.reads == "rows":
            context = None if context is None else context.repeat(1, 2, 1)
            return torch.cat([x, stream], dim=1), context
        return stream, x if self.reads == "embeddings" and context is None else context


@dataclass(frozen=True)
class ZeroInput:
    """The idea: the answering stream starts from `start`, and from `keep` times its token.

    `start` is "constant", "positions" (a learned vector for each) or "zero". Keys and values read
    "rows" beside the stream, the raw "embeddings" in every layer, or the "stream" itself.
    """

    start: str = "constant"
    keep: float = 0.0
    reads: str = "rows"

    def __post_init__(self) -> None:
        for name, known in (("start", STARTS), ("reads", READS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name}={getattr(self, name)!r} is none of {known}")
        if self.reads == "stream" and not self.keep:
            raise ValueError("keep=0 with reads='stream': nothing of the text would come in")

    def apply(self, parts: Parts) -> Parts:
        """Wrap the start, and lay the rows out twice where rows of their own are read."""
        was = parts
        if self.reads == "rows":
            parts = parts.swap(layout=lambda config: Beside(was.layout(config)))
        return parts.swap(start=lambda config: Begin(config, was.start(config), self))


STARTS = ("constant", "positions", "zero")
READS = ("rows", "embeddings", "stream")
TWEAK = ZeroInput()
NEUTRAL = ZeroInput(start="zero", keep=1.0, reads="stream")
