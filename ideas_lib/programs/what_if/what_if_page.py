"""The matrix as one HTML file, which asks nobody for anything and runs no script."""

import base64
import hashlib
from html import escape
from pathlib import Path

from ideas_lib.files import check_output, write_output
from ideas_lib.formatting import printable
from ideas_lib.programs.what_if.outcome_matrix import BAD, GOOD, Cell, OutcomeMatrix
from ideas_lib.programs.what_if.what_if_text import cost_line, summary_lines
from ideas_lib.resources import resource

__all__ = ["check_matrix_page", "matrix_page", "write_matrix_page"]

OURS = '<meta name="generator" content="ideas what-if">'
STYLE = resource(__file__, "what_if.css")


def check_matrix_page(path: Path, force: bool = False) -> None:
    """Raise where `write_matrix_page` could not write, before anything is run."""
    check_output(path, force=force, mark=OURS.encode())


def write_matrix_page(matrix: OutcomeMatrix, path: Path, *, force: bool = False) -> None:
    """Write the page, whole or not at all. Raises NotOurs and OSError."""
    write_output(path, matrix_page(matrix), force=force, mark=OURS.encode())


def matrix_page(matrix: OutcomeMatrix) -> str:
    """Return the page's HTML: tests that flip, those that flip most first, by changes."""
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"
    said = "".join(f"<p>{escape(line)}</p>" for line in summary_lines(matrix))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{OURS}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What the tests would say</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>What the tests would say</h1>
{said}
{_table(matrix)}
<h2>Changes</h2>
<ol>
{_changes(matrix)}
</ol>
</main>
</body>
</html>
"""


def _table(matrix: OutcomeMatrix) -> str:
    columns = [
        {cell.test: cell for cell in matrix.cells_of(row) if cell.flip} for row in matrix.rows
    ]
    tests = {test: sum(test in column for column in columns) for c in columns for test in c}
    if not tests:
        return "<p>No test gives anything else after any change.</p>"
    head = "".join(f'<th scope="col">#{n}</th>' for n in range(1, len(columns) + 1))
    rows = "\n".join(
        f'<tr><th scope="row"><code>{_text(test)}</code></th>'
        + "".join(_cell(column.get(test)) for column in columns)
        + "</tr>"
        for test in sorted(tests, key=lambda test: -tests[test])
    )
    rest = len(matrix.base.outcomes.keys() - tests.keys())
    return (
        "<h2>Tests that give something else</h2>\n"
        '<div class="wide" tabindex="0" role="region" aria-label="tests by changes">\n'
        f'<table>\n<thead><tr><th scope="col">test</th>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n"
        f"<p>{rest} other tests give the same after every change.</p>"
    )


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "<td></td>"
    kind = "bad" if cell.after in BAD else "good" if cell.after in GOOD else "other"
    return f'<td class="{kind}">{_text(cell.flip)}</td>'


def _changes(matrix: OutcomeMatrix) -> str:
    rows = []
    for row in matrix.rows:
        flips = ", ".join(f"{n} {_text(flip)}" for flip, n in matrix.flips(row).items())
        cost = f'<span class="cost">{_text(cost_line(matrix, row))}</span>'
        what = flips or "no test gives anything else"
        rows.append(f"<li><code>{_text(row.change)}</code><br>{what}<br>{cost}</li>")
    return "\n".join(rows)


def _text(text: str) -> str:
    return escape(printable(text))
