"""The essay's figures: what a fact costs in inhabitants, and a rival city whose size one moves."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import ArrayLike, NDArray

from ideas_lib.datasets.capitals import Place
from ideas_lib.datasets.inhabitants import log_ratio
from ideas_lib.essays.content_farms.exchange import Exchange, exchange_rate
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing, finite, named_axes
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["plot_bargain", "plot_price"]

SCRIPT = resource(__file__, "price_figure.js")
DECADES = (0.01, 0.1, 1.0, 10.0, 100.0)
WON, LOST = COLOURS[0], COLOURS[1]
HALO = withStroke(linewidth=3, foreground="white")


@drawing()
def plot_price(
    places: Sequence[Place], log_odds: ArrayLike, named: Sequence[str]
) -> tuple[Figure, str]:
    """Draw the log-odds of each capital, (places,), by how many times its rival's size it is.

    The capitals `named` are written beside their points, and a line shows where truth and fame are
    even. Returns the figure and its alt text. Raises ValueError for a name that no place has, and
    what `exchange_rate` raises.
    """
    x = np.array([log_ratio(place) for place in places])
    y = finite("log_odds", log_odds, 1)
    line = exchange_rate(x, y)
    capitals = [place.capital for place in places]
    missing = [name for name in named if name not in capitals]
    if missing:
        raise ValueError(f"no place has the capital {missing[0]!r}")
    fig, ax = named_axes(4.0, "")
    ax.axhline(0, color=FAINT, lw=1)
    for won, colour in ((True, WON), (False, LOST)):
        some = (y > 0) == won
        ax.plot(np.exp(x[some]), y[some], "o", color=colour, ms=6, alpha=0.6, mew=0)
    _draw_line(ax, x, line)
    # From left to right in turn above and below, so that neighbours leave each other room.
    for turn, k in enumerate(sorted(map(capitals.index, named), key=lambda k: x[k])):
        ax.plot([math.exp(x[k])], [y[k]], "o", ms=8, mfc="none", mec=INK, mew=1.5)
        ax.annotate(capitals[k], (math.exp(x[k]), y[k]), (7, -16 if turn % 2 else 5),
                    textcoords="offset points", fontsize=SMALL, path_effects=[HALO])  # fmt: skip
    ax.set_xlabel("inhabitants of the capital, times those of the other city")
    ax.set_ylabel("log-odds of the capital, nats")
    for place, colour, words in ((0.0, WON, "says the capital"), (0.42, LOST, "says the other")):
        ax.text(place, 1.02, f"● {words}", color=colour, transform=ax.transAxes, va="bottom")
    shares = [float((y[some] > 0).mean()) for some in (x < 0, x > 0)]
    said = "; ".join(f"{name} {number(y[capitals.index(name)], '+.1f')}" for name in named)
    alt = (
        f"Log-odds of {len(places)} capitals by their size over another city's. Of capitals that "
        f"are smaller {number(shares[0], '.0%')} win, of those that are bigger "
        f"{number(shares[1], '.0%')}. A line rises by {number(line.fame * math.log(10), '.1f')} "
        f"nats for ten times the inhabitants, and is even where the other city is "
        f"{number(line.times, '.1f')} times bigger. {said}."
    )
    return fig, alt


def _draw_line(ax: Axes, x: NDArray[np.float64], line: Exchange) -> None:
    ends = np.array([x.min(), x.max()])
    ax.plot(np.exp(ends), line.truth + line.fame * ends, color=INK, lw=2.5)
    if ends[0] < -math.log(line.times) < ends[1]:
        ax.plot([1 / line.times], [0], "D", color=INK, ms=9)
        ax.text(
            0.99, 0.03, f"◆ even: a rival {number(line.times, '.1f')} times bigger",
            transform=ax.transAxes, ha="right", weight="bold", path_effects=[HALO],
        )  # fmt: skip
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(list(DECADES)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _times(value)))


def _times(value: float) -> str:
    return f"{value:g}" if value >= 1 else f"1/{1 / value:.0f}"


@drawing()
def plot_bargain(
    places: Sequence[Place], log_odds: Mapping[str, ArrayLike], first: str
) -> Interactive:
    """Return a figure in which a reader picks a place and moves the size of the rival city.

    `log_odds` maps each question to the log-odds of the capitals (places,); a place moves along its
    question's line. The picture shows the capital `first`. Raises ValueError for a `first` that no
    place has, and what `exchange_rate` raises.
    """
    x = np.array([log_ratio(place) for place in places])
    lines = {name: exchange_rate(x, odds) for name, odds in log_odds.items()}
    odds = {name: finite(name, values, 1) for name, values in log_odds.items()}
    capitals = [place.capital for place in places]
    if first not in capitals:
        raise ValueError(f"no place has the capital {first!r}")
    start = capitals.index(first)
    widest = math.ceil(max(float(np.abs(values).max()) for values in odds.values()))
    data = {
        "places": [[place.name, place.capital, place.other] for place in places],
        "ratios": x,
        "questions": list(odds),
        "odds": list(odds.values()),
        "lines": [[line.truth, line.fame] for line in lines.values()],
        "start": start,
        "widest": widest,
    }
    shown = places[start]
    said = "; ".join(f"{name}, {_nats(values[start])}" for name, values in odds.items())
    size = number(math.exp(-x[start]), ".1f")
    alt = f"{first} against {shown.other}, which is {size} times its size: {said} for {first}."
    picture = _bars(shown, {name: float(values[start]) for name, values in odds.items()}, widest)
    return Interactive("A place and its rival", [SCRIPT], data, picture, alt)


def _nats(value: float) -> str:
    return f"{number(value, '+.1f')} nats"


def _bars(place: Place, odds: Mapping[str, float], widest: int) -> Figure:
    fig = Figure(figsize=(5.6, 0.9 + 0.75 * len(odds)))
    ax = fig.add_subplot()
    ax.axvline(0, color=INK, lw=1)
    for row, (name, value) in enumerate(odds.items()):
        ax.barh(row, value, 0.42, color=WON if value > 0 else LOST)
        said = f"{name}: {_nats(value)}"
        ax.text(-widest, row - 0.28, said, va="bottom", path_effects=[HALO])
    ax.set(xlim=(-widest, widest), ylim=(len(odds) - 0.6, -0.75), yticks=[])
    ax.set_xlabel(f"{place.other} (orange) or {place.capital} (blue), nats")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.spines["left"].set_visible(False)
    ax.tick_params(colors=FAINT)
    return fig
