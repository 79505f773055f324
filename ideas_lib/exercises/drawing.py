"""Draw variants of an exercise: seeded, each of them checked, no two with the same answer.

    variants, refused = make_variants(exercise, 30, term="2026-fall")

Variant k has draws of its own, made from the term, the title and k, and takes the first that is no
degenerate one and has no answer of an earlier variant: so thirty variants begin with the same ten
that ten would be.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from ideas_lib.exercises.deciding import ask_sandbox, check_told, received, sent
from ideas_lib.exercises.exercise import BadExercise, Exercise, Value
from ideas_lib.exercises.holes import fill_code, fill_prose, written

__all__ = ["ExerciseVariant", "TooFewVariants", "make_variants"]

TRIES = 200  # draws of one variant
ROWS = 400  # draws whose constraints are tried in one sandbox
TOGETHER = 60  # draws that are decided in one sandbox
TELLING = 5  # characters of an expression that its question may not hold
SAME_ANSWER = "the answer is that of another variant"


class TooFewVariants(BadExercise):
    """Raised where so many different variants cannot be found; it says what was refused."""


@dataclass(frozen=True)
class ExerciseVariant:
    """One exercise as it is handed out: its number, from 1, its values, and every text filled.

    `form` counts the story it tells, from 0, which is the template's. `expected` are the answers to
    `calls`, then to `hidden_calls`. `answer` is written as SymPy does, `items` are its parts where
    it is a set, `decimal` its value where it is a number, `mistakes` where known mistakes lead.
    """

    number: int
    form: int
    values: Mapping[str, Value]
    prompt: str
    starter: str = ""
    solution: str = ""
    calls: tuple[str, ...] = ()
    hidden_calls: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    tests: str = ""
    answer: str = ""
    items: tuple[str, ...] = ()
    decimal: float | None = None
    whole: bool = False
    working: str = ""
    mistakes: tuple[tuple[str, str, float | None], ...] = ()
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Return its number as files have it."""
        return f"{self.number:02}"


def make_variants(
    forms: Sequence[Exercise], count: int, *, term: str = ""
) -> tuple[list[ExerciseVariant], Counter[str]]:
    """Return so many variants, and why draws were refused, how often.

    `forms` are the exercise and those of its variations that are to be handed out: variant k has
    form k modulo their number. Raises TooFewVariants, BadExercise, and sandbox.Unavailable.
    """
    if count < 1:
        raise BadExercise(f"{count} variants: ask for at least one")
    possible = sum(form.count for form in forms)
    if possible < count:
        raise TooFewVariants(
            f"the parameters allow {possible} different draws, and {count} variants are wanted: "
            "widen a range, or ask for fewer"
        )
    refused: Counter[str] = Counter()
    table = _Decisions(forms, count, term)
    found: list[ExerciseVariant] = []
    keys: set[str] = set()
    with tqdm(total=count, desc="variants", delay=2, leave=False) as bar:
        for number in range(1, count + 1):
            for draw in table.draws(number):
                told = draw.told
                why = told.get("refused", "") or _shown(draw)
                if not why and told["key"] in keys:
                    why = SAME_ANSWER
                if not why:
                    keys.add(told["key"])
                    form = (number - 1) % len(forms)
                    found.append(_variant(forms[form], number, form, draw.values, told))
                    break
                refused[why] += 1
            else:
                raise TooFewVariants(_few(found, count, refused))
            bar.update()
    return found, refused


def _shown(draw: "Draw") -> str:
    """Return that the answer stands in the question, if it does: a number, or a longer text."""
    told = draw.told
    if draw.form.subject == "program":
        return ""
    forms = {told["answer"]}
    if told["number"] is not None:
        forms |= {f"{told['number']:.12g}"}
    elif len(told["answer"]) < TELLING:
        return ""
    prompt = fill_prose(draw.form.prompt, draw.values)
    stands = (rf"(?<![\w.,-]){re.escape(form)}(?!\w|[.,]\d)" for form in forms)
    return "the answer stands in the question" if any(re.search(s, prompt) for s in stands) else ""


def _few(found: Sequence[ExerciseVariant], count: int, refused: Counter[str]) -> str:
    shown = "; ".join(f"{times} times {why}" for why, times in refused.most_common(3))
    return (
        f"only {len(found)} of {count} variants were found, for draws are refused where {shown}: "
        "widen a range, loosen a constraint, or ask for fewer"
    )


@dataclass
class Draw:
    """Values for the holes of a form, `plain` as the sandbox has them, and what became of them."""

    form: Exercise
    values: dict[str, Value]
    plain: dict[str, Any]
    told: dict[str, Any] = field(default_factory=dict)


class _Decisions:
    """What the sandbox said of draws, which is asked in as few goes as will do.

    Constraints are cheap, so they come first, of many draws; then the first draws that they allow,
    of all variants at once; more are decided of a variant only where these were refused.
    """

    def __init__(self, forms: Sequence[Exercise], count: int, term: str) -> None:
        self.forms, self.count, self.term = forms, count, term
        self.streams: dict[int, random.Random] = {}
        self.rows: dict[int, list[Draw]] = {number: [] for number in range(1, count + 1)}

    def draws(self, number: int) -> Iterator[Draw]:
        """Yield the draws of a variant, with what became of each; the same one never twice."""
        seen = set()
        for at in range(TRIES):
            if at >= len(self.rows[number]):
                wanted = range(number, self.count + 1) if at == 0 else (number,)
                self._prepare([n for n in wanted if len(self.rows[n]) == at], 64 if at else 8)
            draw = self.rows[number][at]
            same = tuple(map(str, draw.values.values()))
            if same in seen:
                continue
            seen.add(same)
            if not draw.told:
                self._decide(number, at)
            yield draw

    def form(self, number: int) -> Exercise:
        return self.forms[(number - 1) % len(self.forms)]

    def _drawn(self, number: int) -> dict[str, Value]:
        seed = f"{self.term}\0{self.forms[0].title}\0{number}"
        stream = self.streams.setdefault(number, random.Random(seed))
        return {n: each.draw(stream) for n, each in self.form(number).parameters.items()}

    def _prepare(self, numbers: Sequence[int], width: int) -> None:
        for form in self.forms:
            mine = [n for n in numbers if self.form(n) is form for _ in range(width)]
            for at in range(0, len(mine), ROWS):
                some = mine[at : at + ROWS]
                for n, draw in zip(some, _prepared(form, [*map(self._drawn, some)]), strict=True):
                    self.rows[n].append(draw)

    def _decide(self, number: int, at: int) -> None:
        """Have a draw decided, and with it those that are likely to be wanted next."""
        wanted = [draw for draw in self.rows[number][at:] if not draw.told]
        wanted = wanted[: max(8, at) if at else 1]  # ever more, where ever more are refused
        for n in range(number + 1, self.count + 1):
            open_ = [draw for draw in self.rows[n] if not (draw.told and "refused" in draw.told)]
            wanted += [draw for draw in open_[:1] if not draw.told]
        for form in self.forms:
            mine = [draw for draw in wanted if draw.form is form]
            for start in range(0, len(mine), TOGETHER):
                decide_draws(form, mine[start : start + TOGETHER])


def _prepared(form: Exercise, rows: Sequence[dict[str, Value]]) -> list[Draw]:
    """Try the constraints on values, and add what is derived from them."""
    plain = [{name: sent(value) for name, value in row.items()} for row in rows]
    rules = dict(constraints=form.constraints, derived=form.derived)
    told: list[dict[str, Any]] = [{} for _ in rows]
    if any(rules.values()):
        told = ask_sandbox("prepare", [{"values": each} for each in plain], **rules)
    _raise_broken(rows, told)
    draws = []
    for row, sending, each in zip(rows, plain, told, strict=True):
        more, names = each.get("derived", {}), set() if "refused" in each else set(form.derived)
        if not isinstance(more, dict) or set(more) != names:
            raise BadExercise("the template's code made the sandbox answer for other names")
        whole = {**row, **{name: received(value) for name, value in more.items()}}
        refused = {"refused": each["refused"]} if "refused" in each else {}
        draws.append(Draw(form, whole, {"values": sending, "derived": more}, refused))
    return draws


def decide_draws(exercise: Exercise, draws: Sequence[Draw]) -> None:
    """Have draws that the constraints allow decided in the sandbox. Raises BadExercise."""
    if exercise.subject == "program":
        told = ask_sandbox("program", [_program(exercise, draw.values) for draw in draws])
    else:
        units = {name: each.unit for name, each in exercise.parameters.items()}
        more: dict[str, Any] = dict(answer=exercise.answer, unit=exercise.unit, units=units)
        more |= dict(symbols=exercise.symbols, tolerance=str(exercise.tolerance))
        more |= dict(wrong=[(each.why, each.text) for each in exercise.wrong])
        told = ask_sandbox("answer", [draw.plain for draw in draws], **more)
    _raise_broken([draw.values for draw in draws], told)
    calls = len(exercise.calls) + len(exercise.hidden_calls)
    for draw, each in zip(draws, told, strict=True):
        check_told(each, exercise.subject, calls=calls, wrong=len(exercise.wrong))
        draw.told = each


def _raise_broken(draws: Sequence[Mapping[str, Value]], told: Sequence[dict[str, Any]]) -> None:
    for draw, each in zip(draws, told, strict=True):
        if "broken" in each:
            values = ", ".join(f"{name}={written(value)}" for name, value in draw.items())
            raise BadExercise(f"with {values or 'no parameters'}: {each['broken']}")


def _program(exercise: Exercise, values: Mapping[str, Value]) -> dict[str, Any]:
    def code(text: str, what: str) -> str:
        return fill_code(text, values, what)

    calls = (*exercise.calls, *exercise.hidden_calls)
    return {
        "solution": code(exercise.solution, "the solution"),
        "starter": code(exercise.starter, "the starter"),
        "calls": [code(call, "a call") for call in calls],
        "tests": code(exercise.tests, "the tests"),
        "wrong": [(each.why, code(each.text, "a wrong program")) for each in exercise.wrong],
    }


def _variant(
    exercise: Exercise, number: int, form: int, values: Mapping[str, Value], told: dict[str, Any]
) -> ExerciseVariant:
    common: dict[str, Any] = dict(
        number=number, form=form, values=values, prompt=fill_prose(exercise.prompt, values)
    )

    def fill(text: str) -> str:
        return fill_code(text, values)

    if exercise.subject == "program":
        why = [each.why for each in exercise.wrong]
        return ExerciseVariant(
            **common,
            starter=fill(exercise.starter),
            solution=fill(exercise.solution),
            calls=tuple(map(fill, exercise.calls)),
            hidden_calls=tuple(map(fill, exercise.hidden_calls)),
            expected=tuple(told["expected"]),
            tests=fill(exercise.tests),
            wrong=tuple(zip(why, told["wrong"], strict=True)),
        )
    more = {**values, "answer": told["answer"]}
    return ExerciseVariant(
        **common,
        answer=told["answer"],
        items=tuple(told["items"]),
        decimal=told["number"],
        whole=told["whole"],
        working=fill_prose(exercise.working, more),
        mistakes=tuple((why, text, number) for why, text, number in told["wrong"]),
    )
