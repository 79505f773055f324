"""Causal mask: what lies wholly before an answer is read a second time, from its end.

"The causal mask affects what can be learned from even long before the current token to generate.
Is it really necessary?" It is, between an answer and what follows it. It is not within a stretch
of text that is finished. So the text is cut into blocks, and each finished block gets a second
copy of its rows, marked by a learned vector, in which a row sees what follows it ("back") or all
of the block ("both"). Answers see the second readings of finished blocks beside all that any GPT
sees: no row sees what it is to predict. One block, open both ways and read in place of the first
reading, is a prefix language model (1910.10683), which here may answer within its prefix, too.

Cost: finished text has two rows for each token, so that every layer works on nearly twice as many.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Layout

# A layout, to one with other rows, and which of the old rows each of them is a copy of.
Arrange = Callable[[Layout], tuple[Layout, Tensor]]


class Arranged(nn.Module):
    """A layout whose rows are copies of another's."""

    def __init__(self, inner: nn.Module, arrange: Arrange) -> None:
        super().__init__()
        self.inner, self.arrange = inner, arrange

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out the text, then arrange its rows."""
        return self.arrange(self.inner(length, device))[0]


class SecondReading(nn.Module):
    """Where the copied rows start: like what they copy, and a learned mark, if they have one."""

    def __init__(
        self, inner: nn.Module, layout: nn.Module, arrange: Arrange, mark: nn.Embedding | None
    ) -> None:
        super().__init__()
        self.inner, self.layout, self.arrange, self.mark = inner, layout, arrange, mark

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> (B, R, d), and the same rows of what keys and values read, if any."""
        inside = self.layout(x.size(1), x.device)
        copied = self.arrange(inside)[1][len(inside.positions) :]
        x, context = self.inner(x, inside)
        return self.copy(x, copied), None if context is None else self.copy(context, copied)

    def copy(self, x: Tensor, rows: Tensor) -> Tensor:
        """Put copies behind the rows that are there."""
        again = x[:, rows]
        return torch.cat([x, again if self.mark is None else again + self.mark.weight], dim=1)


def rearranged(parts: Parts, arrange: Arrange, mark: bool = False) -> Parts:
    """Return the parts with copies of their rows behind them, as `arrange` has it."""

    def start(config: GPTConfig) -> nn.Module:
        own = nn.Embedding(1, config.d_model) if mark else None
        return SecondReading(parts.start(config), parts.layout(config), arrange, own)

    return parts.swap(start=start, layout=lambda config: Arranged(parts.layout(config), arrange))


@dataclass(frozen=True)
class CausalMask:
    """The idea: blocks of `block` tokens, the first `again` of which (None: all) are read again.

    `reading` is what a row of the second reading sees of its block: "back" itself and what follows,
    "both" all of it, "forth" what a causal mask shows, and the whole first reading of the block,
    so that it is read twice and yet no mask is open. With `keep`, answers see the first reading,
    too; without, the second stands in its place. `mark` tells the second reading from the first.
    """

    block: int = 16
    again: int | None = None
    reading: str = "back"
    keep: bool = True
    mark: bool = True

    def __post_init__(self) -> None:
        if self.block < 1 or (self.again is not None and self.again < 0):
            raise ValueError(f"block must be at least 1 and again at least 0, got {self}")
        if self.reading not in READINGS:
            raise ValueError(f"reading={self.reading!r} is none of {READINGS}")

    def arrange(self, layout: Layout) -> tuple[Layout, Tensor]:
        """Put the second reading of each finished block behind the rows that answer."""
        positions, mask, reads = layout
        of = positions // self.block  # the block of each row
        of = of if self.again is None else of.clamp(max=self.again)
        second = (of < of.max()).nonzero().squeeze(1)
        rows = torch.cat([torch.arange(len(of), device=of.device), second])
        n, of, where, causal = len(of), of[rows], positions[rows], mask[rows][:, rows]
        finished, same = of[:, None] > of, of[:, None] == of
        first = torch.arange(len(of), device=of.device) < n
        # A row sees finished blocks in their second reading, and in the first one if it is kept.
        seen = (finished & ~first) | (causal & first & (same | self.keep))
        within = {"back": where[:, None] <= where, "both": same, "forth": causal}[self.reading]
        again = (finished & (~first | self.keep)) | (same & within & ~first)
        if self.reading == "forth":
            again |= same & first
        # What no row sees in the text as it was, is not seen in a copy.
        found = torch.where(first[:, None], seen, again) & mask.any(0)[rows]
        return Layout(where, found, slice(*reads.indices(n))), rows

    def apply(self, parts: Parts) -> Parts:
        """Copy rows in layout and start, if anything is read again."""
        return parts if self.again == 0 else rearranged(parts, self.arrange, self.mark)


READINGS = ("back", "both", "forth")
TWEAK = CausalMask()
NEUTRAL = CausalMask(again=0)
