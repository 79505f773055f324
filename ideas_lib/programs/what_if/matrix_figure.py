"""A picture of a matrix: changes by tests, and which cells flip."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from ideas_lib.figures.look import BAND, COLOURS, INK
from ideas_lib.figures.settling import SMALL, drawing
from ideas_lib.programs.what_if.outcome_matrix import OutcomeMatrix

__all__ = ["plot_matrix"]

NOT_RUN, SAME, FLIPS = range(3)
COLORS = ListedColormap(["white", BAND, COLOURS[1]])
ROW = 0.26  # inches


@drawing()
def plot_matrix(matrix: OutcomeMatrix) -> tuple[Figure, str]:
    """Draw each change as a row and each test as a column: a cell that flips has a colour.

    Of each change the number of tests that had to be run stands beside it. Returns the figure and
    its alt text. Raises ValueError for a matrix without changes.
    """
    if not matrix.rows:
        raise ValueError("the matrix has no changes to draw")
    tests = list(matrix.base.outcomes)
    place = {test: number for number, test in enumerate(tests)}
    cells = np.full((len(matrix.rows), len(tests)), SAME)
    for number, row in enumerate(matrix.rows):
        for cell in matrix.cells_of(row):
            if cell.flip and cell.test in place:
                cells[number, place[cell.test]] = FLIPS
    height = 0.9 + ROW * len(matrix.rows)
    fig = Figure(figsize=(5.6, height))
    ax = fig.add_subplot()
    ax.imshow(
        cells, cmap=COLORS, vmin=NOT_RUN, vmax=FLIPS, aspect="auto", interpolation="nearest"
    )  # fmt: skip
    ax.set_xticks(np.arange(-0.5, len(tests)), minor=True)
    ax.set_yticks(np.arange(-0.5, len(matrix.rows)), minor=True)
    ax.grid(which="minor", color="white", lw=1 if len(tests) <= 80 else 0)
    ax.tick_params(which="both", length=0)
    ax.set_xticks([])
    names = [f"#{number}: {row.run} run" for number, row in enumerate(matrix.rows, 1)]
    ax.set_yticks(range(len(names)), names, fontsize=SMALL, color=INK)
    ax.set_xlabel(f"{len(tests)} tests")
    ax.spines[:].set_visible(False)
    flips = int((cells == FLIPS).sum())
    run = sum(row.run for row in matrix.rows)
    said = f"{len(matrix.rows)} changes by {len(tests)} tests: {flips} cells flip"
    return fig, f"{said}, and {run} tests were run to know."
