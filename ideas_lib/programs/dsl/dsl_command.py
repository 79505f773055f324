"""`ideas dsl`. What it needs is imported only when it runs."""

import keyword
import re
import sys
from pathlib import Path
from typing import Any

import click

__all__ = ["dsl_command"]

EPILOG = """\b
Examples:
  ideas dsl snippets/                                   see what would be learned
  ideas dsl snippets/ --name shop --out shop-language   write the package
  ideas dsl snippets/ --api argparse --name cli         only files that import argparse
  ideas dsl snippets/ --call add_argument_store_true=flag
  ideas dsl snippets/ --json | jq .compression

Exit code 0 when no program was seen to make other calls, 1 when one was, 2 for an error.
"""


def _as_path(context: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    if value == "":  # an empty variable of a shell; Path("") would be the folder that one is in
        raise click.BadParameter("'' is empty: name a folder", context, parameter)
    return None if value is None else Path(value)


@click.command("dsl", epilog=EPILOG, short_help="Make a small language from snippets of Python.")
@click.argument("snippets", callback=_as_path)
@click.option("--name", default="mini", show_default=True, help="The language, and its package.")
@click.option("--out", metavar="FOLDER", callback=_as_path, help="A folder for the package.")
@click.option("--api", default="", help="Only files that import this module.")
@click.option(
    "--words",
    type=click.IntRange(1, 500),
    default=150,
    show_default=True,
    help="Words for the API, at most; the most used have one.",
)
@click.option(
    "--constructs",
    type=click.IntRange(1, 50),
    default=12,
    show_default=True,
    help="Constructs to learn, at most.",
)
@click.option(
    "--slots",
    type=click.IntRange(0, 6),
    default=4,
    show_default=True,
    help="What may vary in a learned construct, at most.",
)
@click.option(
    "--learner",
    type=click.Choice(["stitch", "pairs"]),
    help="Who proposes constructs; stitch if stitch-core is installed.",
)
@click.option("--call", "calls", multiple=True, metavar="WORD=NEW", help="Rename a construct.")
@click.option("--no-check", is_flag=True, help="Do not run the programs in the sandbox.")
@click.option("--force", is_flag=True, help="Replace files that this tool did not write.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, for programs.")
@click.pass_context
def dsl_command(
    context: click.Context,
    snippets: Path,
    name: str,
    out: Path | None,
    api: str,
    calls: tuple[str, ...],
    no_check: bool,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Make a language from SNIPPETS, a folder of Python files that use some API.

    Its words are what the files call, and constructs that are learned: what is written over and
    over becomes one word with slots. One table of these makes the grammar, the parser, the printer,
    the interpreter, the manual and the tests; they are written to --out as a package that needs
    lark alone. Every program of the corpus is written in the language and read back, and up to 200
    are run in the sandbox beside the original, call by call. What cannot be expressed is listed
    with the reason.
    """
    from tqdm import tqdm

    from ideas_lib.programs.dsl.checking import CallComparison, check_calls
    from ideas_lib.programs.dsl.corpus import BadCorpus, read_corpus
    from ideas_lib.programs.dsl.language_making import Settings, make_language
    from ideas_lib.programs.dsl.language_text import language_as_object, language_as_text
    from ideas_lib.programs.dsl.learning import NothingRepeats
    from ideas_lib.programs.dsl.package import check_package, package_files, write_package
    from ideas_lib.programs.sandbox.running import Unavailable

    names = _renames(calls)
    _check_name(name)
    if out is not None:
        _check_beside(out, snippets)
        check_package(out, name, force=force)
    options["learner"] = options["learner"] or ""
    try:
        with tqdm(desc="reading and learning", delay=2, leave=False) as bar:
            corpus = read_corpus(snippets, api, bar.update)
            _check_hides_nothing(name, corpus.modules)
            how = Settings(**options, names=names)
            modules = sorted(corpus.modules)
            language = make_language(name, corpus.programs, modules, how, bar.update)
        files = package_files(language)
        outcome = CallComparison()
        if not no_check:
            with tqdm(desc="running in the sandbox", total=1, delay=2, leave=False):
                try:
                    outcome = check_calls(files, name, language.expressed, modules, snippets)
                except Unavailable as error:
                    outcome = CallComparison(reason=str(error).splitlines()[0])
        if out is not None:
            write_package(out, files, force=force)
    except (BadCorpus, NothingRepeats) as error:
        way = "; give more snippets of one API" if isinstance(error, NothingRepeats) else ""
        raise click.UsageError(f"{error}{way}") from None
    show = language_as_object if as_json else language_as_text
    click.echo(show(language, corpus, outcome, not no_check, out))
    context.exit(1 if outcome.differ else 0)


def _renames(calls: tuple[str, ...]) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in calls:
        word, sign, new = each.partition("=")
        if not (word and sign and new):
            raise click.UsageError(f"--call {each!r}: write WORD=NEW, as in print_join=say")
        if word in names:
            raise click.UsageError(f"--call {each!r}: {word} has {names[word]!r} already; give one")
        names[word] = new
    return names


def _check_name(name: str) -> None:
    """Raise where a package of this name could not be, or would hide one of Python's."""
    if not re.fullmatch("[A-Za-z]([A-Za-z0-9_]{0,38}[A-Za-z0-9])?", name) or keyword.iskeyword(
        name
    ):
        raise click.UsageError(
            f"--name {name!r}: it has to be a name that pip and Python take, of 40 letters at "
            "most, such as shop"
        )
    if name in sys.stdlib_module_names or name in ("ideas_lib", "lark", "tests"):
        raise click.UsageError(f"--name {name}: there is a module of that name; take another")


def _check_hides_nothing(name: str, modules: set[str]) -> None:
    if name in {module.partition(".")[0] for module in modules}:
        raise click.UsageError(
            f"--name {name}: the snippets import a module of that name, which the package would "
            f"hide; take {name}_language"
        )


def _check_beside(out: Path, snippets: Path) -> None:
    """Raise where the package would be among the snippets: the next run would learn from it."""
    if snippets.is_dir() and out.resolve().is_relative_to(snippets.resolve()):
        raise click.UsageError(
            f"--out {str(out)!r}: it is in {str(snippets)!r}, whose files the next run would read; "
            "name a folder elsewhere"
        )
