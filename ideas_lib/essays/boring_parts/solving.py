"""What solves a line, over the real numbers, by SymPy. Slow, now and then for ever: see `limited`.

Candidates are SymPy's, and each is put into the line as it was written, so that nothing that makes
a divisor zero or a root's inside negative is taken for a solution. Where the two sides cross at a
number that is not among them, SymPy has missed one, and the answer is that it is not known.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy
from sympy import Abs, Add, Mul, Pow, Rational, S, Symbol, solveset

from ideas_lib.essays.boring_parts.line_reading import Equation, Tree, Unreadable, read_statement
from ideas_lib.essays.boring_parts.trees import equation_gap, needs, tree_value

__all__ = ["constant_ratio", "same_difference", "solutions"]

X = Symbol("x", real=True)
TINY = 1e-12
FURTHEST = 60.0  # where crossings are looked for, either side of zero
MOST_ROOTS = 12


def solutions(line: str, letter: str = "") -> dict[str, Any]:
    """Return the solutions of a line: `roots`, as text, and their `values`; or `everything`.

    `decimals` has, for each root, the digits of a bare decimal, which may be rounded. Where it is
    not known, `why` says so. Nothing is raised.
    """
    try:
        statement = read_statement(line, letter)
        if statement.everything:
            return {"everything": True}
        found: dict[float, tuple[str, int]] = {}
        for equation in statement.equations:
            roots = _roots(equation)
            if roots is None:
                return {"everything": True}
            for root in roots:
                found.setdefault(float(root), (str(root), equation.decimals))
    except Unreadable as error:
        return {"why": str(error)}
    if len(found) > MOST_ROOTS:
        return {"why": f"it has {len(found)} solutions"}
    values = sorted(found)
    return {
        "values": values,
        "roots": [found[value][0] for value in values],
        "decimals": [found[value][1] for value in values],
    }


def same_difference(one: str, other: str, letter: str = "") -> bool | None:
    """Say whether left minus right simplifies to the same in two lines; None: not one equation."""
    both = _differences(one, other, letter)
    return None if both is None else bool(sympy.simplify(both[0] - both[1]) == 0)


def constant_ratio(one: str, other: str, letter: str = "") -> bool | None:
    """Say whether left minus right of two lines differ by a factor; None: not one equation."""
    both = _differences(one, other, letter)
    if both is None:
        return None
    if both[0] == 0 or both[1] == 0:
        return bool(sympy.simplify(both[0] - both[1]) == 0)
    ratio = sympy.simplify(both[0] / both[1])
    return bool(ratio.is_number and ratio != 0)


def _differences(one: str, other: str, letter: str) -> tuple[Any, Any] | None:
    try:
        both = [read_statement(line, letter) for line in (one, other)]
    except Unreadable:
        return None
    if any(len(each.equations) != 1 for each in both):
        return None
    first, second = (each.equations[0] for each in both)
    return _gap(first), _gap(second)


def _gap(equation: Equation) -> Any:
    return _symbolic(equation.left) - _symbolic(equation.right)


def _symbolic(tree: Tree) -> Any:
    kind, *inner = tree
    if kind == "n":
        return Rational(inner[0].numerator, inner[0].denominator)
    if kind == "x":
        return X
    if kind == "^":
        return Pow(_symbolic(inner[0]), int(inner[1]))
    args = [_symbolic(each) for each in inner]
    if kind == "/":
        if args[1].is_zero:
            raise Unreadable("it divides by zero")
        return args[0] / args[1]
    made: Mapping[str, Any] = {"neg": lambda a: -a, "sqrt": sympy.sqrt, "abs": Abs}
    return {"+": Add, "*": Mul}[kind](*args) if kind in ("+", "*") else made[kind](*args)


def _roots(equation: Equation) -> list[Any] | None:
    """Return an equation's real solutions, None where every number is one. Raises Unreadable."""
    gap = _gap(equation)
    divisors, insides = (
        [_symbolic(each) for side in both for each in side]
        for both in zip(needs(equation.left), needs(equation.right), strict=True)
    )
    if gap.is_number:
        return _of_numbers(gap, [*divisors, *insides])
    if sympy.simplify(gap) == 0:
        if any(not each.is_number for each in [*divisors, *insides]):
            raise Unreadable("nearly every number solves it, and not all")
        return None
    found = _candidates(gap)
    kept = [root for root in found if _solves(root, gap, divisors, insides)]
    _check_crossings(equation, [float(root) for root in kept])
    return kept


def _of_numbers(gap: Any, conditions: Sequence[Any]) -> list[Any] | None:
    """Return what solves a line without the unknown: nothing, or, None, everything."""
    value = complex(gap)
    if abs(value) > TINY:
        return []
    if any(not each.is_number for each in conditions):
        raise Unreadable("nearly every number solves it, and not all")
    return None


def _candidates(gap: Any) -> list[Any]:
    numerator = sympy.together(gap).as_numer_denom()[0]
    for expression in dict.fromkeys([gap, numerator]):
        try:
            found = solveset(expression, X, S.Reals)
        except (NotImplementedError, ValueError, TypeError):
            continue
        found = found.doit() if isinstance(found, sympy.Complement | sympy.Intersection) else found
        if found is S.EmptySet:
            return []
        if isinstance(found, sympy.FiniteSet) and all(root.is_number for root in found):
            return list(found)
    raise Unreadable("its solutions are not finitely many numbers that SymPy finds")


def _solves(root: Any, gap: Any, divisors: Sequence[Any], insides: Sequence[Any]) -> bool:
    """Say whether a candidate solves what was written, by 30 digits."""
    if not root.is_real:
        return False
    at = [each.subs(X, root).evalf(30) for each in (gap, *divisors, *insides)]
    if any(not each.is_number or not each.is_finite for each in at):
        return False
    values = [complex(each) for each in at]
    k = 1 + len(divisors)
    return (
        abs(values[0]) < 1e-9
        and all(abs(value) > TINY for value in values[1:k])
        and all(value.real > -TINY and abs(value.imag) < TINY for value in values[k:])
    )


def _check_crossings(equation: Equation, values: Sequence[float]) -> None:
    """Raise Unreadable where the two sides cross, without a jump, at no known solution."""
    insides = needs(equation.left)[1] + needs(equation.right)[1]
    grid = np.linspace(-FURTHEST, FURTHEST, 481) + 0.0137
    gaps = np.array([equation_gap(equation, float(x)) for x in grid])
    real = np.isfinite(gaps.real) & (np.abs(gaps.imag) < TINY)
    for k in np.flatnonzero(real[:-1] & real[1:] & (gaps.real[:-1] * gaps.real[1:] < 0)):
        low, high = float(grid[k]), float(grid[k + 1])
        sign = gaps.real[k] > 0
        for _ in range(60):
            middle = (low + high) / 2
            if (equation_gap(equation, middle).real > 0) == sign:
                low = middle
            else:
                high = middle
        here = equation_gap(equation, low)
        if any(tree_value(each, low).real < 0 for each in insides):
            continue
        if abs(here) < 1e-6 and all(abs(low - value) > 1e-6 for value in values):
            raise Unreadable(f"SymPy misses that it is solved near {low:.4g}")
