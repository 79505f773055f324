"""The rivals of null attention: other ways for a head to say nothing.

A learned logit in the softmax's denominator (gpt-oss, 2508.10925), a sigmoid gate on each head
(2505.06708), and a token before all others (2309.17453).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Columns, LayerView, Layout

__all__ = ["BosToken", "LearnedLogit", "SigmoidGate"]


class NullLogit(nn.Module):
    """One null column a head whose score is a learned number, whatever the query."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(config.heads, 1, 1))

    def forward(self, view: LayerView) -> Columns:
        """Return the null column."""
        nothing = torch.zeros_like(view.v[:, :, :1])
        visible = torch.ones(1, 1, dtype=torch.bool, device=nothing.device)
        return Columns(nothing, nothing, visible, self.logit)


@dataclass(frozen=True)
class LearnedLogit:
    """The rival of gpt-oss: a learned logit a head in the softmax's denominator."""

    def apply(self, parts: Parts) -> Parts:
        """Add the column to the sources."""
        return parts.swap(sources=(*parts.sources, NullLogit))


class Gate(nn.Module):
    """Each head's output times a sigmoid of what the layer reads."""

    def __init__(self, config: GPTConfig, inner: nn.Module) -> None:
        super().__init__()
        self.inner: Any = inner
        self.gate = nn.Linear(config.d_model, config.heads, bias=False)

    def forward(self, x: Tensor, context: Tensor | None) -> Any:
        """Project as ever."""
        return self.inner(x, context)

    def out(self, y: Tensor, x: Tensor) -> Tensor:
        """Gate what the heads found, then join them."""
        return self.inner.out(y * self.gate(x).sigmoid().transpose(1, 2).unsqueeze(-1), x)


@dataclass(frozen=True)
class SigmoidGate:
    """The rival of Gated Attention: a gate a head, computed from the stream."""

    def apply(self, parts: Parts) -> Parts:
        """Wrap the projection."""
        return parts.swap(project=lambda config, layer: Gate(config, parts.project(config, layer)))


class Before(nn.Module):
    """One learned vector before the first token."""

    def __init__(self, config: GPTConfig, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.token = nn.Embedding(1, config.d_model)

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> (B, 1 + R, d)."""
        start, stop, step = layout.reads.indices(len(layout.positions))
        reads = slice(start - 1, stop - 1, step)
        inside = Layout(layout.positions[1:] - 1, layout.mask[1:, 1:], reads)
        x, context = self.inner(x, inside)
        bos = self.token.weight.expand(x.size(0), -1, -1)
        context = None if context is None else torch.cat([bos, context], dim=1)
        return torch.cat([bos, x], dim=1), context


class RowBefore(nn.Module):
    """A row before all others, which they all may see."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out the text with one more row in front."""
        positions, mask, reads = self.inner(length, device)
        mask = nn.functional.pad(mask, (1, 0, 1, 0))
        mask[:, 0] = True
        start, stop, step = reads.indices(len(positions))
        return Layout(
            torch.cat([positions[:1] * 0, positions + 1]), mask, slice(start + 1, stop + 1, step)
        )


@dataclass(frozen=True)
class BosToken:
    """The old way: a token at the start that every row may look at, with a value of its own."""

    def apply(self, parts: Parts) -> Parts:
        """Put a row in front."""
        return parts.swap(
            start=lambda config: Before(config, parts.start(config)),
            layout=lambda config: RowBefore(parts.layout(config)),
        )
