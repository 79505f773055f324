"""A picture of an example: as its documentation has it, and in the caller's names."""

import re
import textwrap
from collections.abc import Iterator, Set

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import LINE, SMALL, drawing
from ideas_lib.programs.reference.looking_up import CallReference

__all__ = ["plot_example"]

MONO = "DejaVu Sans Mono"
WIDE = 58  # letters in a line
LETTER = 5.4 / WIDE  # inches: SMALL type in MONO is a little narrower
MOST = 14  # lines of an example
PROMPTS = (">>> ", "... ")
WORD = re.compile(r"\w+|\W+")


@drawing()
def plot_example(found: CallReference) -> tuple[Figure, str]:
    """Draw an example twice: as documented, and as it is in the caller's names, which stand out.

    Returns the figure and its alt text. Raises ValueError where there is no example.
    """
    if found.example is None:
        raise ValueError(f"{found.symbol} has no example to draw: {found.why_no_example}")
    mine = {word for name in found.example.renamed.values() for word in WORD.findall(name)}
    parts = {
        "in the documentation": (found.example.source, set[str]()),
        "in your names": (found.example.adapted, mine),
    }
    rows = {title: list(_rows(text)) for title, (text, _) in parts.items()}
    height = LINE * (0.6 + sum(2.2 + len(some) for some in rows.values()))
    fig = Figure(figsize=(5.6, height))
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 5.6), ylim=(height, 0))
    ax.axis("off")
    down = 0.8 * LINE
    for title, some in rows.items():
        ax.text(0.05, down, title, color=INK, fontsize=SMALL, fontweight="bold", va="center")
        for text in some:
            down += LINE
            _write(ax, text, down, parts[title][1])
        down += 2.2 * LINE
    pairs = [f"{old} is {new}" for old, new in found.example.renamed.items()]
    said = f"there {', '.join(pairs)}" if pairs else "no name is changed"
    return fig, f"An example of {found.symbol}, as documented and in other names; {said}."


def _rows(text: str) -> Iterator[str]:
    """Yield the lines that a text takes, at most MOST."""
    lines = text.splitlines()
    for line in lines[:MOST]:
        yield from textwrap.wrap(
            line, WIDE, drop_whitespace=False, subsequent_indent=" " * 8, break_on_hyphens=False
        ) or [""]
    if len(lines) > MOST:
        yield f"… {len(lines) - MOST} more lines"


def _write(ax: Axes, text: str, down: float, names: Set[str]) -> None:
    """Write a line word by word: code in ink, what it prints fainter, names in a colour."""
    code = text.startswith(PROMPTS)
    at = 0.1
    for word in WORD.findall(text):
        stands_out = code and word in names
        ax.text(
            at, down, word, fontsize=SMALL, family=MONO, va="center", parse_math=False,
            color=COLOURS[0] if stands_out else INK if code else FAINT,
            fontweight="bold" if stands_out else "normal",
        )  # fmt: skip
        at += LETTER * len(word)
