"""The book's plots: effects with intervals, seeds by arm, curves, matrices.

Each returns (figure, alt text), the alt text made of the same numbers as the figure.
"""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from ideas_lib.figures.look import BAND, COLOURS, FAINT, GREY, INK, SHADES, axes, style
from ideas_lib.formatting import decimals, number

__all__ = ["EffectInterval", "plot_curves", "plot_heat", "plot_intervals", "plot_strip"]


class EffectInterval(Protocol):
    """What `intervals` draws: an effect within its interval. A `Verdict` is one."""

    @property
    def effect(self) -> float:
        """The estimate."""

    @property
    def low(self) -> float:
        """The interval's lower end."""

    @property
    def high(self) -> float:
        """The interval's upper end."""


@style()
def plot_intervals(
    rows: Mapping[str, EffectInterval], *, over: str, outcome: str, margin: float, title: str = ""
) -> tuple[Figure, str]:
    """Draw effects with their 95 % intervals, a row each, first row on top.

    `rows` maps arms to effects over the arm `over` in the `outcome`; effects smaller than the
    `margin` are shaded. Raises ValueError where there are no rows.
    """
    _some(rows, "rows")
    digits = decimals([margin, *(x for row in rows.values() for x in (row.low, row.high))])
    digits = max(digits, 1 - math.floor(math.log10(margin)))
    bound = number(margin, f".{digits}f")
    labels, said = [], []
    for name, row in rows.items():
        effect, low, high = (number(x, f"+.{digits}f") for x in (row.effect, row.low, row.high))
        labels.append(f"{_wrap(name)}\n{effect} ({low} to {high})")
        said.append(
            f"Effect of {name} over {over}: {effect} {outcome}, 95 % interval {low} to {high},"
            f" {_place(row, margin)} the margin of {bound}."
        )
    fig, ax = _row_axes(labels, title, pad=22)
    ax.axvspan(-margin, margin, color=BAND, lw=0, zorder=0)
    ax.axvline(0, color=FAINT, lw=1, zorder=1)
    for y, row in enumerate(rows.values()):
        colour = COLOURS[0] if row.low >= margin else INK
        ax.plot([row.low, row.high], [y, y], color=colour, lw=2.5, solid_capstyle="butt")
        ax.plot([row.effect], [y], "o", color=colour, ms=8)
    ax.margins(x=0.06)
    ax.set_xlabel(f"effect over {over} ({outcome})")
    shaded = f"shaded: below {bound}, the smallest effect worth having"
    ax.text(1, 1.01, shaded, transform=ax.transAxes, ha="right", va="bottom", fontsize=10)
    return fig, " ".join(said)


@style()
def plot_strip(
    arms: Mapping[str, ArrayLike],
    *,
    outcome: str,
    idea: str = "",
    sort: bool = False,
    title: str = "",
) -> tuple[Figure, str]:
    """Draw every seed's outcome as a dot and each arm's mean as a bar, a row an arm.

    `arms` maps names to one value a seed, shape (seeds,). The arm `idea` stands out; `sort` puts
    the highest mean on top. Raises ValueError for no arms, an empty arm, or a value not finite.
    """
    _some(arms, "arms")
    values = {name: _finite(name, arm, 1) for name, arm in arms.items()}
    if sort:
        values = dict(sorted(values.items(), key=lambda item: -float(item[1].mean())))
    spec = f".{decimals(x for arm in values.values() for x in (arm.min(), arm.max()))}f"
    labels, said = [], []
    for name, arm in values.items():
        mean, low, high = (number(x, spec) for x in (arm.mean(), arm.min(), arm.max()))
        labels.append(f"{_wrap(name)}\nmean {mean}")
        said.append(f"{name}: mean {mean}, {arm.size} seeds from {low} to {high}")
    fig, ax = _row_axes(labels, title)
    for y, (name, arm) in enumerate(values.items()):
        colour = COLOURS[0] if name == idea else GREY
        # The golden ratio spreads neighbours apart, the same way each time.
        spread = (np.arange(arm.size) * 0.618 % 1 - 0.5) * 0.5
        ax.plot(arm, y + spread, "o", color=colour, ms=6, alpha=0.6, mew=0)
        ax.plot([arm.mean()] * 2, [y - 0.36, y + 0.36], color=INK, lw=2.5)
    ax.margins(x=0.04)
    ax.set_xlabel(f"{outcome}, a dot a seed")
    return fig, f"{_capital(outcome)} of each arm. {'; '.join(said)}."


@style()
def plot_curves(
    lines: Mapping[str, ArrayLike],
    *,
    x: ArrayLike | None = None,
    xlabel: str = "step",
    ylabel: str = "loss",
    log: bool = False,
    title: str = "",
) -> tuple[Figure, str]:
    """Draw each arm's mean curve, and thinly each seed's, named at its right end.

    `lines` maps names to values of shape (seeds, points) or (points,), `x` has shape (points,);
    `log` makes the vertical axis logarithmic. Raises ValueError for no lines, more than there are
    colours, points that differ in number, or a value not finite.
    """
    _some(lines, "lines")
    if len(lines) > len(COLOURS):
        raise ValueError(f"{len(lines)} lines in one figure: {len(COLOURS)} can be told apart")
    values = {name: _finite(name, np.atleast_2d(line), 2) for name, line in lines.items()}
    points = next(iter(values.values())).shape[1]
    steps = np.arange(points) if x is None else _finite("x", x, 1)
    odd = {name: arm.shape[1] for name, arm in values.items() if arm.shape[1] != steps.size}
    if odd:
        raise ValueError(f"x has {steps.size} points, and these lines have others: {odd}")
    means = {name: arm.mean(axis=0) for name, arm in values.items()}
    fig, ax = axes(3.4, title)
    ax.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    for colour, (name, mean) in zip(COLOURS, means.items(), strict=False):
        if len(values[name]) > 1:
            ax.plot(steps, values[name].T, color=colour, lw=0.8, alpha=0.35)
        ax.plot(steps, mean, color=colour, lw=2.5)
    ax.set_xlim(steps[0], steps[-1])
    if np.array_equal(steps, np.round(steps)):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _name_ends(ax, {name: float(mean[-1]) for name, mean in means.items()})
    spec = ".2g" if log else f".{decimals(mean[-1] for mean in means.values())}f"
    said = "; ".join(
        f"{name} goes from {number(mean[0], spec)} to {number(mean[-1], spec)}"
        + (f", mean of {len(values[name])} seeds" if len(values[name]) > 1 else "")
        for name, mean in means.items()
    )
    where = f"from {xlabel} {number(steps[0], 'g')} to {number(steps[-1], 'g')}"
    return fig, f"{_capital(ylabel)} {where}: {said}."


@style()
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

    Values that are nowhere below 0 are blues; others go from orange to purple. Up to 8 columns,
    each cell states its number. Raises ValueError where names do not match the shape.
    """
    cells = _finite(value, matrix, 2)
    if cells.shape != (len(rows), len(columns)):
        raise ValueError(
            f"{value} has shape {cells.shape}, and names for {(len(rows), len(columns))}"
        )
    signed = bool(cells.min() < 0)
    top = float(np.abs(cells).max()) or 1.0
    stated = len(columns) <= 8
    fig, ax = axes(min(4.6, 1.3 + (0.4 if stated else 0.24) * len(rows)), title)
    image = ax.imshow(
        cells, cmap="PuOr" if signed else SHADES, vmin=-top if signed else 0, vmax=top,
        aspect="auto", interpolation="nearest",
    )  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.spines[:].set_visible(False)
    _name_cells(ax, rows, columns)
    spec = f".{decimals([cells.min(), cells.max()])}f"
    if stated:
        for (i, j), x in np.ndenumerate(cells):
            ink = "white" if abs(x) > 0.6 * top else INK
            ax.text(j, i, number(x, spec), ha="center", va="center", color=ink, fontsize=10)
    else:
        fig.colorbar(image, ax=ax, label=value, shrink=0.9).outline.set_visible(False)
    return fig, _say_cells(cells, rows, columns, value, spec)


def _say_cells(
    cells: NDArray[Any], rows: Sequence[str], columns: Sequence[str], value: str, spec: str
) -> str:
    least, most = number(cells.min(), spec), number(cells.max(), spec)
    i, j = (int(k) for k in np.unravel_index(int(cells.argmax()), cells.shape))
    said = (
        f"{_capital(value)}, {len(rows)} rows by {len(columns)} columns, from {least} to {most},"
        f" which is at {rows[i]}, {columns[j]}."
    )
    means = "; ".join(
        f"{name} {number(row.mean(), spec)}, highest at {columns[int(row.argmax())]}"
        for name, row in zip(rows, cells, strict=True)
    )
    return f"{said} Means by row: {means}." if len(rows) <= 8 else said


def _row_axes(labels: Sequence[str], title: str, pad: float = 10) -> tuple[Figure, Axes]:
    """Return a figure with rows 0, 1, ... named on the left, the first on top."""
    lines = max(label.count("\n") + 1 for label in labels)
    fig, ax = axes(0.85 + (0.17 + 0.18 * lines) * len(labels), title, pad)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return fig, ax


def _wrap(name: str) -> str:
    return textwrap.fill(name, 24)


def _name_cells(ax: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    """Name a matrix's rows and columns, leaving names out where they would not fit."""
    ax.tick_params(length=0)
    for axis, names, most in ((ax.yaxis, rows, 16), (ax.xaxis, columns, 24)):
        step = math.ceil(len(names) / most)
        shown = list(names)[::step]
        axis.set_ticks(range(0, len(names), step), shown)
    if sum(len(name) + 2 for name in shown) > 46:
        ax.tick_params(axis="x", rotation=90)


def _name_ends(ax: Axes, ends: Mapping[str, float]) -> None:
    """Write each line's name right of its end, moved apart where names would overlap."""
    ax.get_ylim()  # settles the limits, which the transform below then knows
    height = ax.transScale + ax.transLimits
    wanted = {name: float(height.transform((1.0, end))[1]) for name, end in ends.items()}
    order = sorted(wanted, key=lambda name: wanted[name])
    # Least squares, at least 0.085 of the height apart.
    steps = 0.085 * np.arange(len(order))
    placed = isotonic_regression([wanted[name] for name in order] - steps).x + steps
    placed -= max(0.0, placed[-1] - 1.0)
    colours = dict(zip(ends, COLOURS, strict=False))
    leader = {"arrowstyle": "-", "relpos": (0, 0.5), "lw": 2.5, "shrinkA": 2, "shrinkB": 2}
    for name, y in zip(order, placed, strict=True):
        ax.annotate(
            name, (1, wanted[name]), (1.07, y), xycoords="axes fraction", va="center",
            annotation_clip=False, arrowprops={**leader, "color": colours[name]},
        )  # fmt: skip


def _place(row: EffectInterval, margin: float) -> str:
    """Say where an interval lies, in the words that the verdict's rule turns on."""
    if row.low >= margin:
        return "all at or above"
    if row.high < margin:
        return "all within" if -margin < row.low else "below"
    return "on both sides of"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _some(named: Mapping[str, Any], what: str) -> None:
    if not named:
        raise ValueError(f"there are no {what} to draw")


def _finite(name: str, values: ArrayLike, dimensions: int) -> NDArray[Any]:
    array = np.asarray(values, dtype=float)
    if array.ndim != dimensions or not array.size:
        raise ValueError(f"{name} has shape {array.shape}: it must have {dimensions} dimension(s)")
    bad = array[~np.isfinite(array)]
    if bad.size:
        raise ValueError(f"{name} holds {bad[0]}: only finite numbers can be drawn")
    return array
