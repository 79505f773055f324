"""Pictures of a language: its constructs as railroads, and a program before and after."""

import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from ideas_lib.figures.look import COLOURS, FAINT, INK
from ideas_lib.figures.settling import SMALL, drawing
from ideas_lib.programs.dsl.language_making import Expressed, Language
from ideas_lib.programs.dsl.language_manual import form_text, meaning_text
from ideas_lib.programs.dsl.runtime.construct_table import ConstructRow, Slot

__all__ = ["plot_constructs", "plot_rewriting"]

MONO = "DejaVu Sans Mono"
LETTER = 0.096  # inches, of a letter of SMALL type in MONO at most
WIDE = 56  # letters in a line of a figure
WORD, SLOT = COLOURS[0], COLOURS[1]
LINE = 0.21  # inches


@drawing()
def plot_constructs(language: Language, most: int = 3) -> tuple[Figure, str]:
    """Draw learned constructs as railroads: round boxes are words, square ones slots.

    The Python that each stands for is below it. Returns the figure and its alt text.
    """
    rows = [language.table.rows[row.word] for row, _ in language.learned[:most]]
    meanings = [meaning_text(language.table, row) for row in rows]
    fig, ax = _page(sum(2.5 + len(_folded(each)) for each in meanings) * LINE)
    down = LINE
    for row, meaning in zip(rows, meanings, strict=True):
        _railroad(ax, row, down)
        for line in _folded(meaning):
            down += LINE
            ax.text(0.1, down + 0.5 * LINE, line, **_type(FAINT))
        down += 2.5 * LINE
    said = [f"{form_text(row)} stands for {m}" for row, m in zip(rows, meanings, strict=True)]
    return fig, f"Railroads of learned constructs: {'; '.join(said)}."


@drawing()
def plot_rewriting(language: Language, program: Expressed) -> tuple[Figure, str]:
    """Draw a program in Python and, below, in the language; learned words have a colour of theirs.

    Returns the figure and its alt text.
    """
    learned = {row.word for row, _ in language.learned}
    parts = {"Python": program.program.source, language.table.name: program.text}
    lines = {title: [_folded(line) for line in text.splitlines()] for title, text in parts.items()}
    fig, ax = _page((2.5 + sum(len(some) for part in lines.values() for some in part)) * LINE + 0.2)
    down = 0.5 * LINE
    for title, part in lines.items():
        ax.text(0.0, down, title, color=INK, fontsize=SMALL, fontweight="bold", va="center")
        for some in part:
            first, *rest = some
            head = first.split(" ")[0] if title != "Python" else ""
            if head in learned:  # in a colour of its own, in the same place
                ax.text(0.1, down + LINE, head, **_type(WORD, True))
                first = first.replace(head, " " * len(head), 1)
            for line in (first, *rest):
                down += LINE
                ax.text(0.1, down, line, **_type(INK))
        down += 1.5 * LINE
    before, after = (text.splitlines() for text in parts.values())
    counted = f"{len(before)} lines of Python, and {len(after)} in the language"
    return fig, f"A program before and after, {counted}: {'; '.join(map(str.strip, after))}."


def _page(height: float) -> tuple[Figure, Axes]:
    """Return axes in inches from the top left, without lines."""
    fig = Figure(figsize=(5.6, height))
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 5.6), ylim=(height, 0))
    ax.axis("off")
    return fig, ax


def _type(colour: str, bold: bool = False) -> dict[str, Any]:
    weight = "bold" if bold else "normal"
    return {
        **{"color": colour, "fontsize": SMALL, "family": MONO, "fontweight": weight},
        **{"va": "center", "parse_math": False},
    }


def _folded(text: str) -> list[str]:
    """Return a line as those that it takes."""
    indent = " " * (len(text) - len(text.lstrip()))
    wrapper = textwrap.TextWrapper(
        WIDE, subsequent_indent=f"{indent}    ", break_on_hyphens=False, drop_whitespace=False
    )
    return wrapper.wrap(text) or [""]


def _railroad(ax: Axes, row: ConstructRow, middle: float) -> None:
    boxes: Sequence[tuple[str, bool]] = [
        (part, False) if isinstance(part, str) else (_named(part), True) for part in row.form
    ]
    widths = [LETTER * len(text) + 0.16 for text, _ in boxes]
    gap = min(0.22, max(0.04, (5.4 - sum(widths)) / (len(boxes) + 1)))
    ax.plot(
        [0.05, 0.1 + sum(widths) + gap * (len(boxes) + 1)],
        [middle] * 2,
        color=INK,
        lw=1.2,
        zorder=0,
    )
    at = 0.1 + gap
    for (text, is_slot), width in zip(boxes, widths, strict=True):
        style = "square,pad=0" if is_slot else "round,pad=0,rounding_size=0.12"
        ax.add_patch(
            FancyBboxPatch(
                (at, middle - 0.13), width, 0.26, boxstyle=style, fc="white",
                ec=SLOT if is_slot else WORD, lw=1.6,
            )
        )  # fmt: skip
        ax.text(at + width / 2, middle, text, ha="center", **_type(INK, not is_slot))
        at += width + gap


def _named(slot: Slot) -> str:
    return slot.name
