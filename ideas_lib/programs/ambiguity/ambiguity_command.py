"""`ideas ambiguity`. What it needs is imported only when it runs."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click

from ideas_lib.lm.writer_options import writer_options

__all__ = ["ambiguity"]

EPILOG = """\b
Examples:
  ideas ambiguity shapes.py:rank --programs a.py b.py c.py
  ideas ambiguity shapes.py:rank --programs a.py b.py --answers answers.yaml --write
  ideas ambiguity shapes.py:rank --programs *.py --json - | jq '.questions[0]'
  ideas ambiguity shapes.py:rank                       # a model on this machine writes programs
  ideas ambiguity shapes.py:rank --ask --answers answers.yaml

\b
A file of answers has a line each, the call and what it gives:
  rank([2, 2, 1]): [1, 1, 3]
  rank([0]): raises ValueError
  rank([]): never happens
  rank([-1]): "never happens: min(scores) >= 0"

Exit code 0 when the report is made, 1 when no program fits or none can be compared.
"""


class Spread(click.Command):
    """A command whose `--programs` takes all the words up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_spread(args)))


def _spread(args: Sequence[str]) -> Iterator[str]:
    taking = first = False
    for word in args:
        if word.startswith("-") and word != "-":
            taking = first = word == "--programs"
            yield word
        elif taking and not first and ".py:" not in word:  # the function may come last
            yield from ("--programs", word)
        else:
            first = False
            yield word


@click.command(
    "ambiguity", cls=Spread, epilog=EPILOG, short_help="Ask what a function's text leaves open."
)
@click.argument("function", metavar="FILE.py:FUNCTION")
@click.option(
    "--programs",
    multiple=True,
    metavar="FILE.py ...",
    help="Programs to compare, one or more files that define FUNCTION; else a model writes some.",
)
@click.option("--answers", type=click.Path(dir_okay=False), help="A file of answers, see below.")
@click.option("--ask", is_flag=True, help="Ask here, one question after the other; keep answers.")
@click.option("--json", "json_file", metavar="OUT.json", help="All of it as JSON; - is stdout.")
@click.option("--write", is_flag=True, help="Put the stage that is reached into FILE.py.")
@click.option(
    "--stage",
    type=click.Choice(["text", "examples", "types", "program"]),
    help="Write or show this stage, not the one that is reached.",
)
@click.option("--show", is_flag=True, help="Print the file as --write would write it.")
@click.option("--force", is_flag=True, help="Replace a body that is there, or a file of JSON.")
@click.option(
    "--samples",
    type=click.IntRange(2, 64),
    default=8,
    show_default=True,
    help="Programs that a model writes.",
)
@writer_options
@click.pass_context
def ambiguity(
    context: click.Context, function: str, programs: tuple[str, ...], **given: Any
) -> None:
    """Say in bits what a function's text leaves open, and ask the question worth most.

    Programs for the function are run in the sandbox on inputs made for it, and those that do the
    same are put together. Where they differ the text can be read in more than one way, or somebody
    made a mistake: you say which it is. An answer becomes an example in the docstring, "never
    happens" a precondition; the question worth most is the one whose answer narrows the set most.

    Stages: the text; with examples and preconditions; with types and postconditions; one program
    with its evidence. Without --write your file is not changed.
    """
    from ideas_lib.formatting import printable
    from ideas_lib.lm.client import EndpointFailed
    from ideas_lib.lm.serving.catalogue import UnknownModel
    from ideas_lib.lm.serving.server import ServerFailed
    from ideas_lib.lm.serving.weights import FetchFailed
    from ideas_lib.programs.ambiguity.asking import run_session
    from ideas_lib.programs.sandbox.running import Unavailable

    foreseen = (Unavailable, EndpointFailed, ServerFailed, FetchFailed, UnknownModel)
    try:
        fits: bool = run_session(function, programs, echo=click.echo, read=_typed, **given)
    except (*foreseen, ValueError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise click.UsageError("\n".join(map(printable, lines))) from None
    context.exit(0 if fits else 1)


def _typed(prompt: str) -> str:
    """Return a line from the terminal; empty at its end."""
    click.echo(prompt, nl=False)
    return sys.stdin.readline()
