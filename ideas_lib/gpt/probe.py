"""Look into a trained GPT: where heads look, what the stream holds, what heads are needed for.

With q = k the scores before the softmax are inner products of one set of vectors with itself: a
Gram matrix. RoPE turns each vector by its own row, which keeps that so; `asymmetry` measures it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.model import GPT
from ideas_lib.gpt.seams import LayerTrace, Layout, rotate

__all__ = [
    "Masses",
    "asymmetry",
    "attention_scores",
    "decodable",
    "masses",
    "previous_mass",
    "silenced",
    "trace_layers",
    "windowed",
    "without_sources",
]


class Masses(NamedTuple):
    """Where a model's attention goes, and how large its stream gets."""

    extra: Tensor  # (layers, H) mean mass on columns that sources added
    first: Tensor  # (layers, H) mean mass on the first row, by the rows behind it
    own: Tensor  # (layers, H) mean mass of the rows that answer on their own column
    largest: float  # the largest |x| anywhere in the stream


@torch.no_grad()
def trace_layers(model: GPT, tokens: Tensor) -> list[LayerTrace]:
    """Return what each layer did with tokens (B, T)."""
    traces: list[LayerTrace] = []
    model(tokens, traces)
    return traces


def masses(model: GPT, tokens: Tensor) -> Masses:
    """Measure attention's masses on tokens (B, T), averaged over batch and rows.

    Raises ValueError for a model of no layers, which attends to nothing.
    """
    traces = trace_layers(model, tokens)
    if not traces:
        raise ValueError("layers=0: there is no attention to measure")
    rows = traces[0].weights.size(-2)
    reads = model.plan(tokens.size(1), tokens.device)[0].reads
    # Where the rows that answer follow other rows (zero-input), this is the answering row's column.
    own = [trace.weights.diagonal(dim1=-2, dim2=-1)[..., reads] for trace in traces]
    return Masses(
        torch.stack([trace.weights[..., rows:].sum(-1).mean((0, 2)) for trace in traces]),
        torch.stack([trace.weights[..., 1:, 0].mean((0, 2)) for trace in traces]),
        torch.stack([each.mean((0, 2)) for each in own]),
        max(trace.x.abs().max().item() for trace in traces),
    )


def previous_mass(model: GPT, tokens: Tensor) -> Tensor:
    """Return the mean attention of a row on the row before it, by layer and head: (layers, H)."""
    weights = torch.stack([trace.weights for trace in trace_layers(model, tokens)])
    rows = weights.size(-2)
    return weights[..., :rows].diagonal(-1, -2, -1).mean((1, 3))


@torch.no_grad()
def attention_scores(model: GPT, tokens: Tensor) -> list[Tensor]:
    """Return each layer's scores before mask and softmax, (B, H, R, R): row i asks column j."""
    _, phases = model.plan(tokens.size(1), tokens.device)
    found = []

    def note(attention: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        qkv = rotate(attention.project(*inputs[:2]), phases)
        q, k, _ = qkv.unflatten(-1, (3, attention.heads, -1)).unbind(2)
        q, k = q.transpose(1, 2), k.transpose(1, 2)
        found.append(q @ k.transpose(-2, -1) * q.size(-1) ** -0.5)

    layers: list[Any] = [block.attention for block in list[Any](model.blocks)]
    hooks = [attention.register_forward_hook(note) for attention in layers]
    try:
        model(tokens)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def asymmetry(model: GPT, tokens: Tensor) -> Tensor:
    """Return |S - S'| / |S| of the scores S, Frobenius norms, by layer and head: (layers, H).

    0 is symmetric, the root of 2 is what unrelated entries give, 2 is antisymmetric.
    """
    every = torch.stack(attention_scores(model, tokens))  # (layers, B, H, R, R)
    apart = (every - every.transpose(-2, -1)).square().sum((1, 3, 4))
    return (apart / every.square().sum((1, 3, 4))).sqrt()


@torch.no_grad()
def decodable(model: GPT, tokens: Tensor, labels: Tensor, ridge: float = 1e-3) -> list[float]:
    """Return how well a linear probe reads labels (B, T) off the stream: accuracy by depth, 0 to 1.

    Depth 0 is where the stream starts, depth i what layer i leaves; rows are the ones that
    answer, normed as the next layer reads them. Least squares with a ridge, fitted to the classes
    on the first half of the texts and scored on the second (Alain and Bengio, 1610.01644).
    """
    layout, _ = model.plan(tokens.size(1), tokens.device)
    start, _ = model.start(model.vocab.embed(tokens), layout)
    streams = [start, *(trace.x for trace in trace_layers(model, tokens))]
    half = len(tokens) // 2
    found = []
    for stream in streams:
        x = F.pad(model.norm(stream)[:, layout.reads], (0, 1), value=1.0).double()
        fit = x[:half].flatten(0, 1)
        wanted = F.one_hot(labels[:half].flatten(), int(labels.max()) + 1).double()
        gram = fit.T @ fit + ridge * len(fit) * torch.eye(fit.size(1), dtype=fit.dtype)
        weights = torch.linalg.solve(gram, fit.T @ wanted)
        right = (x[half:] @ weights).argmax(-1) == labels[half:]
        found.append(right.double().mean().item())
    return found


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
