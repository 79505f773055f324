"""The `ideas` command: the book's own, and those of its tools. Nothing here ever asks a question.

Every command imports what it needs only when it runs, so `ideas --help` is quick and needs no
extra. Errors that the library foresees end in one line on stderr and exit code 2.
"""

import json
import textwrap
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ideas_lib import __version__
from ideas_lib.lm.maps.embed_command import embed_command
from ideas_lib.lm.report.logprobs_command import logprobs
from ideas_lib.lm.serving.models_command import models, serve_model
from ideas_lib.programs.copilot.copilot_command import copilot
from ideas_lib.publish.post.post_command import post

if TYPE_CHECKING:
    from ideas_lib.publish.site.catalogue import Row

__all__ = ["main"]

KEYS = ("slug", "title", "path", "verdict", "effect", "low", "high", "seeds", "fresh")

START = """\b
Start here:
  ideas list                          every idea, and what became of it
  ideas run null-attention            run its notebook again
  ideas fork null-attention my-idea   make it yours; it ends in a comparison
"""
LIST = """\b
Examples:
  ideas list
  ideas list --long
  ideas list --json | jq '.[] | select(.verdict == "supported") | .slug'
"""
RUN = """\b
Examples:
  ideas run null-attention
  ideas run chapters/transformers/null-attention.ipynb
  ideas run null-attention --study --jobs 4
  ideas run null-attention --study --backend dask --address tcp://10.0.0.1:8786
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


class Failure(click.ClickException):
    """An error for the person at the terminal: one line, exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """A group that turns the library's own errors, and the system's, into a Failure."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "ideas"
            raise Failure(f"{_line(error)} See `{where} --help`.") from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if ctx.params.get("traceback") or not _foreseen(error):
                raise
            raise Failure(_line(error)) from error


def _foreseen(error: Exception) -> bool:
    ours = type(error).__module__.partition(".")[0] == "ideas_lib"
    return ours or isinstance(error, OSError | ValueError | ModuleNotFoundError)


def _line(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"this needs {error.name}, which is missing here: pip install '.[all]'"
    text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    return " ".join(text.split()) or type(error).__name__


@click.group(
    "ideas",
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=START,
)
@click.version_option(__version__, prog_name="ideas")
@click.option("--traceback", is_flag=True, help="Show the whole traceback of an error.")
def main(traceback: bool) -> None:
    """Run, fork and share the ideas of this book, from anywhere inside a checkout of it."""


@main.command("list", epilog=LIST, short_help="Every idea, and what became of it.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects, for programs.")
@click.option("--long", "in_words", is_flag=True, help="In words: what was found, and what not.")
def list_(as_json: bool, in_words: bool) -> None:
    """Show every idea: verdict, effect, interval, seeds, freshness, notebook.

    The effect is idea minus baseline in the study's own outcome, signed so that the prediction is
    positive, with its 95 % interval. A study that measures one quantity, and predicts no
    difference, has the verdict "measured", and its value stands for the effect. `fresh` says
    whether the notebook was executed with the code and the results as they are now. With --long
    it says in two sentences what was found, in which unit, and what that does not say.
    """
    if as_json and in_words:
        raise Failure("--json and --long exclude each other: give one")
    from ideas_lib.publish.site.catalogue import rows

    found = rows()
    if as_json:
        objects = [{key: asdict(row)[key] for key in KEYS} for row in found]
        click.echo(json.dumps(objects, indent=2, ensure_ascii=False))
    elif in_words:
        click.echo("\n\n".join(map(_in_words, found)))
    else:
        click.echo(_table(found))


def _in_words(row: "Row") -> str:
    """Say what was found of an idea in lines of 80 columns at most."""
    from ideas_lib.publish.first_screen import bottom_line

    line = bottom_line(row.slug)
    stale = "" if row.fresh or not row.path else ", stale"
    said = [line.finding, line.beyond, f"{row.path or 'no notebook yet'}{stale}"]
    lines = textwrap.TextWrapper(
        80, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
    return "\n".join([f"{row.slug}: {row.verdict}", *map(lines.fill, filter(None, said))])


def _table(rows: "list[Row]") -> str:
    """Lay rows out in columns: one line an idea, aligned, no borders to wrap badly."""
    lines = [("idea", "verdict", "effect", "interval", "seeds", "notebook")]
    for row in rows:
        fresh = {True: "", False: "stale, ", None: ""}[row.fresh]
        known = row.effect is not None and row.low is not None and row.high is not None
        spec = ".3g" if row.verdict == "measured" else "+.3g"  # a difference has a sign
        lines.append(
            (
                row.slug,
                row.verdict,
                f"{row.effect:{spec}} {row.unit}".rstrip() if known else "",
                f"[{row.low:{spec}}, {row.high:{spec}}]" if known else "",
                str(row.seeds or ""),
                fresh + (row.path or "none yet"),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = (
        "  ".join(word.ljust(w) for word, w in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in text)


@main.command("run", epilog=RUN, short_help="Execute a notebook, or run its study.")
@click.argument("what", metavar="SLUG|NOTEBOOK.ipynb")
@click.option("--study", is_flag=True, help="Run the study first: every arm on every seed.")
@click.option("--confirm", is_flag=True, help="Reproduce one seed per arm with today's code.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at once (default: the cores).")
@click.option("--backend", type=click.Choice(["loky", "dask"]), default="loky", show_default=True)
@click.option("--address", metavar="HOST:PORT", help="The Dask scheduler, with --backend dask.")
def run_idea(
    what: str, study: bool, confirm: bool, jobs: int | None, backend: str, address: str | None
) -> None:
    """Execute an idea's notebook in place, or measure what it reports.

    Alone, it executes the notebook, a minute or less. With --study it first runs the study behind
    it, which need not have a notebook yet: an estimate, a progress bar, and results/SLUG.jsonl at
    the end; stop it when you like, the same command resumes it. With --confirm it runs one seed per
    arm and says whether today's code still gives what was measured; where another processor moves
    that too far, the code that measured it is run as well, and must do as today's.
    """
    if study and confirm:
        raise Failure("--study and --confirm exclude each other: give one")
    if (backend == "dask") != (address is not None):
        raise Failure("--backend dask and --address HOST:PORT go together: give both or neither")
    if not study and (backend == "dask" or (jobs is not None and not confirm)):
        raise Failure("--jobs, --backend and --address divide a study's runs: add --study")
    from ideas_lib.ideas import notebooks_by_slug
    from ideas_lib.publish.fork.forking import notebook_of
    from ideas_lib.study.checkout import root

    slug = notebook_of(what).stem if what.endswith(".ipynb") else what
    if study or confirm:
        _measure(slug, confirm, jobs, backend, address)
        if slug not in notebooks_by_slug(root()):
            click.echo(f"{slug} has no notebook yet: write chapters/PART/{slug}.ipynb")
            return
    _execute(notebook_of(what))


def _measure(slug: str, confirm: bool, jobs: int | None, backend: str, address: str | None) -> None:
    from ideas_lib.study import runner

    if confirm:
        click.echo(runner.confirm(slug, jobs=jobs))
    else:
        made = runner.run_study(slug, jobs=jobs, backend=backend, address=address)
        click.echo(f"measured: {_shown(made)}")


def _execute(notebook: Path) -> None:
    from ideas_lib.publish.site.execute import execute

    click.echo(f"executing {_shown(notebook)} ...", err=True)
    start = time.monotonic()
    execute(notebook)
    click.echo(f"executed {_shown(notebook)} in {time.monotonic() - start:.0f} s")


def _shown(path: Path) -> str:
    """Return the path as seen from the working directory where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@main.command("fork", epilog=FORK, short_help="Copy an idea to a new name and compare.")
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
    """Copy idea SLUG to NEW, yours to change, with a comparison at its end.

    Copies the notebook, its study and the idea's own code, so that changing the copy changes NEW
    alone; enrols NEW in the table of contents and in the tests; and executes the notebook, which
    ends by running both at a small scale on the same seeds and showing effect, interval, parameters
    and what differs. NEW is lower case words joined by hyphens. Nothing is ever overwritten.
    """
    from ideas_lib.publish.fork.forking import fork as make
    from ideas_lib.publish.fork.notebook import found_by

    made = make(slug, new, changes)
    click.echo(f"forked {slug} to {new}:")
    for path in made:
        click.echo(f"  {_shown(path)}")
    notebook = made[0]
    if no_run:
        click.echo(f"not executed yet: `ideas run {new}` does that, and the tests want it done")
        return
    click.echo("it ends in a comparison with its original; that may take some minutes", err=True)
    try:
        _execute(notebook)
    except Exception as error:
        raise Failure(
            f"the fork stands, but its notebook failed: {_line(error)} - mend it and run"
            f" `ideas run {new}`, or take it out with `ideas unfork {new}`"
        ) from error
    click.echo(found_by(notebook))


@main.command("unfork", epilog=UNFORK, short_help="Take a fork out again, into the trash.")
@click.argument("new")
def unfork_command(new: str) -> None:
    """Take fork NEW out again: notebook, study, code, results and entry in the contents.

    Nothing is deleted: all of it moves to .trash/NEW-TIME/, which git ignores. Only forks can be
    taken out, and only when no other fork descends from them.
    """
    from ideas_lib.publish.fork.forking import unfork as take_out

    click.echo(f"{new} is out of the book; it lies in {_shown(take_out(new))}")


for command in (post, copilot, logprobs, embed_command, models, serve_model):
    main.add_command(command)
