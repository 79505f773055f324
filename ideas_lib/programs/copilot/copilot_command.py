"""`ideas copilot`. What it needs is imported only when it runs."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from ideas_lib.lm.writer_options import writer_options

__all__ = ["copilot"]

EPILOG = """\b
Examples:
  ideas copilot shapes.py:area
  ideas copilot shapes.py:area --tests test_area.py
  ideas copilot shapes.py:area --endpoint http://127.0.0.1:8080/v1 --model mine
  ideas copilot shapes.py:area --json | jq -r .code

Exit code 0 when a function is shown, 1 when none is.
"""


@click.command("copilot", epilog=EPILOG, short_help="Write a function, shown only if it holds.")
@click.argument("function", metavar="FILE.py:FUNCTION")
@click.option("--tests", type=click.Path(exists=True, dir_okay=False), help="Tests, as evidence.")
@writer_options
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.25,
    show_default=True,
    help="The share of errors allowed among what is shown.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object, for programs.")
@click.pass_context
def copilot(
    context: click.Context,
    function: str,
    tests: str | None,
    endpoint: str | None,
    model: str | None,
    style: str,
    level: float,
    as_json: bool,
) -> None:
    """Write the body of a function from its docstring, and show it if it holds.

    What is tried: names, types, the examples of the docstring, your tests, contracts (`pre:` and
    `post:` lines), and whether different candidates agree. What a shown function may touch, and
    what it tried in the sandbox, is said. Your file is not changed.
    """
    from ideas_lib.caching import cache_folder
    from ideas_lib.formatting import printable
    from ideas_lib.lm.client import EndpointFailed
    from ideas_lib.lm.serving.catalogue import UnknownModel
    from ideas_lib.lm.serving.server import ServerFailed
    from ideas_lib.lm.serving.weights import FetchFailed
    from ideas_lib.programs.checks.contracts import BadContract
    from ideas_lib.programs.checks.task import NoTask
    from ideas_lib.programs.copilot.completion import complete
    from ideas_lib.programs.copilot.sample import Sampling
    from ideas_lib.programs.sandbox.running import Unavailable

    # Hypothesis would leave a folder of its own where the reader works.
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(cache_folder() / "hypothesis"))
    foreseen = (NoTask, BadContract, Unavailable, EndpointFailed, ServerFailed, FetchFailed)
    name, _, entry = function.rpartition(":")
    path = Path(name or function)
    if not path.is_file():
        raise click.UsageError(f"there is no file {path}: name it as FILE.py:FUNCTION")
    source = path.read_text(encoding="utf-8")
    more = Path(tests).read_text(encoding="utf-8") if tests else None
    try:
        found = complete(
            source,
            tests=more,
            endpoint=endpoint,
            model=model,
            entry=entry if name else "",
            level=level,
            sampling=Sampling(style=style),
        )
    except (*foreseen, UnknownModel) as error:
        lines = str(error).splitlines()  # some have a way out, on lines of its own
        raise click.UsageError("\n".join(map(printable, lines))) from None
    click.echo(json.dumps(asdict(found), indent=2) if as_json else str(found))
    context.exit(0 if found.shown else 1)
