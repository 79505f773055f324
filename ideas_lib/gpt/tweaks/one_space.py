"""One space: queries, keys, values, stream and embeddings share one vector space.

"Could we get a Transformer where everything is in the same vector space, even queries and keys?"
Attention without matrices compares and moves vectors of the stream itself. `matrices` is a ladder
to that: the baseline's "qkvo"; one matrix for queries and keys, "kkvo" (Reformer, 2001.04451);
queries that are the stream, ".kvo" (2510.23912); no matrix at all, "....".
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ideas_lib.gpt.model import GPTConfig, Parts, Vocab
from ideas_lib.gpt.seams import Layout
from ideas_lib.gpt.tweaks.half_tied import HalfTied


class Shared(nn.Module):
    """Queries, keys, values, output: equal letters share a matrix, and a dot is the stream."""

    def __init__(self, config: GPTConfig, layer: int, matrices: str) -> None:
        super().__init__()
        self.roles, d = matrices, config.d_model
        names = sorted({*matrices[:3]} - {"."})
        self.into = nn.ModuleDict({name: nn.Linear(d, d, bias=False) for name in names})
        self.output = nn.Identity() if matrices[3] == "." else nn.Linear(d, d, bias=False)
        # Where no matrix can say how sharply a head looks, one number does.
        self.sharpness = nn.Parameter(torch.ones(config.heads)) if matrices[:2] == ".." else None

    def read(self, x: Tensor) -> dict[str, Tensor]:
        """(B, R, d) -> what each matrix makes of it, and itself."""
        return {".": x} | {name: matrix(x) for name, matrix in self.into.items()}

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        """Queries from x, keys and values from the context if there is one: (B, R, 3d)."""
        own = self.read(x)
        other = own if context is None else self.read(context)
        q, k, v = own[self.roles[0]], other[self.roles[1]], other[self.roles[2]]
        if self.sharpness is not None:
            q = q * self.sharpness.repeat_interleave(x.size(-1) // len(self.sharpness))
        return torch.cat([q, k, v], dim=-1)

    def out(self, y: Tensor, x: Tensor) -> Tensor:
        """(B, H, R, h) -> (B, R, d)."""
        return self.output(y.transpose(1, 2).flatten(-2))


class Others(nn.Module):
    """A row sees itself only where it sees nothing else: no key is nearer than its own."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out the text as ever, and take the diagonal away."""
        layout = self.inner(length, device)
        own = torch.eye(len(layout.mask), dtype=torch.bool, device=device)
        others = layout.mask & ~own
        return layout._replace(mask=others | (own & ~others.any(1, keepdim=True)))


class Mix(nn.Module):
    """Every token starts with some of the one before it, channel by channel, as is learned."""

    def __init__(self, config: GPTConfig, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.amount = nn.Parameter(torch.full((config.d_model,), 0.5))

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> (B, R, d)."""
        return self.inner(x + self.amount * F.pad(x, (0, 0, 1, 0))[:, :-1], layout)


@dataclass(frozen=True)
class OneSpace:
    """The idea: no matrices, one embedding; and no row sees itself, and tokens are mixed."""

    matrices: str = "...."
    tied: bool = True
    others_only: bool = True
    mix: bool = True

    def apply(self, parts: Parts) -> Parts:
        """Swap projection and vocabulary, and wrap layout and start, as far as asked."""
        layout, start = parts.layout, parts.start
        if self.matrices != "qkvo":
            parts = parts.swap(project=lambda config, n: Shared(config, n, self.matrices))
        if self.tied:
            parts = HalfTied(fraction=1).apply(parts.swap(vocab=Vocab))
        if self.others_only:
            parts = parts.swap(layout=lambda config: Others(layout(config)))
        if self.mix:
            parts = parts.swap(start=lambda config: Mix(config, start(config)))
        return parts


TWEAK = OneSpace()
NEUTRAL = OneSpace("qkvo", tied=False, others_only=False, mix=False)
