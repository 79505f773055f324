"""The `ideas` command: the book's own, and its tools'. Only `ambiguity --ask` asks a question.

Every command imports what it needs only when it runs, so `ideas --help` is quick and needs no
extra. Errors that the library foresees end in one line on stderr and exit code 2.
"""

import json
import textwrap
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ideas_lib import __version__
from ideas_lib.exercises.exercises_command import exercises
from ideas_lib.lm.maps.embed_command import embed_command
from ideas_lib.lm.report.logprobs_command import logprobs
from ideas_lib.lm.serving.models_command import models, serve_model
from ideas_lib.programs.ambiguity.ambiguity_command import ambiguity
from ideas_lib.programs.compilation.compile_command import compile_command
from ideas_lib.programs.copilot.copilot_command import copilot
from ideas_lib.programs.dsl.dsl_command import dsl_command
from ideas_lib.programs.reference.reference_command import reference
from ideas_lib.programs.what_if.what_if_command import what_if_command
from ideas_lib.publish.fork.commands import fork_command, run_idea, unfork_command
from ideas_lib.publish.post.post_command import post

if TYPE_CHECKING:
    from ideas_lib.publish.site.catalogue import Row

__all__ = ["main"]

KEYS = ("slug", "title", "path", "verdict", "effect", "low", "high", "seeds", "fresh")

START = """\b
Start here:
  ideas list                          every idea, and what became of it
  ideas run null-attention            run its notebook again
  ideas fork null-attention my-idea   make it yours; it says what a change does
"""
LIST = """\b
Examples:
  ideas list
  ideas list --long
  ideas list --json | jq '.[] | select(.verdict == "supported") | .slug'
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
            line = _line(error).removesuffix(".")
            raise Failure(f"{line}. See `{where} --help`.") from error
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

    The effect is idea minus baseline, in its unit, signed so that the prediction is positive, with
    its 95 % interval; with --json it is in the study's own outcome, a share for points of one. A
    study that measures one quantity, and predicts no difference, has the verdict "measured", and
    its value stands for the effect. `fresh` says whether the notebook was executed with the code
    and the results as they are now. With --long it says in two sentences what was found, in which
    unit, and what that does not say.
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
    said = [line.finding, line.language, line.beyond, f"{row.path or 'no notebook yet'}{stale}"]
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
        effect, low, high = (10**row.shift * (x or 0) for x in (row.effect, row.low, row.high))
        lines.append(
            (
                row.slug,
                row.verdict,
                f"{effect:{spec}} {row.unit}".rstrip() if known else "",
                f"[{low:{spec}}, {high:{spec}}]" if known else "",
                str(row.seeds or ""),
                fresh + (row.path or "none yet"),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = (
        "  ".join(word.ljust(w) for word, w in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in text)


for command in (
    *(run_idea, fork_command, unfork_command, post),
    *(copilot, ambiguity, compile_command, reference, dsl_command, what_if_command, exercises),
    *(logprobs, embed_command, models, serve_model),
):
    main.add_command(command)
