"""Say what became of changes, in lines for people."""

from collections import defaultdict
from collections.abc import Iterable

from ideas_lib.formatting import printable
from ideas_lib.programs.what_if.outcome_matrix import BAD, FLAKY, ChangeRow, OutcomeMatrix
from ideas_lib.programs.what_if.repo_changes import RepoChange, change_diff

__all__ = ["cost_line", "matrix_as_text", "summary_lines"]

NAMED = 3  # tests that are named for each thing that happens


def matrix_as_text(matrix: OutcomeMatrix, shown: Iterable[RepoChange] = ()) -> str:
    """Return the lines: the whole, then each change with what flips and what had to be run.

    Changes that nobody has seen yet are `shown`: as a diff, below their names.
    """
    lines = [*summary_lines(matrix), ""]
    diffs = {change.name: change_diff(change) for change in shown}
    for place, row in enumerate(matrix.rows, start=1):
        lines.append(f"#{place} {printable(row.change)}")
        lines += [f"    {printable(line.expandtabs())}" for line in diffs.get(row.change, ())[2:]]
        flips = defaultdict(list)
        for cell in matrix.cells_of(row):
            if cell.flip:
                flips[cell.flip].append(printable(cell.test))
        for flip, tests in flips.items():
            more = f" and {len(tests) - NAMED} more" if len(tests) > NAMED else ""
            lines.append(f"    {len(tests)} {flip}: {', '.join(tests[:NAMED])}{more}")
        if not flips:
            lines.append("    no test gives anything else")
        lines.append(f"    {cost_line(matrix, row)}")
    return "\n".join(lines)


def summary_lines(matrix: OutcomeMatrix) -> list[str]:
    """Return how much there is, and what tests gave before any change."""
    base, rows = matrix.base, matrix.rows
    run = sum(row.run for row in rows)
    flips = sum(sum(matrix.flips(row).values()) for row in rows)
    lines = [
        f"{_count(len(rows), 'change')} × {_count(len(base.outcomes), 'test')}: "
        f"{_count(flips, 'cell')} of {len(rows) * len(base.outcomes)} "
        f"{'flips' if flips == 1 else 'flip'}; {_count(run, 'test')} run to know"
    ]
    bad = [t for t, word in base.outcomes.items() if word in BAD and t not in base.flaky]
    for word, tests in (("not pass before any change", bad), (FLAKY, sorted(base.flaky))):
        if tests:
            verb = "does" if len(tests) == 1 else "do"
            said = f"{verb} {word}" if word != FLAKY else "gave several things before any change"
            more = " …" if len(tests) > NAMED else ""
            named = ", ".join(map(printable, tests[:NAMED]))
            lines.append(f"{_count(len(tests), 'test')} {said}: {named}{more}")
    for place in base.broken[:NAMED]:
        lines.append(f"{printable(place)} cannot be collected before any change")
    return lines


def cost_line(matrix: OutcomeMatrix, row: ChangeRow) -> str:
    """Return how many tests were run for a change, and why."""
    said = f"{row.run} of {len(matrix.base.outcomes)} tests run"
    return f"{said}: {printable(row.why)}" if row.why else said


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
