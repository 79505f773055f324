"""The step checker: what became of the solutions at each line, and which line broke first.

A line is compared with the line before it by what solves them, over the real numbers. Not every
change is a mistake: squaring lets solutions in, and a later line may throw them out again. The
first broken line is the first that loses a solution of the equation as it was given, or that lets
one in which is still there at the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ideas_lib.essays.boring_parts.line_reading import Statement, Unreadable, read_statement
from ideas_lib.essays.boring_parts.trees import constants, parts

__all__ = ["Checked", "CheckedLine", "check_derivation"]

Ask = Callable[..., Any]
Solved = dict[str, Any]  # what `solving.solutions` returns

GIVEN, KEPT, LOST, GAINED = "given", "kept", "lost", "gained"
CASE, THROWN_OUT, NOT, UNKNOWN = "a case", "thrown out", "does not follow", "I do not know"
ROUNDED = 2  # digits after the point from which on a number may be a rounded one
EVERYTHING = "everything"


@dataclass(frozen=True)
class CheckedLine:
    """One line of a derivation, and what was found of it.

    `verdict` is `given`, `kept`, `lost`, `gained`, `a case` (where cases follow one another),
    `thrown out` (of what an earlier line had let in), `does not follow` (it loses and gains) or
    `I do not know`, for which `why` has the reason.
    `values` are what solves it; None where that is every number, or is not known.
    """

    text: str
    verdict: str
    values: tuple[float, ...] | None = None
    lost: tuple[float, ...] = ()
    gained: tuple[float, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Checked:
    """A checked derivation: its lines, the number of the first broken one, and whether it is sure.

    It is not sure where a line that could not be read, or solved, may be the broken one.
    """

    lines: tuple[CheckedLine, ...]
    broken: int | None
    sure: bool


def check_derivation(lines: Sequence[str], ask: Ask) -> Checked:
    """Check a derivation; line 0 is the equation as it was given. `ask` is a `limited.Limited`.

    Raises ValueError where there is no line.
    """
    if not lines:
        raise ValueError("a derivation has a line at least: the equation")
    letter = _letter(lines[0])
    sets = [ask("solutions", text, letter) for text in lines]
    if "why" in sets[0]:
        why = [each.get("why", "the equation is not known") for each in sets]
        found = [CheckedLine(text, UNKNOWN, why=why[k]) for k, text in enumerate(lines)]
        return Checked(tuple(found), None, False)
    found, last = [CheckedLine(lines[0], GIVEN, _values(sets[0]))], sets[0]
    extra: dict[float, int] = {}  # what came in, and at which line
    broken: int | None = None
    sure, unread = True, False  # whether something was not known since the last line that was
    cases: Solved = {}  # what all further lines are cases of
    for number, text in enumerate(lines[1:], 1):
        now = _as_meant(sets[number], cases or last)
        if "why" in now:
            found.append(CheckedLine(text, UNKNOWN, why=now["why"]))
            unread = True
            continue
        if _is_trial(text, letter, now, last):
            found.append(CheckedLine(text, KEPT, _values(now), why="numbers put in"))
            continue
        line = _compared(text, now, last, extra)
        if line.verdict == LOST and not cases and _are_cases(sets[number:], last, extra):
            cases = last
        if cases:
            line = CheckedLine(text, CASE, _values(now))
        found.append(line)
        extra |= dict.fromkeys(line.gained, number)
        wrong = line.verdict in (LOST, NOT) or (not cases and _of_all(now, last))
        if broken is None and wrong:
            broken, sure = number, not unread
        last, unread = now, False
    still = [at for value, at in extra.items() if value in last.get("values", ())]
    if still and (broken is None or min(still) < broken):
        broken = min(still)
        sure = found[broken - 1].verdict != UNKNOWN
    if broken is None:
        sure = all(line.verdict != UNKNOWN for line in found)
    return Checked(tuple(found), broken, sure)


def _are_cases(rest: Sequence[Solved], whole: Solved, extra: dict[float, int]) -> bool:
    """Say whether all further lines are about cases of a line, one after the other, and all are."""
    if "values" not in whole:
        return False
    parts = [_as_meant(each, whole).get("values") for each in rest if "why" not in each]
    if not all(part and set(part) < set(whole["values"]) for part in parts):
        return False
    due = set(whole["values"]) - set(extra)
    return due <= {value for part in parts for value in part or ()}


def _letter(text: str) -> str:
    try:
        return read_statement(text).letter
    except Unreadable:
        return ""


def _values(now: Solved) -> tuple[float, ...] | None:
    return None if EVERYTHING in now else tuple(now["values"])


def _as_meant(now: Solved, last: Solved) -> Solved:
    """Return what solves a line, by the last line's numbers if they are the same, or rounded."""
    if "why" in now or EVERYTHING in now or "values" not in last:
        return now
    meant = []
    for value, decimals in zip(now["values"], now["decimals"], strict=True):
        far = 0.5001 * 10.0**-decimals if decimals >= ROUNDED else 0.0
        close = [v for v in last["values"] if abs(v - value) <= max(far, 1e-9 * (1 + abs(v)))]
        meant.append(close[0] if close else value)
    return {"values": meant}


def _is_trial(text: str, letter: str, now: Solved, last: Solved) -> bool:
    """Say whether a line without the unknown is true and puts numbers in, as `sqrt(9) = 3` does."""
    if EVERYTHING not in now or EVERYTHING in last:
        return False
    statement: Statement = read_statement(text, letter)
    sides = [side for each in statement.equations for side in (each.left, each.right)]
    plain = all(len(list(parts(side))) == 1 for side in sides)
    return bool(sides) and not plain and sum(len(constants(side)) for side in sides) > 1


def _of_all(now: Solved, last: Solved) -> bool:
    """Say whether a line is solved by every number, or one after it by fewer."""
    return (EVERYTHING in now) != (EVERYTHING in last)


def _compared(text: str, now: Solved, last: Solved, extra: dict[float, int]) -> CheckedLine:
    if EVERYTHING in now or EVERYTHING in last:
        same = EVERYTHING in now and EVERYTHING in last
        verdict = KEPT if same else GAINED if EVERYTHING in now else LOST
        return CheckedLine(text, verdict, _values(now))
    lost = tuple(value for value in last["values"] if value not in now["values"])
    gained = tuple(value for value in now["values"] if value not in last["values"])
    line = CheckedLine(text, KEPT, _values(now), lost, gained)
    if lost and gained:
        return replace(line, verdict=NOT)
    if lost:
        only_extra = all(value in extra for value in lost)
        return replace(line, verdict=THROWN_OUT if only_extra else LOST)
    return replace(line, verdict=GAINED) if gained else line
