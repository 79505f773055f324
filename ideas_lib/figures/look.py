"""The book's figure style, and how a figure is displayed.

Figures are drawn dark on white at 5.6 in and shown at 560 px: on a phone, at 350 px, the type then
keeps 9.5 px and more. A dark page inverts them (`filter: invert(1) hue-rotate(180deg)`), which
keeps hues and turns lightness, so the colours were chosen to stand out from white and from black.
"""

import base64
import io
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BAND",
    "COLOURS",
    "FAINT",
    "GREY",
    "INK",
    "LABEL",
    "LINE",
    "SHADES",
    "SIDE",
    "SMALL",
    "axes",
    "capital",
    "finite",
    "part_ticks",
    "png",
    "show",
    "style",
    "wrap",
]

# Okabe and Ito's colours, which colour-blind readers can tell apart, with a brown in place of those
# too light on white (yellow, orange, sky blue).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#1a1a1a", "#6b4600")
INK, FAINT, GREY, BAND = "#1a1a1a", "#595959", "#4d4d4d", "#e9e9e9"
SHADES = LinearSegmentedColormap.from_list("shades", ["white", "#6aaed6", "#08306b"])

_WIDTH, _PIXELS, _SCALE = 5.6, 100, 2  # inches; CSS pixels an inch; image pixels a CSS pixel
SMALL = 11  # points: the smallest type
LINE = 0.215  # inches, of a line of type
LABEL, SIDE = 34, 26  # letters in a line of a label below an axis, and beside one
_GAP = 8  # points between tick labels, at least

_STYLE: dict[str, Any] = {
    "figure.figsize": (_WIDTH, 3.2),
    "figure.dpi": _PIXELS,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 12,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "lines.linewidth": 2,
    "legend.frameon": False,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the book's style, whatever was set before; also a decorator, `@style()`."""
    with mpl_style.context(["default", _STYLE]):
        yield


def show(fig: Figure, alt: str) -> None:
    """Display a figure as a PNG with its alt text, and close it.

    All have one width: a figure of another is drawn anew at that, in its own proportions.
    The alt text stands in the output's metadata, with the size in CSS pixels, and as plain text.
    Equal figures give equal bytes. Outside a notebook the alt text is printed. Raises ValueError
    where the alt text is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in words what the figure shows")
    width, height = fig.get_size_inches()
    if width != _WIDTH:
        fig.set_size_inches(_WIDTH, height * _WIDTH / width)
    data = png(fig)
    plt.close(fig)
    if get_ipython() is None:
        print(alt)
        return
    width, height = (round(inches * _PIXELS) for inches in fig.get_size_inches())
    display(
        {"image/png": base64.b64encode(data).decode("ascii"), "text/plain": alt},
        raw=True,
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
    )


@style()
def png(fig: Figure) -> bytes:
    """Return a figure, its tick labels apart, as PNG bytes that hold no date and no version."""
    part_ticks(fig)
    target = io.BytesIO()
    fig.savefig(target, format="png", dpi=_SCALE * _PIXELS, metadata={"Software": None})
    return target.getvalue()


@style()
def part_ticks(fig: Figure) -> None:
    """Take away ticks along the bottom until no two labels touch, where their places are free."""
    for most in (6, 5, 4, 3, 2, 1):
        fig.draw_without_rendering()
        tight = [ax for ax in fig.axes if _touching(ax)]
        if not tight:
            return
        for ax in tight:
            whole = getattr(ax.xaxis.get_major_locator(), "_integer", False)
            ax.xaxis.set_major_locator(
                MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole, min_n_ticks=1)
            )


def _touching(ax: Axes) -> bool:
    """Return whether tick labels of the horizontal axis touch, and may be fewer."""
    if not isinstance(ax.xaxis.get_major_locator(), MaxNLocator):  # AutoLocator is one
        return False
    low, high = sorted(ax.get_xlim())
    ticks = [t for t in ax.xaxis.get_major_ticks() if low <= t.get_loc() <= high]
    shown = [t.label1.get_window_extent() for t in ticks if t.label1.get_visible()]
    shown = sorted((box for box in shown if box.width), key=lambda box: float(box.x0))
    gap = _GAP * ax.figure.dpi / 72
    return any(right.x0 - left.x1 < gap for left, right in pairwise(shown))


def axes(height: float, title: str, pad: float = 10) -> tuple[Figure, Axes]:
    """Return a figure of the book's width and of `height` inches, and its only axes.

    The title stands `pad` points above. pyplot does not know the figure, so nothing is shown twice.
    """
    fig = Figure(figsize=(_WIDTH, height))
    ax = fig.add_subplot()
    if title:
        ax.set_title(title, pad=pad)
    return fig, ax


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
