"""The essay's figures: what a day is worth at each speed, and a day that its reader can change."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from ideas_lib.essays.low_value_work.working_day import (
    DayPlan,
    Inbox,
    Work,
    Worker,
    plan_day,
)
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL as SMALL_TYPE
from ideas_lib.figures.settling import drawing, named_axes
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["plot_day", "plot_speedups"]

TICKS = (1, 2, 3, 5, 10, 20)
SMALL, LARGE = COLOURS[1], COLOURS[0]
WIDTHS = (6.0, 3.5, 2.5, 2.5, 2.5)  # of lines that may lie upon one another
SEEN = 0.5  # hours: a fall worth pointing at


@drawing()
def plot_speedups(
    workers: Mapping[str, tuple[Inbox, Worker]], work: Work, most: float = 20.0
) -> tuple[Figure, str]:
    """Draw what a day is worth against how much faster small tasks are, a line a worker.

    The horizontal axis is logarithmic, from 1 to `most`. The deepest fall of all is pointed at.
    Returns the figure and its alt text. Raises ValueError for no worker, or more than five.
    """
    if not 1 <= len(workers) <= len(WIDTHS):
        raise ValueError(f"{len(workers)} workers: 1 to {len(WIDTHS)} can be told apart")
    speeds = np.geomspace(1, most, 41)
    lines = {
        name: np.array([plan_day(work.faster(speed), *who).value for speed in speeds])
        for name, who in workers.items()
    }
    fig, ax = named_axes(3.6, "")
    for colour, width, line in zip(COLOURS, WIDTHS, lines.values(), strict=False):
        ax.plot(speeds, line, color=colour, lw=width)
    ax.set(xscale="log", xlim=(1, most), ylim=(0, 1.08 * max(map(np.max, lines.values()))))
    ax.set(
        xlabel="small tasks: how many times faster", ylabel="worth of the day,\nhours of thinking"
    )
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in TICKS if tick <= most]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    _name_lines(ax, lines)
    falls = {name: np.diff(line) for name, line in lines.items()}
    said = [f"{name} goes from {line[0]:.1f} to {line[-1]:.1f}" for name, line in lines.items()]
    deepest = min(falls, key=lambda name: falls[name].min())
    if (depth := falls[deepest].min()) < -SEEN:
        k = int(falls[deepest].argmin())
        words = "here the tick pays more\nan hour than thinking feels"
        place = (1.12 * speeds[k + 1], lines[deepest][k : k + 2].mean())
        ax.text(*place, words, color=FAINT, va="center", fontsize=SMALL_TYPE)
        said.append(f"{deepest} falls by {-depth:.1f} at {speeds[k + 1]:.1f} times")
    where = f"Hours of thinking that a day is worth, with small tasks 1 to {most:g} times faster"
    return fig, f"{where}: {'; '.join(said)}."


def _name_lines(ax: Axes, lines: Mapping[str, NDArray[np.float64]]) -> None:
    """Write each line's name right of its end, moved down where it would touch another."""
    free = np.inf
    order = sorted(range(len(lines)), key=lambda k: -list(lines.values())[k][-1])
    for k in order:
        name, end = list(lines)[k], float(list(lines.values())[k][-1])
        y = min(end, free)
        free = y - 0.085 * ax.get_ylim()[1]
        ax.annotate(
            name, (1, end), (1.06, y), xycoords=("axes fraction", "data"), va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "lw": 2.5, "color": COLOURS[k], "relpos": (0, 0.5)},
        )  # fmt: skip


@drawing()
def plot_day(work: Work, inbox: Inbox, worker: Worker, faster: float = 10.0) -> Interactive:
    """Return a day that its reader can change: how fast tasks are, what she feels, what comes in.

    The picture has the day before and the day with small tasks `faster`. The script plans days as
    `plan_day` does where all post comes in the morning. Raises ValueError where some comes later.
    """
    if inbox.later:
        raise ValueError(f"later={inbox.later}: the figure's post all comes in the morning")
    both = {
        "before": (work, plan_day(work, inbox, worker)),
        f"{faster:g} times faster": (
            work.faster(faster),
            plan_day(work.faster(faster), inbox, worker),
        ),
    }
    fig = Figure(figsize=(5.6, 2.3))
    ax = fig.add_subplot()
    said = []
    for row, (name, (tasks, plan)) in enumerate(both.items()):
        ends = np.cumsum([0.0] + [tasks.large] * plan.large + [tasks.small] * plan.small)
        for k, start in enumerate(ends[:-1]):
            colour = LARGE if k < plan.large else SMALL
            width = ends[k + 1] - start
            ax.barh(row, width, 0.5, left=start, color=colour, ec="white", lw=min(1.0, 6 * width))
        ax.text(0, row - 0.3, f"{name}: {_in_words(plan)}", color=INK, va="bottom")
        said.append(f"{name}, {_in_words(plan)}")
    ax.set(xlim=(0, 8), ylim=(1.35, -0.75), yticks=[], xlabel="hours of the day")
    ax.spines["left"].set_visible(False)
    for place, colour, name in ((0.0, LARGE, "thinking"), (0.24, SMALL, "small tasks")):
        ax.text(place, 1.02, f"■ {name}", color=colour, transform=ax.transAxes, va="bottom")
    ax.tick_params(colors=FAINT)
    alt = f"One worker's day as two bars of its tasks: {'; '.join(said)}."
    data = {
        "work": asdict(work),
        "inbox": asdict(inbox),
        "worker": asdict(worker),
        "faster": faster,
    }
    return Interactive("A day of small and large tasks", [SCRIPT], data, fig, alt)


SCRIPT = resource(__file__, "day_figure.js")


def _in_words(plan: DayPlan) -> str:
    return f"{plan.small} small tasks, {plan.large} large, worth {number(plan.value, '.1f')} h"
