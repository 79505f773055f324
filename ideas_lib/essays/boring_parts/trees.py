"""Expressions as tuples: their value at a number, what they need to mean anything, their numbers.

What the tuples are is said in `line_reading`. Nothing here needs SymPy.
"""

import cmath
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from ideas_lib.essays.boring_parts.line_reading import Equation, Statement, Tree

__all__ = [
    "constants",
    "equation_gap",
    "map_constants",
    "needs",
    "parts",
    "same_value",
    "spelled",
    "tree_value",
]

NEAR = 1e-9


def parts(tree: Tree) -> Iterator[Tree]:
    """Yield an expression and all expressions within it, itself first."""
    yield tree
    for each in tree[1:]:
        if isinstance(each, tuple):
            yield from parts(each)


def tree_value(tree: Tree, x: complex) -> complex:
    """Return the value at x, over the complex numbers; NaN where it would divide by zero."""
    kind, *inner = tree
    if kind == "n":
        return complex(inner[0])
    if kind == "x":
        return complex(x)
    first = tree_value(inner[0], x)
    if kind == "neg":
        return -first
    if kind == "abs":
        return complex(abs(first))
    if kind == "sqrt":
        return cmath.sqrt(first)
    if kind == "^":
        return complex(first ** int(inner[1]))
    second = tree_value(inner[1], x)
    if kind == "+":
        return first + second
    if kind == "*":
        return first * second
    return first / second if abs(second) > NEAR else complex("nan")


def equation_gap(equation: Equation, x: complex) -> complex:
    """Return left minus right at x."""
    return tree_value(equation.left, x) - tree_value(equation.right, x)


def same_value(one: complex, other: complex) -> bool:
    """Say whether two values are one, to nine digits; NaN is like nothing."""
    return abs(one - other) <= NEAR * (1 + abs(one))


def needs(tree: Tree) -> tuple[list[Tree], list[Tree]]:
    """Return what must not be zero, for it is divided by, and what must not be negative."""
    inside = list(parts(tree))
    divisors = [each[2] for each in inside if each[0] == "/"]
    return divisors, [each[1] for each in inside if each[0] == "sqrt"]


def constants(tree: Tree) -> list[Fraction]:
    """Return the numbers of an expression, in the order in which they stand; no powers."""
    return [each[1] for each in parts(tree) if each[0] == "n"]


def map_constants(tree: Tree, change: Callable[[Fraction], Fraction]) -> Tree:
    """Return the expression with other numbers in the place of its own; powers stay."""
    if tree[0] == "n":
        return ("n", change(tree[1]))
    return tuple(map_constants(each, change) if isinstance(each, tuple) else each for each in tree)


def spelled(what: Statement | Equation | Tree, letter: str = "x") -> str:
    """Write a statement, equation or expression as one would, so that it reads as the same."""
    if isinstance(what, Statement):
        if what.everything:
            return "all real numbers"
        return " or ".join(spelled(each, letter) for each in what.equations) or "no solution"
    if isinstance(what, Equation):
        return f"{_text(what.left, letter)} = {_text(what.right, letter)}"
    return _text(what, letter)


def _text(tree: Tree, letter: str, level: int = 0) -> str:
    """Return the text, in brackets if `level` asks: 1 in a product, 2 a divisor, 3 a base."""
    kind, *inner = tree
    if kind == "n":
        value: Any = inner[0]
        text = str(value)
        return f"({text})" if level and (value < 0 or value.denominator > 1) else text
    if kind == "x":
        return letter
    if kind in ("sqrt", "abs"):
        text = _text(inner[0], letter)
        return f"|{text}|" if kind == "abs" and "|" not in text else f"{kind}({text})"
    if kind == "+":
        minus = inner[1][0] == "neg"
        more = _text(inner[1][1] if minus else inner[1], letter, 1 if minus else 0)
        text, least = f"{_text(inner[0], letter)} {'-' if minus else '+'} {more}", 1
    elif kind == "neg":
        text, least = f"-{_text(inner[0], letter, 1)}", 1
    elif kind == "^":
        text, least = f"{_text(inner[0], letter, 3)}^{inner[1]}", 3
    elif kind == "/":
        text, least = f"{_text(inner[0], letter, 1)}/{_text(inner[1], letter, 2)}", 2
    else:
        one, other = _text(inner[0], letter, 1), _text(inner[1], letter, 2)
        plain = inner[0][0] != "/" and not other[0].isdigit()
        text, least = one + ("" if plain else "*") + other, 2
    return f"({text})" if level >= least else text
