"""`ideas reference`. What it needs is imported only when it runs."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

__all__ = ["reference"]

EPILOG = """\b
Examples:
  ideas reference report.py:41                 # the call on line 41
  ideas reference report.py:41:18              # the call around column 18, with what is before it
  ideas reference report.py --at "df.merge("   # the call that is written so
  ideas reference --at "np.linspace("          # a piece without a file
  ideas reference report.py:41 --all --html reference.html
  ideas reference report.py:41 --json | jq '.parameters[:3][] | .name, .why'
  ideas reference --lsp                        # a language server on stdin: hovers in an editor

Lines and columns count from 1. The file may be unfinished: brackets that are open at the place are
closed for reading.
"""
PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+)(?::(?P<column>\d+))?")


@click.command(
    "reference", epilog=EPILOG, short_help="What the call at hand needs, from what is installed."
)
@click.argument("place", metavar="FILE.py:LINE[:COL]", required=False)
@click.option("--at", metavar="TEXT", help='A piece of the file instead of a line: "df.merge(".')
@click.option("--all", "everything", is_flag=True, help="Every parameter, not the first three.")
@click.option("--no-run", is_flag=True, help="Show the example as documented; run none.")
@click.option("--html", type=click.Path(dir_okay=False), help="Write it as a page, too.")
@click.option("--force", is_flag=True, help="Replace a page that is not as this tool wrote it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, for programs.")
@click.option("--lsp", is_flag=True, help="Speak the language server protocol on stdin and stdout.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for importing the package, and again for its examples.",
)
def reference(
    place: str | None,
    at: str | None,
    everything: bool,
    no_run: bool,
    html: str | None,
    force: bool,
    as_json: bool,
    lsp: bool,
    timeout: float,
) -> None:
    """Show what the call at a place needs, in the version of the package that is installed.

    That is: the parameters that fit the code before the cursor, with the names in scope for each,
    why, and the default; warnings that concern them; and an example of the symbol's own
    documentation, rewritten in your names and run in the sandbox before and after, with a word
    where the documentation's own output no longer holds. Your code is read and never run.
    """
    from ideas_lib.formatting import printable
    from ideas_lib.programs.sandbox.running import Unavailable

    if lsp:
        from ideas_lib.programs.reference.reference_lsp import serve_hovers

        serve_hovers()
        return
    try:
        found = _found(place, at, run=not no_run, timeout=timeout, html=html, force=force)
    except (Unavailable, ValueError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise click.UsageError("\n".join(map(printable, lines))) from None
    from ideas_lib.programs.reference.reference_text import as_object, as_text

    if html:
        from ideas_lib.programs.reference.reference_page import write_page

        write_page(found, Path(html), force=force)
    click.echo(json.dumps(as_object(found), indent=2) if as_json else as_text(found, everything))


@contextlib.contextmanager
def _patiently(words: str) -> Iterator[None]:
    """Say on stderr what is being done, once it takes over two seconds."""
    timer = threading.Timer(2.0, click.echo, (words,), {"err": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _found(
    place: str | None, at: str | None, *, run: bool, timeout: float, html: str | None, force: bool
) -> Any:
    """Look up what the arguments name."""
    from ideas_lib.programs.reference.looking_up import look_up, look_up_file

    if html:
        from ideas_lib.programs.reference.reference_page import check_page

        check_page(Path(html), force)
    with _patiently("asking the package, and running its examples …"):
        if place is None:
            if not at:
                raise click.UsageError("name a place, FILE.py:LINE, or a piece of code by --at")
            return look_up(at.rstrip(), at.rstrip().count("\n") + 1, run=run, timeout=timeout)
        match = None if Path(place).is_file() else PLACE.fullmatch(place)
        path = Path(match["file"] if match else place)
        if not path.is_file():
            raise click.UsageError(f"there is no file {path}: name it as FILE.py:LINE[:COL]")
        line, column = (
            (int(match["line"]), int(match["column"]) if match["column"] else None)
            if match
            else (None, None)
        )
        if line is not None and at:
            raise click.UsageError(f"give {place} or --at, not both")
        return look_up_file(path, line, column, at=at or "", run=run, timeout=timeout)
