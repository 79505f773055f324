"""The controls of partial residual: no other part, and two norms alone.

`ResidualOnly` takes the channels without residual connections out, and leaves heads and MLP as
wide as they were: what it lacks is what the other part carries. `TwoNorms` norms two parts apart
and adds to all channels.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Layout
from ideas_lib.gpt.tweaks.partial_residual import Apart

__all__ = ["ResidualOnly", "TwoNorms"]


class Emptied(nn.Module):
    """What a part puts into the stream, with all but the last channels set to nothing."""

    kept: Tensor

    def __init__(self, config: GPTConfig, inner: nn.Module, fraction: float) -> None:
        super().__init__()
        self.inner: Any = inner
        count = round(fraction * config.d_model)
        kept = torch.arange(config.d_model) >= config.d_model - count
        self.register_buffer("kept", kept, persistent=False)


class EmptiedStart(Emptied):
    """A start whose stream has nothing in the other channels."""

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> (B, R, d), and (B, R, d) or None."""
        x, context = self.inner(x, layout)
        return x * self.kept, None if context is None else context * self.kept


class EmptiedResidual(Emptied):
    """A residual that leaves nothing in the other channels."""

    def forward(self, x: Tensor, fx: Tensor) -> Tensor:
        """(B, R, d), (B, R, d) -> (B, R, d)."""
        return self.inner(x, fx) * self.kept


@dataclass(frozen=True)
class ResidualOnly:
    """Nothing in the channels but the last `fraction`, whatever a sublayer writes elsewhere.

    With `PartialResidual` of the same fraction, what is left is a stream that is narrower, normed
    by itself, between heads and an MLP of the old widths. With `spare_last` the last layer may
    write to the other channels, too: what comes back then is one layer's scratchpad, and a head
    that reads the whole width.
    """

    fraction: float = 0.5
    spare_last: bool = False

    def apply(self, parts: Parts) -> Parts:
        """Wrap start and residual."""

        def join(config: GPTConfig, layer: int) -> nn.Module:
            inner = parts.residual(config, layer)
            if self.spare_last and layer == config.layers - 1:
                return inner
            return EmptiedResidual(config, inner, self.fraction)

        return parts.swap(
            start=lambda config: EmptiedStart(config, parts.start(config), self.fraction),
            residual=join,
        )


@dataclass(frozen=True)
class TwoNorms:
    """The last `fraction` of the channels and the rest normed apart; residuals as ever."""

    fraction: float = 0.5

    def apply(self, parts: Parts) -> Parts:
        """Wrap the norms."""
        return parts.swap(
            norm=lambda config: Apart(
                round(self.fraction * config.d_model), parts.norm(config), parts.norm(config)
            )
        )
