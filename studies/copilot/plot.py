"""A picture of what is shown, and how much of it is right."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from ideas_lib.figures.look import COLOURS, GREY, INK, axes, style
from studies.copilot.selection import Selection

__all__ = ["plot_precision_coverage"]

NEAR = 0.04  # of both axes


@style()
def plot_precision_coverage(
    rungs: Mapping[str, Selection], lines: Mapping[str, Sequence[Selection]], *, title: str = ""
) -> tuple[Figure, str]:
    """Draw precision against coverage, with exact 95 % intervals: (figure, alt text).

    `rungs` are dots, joined in their order and named; `lines` are rules, each at thresholds from
    low to high. What shows nothing has no precision, and is left out. Raises ValueError where
    nothing is left to draw.
    """
    trails = {"": list(rungs.values())} | {name: list(line) for name, line in lines.items()}
    drawn = {name: [each for each in trail if each.shown] for name, trail in trails.items()}
    if not any(drawn.values()):
        raise ValueError("nothing is shown at all: there is no precision to draw")
    fig, ax = axes(4.0, title)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="coverage: share of problems with a program")
    ax.set_ylabel("precision: share that is right")
    for colour, (name, trail) in zip((GREY, *COLOURS), drawn.items(), strict=False):
        x = [each.coverage for each in trail]
        y, low, high = zip(*(each.precision for each in trail), strict=True) if trail else ((),) * 3
        ax.plot(
            x, y, "o-", color=colour, ms=6, lw=2, label=name or "rungs, first that comes through"
        )
        ax.vlines(x, low, high, color=colour, lw=1, alpha=0.6)
    for names, each in _together(rungs):
        room = each.coverage < 0.85  # to the right
        place = (each.coverage + (0.02 if room else -0.035), each.precision[0])
        ha, va = ("left", "bottom") if room else ("right", "top")
        ax.annotate("\n".join(names), place, fontsize=10, color=INK, ha=ha, va=va)
    ax.legend(loc="lower left", fontsize=10)
    said = [f"{name}: {_said(each)}" for name, each in rungs.items() if each.shown]
    for name in lines:
        steps = ", then ".join(_said(each) for each in drawn[name])
        said.append(f"{name}, from the lowest threshold to the highest: {steps or 'nothing'}")
    return fig, f"Programs shown and right, with the 95 % interval of precision. {'; '.join(said)}."


def _together(rungs: Mapping[str, Selection]) -> list[tuple[list[str], Selection]]:
    """Return rungs with the names of those that lie where they do: labels would overlap."""
    found: list[tuple[list[str], Selection]] = []
    for name, each in rungs.items():
        near = [
            names
            for names, other in found
            if abs(other.coverage - each.coverage) < NEAR
            and abs(other.precision[0] - each.precision[0]) < NEAR
        ]
        if near:
            near[0].append(name)
        elif each.shown:
            found.append(([name], each))
    return found


def _said(each: Selection) -> str:
    _, low, high = each.precision
    return f"{each.right} of {each.shown} right ({low:.2f} to {high:.2f})"
