"""Look into a trained GPT: where heads look, what they are needed for, what a window cuts off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPT
from ideas_lib.gpt.seams import Layout, Look

__all__ = ["Masses", "looks_at", "masses", "silenced", "windowed", "without_sources"]


class Masses(NamedTuple):
    """Where a model's attention goes, and how large its stream gets."""

    extra: Tensor  # (layers, H) mean mass on columns that sources added
    first: Tensor  # (layers, H) mean mass on the first row, by the rows behind it
    largest: float  # the largest |x| anywhere in the stream


@torch.no_grad()
def looks_at(model: GPT, tokens: Tensor) -> list[Look]:
    """Return what each layer did with tokens (B, T)."""
    looks: list[Look] = []
    model(tokens, looks)
    return looks


def masses(model: GPT, tokens: Tensor) -> Masses:
    """Measure attention's masses on tokens (B, T), averaged over batch and rows."""
    looks = looks_at(model, tokens)
    rows = looks[0].weights.size(-2)
    return Masses(
        torch.stack([look.weights[..., rows:].sum(-1).mean((0, 2)) for look in looks]),
        torch.stack([look.weights[..., 1:, 0].mean((0, 2)) for look in looks]),
        max(look.x.abs().max().item() for look in looks),
    )


@contextmanager
def without_sources(model: GPT) -> Iterator[GPT]:
    """Take the extra columns away for a while."""
    layers: list[Any] = [block.attention for block in list[Any](model.blocks)]
    kept = [layer.sources for layer in layers]
    for layer in layers:
        layer.sources = nn.ModuleList()
    try:
        yield model
    finally:
        for layer, sources in zip(layers, kept, strict=True):
            layer.sources = sources


class _Window(nn.Module):
    def __init__(self, inner: nn.Module, width: int, keep_first: bool) -> None:
        super().__init__()
        self.inner, self.width, self.keep_first = inner, width, keep_first

    def forward(self, length: int, device: torch.device) -> Layout:
        layout = self.inner(length, device)
        near = layout.positions[:, None] - layout.positions[None, :] < self.width
        if self.keep_first:
            near[:, 0] = True
        return layout._replace(mask=layout.mask & near)


@contextmanager
def windowed(model: GPT, width: int, keep_first: bool = False) -> Iterator[GPT]:
    """Let every row see the last `width` rows only, and the first one if `keep_first`."""
    kept = model.layout
    model.layout = _Window(kept, width, keep_first)
    try:
        yield model
    finally:
        model.layout = kept


@contextmanager
def silenced(model: GPT, layer: int, head: int) -> Iterator[GPT]:
    """Take one head's output away for a while."""
    block: Any = model.blocks[layer]
    project = block.attention.project
    before, out = project.__dict__.get("out"), project.out

    def muted(y: Tensor, x: Tensor) -> Tensor:
        y = y.clone()
        y[:, head] = 0
        return out(y, x)

    project.out = muted
    try:
        yield model
    finally:
        del project.out
        if before is not None:
            project.out = before
