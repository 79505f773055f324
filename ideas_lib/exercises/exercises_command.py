"""`ideas exercises`. What it needs is imported only when it runs."""

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from ideas_lib.exercises.accepting import DraftVerdict
    from ideas_lib.exercises.exercise import Exercise
    from ideas_lib.exercises.exercise_folder import Week

__all__ = ["exercises"]

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOLVERS = ("qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct")  # the first that is other

EPILOG = """\b
Examples:
  ideas exercises --example > template.yaml
  ideas exercises template.yaml -n 30 --out week3
  ideas exercises template.yaml -n 30 --students roster.csv --term 2026-fall --out week3
  ideas exercises --example units > speed.yaml
  ideas exercises speed.yaml -n 3 --json | jq '.variants[].answer'
  ideas exercises template.yaml -n 30 --out week4 --model qwen2.5-coder-1.5b-instruct

\b
In week3, students/ may be handed out, and teacher/ may not: it has solutions.html, moodle.xml,
nbgrader/source and who-got-what.csv. With --model, what the models said is recorded there too, so
the same command goes on where it was stopped, and asks nobody twice. Exit code 1 says that no
variation was accepted; 2 is a template, a roster, a folder or a model that cannot be used as it is.
"""


@click.command("exercises", epilog=EPILOG, short_help="Variations of a class exercise, checked.")
@click.argument("template", metavar="[TEMPLATE.yaml]", required=False, type=FILE)
@click.option("-n", "count", metavar="N", type=click.IntRange(1, 999), help="How many variants.")
@click.option(
    "--students",
    metavar="ROSTER.csv",
    type=FILE,
    help="Who gets one: CSV with a column id, username or email.",
)
@click.option("--term", default="", help="Names the class: another term draws other numbers.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Where to write.")
@click.option(
    "--model", help="Have variations written by it: one of `ideas models`, or of --endpoint."
)
@click.option("--second", help="Another model, which has to solve what the first wrote.")
@click.option("--endpoint", metavar="URL", help="Where both models are (default: this machine).")
@click.option(
    "--kind",
    type=click.Choice(["story", "structure", "harder", "easier"]),
    help="What to vary beside the numbers (default: the first that the template's vary allows).",
)
@click.option(
    "--drafts", type=click.IntRange(1, 99), default=8, show_default=True, help="How many to write."
)
@click.option("--force", is_flag=True, help="Replace what DIR has, other exercises included.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object, for programs.")
@click.option(
    "--example",
    is_flag=False,
    flag_value="program",
    type=click.Choice(["program", "answer", "units"]),
    help="Print a template that works, and end.",
)
@click.pass_context
def exercises(
    context: click.Context,
    template: Path | None,
    count: int | None,
    students: Path | None,
    term: str,
    out: Path | None,
    model: str | None,
    second: str | None,
    endpoint: str | None,
    kind: str | None,
    drafts: int,
    force: bool,
    as_json: bool,
    example: str | None,
) -> None:
    """Make variants of an exercise: other numbers for each, every one of them checked.

    A template has a text with holes, what may stand in them, and what is right: a program with
    tests, or an answer that SymPy computes, with units. Draws that make no exercise are refused: a
    constraint does not hold, the answer stands in the question, a known mistake leads to the right
    answer, the starter passes, two variants have one answer. The same template and term make the
    same variants. Who gets which follows from a student's id alone, so nobody moves when one joins.

    With --model a language model writes the text anew. It writes no number that a test depends on:
    holes and digits are checked. Its variation is accepted only if the reference, and a second
    solution by another model that saw the text alone, pass the tests; each rejection says why.
    """
    from ideas_lib.exercises.exercise_file import EXAMPLES

    if example:
        click.echo(EXAMPLES[example].read_text(encoding="utf-8"), nl=False)
        return
    if not template:
        raise click.UsageError("name a template; `ideas exercises --example` prints one")
    if not term.isprintable():
        raise click.UsageError(f"--term is {term!r}: letters, digits and marks alone")
    if count is None or not (out or as_json):
        raise click.UsageError("say how many by -n, and where to write by --out DIR")
    ask = Writing(model, second, endpoint, kind, drafts) if model else None
    drafts_given = context.get_parameter_source("drafts") is not ParameterSource.DEFAULT
    if not ask and (second or endpoint or kind or drafts_given):
        raise click.UsageError("--second, --endpoint, --kind and --drafts go with --model")
    week, files = _made(template, count, students, term, out, force, ask)
    click.echo(json.dumps(_object(week, files), indent=2) if as_json else _words(week, out))
    context.exit(0 if week.variants else 1)


@dataclass(frozen=True)
class Writing:
    """Which models write and solve, where they are, what is varied, and how often."""

    model: str
    second: str | None
    endpoint: str | None
    kind: str | None
    drafts: int


def _made(
    template: Path,
    count: int,
    students: Path | None,
    term: str,
    out: Path | None,
    force: bool,
    ask: Writing | None,
) -> "tuple[Week, list[str]]":
    from ideas_lib.exercises.drawing import make_variants
    from ideas_lib.exercises.exercise_file import read_exercise
    from ideas_lib.exercises.exercise_folder import Week, check_folder, write_week
    from ideas_lib.exercises.roster import assign_variants, read_roster
    from ideas_lib.files import read_plain

    try:
        text = read_plain(template).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{template} is not in UTF-8: save it as UTF-8") from None
    exercise = read_exercise(text, str(template))
    people = read_roster(read_plain(students), str(students)) if students else []
    made = {"template": exercise.sha256, "term": term, "number of variants": count}
    made["model"] = [ask.model, ask.second, ask.endpoint, ask.kind, ask.drafts] if ask else None
    if out:
        check_folder(out, made, force=force)
    verdicts = _written(exercise, ask, term, out) if ask else []
    forms = [each.form for each in verdicts if each.form]
    if ask and not forms:
        return Week([exercise], [], {}, {}, made, verdicts), []
    if not ask or _kind(exercise, ask) == "story":
        forms = [exercise, *forms]
    variants, refused = make_variants(forms, count, term=term)
    who = assign_variants(people, count, term)
    week = Week(forms, variants, refused, who, made, verdicts)
    return week, write_week(out, week, force=force) if out else []


def _kind(exercise: "Exercise", ask: Writing) -> str:
    allowed = [each for each in exercise.vary if each != "numbers"]
    if ask.kind and ask.kind not in allowed:
        raise click.UsageError(
            f"the template's vary does not allow {ask.kind!r}: it has {', '.join(exercise.vary)}"
        )
    if not allowed:
        raise click.UsageError("the template's vary has numbers alone: add story, for a model")
    return ask.kind or allowed[0]


def _written(
    exercise: "Exercise", ask: Writing, term: str, out: Path | None
) -> "list[DraftVerdict]":
    from ideas_lib.exercises.accepting import accept_drafts
    from ideas_lib.exercises.draft_requests import DraftRun
    from ideas_lib.lm.generate import Generator

    kind = _kind(exercise, ask)
    second = ask.second or next(name for name in SOLVERS if name != ask.model)
    if ask.endpoint and not ask.second:
        raise click.UsageError(
            f"name a model of {ask.endpoint} by --second: another than the first"
        )
    folder = out / "teacher" if out else None
    with ExitStack() as stack:
        writer, solver = (
            stack.enter_context(Generator(ask.endpoint, name, record=folder and folder / file))
            for name, file in ((ask.model, "drafts.jsonl"), (second, "second-solutions.jsonl"))
        )
        return accept_drafts(exercise, DraftRun(kind, writer, solver, ask.drafts), term=term)


def _object(week: "Week", files: list[str]) -> dict[str, object]:
    from ideas_lib.exercises.holes import written

    rows = [
        {
            "variant": each.number,
            "values": {name: written(value) for name, value in each.values.items()},
            "prompt": each.prompt,
            "answer": each.answer or list(each.expected),
        }
        for each in week.variants
    ]
    drafts = [
        {"text": each.text, "accepted": bool(each.form), "gate": each.gate, "reason": each.reason}
        for each in week.drafts
    ]
    found = {"variants": rows, "refused": dict(week.refused), "students": dict(week.who)}
    return {**found, "drafts": drafts, "files": files}


def _words(week: "Week", out: Path | None) -> str:
    lines = []
    if week.drafts:
        kept = sum(bool(each.form) for each in week.drafts)
        lines.append(f"{len(week.drafts)} drafts, {kept} accepted")
        lines += [
            f"  draft {at} rejected ({each.gate}): {each.reason}"
            for at, each in enumerate(week.drafts, start=1)
            if not each.form
        ]
    if not week.variants:
        return "\n".join([*lines, "no variant is written, for no variation was accepted"])
    many = len(week.variants)
    lines.append(f"{many} variant{'s' * (many > 1)} of {week.forms[0].title!r}")
    lines += [f"  refused {n} times: {why}" for why, n in Counter(week.refused).most_common()]
    if week.who:
        each = Counter(week.who.values())
        most = max(each.values())
        lines.append(f"{len(week.who)} students have {len(each)} of them, {most} at most the same")
    lines.append(f"{out}/students may be handed out; {out}/teacher has the solutions")
    return "\n".join(lines)
