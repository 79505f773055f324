"""The essay's figures: boards of creatures, filled where HALT is said, and one to teach anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from ideas_lib.essays.programming_again.creatures import (
    CREATURES,
    GROWLERS,
    SIDE,
    Slice,
    taught_slice,
)
from ideas_lib.figures.interact import Interactive
from ideas_lib.figures.look import COLOURS, FAINT, INK, SHADES
from ideas_lib.figures.settling import SMALL, drawing, finite, wrap
from ideas_lib.formatting import number
from ideas_lib.resources import resource

__all__ = ["Boards", "packed_boards", "plot_board", "plot_boards"]

SCRIPT = resource(__file__, "board_figure.js")
LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # the script has the same
HALT_AT, SPEAK_OF = COLOURS[1], COLOURS[2]


@dataclass(frozen=True)
class Boards:
    """Boards of every lesson that the figure offers.

    `halts` are chances of HALT in hundredths, (worlds, methods, 2, 2, doses, 64): the third axis is
    whether colours are mixed or confounded, the fourth whether there are no counterexamples, or
    some. `k` creatures of each kind were taught. Raises ValueError for another shape.
    """

    methods: Sequence[str]
    doses: Sequence[float]
    halts: NDArray[np.int64]
    k: int = 4

    def __post_init__(self) -> None:
        wanted = (len(self.methods), 2, 2, len(self.doses), CREATURES)
        if self.halts.shape[1:] != wanted:
            raise ValueError(f"halts has shape {self.halts.shape}: it must be (worlds, *{wanted})")
        if self.halts.min() < 0 or self.halts.max() > 100:
            raise ValueError(
                f"halts goes from {self.halts.min()} to {self.halts.max()}: hundredths of a chance"
                " lie between 0 and 100"
            )


@drawing()
def plot_boards(boards: Mapping[str, tuple[ArrayLike, Slice]]) -> tuple[Figure, str]:
    """Draw boards of 64 creatures, one a lesson, two in a row: growlers left, hummers right.

    A board has the chances of HALT, (64,) in hundredths, and its lesson, whose creatures are
    outlined. Returns the figure and its alt text. Raises ValueError for no board, or more than
    four.
    """
    if not 1 <= len(boards) <= 4:
        raise ValueError(f"{len(boards)} boards: 1 to 4 fit a figure")
    rows = -(-len(boards) // 2)
    fig = Figure(figsize=(5.6, 2.75 * rows + 0.1))
    axes = fig.subplots(rows, 2, squeeze=False).ravel()
    said = []
    for ax, (name, (halts, lesson)) in zip(axes, boards.items(), strict=False):
        cells = finite(name, halts, 1)
        _draw(ax, cells, lesson)
        ax.set_title(wrap(name, 24), fontsize=SMALL, loc="center", pad=4)
        said.append(f"{name}: {_in_words(cells, lesson)}")
    for ax in axes[len(boards) :]:
        ax.set_axis_off()
    return fig, f"Boards of 64 creatures, filled where HALT is said. {'; '.join(said)}."


@drawing()
def plot_board(boards: Boards, method: str, dose: float) -> Interactive:
    """Return a board that its reader can teach anew: by what, whom, and how clear the kind is.

    It begins with `method`, mixed colours, no counterexamples, the first world, and `dose`. Raises
    ValueError for a method or a dose that is not there.
    """
    for name, value, there in (("method", method, boards.methods), ("dose", dose, boards.doses)):
        if value not in there:
            raise ValueError(f"{name}={value!r} is none of {list(there)}")
    place = (0, list(boards.methods).index(method), 0, 0, list(boards.doses).index(dose))
    lesson = taught_slice(boards.k, counterexamples=False)
    fig = Figure(figsize=(5.6, 3.4))
    ax = fig.add_subplot()
    _draw(ax, boards.halts[place], lesson)
    both = (taught_slice(boards.k, confounded) for confounded in (False, True))
    data = {
        "methods": list(boards.methods),
        "doses": list(boards.doses),
        "boards": packed_boards(boards),
        "worlds": len(boards.halts),
        "lessons": [{"halt": each.halt, "speak": each.speak} for each in both],
        "start": dict(zip(("world", "method", "confounded", "told", "dose"), place, strict=True)),
    }
    alt = (
        f"A board of 64 creatures, filled where HALT is said, taught by {method} without"
        f" counterexamples: {_in_words(boards.halts[place], lesson)}."
    )
    return Interactive("A board of creatures", [SCRIPT], data, fig, alt)


def packed_boards(boards: Boards) -> str:
    """Return all boards as one text, a letter a creature, in the order of `halts`."""
    levels = np.rint(boards.halts * ((len(LEVELS) - 1) / 100)).astype(int)
    return "".join(LEVELS[level] for level in levels.ravel())


def _draw(ax: Axes, halts: NDArray[np.float64], lesson: Slice) -> None:
    """Draw one board, its taught creatures outlined."""
    ax.imshow(np.asarray(halts).reshape(SIDE, SIDE), cmap=SHADES, vmin=0, vmax=100)
    middle = SIDE / 2 - 0.5
    for line in (ax.axhline, ax.axvline):
        line(middle, color=FAINT, lw=1)
    for creatures, colour in ((lesson.halt, HALT_AT), (lesson.speak, SPEAK_OF)):
        for creature in creatures:
            row, column = divmod(creature, SIDE)
            place = (column - 0.42, row - 0.42)
            ax.add_patch(Rectangle(place, 0.84, 0.84, fill=False, ec=colour, lw=2.5))
    quarter = SIDE / 4 - 0.5
    ax.set_xticks([quarter, quarter + SIDE / 2], ["growlers", "hummers"], fontsize=SMALL)
    ax.set_yticks([quarter, quarter + SIDE / 2], ["red", "blue"], fontsize=SMALL)
    ax.tick_params(length=0, labelcolor=INK)
    ax.spines[:].set_visible(True)


def _in_words(halts: NDArray[np.float64], lesson: Slice) -> str:
    unseen = np.ones(CREATURES, dtype=bool)
    unseen[list(lesson.taught)] = False
    growlers, hummers = (np.asarray(halts)[unseen & kind].mean() for kind in (GROWLERS, ~GROWLERS))
    return (
        f"after growlers that were not taught {number(growlers / 100, '.0%')}, after such hummers"
        f" {number(hummers / 100, '.0%')}"
    )
