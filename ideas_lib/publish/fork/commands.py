"""The commands that run, fork and unfork an idea; `ideas_lib.cli` has them.

What they refuse is an error of one line; see there. Each imports what it needs when it runs.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import click

__all__ = ["BadCommand", "fork_command", "run_idea", "say", "unfork_command", "wants_colours"]

RUN = """\b
Examples:
  ideas run null-attention
  ideas run chapters/transformers/null-attention.ipynb
  ideas run null-attention --study --jobs 4
  ideas run null-attention --study --backend dask --address tcp://10.0.0.1:8786
  ideas run null-attention --study --reduce 0.25
  ideas run null-attention --confirm
"""
FORK = """\b
Examples:
  ideas fork null-attention my-idea
  ideas fork null-attention wide-heads --set heads=8 --set d_model=64
  ideas fork null-attention my-idea --no-run
"""
UNFORK = """\b
Example:
  ideas unfork my-idea
"""


class BadCommand(ValueError):
    """Raised for options that do not go together, and where a fork stands but did not run."""


@click.command("run", epilog=RUN, short_help="Execute a notebook, or run its study.")
@click.argument("what", metavar="SLUG|NOTEBOOK.ipynb")
@click.option("--study", is_flag=True, help="Run the study first: every arm on every seed.")
@click.option("--confirm", is_flag=True, help="Reproduce one seed per arm with today's code.")
@click.option(
    "--reduce",
    "part",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="SHARE",
    help="With --study: a rehearsal on SHARE of steps, rates, seeds and arms; no verdict.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once (default: the cores).")
@click.option("--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True)
@click.option("--address", metavar="HOST:PORT", help="The Dask scheduler, with --backend dask.")
def run_idea(
    what: str,
    study: bool,
    confirm: bool,
    part: float | None,
    jobs: int | None,
    backend: str,
    address: str | None,
) -> None:
    """Execute an idea's notebook in place, or measure what it reports.

    Alone, it executes the notebook, a minute or less. With --study it first runs the study behind
    it, which need not have a notebook yet: an estimate, a progress bar, and results/SLUG.jsonl and
    the finding at the end; stop it when you like, the same command resumes it. Where an arm's best
    rate lies at the edge of its grid, tuning goes on beyond it. With --confirm it runs one seed per
    arm and says whether today's code still gives what was measured; where another processor moves
    that too far, the code that measured it is run as well, and must do as today's.

    With --study --reduce 0.25 it rehearses the study, which is not edited and need not be
    committed: a quarter of the steps, rates, seeds and arms, idea and baseline always among them,
    two seeds at least. It says first what is scaled and what cannot be. What comes out is kept in
    .work/, is no verdict, and shows on no page.
    """
    if study and confirm:
        raise BadCommand("--study and --confirm exclude each other: give one")
    if part is not None and not study:
        raise BadCommand("--reduce scales a study down: add --study")
    if (backend == "dask") != (address is not None):
        raise BadCommand("--backend dask and --address HOST:PORT go together: give both or neither")
    if not study and (backend == "dask" or (jobs is not None and not confirm)):
        raise BadCommand("--jobs, --backend and --address divide a study's runs: add --study")
    from ideas_lib.ideas import notebooks_by_slug
    from ideas_lib.publish.fork.forking import notebook_of
    from ideas_lib.study.checkout import root

    slug = notebook_of(what).stem if what.endswith(".ipynb") else what
    if study or confirm:
        _measure(slug, confirm, part, jobs, backend, address)
        if part is not None:
            return
        if slug not in notebooks_by_slug(root()):
            click.echo(f"{slug} has no notebook yet: write chapters/PART/{slug}.ipynb")
            return
    _execute(notebook_of(what))


def _measure(
    slug: str,
    confirm: bool,
    part: float | None,
    jobs: int | None,
    backend: str,
    address: str | None,
) -> None:
    from ideas_lib import results
    from ideas_lib.study import reduced, runner

    if confirm:
        click.echo(runner.confirm(slug, jobs=jobs))
    elif part is not None:
        click.echo(reduced.run_reduced(slug, part, jobs=jobs, backend=backend, address=address))
    else:
        made = runner.run_study(slug, jobs=jobs, backend=backend, address=address)
        click.echo(f"measured: {_shown(made)}")
        click.echo(f"{slug}: {results.load(slug).finding().sentence()}")


def _execute(notebook: Path) -> None:
    """Execute a notebook; of a fork, make the comparison's runs first, and say what was found."""
    from ideas_lib.publish.fork.forking import forks
    from ideas_lib.publish.fork.notebook import found_by
    from ideas_lib.publish.site.execute import execute

    slug, start = notebook.stem, time.monotonic()
    original = forks().get(slug)
    if original:
        click.echo(f"comparing {slug} with {original} ...", err=True)
        _prepare(slug, original)
    click.echo(f"executing {_shown(notebook)} ...", err=True)
    execute(notebook)
    click.echo(f"executed {_shown(notebook)} in {time.monotonic() - start:.0f} s")
    if original and (found := found_by(notebook)):
        say(found, wants_colours())


def _prepare(slug: str, original: str) -> None:
    """Make a comparison's runs under a bar, with the checkout's own library, as a kernel would.

    What fails here fails in the notebook again, and is said there.
    """
    from ideas_lib.study.checkout import root

    paths = filter(None, [str(root()), os.environ.get("PYTHONPATH")])
    env = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "IDEAS_ROOT": str(root())}
    command = [sys.executable, "-m", "ideas_lib.publish.fork.comparison", slug, original]
    subprocess.run(command, env=env, check=False)


def say(text: str, colours: bool | None) -> None:
    """Print a text, the lines of a diff in it in colours; None asks whether there is a terminal."""
    kinds = {"+": "green", "-": "red", "@": "cyan"}
    for line in text.split("\n"):
        click.echo(
            click.style(line, fg=kinds[line[0]]) if line[:1] in kinds else line, color=colours
        )


def wants_colours() -> bool | None:
    """Return False where NO_COLOR asks for none, else None."""
    return False if os.environ.get("NO_COLOR") else None


def _shown(path: Path) -> str:
    """Return the path as seen from the working directory where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@click.command("fork", epilog=FORK, short_help="Copy an idea, change it, see what that does.")
@click.argument("slug")
@click.argument("new")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one entry of the study's SETTINGS; repeat for more.",
)
@click.option("--no-run", is_flag=True, help="Only make the fork; do not execute its notebook.")
def fork_command(slug: str, new: str, changes: tuple[str, ...], no_run: bool) -> None:
    """Copy idea SLUG to NEW, yours to change, and say what the change does.

    Copies the notebook, its study and the idea's own code, so that changing the copy changes NEW
    alone, and enrols NEW in the table of contents and in the tests. Then both run at a small scale,
    on as many of the same seeds as 100 seconds hold, and the notebook is executed. What comes out,
    here and on top of NEW's page: idea minus baseline in NEW and in SLUG with their intervals,
    parameters and FLOPs, the settings and the code that differ. After `ideas run NEW --study` it
    is made of both studies' results. NEW is lower-case words joined by hyphens. Nothing is ever
    overwritten.
    """
    from ideas_lib.publish.fork.forking import fork as make

    made = make(slug, new, changes)
    click.echo(f"forked {slug} to {new}:")
    for path in made:
        click.echo(f"  {_shown(path)}")
    notebook = made[0]
    if no_run:
        click.echo(f"not executed yet: `ideas run {new}` does that, and the tests want it done")
        return
    click.echo(
        "now the comparison with its original, about two minutes, and the notebook", err=True
    )
    way = f"`ideas run {new}`, or take it out with `ideas unfork {new}`"
    try:
        _execute(notebook)
    except KeyboardInterrupt as stop:
        raise BadCommand(f"stopped; the fork stands, not executed: go on with {way}") from stop
    except Exception as error:
        raise BadCommand(
            f"the fork stands, but its notebook failed: {error} - mend it and run {way}"
        ) from error


@click.command("unfork", epilog=UNFORK, short_help="Take a fork out again, into the trash.")
@click.argument("new")
def unfork_command(new: str) -> None:
    """Take fork NEW out again: notebook, study, code, results and entry in the contents.

    Nothing is deleted: all of it moves to .trash/NEW-TIME/, which git ignores. Only forks can be
    taken out, and only when no other fork descends from them.
    """
    from ideas_lib.publish.fork.forking import unfork as take_out

    click.echo(f"{new} is out of the book; it lies in {_shown(take_out(new))}")
