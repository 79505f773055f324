"""`ideas logprobs`. What it needs is imported only when it runs."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ideas_lib.lm.report.answer import Answer
    from ideas_lib.lm.report.query import Query

__all__ = ["logprobs"]

EXAMPLES = """\b
Examples:
  ideas logprobs --contexts "The capital of France is" --phrases " Paris" --phrases " Rome"
  ideas logprobs --example > spec.yaml
  ideas logprobs spec.yaml --html report.html
  ideas logprobs spec.yaml --endpoint smollm2-135m-instruct --endpoint gemma-3-270m
  ideas logprobs spec.yaml --endpoint http://127.0.0.1:8000/v1 --model mine --csv > scores.csv
  ideas logprobs --contexts-file lines.txt --phrases " good" --phrases " bad" --json | jq .contrasts
  ideas logprobs - < spec.yaml

\b
Exit code 1 is an endpoint that failed or was refused: the same command goes on from what is
finished. 2 is a question that cannot be asked as it stands.
"""
EITHER = "give a spec, or --contexts and --phrases (or their files)"


class EndpointError(click.ClickException):
    """An endpoint's failure, in one line; exit code 1."""

    exit_code = 1


@click.command("logprobs", epilog=EXAMPLES, short_help="How probable models find phrases.")
@click.argument("spec", metavar="[SPEC.yaml|-]", required=False)
@click.option("--contexts", metavar="TEXT", multiple=True, help="A context; repeat for more.")
@click.option("--contexts-file", metavar="FILE", help="Contexts, one a line; - is standard input.")
@click.option("--phrases", metavar="TEXT", multiple=True, help="A phrase; repeat for more.")
@click.option("--phrases-file", metavar="FILE", help="Phrases, one a line; - is standard input.")
@click.option(
    "--contrast",
    "contrasts",
    metavar="A B",
    nargs=2,
    multiple=True,
    help="log p(A) - log p(B); repeat for more (default: the first phrase against each other).",
)
@click.option(
    "--endpoint",
    "--base-url",
    "endpoints",
    metavar="NAME|URL|PATH.gguf",
    multiple=True,
    help="Who answers; repeat to have models side by side (default: OPENAI_BASE_URL, else a model "
    "on this machine).",
)
@click.option("--model", help="Which model of the endpoint, where it has several.")
@click.option("--domain", metavar="TEXT", help="What pmi compares with (default: no context).")
@click.option(
    "--noise",
    metavar="FAMILY,...|all",
    help="Perturb the contexts, keeping their meaning: how far that moves the mean, beside it.",
)
@click.option("--cap", type=click.IntRange(0), help="Tokens that an endpoint elsewhere may get.")
@click.option("--fresh", is_flag=True, help="Ask for every score anew, whatever the cache has.")
@click.option("--csv", "form", flag_value="csv", help="The scores as CSV, with all digits.")
@click.option("--json", "form", flag_value="json", help="Scores, contrasts and provenance as JSON.")
@click.option(
    "--html",
    metavar="PATH",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a report as well: one file, for any browser. It replaces earlier reports only.",
)
@click.option("--force", is_flag=True, help="Replace whatever stands where --html writes.")
@click.option("--example", is_flag=True, help="Print a spec to begin with, and do nothing else.")
def logprobs(
    spec: str | None, form: str | None, html: Path | None, force: bool, **flags: Any
) -> None:
    """Score every phrase after every context, and say how sure the differences are.

    Log-probabilities are in nats. Phrases stand right after contexts, so they begin with a space
    where a word should begin. Where an endpoint shows its most probable tokens only, a score may be
    an upper bound: it is shown as <= -12.30, and stays one in every later number.

    A key comes from OPENAI_API_KEY, goes to the endpoint that was named here or in OPENAI_BASE_URL,
    and nowhere else: an endpoint that a spec names gets none. A spec reads files below its folder
    only. Finished scores are kept in the cache, and the answer says how many came from there.
    """
    from ideas_lib.lm.report.report import check_target, write_report
    from ideas_lib.lm.report.spec import EXAMPLE

    if flags.pop("example"):
        click.echo(EXAMPLE, nl=False)
        return
    if html is not None:
        check_target(html, force)
    question = _question(spec, **flags)
    for note in question.notes():
        click.echo(f"note: {note}", err=True)
    answer = _answer(question)
    click.echo(_text(answer, form).removesuffix("\n"))
    if html is not None:
        write_report(answer, html, force=force)
        click.echo(f"report: {html}", err=True)


def _question(
    spec: str | None, endpoints: tuple[str, ...], model: str | None, **flags: Any
) -> "Query":
    from ideas_lib.lm.report.query import BadSpec, Query, text_of
    from ideas_lib.lm.report.spec import noise_of, read_spec

    inline = [flags.pop(name) for name in ("contexts", "contexts_file", "phrases", "phrases_file")]
    if (spec is None) == (not any(inline)):
        raise BadSpec(EITHER + (", and not both" if spec else "; --example prints a spec"))
    given = {
        name: value
        for name, value in flags.items()
        if value not in (None, ()) and value is not False
    }
    if "noise" in given:
        given["noise"] = noise_of(given["noise"].split(","))
    if endpoints or model:
        given |= {"endpoints": tuple((each, model) for each in endpoints or (None,)), "named": True}
    if spec is None:
        contexts, phrases = _texts(*inline[:2]), _texts(*inline[2:])
        if not contexts or not phrases:
            raise BadSpec(f"there are no {'phrases' if contexts else 'contexts'}: {EITHER}")
        return Query(tuple(contexts), tuple(phrases), **given)
    if spec == "-":
        return replace(read_spec(text_of("-"), "standard input"), **given)
    path = Path(spec)
    if not path.exists() and not path.suffix:
        raise BadSpec(f"there is no file {spec!r}; texts go one by one: --phrases A --phrases B")
    return replace(read_spec(text_of(path), path.name, path.parent), **given)


def _texts(texts: tuple[str, ...], file: str | None) -> list[str]:
    from ideas_lib.lm.report.query import lines

    return [*texts, *(lines(file) if file else ())]


def _answer(question: "Query") -> "Answer":
    from ideas_lib.lm.client import EndpointFailed
    from ideas_lib.lm.scoring.probing import EndpointRefused
    from ideas_lib.lm.serving.server import ServerFailed
    from ideas_lib.lm.serving.weights import FetchFailed

    wrong = None
    try:
        return question.ask()
    except (EndpointFailed, EndpointRefused, FetchFailed, ServerFailed) as error:
        if click.get_current_context().find_root().params.get("traceback"):
            raise
        wrong = EndpointError(" ".join(str(error).split()))
    except KeyboardInterrupt:
        wrong = EndpointError("stopped; the same command goes on from what is finished")
    raise wrong


def _text(answer: "Answer", form: str | None) -> str:
    from ideas_lib.lm.report.table import as_csv, as_json, as_table

    if form:
        return as_csv(answer) if form == "csv" else as_json(answer)
    return as_table(answer, shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
