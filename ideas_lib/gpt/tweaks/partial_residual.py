"""Partial residual: some channels of the stream add, the others are written anew.

"What if only some dims have residual connections?" A share of the channels keeps what is there
and adds what a sublayer found. The rest holds what the last sublayer wrote, and nothing older.
The two parts are normed apart, or one would rescale the other. Sublayers write from the first step
on: with output weights of zero, the rest would be nothing.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts


class Keep(nn.Module):
    """The stream times a number a channel, at first 1 for the last `count` and 0 for the rest."""

    def __init__(self, config: GPTConfig, inner: nn.Module, count: int, learned: bool) -> None:
        super().__init__()
        self.inner: Any = inner
        kept = torch.arange(config.d_model) >= config.d_model - count
        self.keep = nn.Parameter(kept.float(), requires_grad=learned)

    def forward(self, x: Tensor, fx: Tensor) -> Tensor:
        """(B, R, d), (B, R, d) -> (B, R, d)."""
        return self.inner(self.keep * x, fx)


class Apart(nn.Module):
    """The last `count` channels and the rest, each normed by itself."""

    def __init__(self, count: int, kept: nn.Module, rest: nn.Module) -> None:
        super().__init__()
        self.count, self.inner, self.rest = count, kept, rest

    def forward(self, x: Tensor) -> Tensor:
        """(B, R, d) -> (B, R, d)."""
        rest, kept = x[..., : -self.count], x[..., -self.count :]
        return torch.cat([self.rest(rest), self.inner(kept)], dim=-1)


@dataclass(frozen=True)
class PartialResidual:
    """The idea: a `fraction` of the channels, the last ones, has residual connections.

    With `apart`, they and the rest are normed apart. `learned` makes what each channel keeps a
    learned number for each sublayer, which starts at 1 or 0.
    """

    fraction: float = 0.5
    apart: bool = True
    learned: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction={self.fraction} must be from 0 to 1")

    def count(self, config: GPTConfig) -> int:
        """Return how many channels keep what is there."""
        return round(self.fraction * config.d_model)

    def apply(self, parts: Parts) -> Parts:
        """Wrap the residual, and the norms where there are two parts."""
        if self.fraction == 1 and not self.learned:
            return parts

        def join(config: GPTConfig, layer: int) -> nn.Module:
            inner = parts.residual(config, layer)
            return Keep(config, inner, self.count(config), self.learned)

        def norm(config: GPTConfig) -> nn.Module:
            count = self.count(config)
            if not self.apart or count in (0, config.d_model):
                return parts.norm(config)
            return Apart(count, parts.norm(config), parts.norm(config))

        return parts.swap(residual=join, norm=norm)


TWEAK = PartialResidual()
NEUTRAL = PartialResidual(fraction=1.0)
