"""What passes between the parts of the GPT, and how extra columns join the attention.

Shapes: B batch, T tokens, R rows of the residual stream (T, unless a layout makes more), d width,
H heads, h width of a head, E extra columns.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

__all__ = [
    "Columns",
    "LayerTrace",
    "LayerView",
    "Layout",
    "append",
    "attention_weights",
    "rope_phases",
    "rotate",
]


class Layout(NamedTuple):
    """Which rows there are, where they stand, what they may see, and which ones answer."""

    positions: Tensor  # (R,) where each row stands in the text
    mask: Tensor  # (R, R) bool, True where a row may attend to a column
    reads: slice  # the T rows whose logits count


class Columns(NamedTuple):
    """Extra keys and values for one layer. They are not rotated: a source that wants it does it."""

    k: Tensor  # (B, H, E, h)
    v: Tensor  # (B, H, E, h)
    visible: Tensor  # (R, E) bool, or broadcasting to (B, H, R, E)
    bias: Tensor | None = None  # added to the scores, broadcasts to (H, R, E)


class LayerView(NamedTuple):
    """What a source of extra columns may look at: its layer, and every earlier one."""

    x: Tensor  # (B, R, d) what this layer's keys and values were made from
    k: Tensor  # (B, H, R, h) this layer's own keys, rotated
    v: Tensor  # (B, H, R, h)
    layout: Layout
    project: Any  # this layer's `Project`
    earlier: list["LayerView"]  # the views of the layers before this one, first layer first


class LayerTrace(NamedTuple):
    """What one layer did, for figures."""

    weights: Tensor  # (B, H, R, R + E) attention, extra columns last
    x: Tensor  # (B, R, d) the stream behind the layer


def rope_phases(positions: Tensor, heads: int, head_dim: int) -> Tensor:
    """Return the unit complex numbers that rotate q and k of each row and leave v, (R, 3d/2)."""
    rates = 10_000.0 ** (-torch.arange(0, head_dim, 2, device=positions.device) / head_dim)
    angles = (positions[:, None] * rates).repeat(1, heads)
    angles = torch.cat([angles, angles, torch.zeros_like(angles)], dim=-1)
    return torch.polar(torch.ones_like(angles), angles)


def rotate(qkv: Tensor, phases: Tensor) -> Tensor:
    """Rotate pairs of channels by the angle of their row (RoPE, 2104.09864): (B, R, 3d) to same.

    `phases` are those of `rope_phases`. One complex multiplication over everything, values turned
    by nothing: taking the parts out first, or the heads apart, would cost a copy.
    """
    wide = qkv if qkv.dtype == torch.float64 else qkv.float()
    pairs = torch.view_as_complex(wide.unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * phases).flatten(-2).to(qkv.dtype)


def append(k: Tensor, v: Tensor, mask: Tensor, extras: list[Columns]) -> tuple[Tensor, ...]:
    """Put extra columns behind the rows' own; return k, v and the mask, as scores if any is biased.

    k, v (B, H, R, h) become (B, H, R + E, h), the mask (R, R) becomes (..., R, R + E).
    """
    rows = mask.size(0)
    masks = [mask, *(e.visible.expand(*e.visible.shape[:-2], rows, -1) for e in extras)]
    if any(m.dim() > 2 for m in masks):
        masks = [m.expand(*k.shape[:2], -1, -1) for m in masks]
    mask = torch.cat(masks, dim=-1)
    if any(e.bias is not None for e in extras):
        none = k.new_zeros(k.size(1), rows, 1)
        biases = [none.expand(-1, -1, k.size(2))]
        biases += [
            (none if e.bias is None else none + e.bias).expand(-1, -1, e.k.size(2)) for e in extras
        ]
        mask = torch.cat(biases, dim=-1).masked_fill(~mask, float("-inf"))
    k = torch.cat([k, *(e.k for e in extras)], dim=2)
    v = torch.cat([v, *(e.v for e in extras)], dim=2)
    return k, v, mask


def attention_weights(q: Tensor, k: Tensor, mask: Tensor) -> Tensor:
    """Softmax attention spelt out: (B, H, R, h), (B, H, C, h), mask -> (B, H, R, C)."""
    if mask.dtype == torch.bool:
        mask = torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, float("-inf"))
    return (q @ k.transpose(-2, -1) * q.size(-1) ** -0.5 + mask).softmax(dim=-1)
