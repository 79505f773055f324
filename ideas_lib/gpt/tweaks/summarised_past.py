"""Summarised past: old spans of N tokens are seen as N/2 columns, and no longer as themselves.

"Could we summarize the past (replace spans of N tokens with N/2 tokens, perhaps?) to model longer
sequences?" A row sees the span it stands in and the `recent` ones before it as they are. Of every
older span it sees `keep` columns in each layer: weighted means of the span's rotated keys, and of
its values. The weights are fixed (a mean, or every so-manieth row), or learned: a number for each
place, and one that the row's own content gives. A span has to be finished before it is summarised,
so that no summary holds what its readers may not know. See the Compressive Transformer
(1911.05507), and the Perceiver (2103.03206) for `keep` far below `span`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.seams import Columns, LayerView, Layout

COST = "dense and masked: summaries join the columns, and the columns that they replace stay"
POOLS = ("learned", "mean", "strided")


class Recent(nn.Module):
    """The layout, each row seeing its own span and the `recent` before it."""

    def __init__(self, inner: nn.Module, span: int, recent: int) -> None:
        super().__init__()
        self.inner, self.span, self.recent = inner, span, recent

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out a text of `length` tokens."""
        layout = self.inner(length, device)
        spans = layout.positions // self.span
        return layout._replace(mask=layout.mask & (spans[:, None] - spans <= self.recent))


class Summaries(nn.Module):
    """`keep` columns for every span that is older than the recent ones."""

    def __init__(self, config: GPTConfig, layer: int, tweak: "SummarisedPast") -> None:
        super().__init__()
        self.tweak, self.heads = tweak, config.heads
        group = torch.arange(tweak.span) // (tweak.span // tweak.keep)
        own = group == torch.arange(tweak.keep)[:, None]  # (M, N): a summary has its own group
        if tweak.pool == "learned":
            self.score = nn.Linear(config.d_model, config.heads * tweak.keep, bias=False)
            self.place = nn.Parameter(own.repeat(config.heads, 1, 1).float())
        else:
            last = own & ~own.roll(-1, 1) if tweak.pool == "strided" else own
            last[-1, -1] = True
            weights = last / last.sum(1, keepdim=True)
            self.weights = nn.Buffer(weights, persistent=False)
        self.planned: tuple[Layout, Tensor, Tensor] | None = None

    def reset(self, generator: torch.Generator) -> None:
        """Start from the rows of a summary's own group, and a little from the others."""
        if self.tweak.pool == "learned":
            with torch.no_grad():
                own = self.place > 0
                self.place.copy_(torch.where(own, 0.0, -FAINT))

    def forward(self, view: LayerView) -> Columns | None:
        """Return the summaries of finished spans; None where no row may see one."""
        rows, visible = self.plan(view.layout)
        if not len(rows):
            return None
        k, v = view.k[:, :, rows], view.v[:, :, rows]  # (B, H, S, N, h)
        weights = self.pooled(view.x[:, rows])
        k, v = (torch.einsum("...mn,...nh->...mh", weights, part) for part in (k, v))
        return Columns(k.flatten(2, 3), v.flatten(2, 3), visible)

    def pooled(self, x: Tensor) -> Tensor:
        """Return how much of each row goes into each summary: (B, S, N, d) -> (B, H, S, M, N)."""
        if self.tweak.pool != "learned":
            return self.weights
        scores = self.score(x).unflatten(-1, (self.heads, -1)).permute(0, 3, 1, 4, 2)
        return (scores + self.place[:, None]).softmax(-1)

    def plan(self, layout: Layout) -> tuple[Tensor, Tensor]:
        """Return the rows of each span to be summarised, (S, N), and who may see what, (R, S M).

        Where several rows stand in one place, the first is summarised. A row may see a summary if
        it sees all the rows in it already, directly or by way of other rows: then whatever a
        layout allows, a summary tells a row nothing that more layers could not have told it.
        """
        if self.planned is None or self.planned[0] is not layout:
            self.planned = (layout, *summarised(layout, self.tweak))
        return self.planned[1], self.planned[2]


FAINT = 2.0  # how far the places outside a summary's group start below those in it


def summarised(layout: Layout, tweak: "SummarisedPast") -> tuple[Tensor, Tensor]:
    """Return the rows of each old, finished span, (S, N), and who may see its summaries."""
    span, places = tweak.span, layout.positions
    first: dict[int, int] = {}
    for row, place in enumerate(places.tolist()):
        first.setdefault(place, row)
    old = range(max(0, int(places.max()) // span - tweak.recent))
    every = {s: [first.get(place) for place in range(s * span, (s + 1) * span)] for s in old}
    whole = {s: rows for s, rows in every.items() if None not in rows}
    rows = torch.tensor(list(whole.values()), dtype=torch.long, device=places.device)
    if not whole:
        return rows, layout.mask[:, :0]
    known = reached(layout.mask)[:, rows].all(-1)  # (R, S)
    spans = torch.tensor(list(whole), device=places.device)
    visible = known & (places[:, None] // span - spans > tweak.recent)
    return rows, visible.repeat_interleave(tweak.keep, 1)


def reached(mask: Tensor) -> Tensor:
    """Return what each row sees directly or by way of others, however many: (R, R) bool."""
    known = mask | torch.eye(len(mask), dtype=torch.bool, device=mask.device)
    while True:
        more = known.float() @ known.float() > 0
        if torch.equal(more, known):
            return known
        known = more


@dataclass(frozen=True)
class SummarisedPast:
    """The idea: spans of `span` tokens are seen as `keep` columns once `recent` ones are newer.

    `pool` says how they are made: "learned", "mean", or "strided". `keep` 0 summarises nothing,
    and hides nothing. Raises ValueError for a `keep` that does not divide the span, no recent
    span, or a pool that is not one of `POOLS`.
    """

    span: int = 8
    keep: int = 4
    recent: int = 1
    pool: str = "learned"

    def __post_init__(self) -> None:
        if self.pool not in POOLS:
            raise ValueError(f"pool={self.pool!r} is none of {', '.join(POOLS)}")
        if self.recent < 1:
            raise ValueError(f"recent={self.recent} must be at least 1")
        if self.keep < 0 or (self.keep and self.span % self.keep):
            raise ValueError(f"keep={self.keep} must divide span={self.span}, or be 0")

    def apply(self, parts: Parts) -> Parts:
        """Hide what is old, and add its summaries to the sources."""
        if not self.keep:
            return parts
        return parts.swap(
            layout=lambda config: Recent(parts.layout(config), self.span, self.recent),
            sources=(*parts.sources, lambda config, layer: Summaries(config, layer, self)),
        )


TWEAK = SummarisedPast()
NEUTRAL = SummarisedPast(keep=0)
