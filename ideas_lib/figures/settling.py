"""How the book's figures are laid out: one width, type for a phone, tick labels that stand apart.

At 560 px the smallest type has 15 px, and 9.5 px on a phone, where a figure is 350 px wide.
"""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from ideas_lib.figures.look import axes, show, style

__all__ = [
    "LABEL",
    "LINE",
    "SIDE",
    "SMALL",
    "capital",
    "drawing",
    "finite",
    "named_axes",
    "settle",
    "show_settled",
    "wrap",
]

SMALL = 11  # points: the smallest type
LINE = 0.215  # inches, of a line of type
LABEL, SIDE = 34, 26  # letters in a line of a label below an axis, and beside one

_WIDTH = 5.6  # inches
_GAP = 8  # points between tick labels, at least
_TYPE = 12  # points, of what is not smaller for a reason


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in the book's style, whatever was set before; also a decorator, `@drawing()`."""
    with (
        style(),
        mpl.rc_context({"font.size": _TYPE, "axes.titlesize": 13, "axes.labelsize": _TYPE}),
    ):
        yield


def named_axes(height: float, title: str, pad: float = 10) -> tuple[Figure, Axes]:
    """Return what `look.axes` does, whose ticks keep their size wherever they are drawn."""
    fig, ax = axes(height, title, pad)
    ax.tick_params(labelsize=_TYPE)
    return fig, ax


def show_settled(fig: Figure, alt: str) -> None:
    """Display a figure as a PNG with its alt text, and close it, as `look.show` does.

    All have one width: a figure of another is drawn anew at that, in its own proportions.
    """
    show(settle(fig), alt)


@drawing()
def settle(fig: Figure) -> Figure:
    """Give a figure the book's width, and as many ticks along the bottom as leave labels apart.

    Ticks whose places were set are left alone.
    """
    width, height = fig.get_size_inches()
    if width != _WIDTH:
        fig.set_size_inches(_WIDTH, height * _WIDTH / width)
    for most in (6, 5, 4, 3, 2, 1):
        fig.draw_without_rendering()
        tight = [ax for ax in fig.axes if _touching(fig, ax)]
        if not tight:
            break
        for ax in tight:
            whole = getattr(ax.xaxis.get_major_locator(), "_integer", False)
            fewer = MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=1)
            ax.xaxis.set_major_locator(fewer)
    return fig


def _touching(fig: Figure, ax: Axes) -> bool:
    """Return whether tick labels of the horizontal axis touch, and may be fewer."""
    if not isinstance(ax.xaxis.get_major_locator(), MaxNLocator):  # AutoLocator is one
        return False
    low, high = sorted(ax.get_xlim())
    ticks = [t for t in ax.xaxis.get_major_ticks() if low <= t.get_loc() <= high]
    boxes = [t.label1.get_window_extent() for t in ticks if t.label1.get_visible()]
    spans = sorted((box.x0, box.x1) for box in boxes if box.width)
    return any(b[0] - a[1] < _GAP * fig.dpi / 72 for a, b in pairwise(spans))


def wrap(name: str, width: int = 22) -> str:
    """Break a text into lines of at most `width` letters."""
    return textwrap.fill(name, width)


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def finite(name: str, values: ArrayLike, dimensions: int) -> NDArray[Any]:
    """Return values as an array of that many dimensions. Raises ValueError, naming what is not."""
    array = np.asarray(values, dtype=float)
    if array.ndim != dimensions or not array.size:
        raise ValueError(f"{name} has shape {array.shape}: it must have {dimensions} dimension(s)")
    bad = array[~np.isfinite(array)]
    if bad.size:
        raise ValueError(f"{name} holds {bad[0]}: only finite numbers can be drawn")
    return array
