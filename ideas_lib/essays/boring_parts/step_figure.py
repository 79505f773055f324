"""The essay's figures: one derivation with what solves each line, and twelve to look into."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ideas_lib.essays.boring_parts.causes import name_cause, tried_with_other_numbers
from ideas_lib.essays.boring_parts.labels import CAUSES
from ideas_lib.essays.boring_parts.prepared import prepare_derivations
from ideas_lib.essays.boring_parts.rivals import first_objection
from ideas_lib.essays.boring_parts.step_checking import (
    GAINED,
    GIVEN,
    KEPT,
    LOST,
    NOT,
    THROWN_OUT,
    UNKNOWN,
    Checked,
    CheckedLine,
    check_derivation,
)
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, GREY, INK
from ideas_lib.figures.settling import SMALL, drawing
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["plot_derivation", "plot_prepared"]

Ask = Callable[..., Any]

SCRIPT = resource(__file__, "step_figure.js")
KEPT_COLOUR, BROKEN_COLOUR = COLOURS[0], COLOURS[1]
ROW = 0.42  # inches
SHOWN = {
    "answer alone": "the answer alone",
    "same ratio": "the ratio of the lines",
    "answer put in": "the answer put into each line",
}


@drawing()
def plot_derivation(lines: Sequence[str], ask: Ask) -> tuple[Figure, str]:
    """Draw a derivation: what solves each line, its verdict, and which line each checker names.

    Returns the figure and its alt text. Raises ValueError for no line.
    """
    found = check_derivation(lines, ask)
    cause = _cause(found)
    fig = Figure(figsize=(5.6, ROW * (len(lines) + 3.6)))
    ax = fig.add_subplot()
    _draw_rows(ax, found)
    row = len(lines) + 0.35
    if found.broken is not None:
        text = f"Line {found.broken} broke: {CAUSES.get(cause, 'no cause can be named')}."
        ax.text(0.02, row, text, color=BROKEN_COLOUR, weight="bold", va="center", fontsize=SMALL)
    key = ask("solutions", lines[0]).get("values", [])
    said = {rival: first_objection(rival, lines, key, ask) for rival in SHOWN}
    words = [f"{name}: {_named(said[rival])}" for rival, name in SHOWN.items()]
    for k, text in enumerate(words):
        ax.text(0.02, row + 0.8 + 0.7 * k, text, color=GREY, va="center", fontsize=SMALL)
    ax.set(xlim=(0, 1), ylim=(len(lines) + 3.1, -0.6))
    ax.set_axis_off()
    each = [f"line {k}, {line.text}, {_solved(line)}: {_verdict(line)}"
            for k, line in enumerate(found.lines)]  # fmt: skip
    alt = f"A derivation and what solves each line. {'; '.join(each)}. "
    return fig, alt + f"What objects to which line: {'; '.join(words)}."


def _draw_rows(ax: Axes, found: Checked) -> None:
    values = [value for line in found.lines for value in line.values or ()]
    low, high = min([*values, 0.0]) - 1, max([*values, 0.0]) + 1

    def place(value: float) -> float:
        return 0.42 + 0.3 * (value - low) / (high - low)

    for row, line in enumerate(found.lines):
        broken = row == found.broken
        colour = BROKEN_COLOUR if broken else INK
        weight = "bold" if broken else "normal"
        ax.text(0.02, row, _maths(line.text), color=colour, weight=weight, va="center")
        ax.plot([0.41, 0.73], [row, row], color=FAINT, lw=0.8)
        for value in line.values or ():
            ax.plot(place(value), row, "o", color=KEPT_COLOUR, ms=7)
            ax.text(place(value), row - 0.3, number(value, "g"), ha="center", va="center",
                    color=FAINT, fontsize=SMALL)  # fmt: skip
        for value in line.lost:
            ax.plot(place(value), row, "o", mfc="white", mec=BROKEN_COLOUR, mew=2, ms=8)
        ax.text(0.76, row, _verdict(line), color=colour, weight=weight, va="center")


@drawing()
def plot_prepared(ask: Ask, variants: int = 3, first: int = 1) -> Interactive:
    """Return twelve derivations to look into, each with `variants` sets of numbers.

    A line that is touched, or has the focus, shows what solves it. The picture has the first one.
    """
    sets = [prepare_derivations(seed) for seed in range(first, first + variants)]
    derivations = []
    for k, one in enumerate(sets[0]):
        derivations.append(
            {"name": one.name, "variants": [_data(each[k].lines, ask) for each in sets]}
        )
    fig, alt = plot_derivation(sets[0][0].lines, ask)
    return Interactive("Twelve derivations, line by line", [SCRIPT], {"all": derivations}, fig, alt)


def _data(lines: Sequence[str], ask: Ask) -> Mapping[str, Any]:
    found = check_derivation(lines, ask)
    rows = []
    for k, line in enumerate(found.lines):
        luck = tried_with_other_numbers(lines[k - 1], line, ask) if k else None
        rows.append(
            {
                "text": _maths(line.text),
                "verdict": line.verdict,
                "values": list(line.values or ()),
                "solved": _solved(line),
                "lost": list(line.lost),
                "gained": list(line.gained),
                "luck": f"{_maths(luck.before)}, then {_maths(luck.after)}" if luck else "",
            }
        )
    cause = CAUSES.get(_cause(found), "") if found.broken is not None else ""
    return {"lines": rows, "broken": found.broken, "cause": cause}


def _cause(found: Checked) -> str:
    if found.broken is None:
        return ""
    return name_cause(found.lines[found.broken - 1].text, found.lines[found.broken])


def _maths(text: str) -> str:
    """Write a line as one would by hand."""
    for plain, hand in (("^2", "²"), ("^3", "³"), ("sqrt", "√"), ("-", "\N{MINUS SIGN}")):
        text = text.replace(plain, hand)
    return text


def _some(values: Sequence[float]) -> str:
    return " and ".join(number(float(np.round(value, 3)), "g") for value in values)


def _solved(line: CheckedLine) -> str:
    if line.values is None:
        return "not known" if line.verdict == UNKNOWN else "solved by every number"
    return f"solved by {_some(line.values)}" if line.values else "solved by nothing"


def _verdict(line: CheckedLine) -> str:
    said = {GIVEN: "given", KEPT: "kept", NOT: "does not follow", UNKNOWN: "I do not know"}
    if line.verdict in said:
        return said[line.verdict]
    what = {LOST: "loses", GAINED: "lets in", THROWN_OUT: "throws out"}.get(line.verdict, "a case")
    return f"{what} {_some(line.lost or line.gained)}".strip()


def _named(line: int | None) -> str:
    return "no objection" if line is None else f"line {line}"
