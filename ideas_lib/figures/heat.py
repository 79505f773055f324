"""The book's plot of a matrix, as shades."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ideas_lib.figures.look import INK, SHADES
from ideas_lib.figures.settling import (
    LABEL,
    LINE,
    SIDE,
    SMALL,
    capital,
    drawing,
    finite,
    named_axes,
    wrap,
)
from ideas_lib.formatting import decimals, number

__all__ = ["plot_heat"]


@drawing()
def plot_heat(
    matrix: ArrayLike,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    value: str,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
) -> tuple[Figure, str]:
    """Draw a matrix of shape (rows, columns) as shades of `value`: white is 0.

    Values that are nowhere below 0 are blues; others go from orange to purple. Each cell states its
    number where there is room for all, else a bar says what the shades mean. Raises ValueError
    where names do not match the shape.
    """
    cells = finite(value, matrix, 2)
    if cells.shape != (len(rows), len(columns)):
        raise ValueError(
            f"{value} has shape {cells.shape}, and names for {(len(rows), len(columns))}"
        )
    signed = bool(cells.min() < 0)
    top = float(np.abs(cells).max()) or 1.0
    stated = len(columns) <= 8 and len(rows) <= 16
    names = [wrap(name) for name in rows]
    lines = max(name.count("\n") + 1 for name in names)
    each = max(0.4 if stated else 0.24, 0.06 + LINE * lines)
    tall = min(6.4 if stated else 4.6, 1.3 + each * len(rows))
    fig, ax = named_axes(tall, title)
    image = ax.imshow(
        cells, cmap="PuOr" if signed else SHADES, vmin=-top if signed else 0, vmax=top,
        aspect="auto", interpolation="nearest",
    )  # fmt: skip
    ax.set(xlabel=wrap(xlabel, LABEL), ylabel=wrap(ylabel, max(10, int(9 * each * len(rows)))))
    ax.spines[:].set_visible(False)
    shown = names, [wrap(name) for name in columns]
    _name_cells(fig, ax, *shown, tall)
    spec = f".{decimals([cells.min(), cells.max()])}f"
    if not (stated and _state_cells(fig, ax, cells, top, spec)):
        fig.colorbar(image, ax=ax, label=wrap(value, SIDE), shrink=0.9).outline.set_visible(False)
        _name_cells(fig, ax, *shown, tall)  # there is less room now
    return fig, _say_cells(cells, rows, columns, value, spec)


def _state_cells(fig: Figure, ax: Axes, cells: NDArray[Any], top: float, spec: str) -> bool:
    """Write each cell's number into it, and return True, if all of them fit."""
    texts = [
        ax.text(
            j, i, number(x, spec), ha="center", va="center", fontsize=SMALL,
            color="white" if abs(x) > 0.6 * top else INK,
        )
        for (i, j), x in np.ndenumerate(cells)
    ]  # fmt: skip
    fig.draw_without_rendering()
    boxes = [text.get_window_extent() for text in texts]
    rows, columns = cells.shape
    fits = max(box.width for box in boxes) < ax.bbox.width / columns - 4
    fits &= max(box.height for box in boxes) < ax.bbox.height / rows
    if not fits:
        for text in texts:
            text.remove()
    return fits


def _say_cells(
    cells: NDArray[Any], rows: Sequence[str], columns: Sequence[str], value: str, spec: str
) -> str:
    least, most = number(cells.min(), spec), number(cells.max(), spec)
    i, j = (int(k) for k in np.unravel_index(int(cells.argmax()), cells.shape))
    said = (
        f"{capital(value)}, {len(rows)} rows by {len(columns)} columns, from {least} to {most},"
        f" which is at {rows[i]}, {columns[j]}."
    )
    means = "; ".join(
        f"{name} {number(row.mean(), spec)}, highest at {columns[int(row.argmax())]}"
        for name, row in zip(rows, cells, strict=True)
    )
    return f"{said} Means by row: {means}." if len(rows) <= 8 else said


def _name_cells(
    fig: Figure, ax: Axes, rows: Sequence[str], columns: Sequence[str], tall: float
) -> None:
    """Name a matrix's rows and columns, turned, and some left out, where they would not fit.

    The figure is `tall` inches high, and higher by turned names.
    """
    ax.tick_params(length=0)
    ax.tick_params(axis="x", rotation=0)
    for axis, names in ((ax.yaxis, rows), (ax.xaxis, columns)):
        axis.set_ticks(range(len(names)), names)
    if _every(fig, ax.xaxis, 0, gap=6) > 1:
        ax.tick_params(axis="x", rotation=90)
        longest = max(len(line) for name in columns for line in name.splitlines())
        fig.set_figheight(tall + 0.09 * longest)
    for axis, along, names in ((ax.xaxis, 0, columns), (ax.yaxis, 1, rows)):
        step = _every(fig, axis, along)
        axis.set_ticks(range(0, len(names), step), list(names)[::step])


def _every(fig: Figure, axis: Axis, along: int, gap: float = 0) -> int:
    """Return that each how many-th label fits, with `gap` pixels between, `along` x or y."""
    fig.draw_without_rendering()
    boxes = [label.get_window_extent() for label in axis.get_ticklabels()]
    sizes = [box.max[along] - box.min[along] for box in boxes]
    room = axis.axes.bbox.size[along] / max(1, len(boxes))
    return max(1, math.ceil((max(sizes) + gap) / room))
