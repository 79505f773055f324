"""Boring parts: a checker of algebra, on what two models wrote and people labelled before it.

Two small language models solve school equations, a line at a time. Somebody labels the first broken
line of each derivation, or that none is, before any checker has seen it, until 60 equations have a
broken derivation. A seed is one of these equations, in the order in which they were drawn; both
models' derivations of it count together. Labels must be committed: a run without that is refused.

What else was expected, before a model was asked: of derivations without a broken line at most 5 in
100 are objected to; of broken lines that are found, the cause is named as the label has it in less
than half; and putting the true answers into each line, which is a check of two lines, finds as many
broken lines as comparing solutions does, to within 10 in 100.

Office hours: weeks are drawn from a wide box of what may be so. Expected is that all hours moved to
the deadline leave fewer questions unanswered than 10 to 60 % more hours do in more than half of the
weeks, that it flips where between 30 and 60 in 100 questions come in the rush, and that half of
the hours moved leave fewer unanswered than either.
"""

import subprocess
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from ideas_lib.study import Experiment, Prediction, Study
from ideas_lib.study.checkout import root

SETTINGS = dict(
    seconds=5.0,
    freed=1.0,
    rush_hours=1.0,
    patience=1.0,
    labeller="a",
)

SETS, NUMBERS, BAR = "solution sets", "with other numbers", "80 in 100"
ASKED_TOO = ("answer alone", "same difference", "same ratio", "answer put in")
CHECKERS = (SETS, NUMBERS, *ASKED_TOO)
THE_BAR = 0.8
SEEDS = tuple(range(100, 160))
WEEKS = tuple(range(100, 120))
EACH = 100  # weeks drawn by a seed
AGAIN = 10  # times that each is lived through
CLEAR = 0.01  # of the questions: less than that is no difference
AS_IT_WAS, FREED, MOVED, HALF = "as it was", "more hours", "moved", "half of them moved"
WAYS = (AS_IT_WAS, FREED, MOVED, HALF, "a third fewer questions")
RUSHES = tuple(f"{k / 10:.1f}" for k in range(11))
# What else could be so of the weeks.
ASSUMED: dict[str, dict[str, Any]] = {
    "as assumed": {},
    "calm questions come as calls to a bank do": {"bank": True},
    "twice as many hours freed": {"freed": 2.0},
    "half as patient": {"patience": 0.5},
    "nobody gives up": {"patience": 100.0},
    "half as many questions": {"questions": 0.5},
    "a rush twice as long": {"rush_hours": 2.0},
}


class NotCommitted(RuntimeError):
    """Raised where labels are not committed: they must be there before a checker runs."""


@cache
def labelled() -> list[tuple[str, list[str], Any]]:
    """Return id, lines and label of each labelled derivation, in order.

    Raises NotCommitted, and BadLabels where labels and derivations do not go together.
    """
    from ideas_lib.essays.boring_parts.labels import check_labels, read_labels
    from studies.boring_parts.asking import recorded_derivations
    from studies.boring_parts.labelling import in_order, labels_file

    path = labels_file()
    _check_committed(path)
    derivations, labels = recorded_derivations(), read_labels(path)
    check_labels(labels, derivations)
    own = {label.id: label for label in labels if label.by == SETTINGS["labeller"]}
    return [(id, derivations[id], own[id]) for id in in_order(derivations) if id in own]


def _check_committed(path: Any) -> None:
    for command in (["ls-files", "--error-unmatch"], ["diff", "--quiet", "HEAD", "--"]):
        done = subprocess.run(["git", *command, str(path)], cwd=root(), capture_output=True)
        if done.returncode:
            raise NotCommitted(f"{path.name} is not committed as it is: commit it, then run")


def of_equation(seed: int) -> list[tuple[list[str], Any]]:
    """Return the broken derivations of a seed's equation, with their labels.

    Raises LookupError where there are fewer such equations.
    """
    from studies.boring_parts.labelling import broken_equations, equation_of

    all_of = labelled()
    broken = broken_equations([label for *_, label in all_of])
    if seed - SEEDS[0] >= len(broken):
        raise LookupError(f"{len(broken)} equations have a broken derivation: label more")
    wanted = broken[seed - SEEDS[0]]
    return [
        (lines, label)
        for id, lines, label in all_of
        if equation_of(id) == wanted and label.broken is not None
    ]


def judged(arm: str, lines: list[str]) -> tuple[int | None, bool, dict[str, Any]]:
    """Return the line an arm objects to, whether it is sure, and what else it says."""
    from ideas_lib.essays.boring_parts.causes import name_cause, tried_with_other_numbers
    from ideas_lib.essays.boring_parts.limited import shared_process
    from ideas_lib.essays.boring_parts.rivals import first_objection
    from ideas_lib.essays.boring_parts.step_checking import check_derivation

    ask = shared_process(SETTINGS["seconds"])
    if arm in ASKED_TOO:
        key = ask("solutions", lines[0]).get("values", [])
        return first_objection(arm, lines, key, ask), True, {}
    found = check_derivation(lines, ask)
    broken, sure, more = found.broken, found.sure, {}
    if arm == NUMBERS:
        for number in range(1, len(lines) if broken is None else broken):
            luck = tried_with_other_numbers(lines[number - 1], found.lines[number], ask)
            if luck is not None:
                broken, sure, more["luck"] = number, True, luck.cause
                break
    if broken is not None:
        more["cause"] = name_cause(lines[broken - 1], found.lines[broken])
    more["verdicts"] = [line.verdict for line in found.lines]
    return broken, sure, more


def of_broken(arm: str, seed: int) -> dict[str, Any]:
    """Say how an arm does on the broken derivations of an equation, on average over them."""
    if arm == BAR:
        return {"right": THE_BAR}
    return scored(arm, [(lines, each.broken, each.cause) for lines, each in of_equation(seed)])


def scored(arm: str, derivations: list[tuple[list[str], int | None, str]]) -> dict[str, Any]:
    """Return the shares of derivations in which an arm finds what is known of them.

    `right`: it names the first broken line, or that there is none, and is sure. `unknown`: it is
    not sure. `early`, `late`: it names another line. `named`, `cause`: of lines that are right,
    whether a cause is named, and is the one. `harmless`: the broken line changes no solution.
    """
    found: dict[str, list[float]] = {}

    def note(name: str, so: bool) -> None:
        found.setdefault(name, []).append(float(so))

    for lines, broken, cause in derivations:
        said, sure, more = judged(arm, lines)
        right = sure and said == broken
        note("right", right)
        note("unknown", not sure)
        note("early", sure and said is not None and (broken is None or said < broken))
        note("late", sure and broken is not None and (said is None or said > broken))
        if "verdicts" in more and broken is not None:
            note("harmless", more["verdicts"][broken] in ("kept", "a case"))
        if right and broken is not None and arm in (SETS, NUMBERS):
            named = more.get("luck") or more.get("cause") or ""
            note("named", bool(named))
            note("cause", named == cause)
    return {name: float(np.mean(values)) for name, values in found.items()}


def of_sound(arm: str, seed: int) -> dict[str, Any]:
    """Say of each equation how often an arm objects to, or does not know, what is not broken."""
    from studies.boring_parts.labelling import equation_of

    alarms: dict[str, list[int]] = {}
    unknown: dict[str, list[int]] = {}
    for id, lines, label in labelled():
        if label.broken is None:
            said, sure, _ = judged(arm, lines)
            place = str(equation_of(id))
            alarms.setdefault(place, []).append(int(sure and said is not None))
            unknown.setdefault(place, []).append(int(not sure))
    return {"alarms": alarms, "unknown": unknown}


def of_labellers(arm: str, seed: int) -> dict[str, Any]:
    """Count the derivations that somebody else has labelled, too, and where both say one thing."""
    from ideas_lib.essays.boring_parts.labels import read_labels
    from studies.boring_parts.labelling import labels_file

    first = {id: label for id, _, label in labelled()}
    others = [each for each in read_labels(labels_file()) if each.by != SETTINGS["labeller"]]
    twice = [(first[each.id], each) for each in others if each.id in first]
    return {
        "both": len(twice),
        "same line": sum(one.broken == other.broken for one, other in twice),
        "same cause": sum(
            one.broken == other.broken and one.cause == other.cause for one, other in twice
        ),
        "labelled": len(first),
    }


def weeks_of(seed: int, count: int, rush: float | None = None, **other: float) -> list[Any]:
    """Draw a seed's weeks; `other` multiplies what was drawn."""
    from ideas_lib.essays.boring_parts.office_hours import sample_hours

    found = []
    for k in range(count):
        week = sample_hours(np.random.default_rng([seed, k]), rush)
        scaled = {name: SETTINGS.get(name, 1.0) * other.get(name, 1.0)
                  for name in ("freed", "rush_hours", "patience", "questions")}  # fmt: skip
        found.append(replace(week, **{n: getattr(week, n) * by for n, by in scaled.items()}))
    return found


def lived(way: str, week: Any, seed: int, bank: bool = False) -> tuple[float, float]:
    """Return the share of a week's questions that go unanswered, and the mean wait in hours."""
    from ideas_lib.essays.boring_parts.office_hours import WEEK, answered, question_times, week_of

    if way == FREED:
        sessions = week_of(min(week.hours * (1 + week.freed), WEEK), late=False)
    elif way == HALF:
        sessions = week_of(week.hours / 2, late=False)
        late = week_of(week.hours / 2, late=True)
        sessions = _joined(sessions, late)
    else:
        sessions = week_of(week.hours, late=way == MOVED)
    if way == WAYS[-1]:
        week = replace(week, questions=week.questions * 2 / 3)
    lost, waited, asked = 0, 0.0, 0
    for again in range(AGAIN):
        rng = np.random.default_rng([seed, again])
        shape = bank_week(rng) if bank else None
        times = question_times(week, rng, shape)
        lengths = rng.exponential(week.minutes / 60, times.size)
        got, waits = answered(times, lengths, sessions, week.patience)
        lost, asked, waited = lost + int((~got).sum()), asked + times.size, waited + waits.sum()
    return lost / max(asked, 1), float(waited) / max(asked, 1)


def _joined(early: Any, late: Any) -> Any:
    """Return office hours before the late ones begin, and the late ones, as many in all."""
    kept = early[early[:, 1] <= late[0, 0]]
    missing = (early[:, 1] - early[:, 0]).sum() - (kept[:, 1] - kept[:, 0]).sum()
    return np.vstack([kept, [[late[0, 0] - missing, late[0, 1]]]])


def bank_week(rng: Any) -> Any:
    """Return the calls of one week to the bank, by lot."""
    from ideas_lib.datasets.bank_calls import load_bank_weeks

    weeks = load_bank_weeks()
    return weeks[rng.integers(len(weeks))]


def of_weeks(arm: str, seed: int) -> dict[str, float]:
    """Live through a seed's weeks in one way."""
    weeks = weeks_of(seed, EACH)
    found = np.array([lived(arm, week, seed + 1000 * k) for k, week in enumerate(weeks)])
    return {"unanswered": float(found[:, 0].mean()), "wait": float(found[:, 1].mean())}


def compared(seed: int, weeks: list[Any], bank: bool = False) -> dict[str, float]:
    """Return in what share of weeks moving clearly beats freeing, and the other way round."""
    both = np.array([
        [lived(way, week, seed + 1000 * k, bank)[0] for way in (MOVED, FREED)]
        for k, week in enumerate(weeks)
    ])  # fmt: skip
    better = both[:, 1] - both[:, 0]
    return {
        "moving": float((better >= CLEAR).mean()),
        "freeing": float((better <= -CLEAR).mean()),
        "spared": float(better.mean()),
    }


def of_rush(arm: str, seed: int) -> dict[str, float]:
    """Compare moving with freeing where so large a share of questions comes in the rush."""
    return compared(seed, weeks_of(seed, EACH // 2, rush=float(arm)))


def of_assumed(arm: str, seed: int) -> dict[str, float]:
    """Compare moving with freeing where something else is assumed."""
    other = dict(ASSUMED[arm])
    bank = other.pop("bank", False)
    return compared(seed, weeks_of(seed, EACH, **other), bank)


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Check twelve derivations that were prepared, in which what is broken is known."""
    from ideas_lib.essays.boring_parts.prepared import prepare_derivations

    if arm == BAR:
        return {"right": THE_BAR}
    known = [(list(each.lines), each.broken, each.cause) for each in prepare_derivations(seed)]
    return scored(arm, known)


STUDY = Study(
    slug="boring-parts",
    title="The boring parts of education",
    prediction=Prediction(
        claim="Of derivations by two models in which somebody found a broken line, comparing"
        " solutions names that line, and no other, in at least 85 of 100.",
        outcome="right",
        idea=SETS,
        baseline=BAR,
        margin=0.05,
        confidence=0.4,
        change_our_mind="An interval below 85 in 100: then it sends too many people to the wrong"
        " line to be let loose on a class.",
    ),
    experiments=(
        Experiment("broken", (SETS, BAR, *CHECKERS[1:]), of_broken, SEEDS, seconds=2),
        Experiment("sound", CHECKERS, of_sound, SEEDS[:1], seconds=60),
        Experiment("labellers", ("both",), of_labellers, SEEDS[:1], seconds=1),
        Experiment("weeks", WAYS, of_weeks, WEEKS, seconds=2),
        Experiment("rush", RUSHES, of_rush, WEEKS, seconds=2),
        Experiment("assumptions", tuple(ASSUMED), of_assumed, WEEKS, seconds=4),
    ),
    reader=reader,
    tolerance=0.02,
)
