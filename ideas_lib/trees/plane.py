"""A map of two features: shades for a classifier's probabilities, its boundary, and samples."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from ideas_lib.figures.look import COLOURS, INK
from ideas_lib.resources import resource

__all__ = ["SCRIPT", "Range", "plot_plane", "ranges"]

Range = tuple[float, float]
SCRIPT = resource(__file__, "plane.js")  # the same on a canvas
_MARKS = ("o", "s", "^")
_SHADE = 0.5  # how much of a class's colour is laid on where its probability is 1
_BANDS = 10  # shades: a picture of few colours is a small file
_STEPS = 401


def ranges(X: NDArray[np.float64]) -> tuple[Range, Range]:
    """Return what two features span, (samples, 2), and a little more."""
    low, high = X.min(axis=0), X.max(axis=0)
    more = 0.06 * np.where(high > low, high - low, 1.0)
    first, second = zip((low - more).tolist(), (high + more).tolist(), strict=True)
    return first, second


def plot_plane(
    ax: Axes,
    answer: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    spans: tuple[Range, Range],
    X: NDArray[np.float64],
    kinds: NDArray[np.intp],
    names: Sequence[str],
) -> None:
    """Draw onto `ax` what `answer` gives, (n, 2) -> (n, classes), and samples of some kinds."""
    (x0, x1), (y0, y1) = spans
    across, up = np.meshgrid(np.linspace(x0, x1, _STEPS), np.linspace(y0, y1, _STEPS))
    shares = answer(np.column_stack([across.ravel(), up.ravel()]))
    classes = shares.shape[1]
    best = shares.argmax(axis=1)
    sure = (shares.max(axis=1) - 1 / classes) / (1 - 1 / classes)
    sure = np.round(sure * _BANDS) / _BANDS
    inks = np.array([to_rgb(COLOURS[k % len(COLOURS)]) for k in range(classes)])
    image = 1 - _SHADE * sure[:, None] * (1 - inks[best])
    ax.imshow(
        image.reshape(_STEPS, _STEPS, 3), extent=(x0, x1, y0, y1), origin="lower", aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    for k in range(classes):
        here = kinds == k
        ax.plot(
            *X[here].T, _MARKS[k % 3], color=COLOURS[k % len(COLOURS)], ms=4, mec="white", mew=0.5
        )
    for k in range(1 if classes == 2 else 0, classes):
        ahead = shares[:, k] - np.delete(shares, k, axis=1).max(axis=1)
        if ahead.min() < 0 < ahead.max():
            heights = ahead.reshape(_STEPS, _STEPS)
            ax.contour(across, up, heights, levels=[0], colors=INK, linewidths=1.8)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=names[0], ylabel=names[1])
