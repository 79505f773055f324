"""A picture of a compilation: the goal, the forms it went through, and what is known of each."""

import textwrap
from typing import Any

from matplotlib.figure import Figure

from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing
from ideas_lib.programs.compilation.compiling import Compiled

__all__ = ["plot_forms"]

MONO = "DejaVu Sans Mono"
LINE, WIDE = 0.21, 5.6  # inches
LETTERS = 54
MOST = 14  # lines of a form


@drawing()
def plot_forms(compiled: Compiled, goal: str, kinds: tuple[str, ...]) -> tuple[Figure, str]:
    """Draw a goal's text and the forms of some kinds, one below the other, with how each is known.

    Returns the figure and its alt text. Raises KeyError for a kind that was not made.
    """
    known = {step.name: step.status for step in compiled.steps}
    parts = [("goal", "", goal.strip())]
    for kind in kinds:  # of C without what stands above each function
        parts.append((kind, known[kind], compiled.forms[kind].strip().rpartition("\n\n")[2]))
    shown = [(title, status, _lines(text)) for title, status, text in parts]
    height = LINE * sum(len(lines) + 2 for _, _, lines in shown)
    fig = Figure(figsize=(WIDE, height))
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, WIDE), ylim=(height, 0))
    ax.axis("off")
    style: dict[str, Any] = {"fontsize": SMALL, "va": "center", "parse_math": False}
    down = 0.5 * LINE
    for title, status, lines in shown:
        ax.text(0.0, down, title, color=INK, fontweight="bold", **style)
        colour = COLOURS[2] if status == "certified" else COLOURS[1]
        ax.text(0.7, down, status, color=colour, fontweight="bold", **style)
        for line in lines:
            down += LINE
            ax.text(0.1, down, line, color=INK if line != "…" else FAINT, family=MONO, **style)
        down += 2 * LINE
    steps = ", ".join(f"{kind} {known[kind]}" for kind in kinds)
    return fig, f"{compiled.entry} as its goal, and compiled: {steps}."


def _lines(text: str) -> list[str]:
    found = [
        part
        for line in text.splitlines()
        if line.strip()
        for part in textwrap.wrap(
            line, LETTERS, subsequent_indent="        ", drop_whitespace=False
        )
    ]
    return found if len(found) <= MOST else [*found[: MOST - 1], "…"]
