"""`ideas what-if`. What it needs is imported only when it runs."""

import json
from pathlib import Path

import click

__all__ = ["what_if_command"]

EPILOG = """\b
Examples:
  ideas what-if . --mutate src/shop/prices.py -n 40
  ideas what-if . --patch faster.diff --patch simpler.diff --html what-if.html
  ideas what-if . --mutate src/shop/prices.py --tests tests/test_prices.py
  ideas what-if . --patch faster.diff --json /dev/stdout | jq '.[] | select(.before != .after)'

The repository's own code, its tests and its conftest run in the sandbox alone, in a copy, which is
where they find no network and no other file of yours. Exit code 0, or 2 for an error.
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
@click.option("-n", type=click.IntRange(1), help="So many of them for a file, drawn; else all.")
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
def what_if_command(
    repo: Path,
    patches: tuple[Path, ...],
    mutated: tuple[str, ...],
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

    if not patches and not mutated:
        raise click.UsageError("no change to ask about: give --patch FILE or --mutate FILE")
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
        changes = [patch_change(repo, patch) for patch in patches]
        changes += mutation_changes(repo, mutated, n, seed)
    except (BadChange, InvalidSource) as error:
        raise click.UsageError(str(error)) from None
    if not changes:
        raise click.UsageError(f"there is nothing to mutate in {', '.join(mutated)}")
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
        click.echo(matrix_as_text(matrix))
