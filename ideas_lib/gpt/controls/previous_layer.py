"""What the previous layer's keys and values are compared with.

More columns from other places, with projections of their own; and the previous layer's columns in
place of one's own, which is near to cross-layer attention (2405.12981).
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Columns, LayerView, rope_phases

__all__ = ["OwnProjections", "PreviousOnly"]


class SameLayerColumns(nn.Module):
    """Columns by projections of their own, from what the layer `back` before this one read."""

    def __init__(self, config: GPTConfig, layer: int, back: int) -> None:
        super().__init__()
        self.back = back
        if layer:
            self.kv = nn.Linear(config.d_model, 2 * config.d_model, bias=False)

    def forward(self, view: LayerView) -> Columns | None:
        """Return a column a row; None in the first layer, as the idea has none there."""
        if not view.earlier:
            return None
        heads, width = view.k.size(1), view.k.size(3)
        x = [*view.earlier, view][-1 - self.back].x
        k, v = self.kv(x).chunk(2, -1)
        phases = rope_phases(view.layout.positions, heads, width)[:, : k.size(-1) // 2]
        k = torch.view_as_real(torch.view_as_complex(k.unflatten(-1, (-1, 2))) * phases).flatten(-2)
        k, v = (part.unflatten(-1, (heads, width)).transpose(1, 2) for part in (k, v))
        return Columns(k, v, view.layout.mask)


@dataclass(frozen=True)
class OwnProjections:
    """A second set of columns with projections of its own, from what the layer itself reads.

    With `back=1` from what the previous layer read: as many parameters, other data. Projections
    of its own matter: the layer's own columns again, marked by a number that depends on the query
    only, are algebraically the baseline.
    """

    back: int = 0

    def __post_init__(self) -> None:
        if self.back not in (0, 1):
            raise ValueError(f"back={self.back} must be 0, the same layer, or 1, the previous one")

    def apply(self, parts: Parts) -> Parts:
        """Add the columns to the sources."""

        def make(config: GPTConfig, layer: int) -> nn.Module:
            return SameLayerColumns(config, layer, self.back)

        return parts.swap(sources=(*parts.sources, make))


class Borrowing(nn.Module):
    """A projection whose keys and values are those that the one before it has just made."""

    def __init__(self, inner: nn.Module, lender: "Borrowing | None") -> None:
        super().__init__()
        self.inner: Any = inner
        self.lender = (lender,)  # in a tuple, or it would be a part of this module
        self.lent: Tensor | None = None

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        """Queries from x, keys and values from the layer before if there is one: (B, R, 3d)."""
        qkv = self.inner(x, context)
        self.lent = qkv[..., x.size(-1) :]
        (lender,) = self.lender
        if lender is None or lender.lent is None:
            return qkv
        return torch.cat([qkv[..., : x.size(-1)], lender.lent], -1)

    def out(self, y: Tensor, x: Tensor) -> Tensor:
        """Join what the heads found, as ever."""
        return self.inner.out(y, x)


@dataclass(frozen=True)
class PreviousOnly:
    """The idea without a layer's own columns: all layers but the first see the layer before alone.

    Each layer makes the keys and values that the next one reads, so the last one's are not read,
    and a layer reads what was made one layer further down than the plain GPT's does.
    """

    def apply(self, parts: Parts) -> Parts:
        """Wrap the projections, each with the one before it at hand."""
        made: dict[int, Borrowing] = {}

        def make(config: GPTConfig, layer: int) -> nn.Module:
            made[layer] = Borrowing(parts.project(config, layer), made.get(layer - 1))
            return made[layer]

        return parts.swap(project=make)
