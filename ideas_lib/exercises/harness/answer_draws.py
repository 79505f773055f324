"""Decide a draw of an exercise that asks for an answer: SymPy computes, pint has the units."""

import functools
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from ideas_lib.exercises.harness.apart import DrawRefused, TemplateBroken

__all__ = ["Answers", "decide_answer", "exact_number"]


def exact_number(value: Any) -> Fraction:
    """Return a number as it was sent: whole, or `{"decimal": ...}`."""
    text = value["decimal"] if isinstance(value, dict) else value
    return Fraction(text)


BESIDE = ("babel", "dask", "mip", "numpy", "uncertainties", "xarray")


class Answers:
    """The names that an expression may use, and what it comes to."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        import sympy

        self.sympy, self.task, self.units = sympy, task, _registry(task)
        self.names: dict[str, Any] = {}
        exec("from sympy import *", self.names)
        self.names |= {"mean": self.mean, "median": self.median, "variance": self.variance}
        self.names["stdev"] = lambda xs: self.variance(xs) ** Fraction(1, 2)
        self.names |= {name: sympy.Symbol(name) for name in task["symbols"]}
        if self.units:
            self.names["quantity"] = self.units.Quantity
        if task["symbols"]:  # what solving loads is loaded once, not by each draw's own process
            x = sympy.Symbol("x")
            sympy.simplify(sum(sympy.solve(x**2 - 3 * x + 1, x)))

    @staticmethod
    def mean(xs: Sequence[Any]) -> Any:
        return sum(xs[1:], xs[0]) / len(xs)

    @staticmethod
    def median(xs: Sequence[Any]) -> Any:
        middle = sorted(xs)[(len(xs) - 1) // 2 : len(xs) // 2 + 1]
        return sum(middle[1:], middle[0]) / len(middle)

    def variance(self, xs: Sequence[Any]) -> Any:
        centre = self.mean(xs)
        return sum((x - centre) ** 2 for x in xs) / (len(xs) - 1)

    def value(self, name: str, given: Any) -> Any:
        """Return a parameter as an expression has it: exact, with its unit."""
        if isinstance(given, str):
            return given
        if isinstance(given, list):
            return [self.value(name, each) for each in given]
        exact, unit = exact_number(given), self.task["units"].get(name)
        if self.units:
            whole = exact.numerator if exact.denominator == 1 else exact
            return self.units.Quantity(exact, unit) if unit else whole
        return self.sympy.Rational(exact.numerator, exact.denominator)

    def of(self, text: str, values: Mapping[str, Any]) -> Any:
        """Return what an expression comes to, in SymPy's terms and in the unit asked for."""
        found = eval(compile(text.strip(), "answer", "eval"), {**self.names, **values})
        if self.units:
            asked = self.units.Unit(self.task["unit"] or "dimensionless")
            quantity = found if hasattr(found, "to") else self.units.Quantity(found, "")
            if not quantity.is_compatible_with(asked):
                raise TemplateBroken(
                    f"{text} is in {quantity.units}, and {self.task['unit']!r} is asked"
                )
            found = quantity.to(asked).magnitude
        if isinstance(found, list | tuple | set):
            return self.sympy.FiniteSet(*found)
        return self.sympy.sympify(found)

    def number(self, value: Any) -> float | None:
        """Return a number's decimal value, None for what is none."""
        if not isinstance(value, self.sympy.Expr) or value.free_symbols:
            return None
        return float(value.evalf(20)) if value.is_real else None

    def alike(self, one: Any, other: Any) -> bool:
        """Say whether two answers are the same, within the tolerance."""
        a, b = self.number(one), self.number(other)
        if a is not None and b is not None:
            room = float(self.task["tolerance"]) * abs(a)
            return abs(a - b) <= max(room, 1e-12 * abs(a))
        if isinstance(one, self.sympy.Expr) and isinstance(other, self.sympy.Expr):
            return self.sympy.simplify(one - other) == 0
        return one == other

    def checked(self, found: Any) -> Any:
        """Return it. Raises DrawRefused where it is no answer, and TemplateBroken for unknowns."""
        sympy = self.sympy
        if found.has(sympy.zoo, sympy.nan, sympy.oo, -sympy.oo):
            raise DrawRefused(f"the answer is {found}")
        if found is sympy.S.EmptySet:
            raise DrawRefused("there is no answer")
        parts = found.args if isinstance(found, sympy.FiniteSet) else (found,)
        if not all(isinstance(part, sympy.Expr) for part in parts):
            kind = type(found).__name__
            raise TemplateBroken(f"the answer is a {kind}: give an expression, or a list of them")
        unknown = {symbol.name for symbol in found.free_symbols} - set(self.task["symbols"])
        if unknown:
            raise TemplateBroken(
                f"the answer has {sorted(unknown)[0]!r}, which is no parameter or symbol"
            )
        return found


def decide_answer(draw: Mapping[str, Any], tools: Answers) -> dict[str, Any]:
    """Return the answer and where mistakes lead. Raises DrawRefused and TemplateBroken."""
    task = tools.task
    values = {name: tools.value(name, given) for name, given in draw["values"].items()}
    values |= {name: tools.value(name, given) for name, given in draw["derived"].items()}
    found = tools.checked(tools.of(task["answer"], values))
    text, exact = str(found), tools.number(found)
    for name, given in draw["values"].items():
        if (
            isinstance(given, int | dict)
            and exact is not None
            and exact == float(exact_number(given))
        ):
            raise DrawRefused(f"the answer equals {name}")
    wrong = []
    for why, expression in task["wrong"]:
        try:
            mistaken = tools.of(expression, values)
        except ZeroDivisionError:
            continue
        if tools.alike(found, mistaken):
            raise DrawRefused(f"the mistake {why!r} leads to the right answer")
        wrong.append([why, str(mistaken), tools.number(mistaken)])
    return {
        "answer": text,
        "items": list(map(str, found.args)) if isinstance(found, tools.sympy.FiniteSet) else [],
        "number": exact,
        "whole": bool(getattr(found, "is_integer", False)),
        "wrong": wrong,
        "key": text if exact is None else f"{exact:.12g}",
    }


def _registry(task: Mapping[str, Any]) -> Any:
    """Return pint's units, if the exercise has any; each that it names is there."""
    named = [unit for unit in (task["unit"], *task["units"].values()) if unit]
    if not named:
        return None
    units = _all_units()
    for unit in named:
        try:
            units.Unit(unit)
        except Exception:  # its parser raises what Python's own does, and more
            raise TemplateBroken(f"pint knows no unit {unit!r}") from None
    return units


@functools.cache
def _all_units() -> Any:
    # What pint would load beside itself, if it is installed, takes seconds and needs /proc.
    kept = {name: sys.modules.get(name) for name in BESIDE}
    sys.modules.update(dict.fromkeys(BESIDE))  # type: ignore[arg-type]
    import pint

    for name, module in kept.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module
    return pint.UnitRegistry(non_int_type=Fraction)
