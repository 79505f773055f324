"""Null attention: every head may look at nothing.

"What if we always throw a zero Value in the mix, with a learnable Key?" One column more joins the
softmax. Attention on it adds nothing to the sum, so a head can turn itself down, or off. The key
is not rotated: nothing stands nowhere. With a zero key instead of a learned one this is softmax1
(Miller 2023, "Attention is off by one").
"""

from dataclasses import dataclass

import torch
from torch import nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Columns, LayerView


class NullColumns(nn.Module):
    """`count` columns a head whose values are zero, and whose keys are learned, or zero."""

    def __init__(self, config: GPTConfig, layer: int, count: int, learned: bool) -> None:
        super().__init__()
        self.key = nn.Parameter(
            torch.zeros(config.heads, count, config.head_dim), requires_grad=learned
        )

    def reset(self, generator: torch.Generator) -> None:
        """Draw learned keys small: at first the null column says as little as a zero key."""
        if self.key.requires_grad:
            self.key.normal_(0, 0.02, generator=generator)

    def forward(self, view: LayerView) -> Columns | None:
        """Return the null columns, which every row may see; None if there are none."""
        if not self.key.size(1):
            return None
        k = self.key.expand(view.k.size(0), -1, -1, -1)
        visible = torch.ones(1, k.size(2), dtype=torch.bool, device=k.device)
        return Columns(k, torch.zeros_like(k), visible)


@dataclass(frozen=True)
class NullAttention:
    """The idea: `count` null columns a head, each with a learned key (or, for softmax1, zero)."""

    count: int = 1
    learned: bool = True

    def apply(self, parts: Parts) -> Parts:
        """Add the columns to the sources."""

        def make(config: GPTConfig, layer: int) -> nn.Module:
            return NullColumns(config, layer, self.count, self.learned)

        return parts.swap(sources=(*parts.sources, make))


TWEAK = NullAttention()
NEUTRAL = NullAttention(count=0)
