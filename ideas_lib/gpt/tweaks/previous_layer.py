"""Previous layer: each layer may also attend to the keys and values of the layer before it.

"What if each layer could attend to the keys and values of the previous layer? That would provide
non-residual data flow between layers. Might need a layer embedding; perhaps a learnable offset
vector layer-wise, or just a component that's 0 for self layer and 1 for other-layer." The columns
are the previous layer's own keys, rotated as they were there, and values: nothing is projected
again. Skip-Layer Attention (2406.11274) does this with layers further apart.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Columns, LayerView

COST = "every layer but the first attends to twice the columns"
EMBEDDINGS = ("none", "offset", "component")


class PreviousColumns(nn.Module):
    """The keys and values of the layer `back` before this one, marked by a layer embedding.

    An offset is learned, one vector a head and layer; a component is 1 in one coordinate, and 0
    in the layer's own keys. Both join keys behind the rotation: they say which layer, not where.
    """

    def __init__(self, config: GPTConfig, layer: int, back: int, tweak: "PreviousLayer") -> None:
        super().__init__()
        self.back = back
        # In the first layers there is nothing to mark.
        self.key = mark(tweak.embedding if layer >= back else "none", config)
        self.value = mark(tweak.embedding if layer >= back and tweak.values else "none", config)

    def reset(self, generator: torch.Generator) -> None:
        """Draw what is learned small: at first the layers are hardly told apart."""
        for offset in self.parameters():
            offset.normal_(0, 0.02, generator=generator)

    def forward(self, view: LayerView) -> Columns | None:
        """Return the columns, seen by the rows that saw them there; None where there are none."""
        if len(view.earlier) < self.back:
            return None
        earlier = view.earlier[-self.back]
        return Columns(earlier.k + self.key, earlier.v + self.value, earlier.layout.mask)


def mark(embedding: str, config: GPTConfig) -> Tensor:
    """Return what tells a layer's keys or values from others, (H, 1, h)."""
    nothing = torch.zeros(config.heads, 1, config.head_dim)
    if embedding == "offset":
        return nn.Parameter(nothing)
    if embedding == "component":
        nothing[..., -1] = 1  # the coordinate that RoPE turns slowest, in queries
    return nn.Buffer(nothing, persistent=False)


@dataclass(frozen=True)
class PreviousLayer:
    """The idea: see `layers` layers before one's own, told apart by an `embedding`.

    It is in the keys only, or, with `values`, in keys and values. Raises ValueError for an
    embedding that is not one of `EMBEDDINGS`, or a negative number of layers.
    """

    embedding: str = "offset"
    values: bool = False
    layers: int = 1

    def __post_init__(self) -> None:
        if self.embedding not in EMBEDDINGS:
            raise ValueError(f"embedding={self.embedding!r} is none of {', '.join(EMBEDDINGS)}")
        if self.layers < 0:
            raise ValueError(f"layers={self.layers} must not be negative")

    def apply(self, parts: Parts) -> Parts:
        """Add the columns to the sources."""

        def source(back: int) -> Callable[[GPTConfig, int], nn.Module]:
            return lambda config, layer: PreviousColumns(config, layer, back, self)

        more = (source(back) for back in range(1, self.layers + 1))
        return parts.swap(sources=(*parts.sources, *more))


TWEAK = PreviousLayer()
NEUTRAL = PreviousLayer(layers=0)
