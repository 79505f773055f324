"""The essay's figures: what a day is worth at each speed, and a day that its reader can change."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ideas_lib.essays.low_value_work.working_day import (
    DayPlan,
    Inbox,
    Work,
    Worker,
    plan_day,
)
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.plots import plot_curves
from ideas_lib.figures.settling import drawing
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["plot_day", "plot_speedups"]

TICKS = (1, 2, 3, 5, 10, 20)
SMALL, LARGE = COLOURS[1], COLOURS[0]


def plot_speedups(
    workers: Mapping[str, tuple[Inbox, Worker]], work: Work, most: float = 20.0, title: str = ""
) -> tuple[Figure, str]:
    """Draw what a day is worth against how much faster small tasks are, a line a worker.

    The horizontal axis is logarithmic, from 1 to `most`. Returns the figure and its alt text.
    """
    speeds = np.geomspace(1, most, 61)
    lines = {
        name: np.array([plan_day(work.faster(speed), *who).value for speed in speeds])
        for name, who in workers.items()
    }
    xlabel = "how many times faster small tasks are"
    fig, alt = plot_curves(
        lines, x=speeds, xlabel=xlabel, ylabel="worth of the day, in hours of thinking", title=title
    )
    ax = fig.axes[0]
    ax.set_xscale("log")
    shown = [tick for tick in TICKS if tick <= most]
    ax.xaxis.set_major_locator(FixedLocator(shown))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.set_ylim(bottom=0)
    best = {name: (float(line.max()), float(speeds[line.argmax()])) for name, line in lines.items()}
    tops = "; ".join(
        f"{name} is at its best, {number(value, '.1f')}, at {number(speed, '.1f')} times"
        for name, (value, speed) in best.items()
    )
    return fig, f"{alt} {tops}."


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
            ax.barh(row, width, left=start, color=colour, ec="white", lw=min(1.0, 6 * width))
        ax.text(0, row - 0.46, f"{name}: {_in_words(plan)}", color=INK, va="bottom")
        said.append(f"{name}, {_in_words(plan)}")
    ax.set(xlim=(0, 8), ylim=(1.6, -0.85), yticks=[], xlabel="hours of the day")
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
