"""A reference as one HTML file, which asks nobody for anything and runs no script."""

import base64
import hashlib
from html import escape
from pathlib import Path

from ideas_lib.files import check_output, write_output
from ideas_lib.formatting import printable
from ideas_lib.programs.reference.looking_up import CallReference, ReferenceExample
from ideas_lib.programs.reference.parameter_fits import ParameterFit
from ideas_lib.programs.reference.reference_text import first_parameters, head_line
from ideas_lib.resources import resource

__all__ = ["check_page", "write_page"]

OURS = '<meta name="generator" content="ideas reference">'
STYLE = resource(__file__, "reference.css")


def check_page(path: Path, force: bool = False) -> None:
    """Raise where `write_page` could not write, before anything is looked up."""
    check_output(path, force=force, mark=OURS.encode())


def write_page(found: CallReference, path: Path, *, force: bool = False) -> None:
    """Write a page, whole or not at all. Raises NotOurs and OSError."""
    write_output(path, page_of(found), force=force, mark=OURS.encode())


def page_of(found: CallReference) -> str:
    """Return the page's HTML. Every text of a docstring or a program is escaped."""
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"
    first = {fit.name for fit in first_parameters(found)}
    rows = [_row(fit, fit.name in first) for fit in found.parameters if not fit.passed]
    given = [_row(fit, False) for fit in found.parameters if fit.passed]
    parts = [
        f"<h1><code>{_text(found.symbol)}</code></h1>",
        f'<p class="version">{_text(head_line(found).partition("   ")[2])}'
        f" · <code>{_text(found.call)}</code> at {_text(found.place)}</p>",
        f"<p>{_text(found.summary)}</p>",
        *(f'<p class="warning" role="note">{_text(each)}</p>' for each in found.warnings),
        _table("What the call needs", rows),
        _table("What it is given", given),
        _example(found.example) if found.example else f"<p>{_text(found.why_no_example)}</p>",
        *(f'<p class="note">{_text(each)}</p>' for each in found.notes),
    ]
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{OURS}
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(found.symbol)}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _text(text: str) -> str:
    return escape(printable(text))


def _table(title: str, rows: list[str]) -> str:
    if not rows:
        return ""
    heads = "".join(f'<th scope="col">{each}</th>' for each in ("", "why", "default", "what it is"))
    return (
        f"<h2>{title}</h2>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(rows)
        + "\n</tbody>\n</table>"
    )


def _row(fit: ParameterFit, first: bool) -> str:
    default = "" if fit.default is None else f"<code>{_text(fit.default)}</code>"
    names = "".join(f" <code>{_text(each)}</code>" for each in fit.names_in_scope)
    kind = ' class="first"' if first else ""
    return (
        f'<tr{kind}><th scope="row"><code>{_text(fit.name)}</code></th>'
        f"<td>{_text(fit.why)}{names}</td><td>{default}</td><td>{_text(fit.says)}</td></tr>"
    )


def _example(example: ReferenceExample) -> str:
    code = "\n".join(map(printable, example.adapted.split("\n")))
    before = "\n".join(map(printable, example.source.split("\n")))
    shown = f"<h2>Example</h2>\n<p>{_text(example.says)}</p>\n<pre>{escape(code)}</pre>"
    if before == code:
        return shown
    return (
        f"{shown}\n<details><summary>As its documentation has it, run here</summary>"
        f"<pre>{escape(before)}</pre></details>"
    )
