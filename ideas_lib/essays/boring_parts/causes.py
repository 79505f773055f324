"""By what a step broke, where that can be said; and whether a step that did no harm was lucky.

A cause is named where one of the mal-rules makes the next line of the line before it, side by side
or up to a factor, by the values of both at a few numbers. Where none does, no cause is named.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ideas_lib.essays.boring_parts.line_reading import Equation, Tree, Unreadable, read_statement
from ideas_lib.essays.boring_parts.mal_rules import MAL_RULES, right_steps
from ideas_lib.essays.boring_parts.step_checking import GAINED, KEPT, LOST, NOT, CheckedLine
from ideas_lib.essays.boring_parts.trees import (
    constants,
    map_constants,
    same_value,
    spelled,
    tree_value,
)

__all__ = ["Luck", "name_cause", "tried_with_other_numbers"]

Ask = Callable[..., Any]
Alike = Callable[[Equation, Equation], bool]

POINTS = (0.7318, -1.4142, 2.2361, 3.6055, -2.6457, 5.1961)  # no root of a textbook's
LOSING = ("one root", "divided by the unknown")  # they lose, and let nothing in
TRIES = 4
SHORT = 5  # coefficients that a side is read off by


@dataclass(frozen=True)
class Luck:
    """A wrong step that did no harm: its cause, and the same step where it does."""

    cause: str
    before: str
    after: str


def name_cause(before: str, line: CheckedLine, letter: str = "") -> str:
    """Return the cause of `labels.CAUSES` by which a line broke; empty where none can be named."""
    if line.verdict == GAINED:
        return "not checked"
    if line.verdict not in (LOST, NOT):
        return ""
    both = _equations(before, line.text, letter)
    if both is None:
        return _of_cases(before, letter, line)
    one, others = both
    if cause := _by_rule(one, others, line.verdict, _side_by_side, MAL_RULES):
        return cause
    if _is_copied(one, others):
        return "copied"
    if cause := _by_rule(one, others, line.verdict, _up_to_a_factor, ("sign", *LOSING)):
        return cause
    if _is_arithmetic(one, others):
        return "arithmetic"
    cause = _by_rule(one, others, line.verdict, _up_to_a_factor, MAL_RULES)
    return cause or ("one root" if line.verdict == LOST else "")


def _by_rule(
    one: Equation, others: Sequence[Equation], verdict: str, alike: Alike, causes: Iterable[str]
) -> str:
    for cause in causes:
        if verdict == NOT and cause in LOSING:
            continue
        if any(alike(made, other) for made in MAL_RULES[cause](one) for other in others):
            return cause
    return ""


def _equations(before: str, after: str, letter: str) -> tuple[Equation, list[Equation]] | None:
    """Return one equation, and those that became of it; None where there were several before."""
    try:
        one, other = read_statement(before, letter), read_statement(after, letter)
    except Unreadable:
        return None
    if len(one.equations) != 1 or not other.equations:
        return None
    return one.equations[0], list(other.equations)


def _of_cases(before: str, letter: str, line: CheckedLine) -> str:
    try:
        several = len(read_statement(before, letter).equations) > 1
    except Unreadable:
        return ""
    return "one root" if several and line.verdict == LOST else ""


def _is_copied(one: Equation, others: Sequence[Equation]) -> bool:
    """Say whether one number alone is another than in the line before, and nothing else is."""
    if len(others) != 1 or _shape(one) != _shape(others[0]):
        return False
    pairs = zip(_all_constants(one), _all_constants(others[0]), strict=True)
    return sum(a != b for a, b in pairs) == 1


def _is_arithmetic(one: Equation, others: Sequence[Equation]) -> bool:
    """Say whether a right step would have led here, but for one coefficient."""
    if len(others) != 1:
        return False
    said = [_coefficients(side) for side in (others[0].left, others[0].right)]
    if any(each is None for each in said):
        return False
    for made in right_steps(one):
        for sides in ((made.left, made.right), (made.right, made.left)):
            meant = [_coefficients(side) for side in sides]
            if any(each is None for each in meant):
                continue
            off = [
                not same_value(a, b)
                for side, mine in zip(meant, said, strict=True)
                for a, b in zip(side or (), mine or (), strict=True)
            ]
            if sum(off) == 1:
                return True
    return False


def _shape(equation: Equation) -> tuple[Tree, Tree]:
    blank = (map_constants(side, lambda _: Fraction(0)) for side in (equation.left, equation.right))
    left, right = blank
    return left, right


def _all_constants(equation: Equation) -> list[Fraction]:
    return constants(equation.left) + constants(equation.right)


def _coefficients(side: Tree) -> tuple[float, ...] | None:
    """Return a polynomial's coefficients, up to the third power; None for what is none."""
    at = np.array(POINTS[:SHORT])
    values = [tree_value(side, x) for x in at]
    if any(abs(v.imag) > 1e-12 or not np.isfinite(v.real) for v in values):
        return None
    found = np.linalg.solve(np.vander(at, SHORT, increasing=True), [v.real for v in values])
    last = sum(c * POINTS[SHORT] ** k for k, c in enumerate(found))
    rest = tree_value(side, POINTS[SHORT])
    fits = abs(last - rest) <= 1e-7 * (1 + abs(rest)) and abs(found[-1]) < 1e-7
    return tuple(float(round(c, 7)) for c in found[:-1]) if fits else None


def _side_by_side(made: Equation, other: Equation) -> bool:
    sides = ((made.left, other.left, made.right, other.right),
             (made.left, other.right, made.right, other.left))  # fmt: skip
    return any(_same(a, b) and _same(c, d) for a, b, c, d in sides)


def _explains(made: Equation, other: Equation) -> bool:
    return _side_by_side(made, other) or _up_to_a_factor(made, other)


def _same(one: Tree, other: Tree) -> bool:
    return all(same_value(tree_value(one, x), tree_value(other, x)) for x in POINTS)


def _up_to_a_factor(made: Equation, other: Equation) -> bool:
    """Say whether left minus right of both differ by a factor, at all numbers that are tried."""
    ratios = []
    for x in POINTS:
        below = tree_value(other.left, x) - tree_value(other.right, x)
        above = tree_value(made.left, x) - tree_value(made.right, x)
        if abs(below) < 1e-12 or not np.isfinite(above):
            return False
        ratios.append(above / below)
    return abs(ratios[0]) > 1e-12 and all(same_value(ratios[0], each) for each in ratios)


def tried_with_other_numbers(
    before: str, line: CheckedLine, ask: Ask, letter: str = "", seed: int = 0
) -> Luck | None:
    """Take a step that did no harm again, with other numbers; return where it does harm, or None.

    Only steps that no right one explains are looked at: those whose two sides, subtracted, are no
    multiple of what they were.
    """
    both = _equations(before, line.text, letter) if line.verdict == KEPT else None
    if both is None or len(both[1]) != 1:
        return None
    one, other = both[0], both[1][0]
    if any(_explains(made, other) for made in right_steps(one)):
        return None
    for cause, rule in MAL_RULES.items():
        for place, made in enumerate(rule(one)):
            if _explains(made, other):
                found = _harm(one, cause, place, ask, letter, seed)
                if found:
                    return found
    return None


def _harm(one: Equation, cause: str, place: int, ask: Ask, letter: str, seed: int) -> Luck | None:
    """Return the step with other numbers, if most of the tries change what solves it."""
    rng, harmed, tried = random.Random(seed), [], 0
    for _ in range(TRIES):
        drawn: dict[Fraction, Fraction] = {}

        def other(value: Fraction, drawn: dict[Fraction, Fraction] = drawn) -> Fraction:
            free = [Fraction(n) for n in range(2, 13) if n != value and n not in drawn.values()]
            return drawn.setdefault(value, rng.choice(free) if free else value + 1)

        changed = Equation(map_constants(one.left, other), map_constants(one.right, other))
        made = list(MAL_RULES[cause](changed))
        if place >= len(made):
            continue
        texts = [spelled(each, letter or "x") for each in (changed, made[place])]
        sets = [ask("solutions", text, letter) for text in texts]
        if any("values" not in each for each in sets):
            continue
        tried += 1
        if sets[0]["values"] != sets[1]["values"]:
            harmed.append(Luck(cause, *texts))
    return harmed[0] if 2 * len(harmed) > tried else None
