"""The book's figure style, and how a figure is displayed.

Figures are drawn dark on white at 5.6 in and shown at 560 px: on a phone, at 350 px, the type then
keeps 9 px and more. A dark page inverts them (`filter: invert(1) hue-rotate(180deg)`), which
keeps hues and turns lightness, so the colours were chosen to stand out from white and from black.
"""

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.pyplot as plt
from IPython.core.getipython import get_ipython
from IPython.display import display
from matplotlib import style as mpl_style
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

__all__ = ["BAND", "COLOURS", "FAINT", "GREY", "INK", "SHADES", "axes", "png", "show", "style"]

# Okabe and Ito's colours, which colour-blind readers can tell apart, with a brown in place of those
# too light on white (yellow, orange, sky blue).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#1a1a1a", "#6b4600")
INK, FAINT, GREY, BAND = "#1a1a1a", "#595959", "#4d4d4d", "#e9e9e9"
SHADES = LinearSegmentedColormap.from_list("shades", ["white", "#6aaed6", "#08306b"])

_WIDTH, _PIXELS, _SCALE = 5.6, 100, 2  # inches; CSS pixels an inch; image pixels a CSS pixel

_STYLE: dict[str, Any] = {
    "figure.figsize": (_WIDTH, 3.2),
    "figure.dpi": _PIXELS,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
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

    The alt text stands in the output's metadata, with the size in CSS pixels, and as plain text.
    Equal figures give equal bytes. Outside a notebook the alt text is printed. Raises ValueError
    where the alt text is empty.
    """
    if not alt.strip():
        raise ValueError("alt is empty: say in words what the figure shows")
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
    """Return a figure as PNG bytes that hold no date and no version."""
    target = io.BytesIO()
    fig.savefig(target, format="png", dpi=_SCALE * _PIXELS, metadata={"Software": None})
    return target.getvalue()


def axes(height: float, title: str, pad: float = 10) -> tuple[Figure, Axes]:
    """Return a figure of the book's width and of `height` inches, and its only axes.

    The title stands `pad` points above. pyplot does not know the figure, so nothing is shown twice.
    """
    fig = Figure(figsize=(_WIDTH, height))
    ax = fig.add_subplot()
    if title:
        ax.set_title(title, pad=pad)
    return fig, ax
