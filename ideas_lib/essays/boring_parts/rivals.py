"""Simpler checkers, each with the one idea that a teacher might start with.

Each returns the number of the first line that it objects to, or None; line 0 is the equation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ideas_lib.essays.boring_parts.line_reading import Statement, Unreadable, read_statement
from ideas_lib.essays.boring_parts.trees import equation_gap, needs, tree_value

__all__ = ["RIVALS", "first_objection"]

Ask = Callable[..., Any]

NEAR = 1e-6
ROUNDED = 2


def _by_answer(lines: Sequence[str], key: Sequence[float], ask: Ask) -> int | None:
    """Object to the last line that can be read, if it is not the answer."""
    for number in range(len(lines) - 1, 0, -1):
        try:
            statement = read_statement(lines[number])
        except Unreadable:
            continue
        said = _plain_answer(statement)
        if said is not None and len(said) == len(key):
            if all(any(abs(a - k) <= far for a, far in said) for k in key):
                return None
        return number
    return None


def _by_key(lines: Sequence[str], key: Sequence[float], ask: Ask) -> int | None:
    """Object to the first line in which one of the true answers, put in, does not fit."""
    for number, line in enumerate(lines[1:], 1):
        try:
            statement = read_statement(line)
        except Unreadable:
            continue
        if statement.everything:
            continue
        if not statement.equations and key:
            return number
        if not all(_fits(statement, value) for value in key):
            return number
    return None


def _by_difference(lines: Sequence[str], key: Sequence[float], ask: Ask) -> int | None:
    """Object to the first line whose left minus right is not what it was in the line before."""
    return _by_pairs(lines, "same_difference", ask)


def _by_ratio(lines: Sequence[str], key: Sequence[float], ask: Ask) -> int | None:
    """Object to the first line whose left minus right is no multiple of what it was before."""
    return _by_pairs(lines, "constant_ratio", ask)


def _by_pairs(lines: Sequence[str], job: str, ask: Ask) -> int | None:
    for number in range(1, len(lines)):
        if ask(job, lines[number - 1], lines[number]) is False:
            return number
    return None


RIVALS: Mapping[str, Callable[[Sequence[str], Sequence[float], Ask], int | None]] = {
    "answer alone": _by_answer,
    "same difference": _by_difference,
    "same ratio": _by_ratio,
    "answer put in": _by_key,
}


def first_objection(rival: str, lines: Sequence[str], key: Sequence[float], ask: Ask) -> int | None:
    """Return the first line that one of `RIVALS` objects to, or None.

    `key` are the true solutions, which "answer alone" and "answer put in" are told; the other two
    compare lines, pass over what is not one equation, and need no key. Raises KeyError.
    """
    return RIVALS[rival](lines, key, ask)


def _plain_answer(statement: Statement) -> list[tuple[float, float]] | None:
    """Return the numbers of `x = 2 or x = 3`, and how far each may be off; None for other lines."""
    if statement.everything:
        return None
    found = []
    for each in statement.equations:
        if each.left != ("x",) or _has_unknown(each.right):
            return None
        far = 0.5001 * 10.0**-each.decimals if each.decimals >= ROUNDED else NEAR
        found.append((tree_value(each.right, 0).real, far))
    return found


def _has_unknown(tree: Any) -> bool:
    return tree == ("x",) or any(_has_unknown(each) for each in tree[1:] if isinstance(each, tuple))


def _fits(statement: Statement, value: float) -> bool:
    for each in statement.equations:
        far = 0.5001 * 10.0**-each.decimals if each.decimals >= ROUNDED else NEAR
        outside = [v for side in (each.left, each.right) for v in needs(side)[1]]
        real = all(tree_value(inside, value).real > -NEAR for inside in outside)
        if real and abs(equation_gap(each, value)) <= far * (1 + abs(value) * (far == NEAR)):
            return True
    return False
