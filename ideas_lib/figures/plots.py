"""The book's plots of numbers: effects with intervals, seeds by arm, curves.

Each returns (figure, alt text), the alt text made of the same numbers as the figure.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from ideas_lib.figures.look import BAND, COLOURS, FAINT, GREY, INK
from ideas_lib.figures.settling import (
    LABEL,
    LINE,
    SIDE,
    SMALL,
    capital,
    drawing,
    finite,
    named_axes,
    settle,
    wrap,
)
from ideas_lib.formatting import decimals, number

__all__ = ["EffectInterval", "plot_curves", "plot_intervals", "plot_strip"]

_END, _ROW_LABEL = 18, 44  # letters in a line at the end of a curve, and below rows


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


@drawing()
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
        labels.append(f"{wrap(name)}\n{effect} ({low} to {high})")
        said.append(
            f"Effect of {name} over {over}: {effect} {outcome}, 95 % interval {low} to {high},"
            f" {_word(row)}{_place(row, margin).format(bound)}."
        )
    fig, ax = _row_axes(labels, title, pad=22)
    ax.axvspan(-margin, margin, color=BAND, lw=0, zorder=0)
    ax.axvline(0, color=FAINT, lw=1, zorder=1)
    for y, row in enumerate(rows.values()):
        colour = COLOURS[0] if row.low >= margin else INK
        ax.plot([row.low, row.high], [y, y], color=colour, lw=2.5, solid_capstyle="butt")
        ax.plot([row.effect], [y], "o", color=colour, ms=8)
    ax.margins(x=0.06)
    ax.set_xlabel(wrap(f"effect over {over} ({outcome})", _ROW_LABEL), loc="right")
    shaded = f"shaded: below {bound}, the smallest effect worth having"
    ax.text(1, 1.01, shaded, transform=ax.transAxes, ha="right", va="bottom", fontsize=SMALL)
    settle(fig)
    return fig, " ".join(said)


@drawing()
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
    values = {name: finite(name, arm, 1) for name, arm in arms.items()}
    if sort:
        values = dict(sorted(values.items(), key=lambda item: -float(item[1].mean())))
    spec = f".{decimals(x for arm in values.values() for x in (arm.min(), arm.max()))}f"
    labels, said = [], []
    for name, arm in values.items():
        mean, low, high = (number(x, spec) for x in (arm.mean(), arm.min(), arm.max()))
        labels.append(f"{wrap(name)}\nmean {mean}")
        said.append(f"{name}: mean {mean}, {arm.size} seeds from {low} to {high}")
    fig, ax = _row_axes(labels, title)
    for y, (name, arm) in enumerate(values.items()):
        colour = COLOURS[0] if name == idea else GREY
        # The golden ratio spreads neighbours apart, the same way each time.
        spread = (np.arange(arm.size) * 0.618 % 1 - 0.5) * 0.5
        ax.plot(arm, y + spread, "o", color=colour, ms=6, alpha=0.6, mew=0)
        ax.plot([arm.mean()] * 2, [y - 0.36, y + 0.36], color=INK, lw=2.5)
    ax.margins(x=0.04)
    ax.set_xlabel(wrap(f"{outcome}, a dot a seed", _ROW_LABEL), loc="right")
    settle(fig)
    return fig, f"{capital(outcome)} of each arm. {'; '.join(said)}."


@drawing()
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
    values = {name: finite(name, np.atleast_2d(line), 2) for name, line in lines.items()}
    points = next(iter(values.values())).shape[1]
    steps = np.arange(points) if x is None else finite("x", x, 1)
    odd = {name: arm.shape[1] for name, arm in values.items() if arm.shape[1] != steps.size}
    if odd:
        raise ValueError(f"x has {steps.size} points, and these lines have others: {odd}")
    means = {name: arm.mean(axis=0) for name, arm in values.items()}
    ends = {name: wrap(name, _END) for name in lines}
    rows = sum(text.count("\n") + 1 for text in ends.values())
    fig, ax = named_axes(max(3.4, 0.9 + LINE * rows), title)
    ax.set(xlabel=wrap(xlabel, LABEL), ylabel=wrap(ylabel, SIDE))
    ax.set_yscale("log" if log else "linear")
    for colour, (name, mean) in zip(COLOURS, means.items(), strict=False):
        if len(values[name]) > 1:
            ax.plot(steps, values[name].T, color=colour, lw=0.8, alpha=0.35)
        ax.plot(steps, mean, color=colour, lw=2.5)
    ax.set_xlim(steps[0], steps[-1])
    if np.array_equal(steps, np.round(steps)):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    _name_ends(fig, ax, [(ends[name], float(mean[-1])) for name, mean in means.items()])
    settle(fig)
    spec = ".2g" if log else f".{decimals(mean[-1] for mean in means.values())}f"
    said = "; ".join(
        f"{name} goes from {number(mean[0], spec)} to {number(mean[-1], spec)}"
        + (f", mean of {len(values[name])} seeds" if len(values[name]) > 1 else "")
        for name, mean in means.items()
    )
    where = f"from {xlabel} {number(steps[0], 'g')} to {number(steps[-1], 'g')}"
    return fig, f"{capital(ylabel)} {where}: {said}."


def _row_axes(labels: Sequence[str], title: str, pad: float = 10) -> tuple[Figure, Axes]:
    """Return a figure with rows 0, 1, ... named on the left, the first on top."""
    lines = max(label.count("\n") + 1 for label in labels)
    fig, ax = named_axes(0.9 + (0.17 + 0.19 * lines) * len(labels), title, pad)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.45, -0.55)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return fig, ax


def _name_ends(fig: Figure, ax: Axes, ends: Sequence[tuple[str, float]]) -> None:
    """Write each line's name right of its end, moved apart where names would overlap."""
    ax.get_ylim()  # settles the limits, which the transform below then knows
    height = ax.transScale + ax.transLimits
    wanted = np.array([float(height.transform((1.0, end))[1]) for _, end in ends])
    order = np.argsort(wanted, kind="stable")
    # Least squares, a line's height apart, and none below the axis or above it.
    line = LINE / (fig.get_figheight() - 0.75)
    tall = np.array([line * (ends[k][0].count("\n") + 1) for k in order])
    steps = np.cumsum(tall) - tall / 2
    free = np.clip(isotonic_regression(wanted[order] - steps).x, 0, max(0.0, 1 - tall.sum()))
    leader = {"arrowstyle": "-", "relpos": (0, 0.5), "lw": 2.5, "shrinkA": 2, "shrinkB": 2}
    for k, y in zip(order, free + steps, strict=True):
        ax.annotate(
            ends[k][0], (1, wanted[k]), (1.07, y), xycoords="axes fraction", va="center",
            annotation_clip=False, arrowprops={**leader, "color": COLOURS[k]}, linespacing=1.1,
        )  # fmt: skip


def _place(row: EffectInterval, margin: float) -> str:
    """Say where an interval lies, in the words that the rules turn on."""
    if row.low >= margin:
        return "all at or above the margin of {0}"
    if row.high >= margin:
        return "on both sides of the margin of {0}"
    if row.low > -margin:
        return "all within the margin of {0}"
    if row.high <= -margin:
        return "all at or below \N{MINUS SIGN}{0}"
    return "all below the margin of {0}, on both sides of \N{MINUS SIGN}{0}"


def _word(row: EffectInterval) -> str:
    """Return what a verdict or a comparison is called, where it is one."""
    word = getattr(row, "word", "")
    return f"{word}: " if word else ""


def _some(named: Mapping[str, Any], what: str) -> None:
    if not named:
        raise ValueError(f"there are no {what} to draw")
