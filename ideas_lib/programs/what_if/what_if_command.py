"""`ideas what-if`. What it needs is imported only when it runs."""

import json
from pathlib import Path
from typing import Any

import click

from ideas_lib.lm.writer_options import writer_options

__all__ = ["what_if_command"]

EPILOG = """\b
Examples:
  ideas what-if . --mutate src/shop/prices.py -n 40
  ideas what-if . --patch faster.diff --patch simpler.diff --html what-if.html
  ideas what-if . --mutate src/shop/prices.py --tests tests/test_prices.py
  ideas what-if . --propose "src/shop/prices.py:total round to whole cents" -n 6
  ideas what-if . --patch faster.diff --json /dev/stdout | jq '.[] | select(.before != .after)'

The repository's own code, its tests and its conftest run in the sandbox alone, in a copy, which is
where they find no network and no other file of yours; so does what a model proposes. Exit code 0,
or 2 for an error.
"""


@click.command("what-if", epilog=EPILOG, short_help="What tests would say after some changes.")
@click.argument("repo", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--patch",
    "patches",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A change, as git or diff writes one; once for each.",
)
@click.option(
    "--mutate",
    "mutated",
    multiple=True,
    metavar="FILE",
    help="Small mistakes in this file of REPO, one at a time.",
)
@click.option(
    "--propose",
    "wishes",
    multiple=True,
    metavar="TEXT",
    help="'FILE.py:FUNCTION what is to change': a model writes it anew, -n times (4).",
)
@click.option("-n", type=click.IntRange(1), help="So many mutations of a file, drawn; else all.")
@click.option("--seed", default=0, show_default=True, help="Which of them.")
@click.option(
    "--tests", multiple=True, metavar="PATH", help="Only these, as pytest takes them; else all."
)
@click.option(
    "--repeats",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="Runs without a change, to find flaky tests.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=3.0,
    show_default=True,
    help="Seconds of processor time a test may take beyond ten times what it took.",
)
@click.option("--everything", is_flag=True, help="Run every test for every change.")
@click.option("--dirty", is_flag=True, help="Take files that git has not committed as they are.")
@click.option(
    "--json",
    "as_json",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Every cell: a list of {change, test, before, after}.",
)
@click.option(
    "--html", metavar="FILE", type=click.Path(path_type=Path), help="The matrix, as a page."
)
@click.option("--fresh", is_flag=True, help="Do not take up what an earlier run found.")
@click.option("--force", is_flag=True, help="Replace files that this tool did not write.")
@writer_options
def what_if_command(
    repo: Path,
    patches: tuple[Path, ...],
    mutated: tuple[str, ...],
    wishes: tuple[str, ...],
    n: int | None,
    seed: int,
    tests: tuple[str, ...],
    repeats: int,
    timeout: float,
    everything: bool,
    dirty: bool,
    as_json: Path | None,
    html: Path | None,
    fresh: bool,
    force: bool,
    endpoint: str | None,
    model: str | None,
    style: str,
) -> None:
    """Say what the tests of REPO, the folder that pytest is run in, give after changes to it.

    Every test for every change: which fail then, or pass, are errors, take too long, appear or
    vanish, as a whole run for each change would have it. Tests are imported and collected once, and
    a process is forked for each change, with the tests that it can touch; where that is not sure,
    all are run, and it says why. REPO is not written to. What was found is kept, so that work that
    was stopped goes on.
    """
    from tqdm import tqdm

    from ideas_lib.files import check_output, is_stream, write_output
    from ideas_lib.programs.mutate.mutation import InvalidSource
    from ideas_lib.programs.what_if.asking_what_if import TrialSettings, ask_what_if
    from ideas_lib.programs.what_if.repo_changes import (
        BadChange,
        mutation_changes,
        patch_change,
        uncommitted,
    )
    from ideas_lib.programs.what_if.what_if_page import check_matrix_page, write_matrix_page
    from ideas_lib.programs.what_if.what_if_text import matrix_as_text

    if not (patches or mutated or wishes):
        raise click.UsageError(
            "no change to ask about: give --patch FILE, --mutate FILE or --propose TEXT"
        )
    if as_json is not None:
        check_output(as_json, force=force)
    if html is not None:
        check_matrix_page(html, force)
    open_files = [] if dirty else uncommitted(repo)
    if open_files:
        raise click.UsageError(
            f"{open_files[0]} is not committed as it is ({len(open_files)} in all), so what is "
            "found would be of no commit: commit it, or add --dirty"
        )
    try:
        changes = [patch_change(repo, patch) for patch in dict.fromkeys(patches)]
        changes += mutation_changes(repo, dict.fromkeys(mutated), n, seed)
        if mutated and not changes:
            raise BadChange(f"there is nothing to mutate in {', '.join(mutated)}")
        proposed = _proposed(repo, wishes, n or 4, seed, (endpoint, model, style))
    except (BadChange, InvalidSource) as error:
        raise click.UsageError(str(error)) from None
    changes += proposed
    how = TrialSettings(tests, repeats, timeout, everything)
    with tqdm(leave=False, delay=2) as bar:

        def progress(what: str, done: int, whole: int) -> None:
            bar.set_description(what)
            bar.total, bar.n = whole, done
            bar.refresh()

        matrix = ask_what_if(repo, changes, how, fresh=fresh, progress=progress)
    if as_json is not None:
        text = json.dumps(matrix.as_objects(), indent=1, ensure_ascii=False)
        write_output(as_json, text + "\n", force=force)
    if html is not None:
        write_matrix_page(matrix, html, force=force)
    if as_json is None or not is_stream(as_json):
        click.echo(matrix_as_text(matrix, proposed))


def _proposed(
    repo: Path, wishes: tuple[str, ...], count: int, seed: int, writer: tuple[Any, ...]
) -> list[Any]:
    """Return what a model proposes; say what of it is no change. Raises BadChange, UsageError."""
    if not wishes:
        return []
    from ideas_lib.formatting import printable
    from ideas_lib.lm.client import EndpointFailed
    from ideas_lib.lm.generate import Generator
    from ideas_lib.lm.serving.catalogue import UnknownModel
    from ideas_lib.lm.serving.server import ServerFailed
    from ideas_lib.lm.serving.weights import FetchFailed
    from ideas_lib.programs.what_if.proposed_edits import propose_changes, read_wish
    from ideas_lib.programs.what_if.repo_changes import BadChange

    endpoint, model, style = writer
    read = [read_wish(repo, text) for text in dict.fromkeys(wishes)]
    changes: list[Any] = []
    foreseen = (EndpointFailed, ServerFailed, FetchFailed, UnknownModel, ValueError)
    try:
        with Generator(endpoint, model) as generator:
            found = [propose_changes(each, count, seed, generator, style) for each in read]
    except foreseen as error:
        lines = str(error).splitlines()  # some have a way out, on lines of its own
        raise click.UsageError("\n".join(map(printable, lines))) from None
    for wish, proposals in zip(read, found, strict=True):
        for why, number in proposals.left_out.items():
            click.echo(f"{wish.function}: {number} of {count} replies left out: {why}", err=True)
        changes += proposals.changes
    if not changes:
        raise BadChange("the model proposed no other function: say it otherwise, or raise -n")
    return changes
