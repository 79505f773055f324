"""How a tree is drawn, and how large: 560 pixels wide, in type that a phone can show.

Trees grow from left to right, a leaf a row, so that words have room. A band is as wide as the share
of the samples that goes that way.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from ideas_lib.figures.look import COLOURS, FAINT, GREY
from ideas_lib.formatting import number
from ideas_lib.trees.shape import Node, followed, merged_leaf

__all__ = ["Pen"]

Place = tuple[float, float]
# Pixels, 100 an inch.
_WIDTH, _ROW, _LINE, _CHAR = 560, 44, 17, 7.8
_LEAF, _BARS, _BAND = 138, 44, 26
_PLAIN, _TAKEN = "#c9c9c9", "#8ec1e3"
_FILTERS = "PuOr"


@dataclass
class Pen:
    """Draws one tree: what all its parts share.

    `classes` name what leaves hold, no names mean that it is a number; with an `image_shape`
    weights are shown as images, on a scale that ends at `top`; `sample` is what was followed.
    """

    classes: Sequence[str]
    image_shape: tuple[int, int] | None = None
    top: float = 1.0
    sample: NDArray[np.float64] | None = None
    notes: Sequence[str] = ()

    def levels(self, tree: Node, hidden: int) -> Figure:
        """Draw a tree whole, the root on the left."""
        heights = _heights(tree)
        step = (_WIDTH - _LEAF) / max(tree.depth, 1)
        rows = sum(1 for _ in tree.leaves())
        notes = ["Upper branch: no; lower branch: yes."] if tree.branches else []
        taken = bool(followed(tree))
        fig, ax = self._open(_ROW * rows, notes, hidden, taken)
        at = {
            id(node): (step * (level + 0.5) if node.branches else _WIDTH - _LEAF, heights[id(node)])
            for node, level in _levels(tree)
        }
        for node, _ in _levels(tree):
            for branch in node.branches:
                self._band(ax, at[id(node)], at[id(branch)], branch)
        for node in tree.nodes():
            self._split(ax, node, at[id(node)], step - 30)
        for leaf in tree.leaves():
            self._leaf(ax, leaf, at[id(leaf)])
        return fig

    def steps(self, path: Sequence[Node], hidden: int) -> Figure:
        """Draw one sample's path from top to bottom, what it passes by on the right."""
        room = 92 if self.image_shape else 62
        fig, ax = self._open(room * (len(path) - 0.5) + _ROW / 2, [], hidden, True)
        middle, right = 200.0, _WIDTH - _LEAF
        places = [(middle, room * (i + 0.5)) for i in range(len(path))]
        for (x, y), node, after in zip(places, path, path[1:], strict=False):
            for branch, word in zip(node.branches, ("no", "yes"), strict=True):
                if branch is after:
                    self._curve(ax, Path([(x, y), (x, y + room)]), branch)
                    self._word(ax, (x, y + 0.56 * room), branch, word)
                else:
                    other = (right, y + 0.35 * room)
                    self._band(ax, (x, y), other, branch)
                    self._word(ax, (x + 0.62 * (right - x), y + 0.25 * room), branch, word)
                    self._leaf(ax, merged_leaf(branch), other)
        for place, node in zip(places, path[:-1], strict=False):
            self._split(ax, node, place, 2 * middle - 150)
        self._leaf(ax, path[-1], (middle - _BARS / 2, places[-1][1]))
        return fig

    def filters(self, node: Node) -> bool:
        """Say whether a split is shown as an image, and not in words."""
        return self.image_shape is not None and node.weights is not None

    def _open(
        self, height: float, notes: list[str], hidden: int, taken: bool
    ) -> tuple[Figure, Axes]:
        """Return a figure whose axes count pixels, with its legend under it."""
        notes.append("Bands: the share of the samples that goes that way.")
        if taken:
            notes[-1] += " Blue: this sample."
        notes += self.notes
        if hidden:
            notes.append(f"{hidden} more splits are not shown.")
        filters = self.image_shape is not None
        if filters:
            notes.append("Filters: weights per standard deviation, one scale for all.")
        below = _LINE * len(notes) + 10 + (64 if filters else 0)
        whole = height + below
        fig = Figure(figsize=(_WIDTH / 100, whole / 100))
        fig.set_layout_engine("none")
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, _WIDTH), ylim=(whole, 0))
        ax.axis("off")
        for i, note in enumerate(notes):
            ax.text(6, height + 14 + _LINE * i, note, va="center", fontsize=10, color=FAINT)
        if filters:
            y = height + _LINE * len(notes) + 42
            self._scale(ax, y)
            if self.sample is not None:
                self._image(ax, self.sample, (_WIDTH - 34, y), 56, FAINT, 0.8, "Greys")
                ax.text(_WIDTH - 70, y, "the sample", ha="right", va="center", fontsize=10)
        return fig, ax

    def _scale(self, ax: Axes, y: float) -> None:
        """State the one scale of all filters."""
        ramp = np.linspace(-1, 1, 101)[None, :]
        ax.imshow(ramp, cmap=_FILTERS, extent=(104, 224, y + 6, y - 6), aspect="auto", zorder=3)
        ends = number(-self.top, ".2g"), number(self.top, ".2g")
        ax.text(98, y, f"for no {ends[0]}", ha="right", va="center", fontsize=10)
        ax.text(230, y, f"+{ends[1]} for yes", ha="left", va="center", fontsize=10)

    def _band(self, ax: Axes, start: Place, end: Place, to: Node) -> None:
        (x, y), (u, v) = start, end
        middle = (x + u) / 2
        self._curve(ax, Path([(x, y), (middle, y), (middle, v), (u, v)], [1, 4, 4, 4]), to)

    def _curve(self, ax: Axes, curve: Path, to: Node) -> None:
        colour = _PLAIN if to.sure is None else _TAKEN
        width = 0.72 * max(_BAND * to.share, 1.5)  # points
        ax.add_patch(PathPatch(curve, fc="none", ec=colour, lw=width, capstyle="butt", zorder=1))

    def _word(self, ax: Axes, at: Place, to: Node, word: str) -> None:
        bold = "bold" if to.sure is not None else "normal"
        ax.text(
            *at, word, ha="center", va="center", fontsize=10, weight=bold, zorder=2,
            bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.8},
        )  # fmt: skip

    def _split(self, ax: Axes, node: Node, at: Place, width: float) -> None:
        edge, thick = (FAINT, 0.8) if node.sure is None else (COLOURS[0], 2.4)
        if node.weights is not None and self.filters(node):
            self._image(ax, node.weights / self.top, at, min(width, 62), edge, thick, _FILTERS)
            return
        # A number stays with its sign, and a bracket begins a line.
        words = re.sub(r"([<>]=?|[±+−]) ", "\\1\N{NO-BREAK SPACE}", node.words.replace("_", " "))
        room = max(int(width / _CHAR), 8)
        text = "\n".join(
            textwrap.fill(part, room) for part in words.replace(" (", "\n(").split("\n")
        )
        ax.text(
            *at, text, ha="center", va="center", fontsize=10, linespacing=1.15, zorder=3,
            bbox={"boxstyle": "round,pad=0.3", "fc": "white", "ec": edge, "lw": thick},
        )  # fmt: skip

    def _image(
        self, ax: Axes, values: NDArray[np.float64], at: Place, size: float, edge: str,
        thick: float, colours: str,
    ) -> None:  # fmt: skip
        assert self.image_shape is not None
        x, y, half = *at, size / 2
        image = values.reshape(self.image_shape)
        norm = Normalize(-1, 1) if colours == _FILTERS else None
        ax.imshow(
            image, cmap=colours, norm=norm, extent=(x - half, x + half, y + half, y - half),
            aspect="auto", interpolation="nearest", zorder=3,
        )  # fmt: skip
        frame = Rectangle((x - half, y - half), size, size, fc="none", ec=edge, lw=thick, zorder=4)
        ax.add_patch(frame)

    def _leaf(self, ax: Axes, leaf: Node, at: Place) -> None:
        """Draw what is said at a leaf: a bar a class, and the likeliest in words."""
        x, y = at
        taken = leaf.sure is not None
        weight = "bold" if taken else "normal"
        if not self.classes:
            ax.text(x + 6, y, number(leaf.value[0], ".4g"), va="center", weight=weight, zorder=3)
            return
        best = int(leaf.value.argmax())
        each = min(_BARS / len(leaf.value), 12)
        wide = each * len(leaf.value)
        box = Rectangle(
            (x, y - 17), wide + 4, 34, fc="white", ec=COLOURS[0] if taken else FAINT,
            lw=2.4 if taken else 0.8, zorder=3,
        )  # fmt: skip
        ax.add_patch(box)
        for k, share in enumerate(leaf.value):
            ink = COLOURS[0] if k == best else GREY
            bar = Rectangle((x + 2 + k * each, y + 16), 0.85 * each, -31 * share, fc=ink, zorder=4)
            ax.add_patch(bar)
        name = textwrap.shorten(self.classes[best], 11, placeholder="…")
        text = f"{name}\n{100 * leaf.value[best]:.0f} %"
        ax.text(x + wide + 10, y, text, va="center", fontsize=10, weight=weight, zorder=4)


def _levels(tree: Node, level: int = 0) -> Iterator[tuple[Node, int]]:
    yield tree, level
    for branch in tree.branches:
        yield from _levels(branch, level + 1)


def _heights(tree: Node) -> dict[int, float]:
    """Return how far down each node stands: leaves a row each, splits amid their branches."""
    heights = {id(leaf): _ROW * (i + 0.5) for i, leaf in enumerate(tree.leaves())}

    def place(node: Node) -> float:
        if node.branches:
            heights[id(node)] = sum(map(place, node.branches)) / 2
        return heights[id(node)]

    place(tree)
    return heights
