"""A picture of how often intervals hold what they should."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from ideas_lib.figures.look import COLOURS, FAINT, GREY, INK, axes, style
from ideas_lib.formatting import decimals, number
from ideas_lib.lm.noise.coverage import Held

__all__ = ["plot_caterpillar"]


@style()
def plot_caterpillar(
    held: Mapping[str, Sequence[Held]], *, outcome: str, title: str = ""
) -> tuple[Figure, str]:
    """Draw intervals as bars, and what each was to hold as a dot: (figure, alt text).

    `held` maps ways of making intervals to what they were set against, one bar each. Dark bars
    have the truth's own error added (`Held.reach`); a bar that misses is orange, and so is its dot.
    Raises ValueError where there is nothing to draw.
    """
    if not any(held.values()):
        raise ValueError("there are no intervals to draw")
    count = sum(map(len, held.values()))
    fig, ax = axes(0.8 + 0.13 * count + 0.2 * len(held), title)
    said, place, ticks = [], 0.0, {}
    for name, bars in held.items():
        ticks[place + (len(bars) - 1) / 2] = name
        for bar in bars:
            colour = GREY if bar.covered else COLOURS[1]
            ax.plot(bar.reach, [place, place], color=colour, lw=1.2)
            ax.plot([bar.low, bar.high], [place, place], color=colour, lw=3.5, alpha=0.6)
            ax.plot([bar.truth], [place], "o", color=INK if bar.covered else colour, ms=4)
            place += 1
        place += 1.5
        ends = [end for bar in bars for end in (bar.low, bar.high)]
        spec = f"+.{decimals(ends)}f"
        said.append(
            f"{name}: {sum(bar.covered for bar in bars)} of {len(bars)} hold what they should, "
            f"the widest from {' to '.join(number(end, spec) for end in _widest(bars))}"
        )
    ax.axvline(0, color=FAINT, lw=1, zorder=0)
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.invert_yaxis()
    ax.set_xlabel(outcome)
    return fig, f"Intervals for {outcome}. {'; '.join(said)}."


def _widest(bars: Sequence[Held]) -> tuple[float, float]:
    bar = max(bars, key=lambda each: each.high - each.low)
    return bar.low, bar.high
