"""What a summarised past is compared with: the recent past alone, in as many columns."""

from dataclasses import dataclass

import torch
from torch import nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Layout

__all__ = ["EqualWindow"]


class AsMany(nn.Module):
    """The layout, each row seeing its last positions, as many as the idea would show it columns."""

    def __init__(self, inner: nn.Module, tweak: "EqualWindow") -> None:
        super().__init__()
        self.inner, self.tweak = inner, tweak

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out a text of `length` tokens."""
        layout = self.inner(length, device)
        places, span = layout.positions, self.tweak.span
        old = (places // span - self.tweak.recent).clamp(min=0)  # spans that would be summarised
        columns = places + 1 - old * (span - self.tweak.keep)
        near = places[:, None] - places < columns[:, None]
        return layout._replace(mask=layout.mask & near)


@dataclass(frozen=True)
class EqualWindow:
    """The most recent positions only: in every row, as many as `SummarisedPast` has columns."""

    span: int = 8
    keep: int = 4
    recent: int = 1

    def apply(self, parts: Parts) -> Parts:
        """Wrap the layout."""

        def make(config: GPTConfig) -> nn.Module:
            return AsMany(parts.layout(config), self)

        return parts.swap(layout=make)
