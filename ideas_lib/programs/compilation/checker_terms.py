"""What the checker's formulas are made of, and how it takes a source apart.

All numbers have the same WIDTH, which no operation on numbers of CAP bits leaves.
"""

import ast
import re
from collections.abc import Callable
from typing import Any

import z3

__all__ = [
    "CAP",
    "NODES",
    "TAKEN",
    "BadCertificate",
    "Source",
    "Term",
    "apply_term",
    "bit_vector",
    "demand",
    "either_way",
    "every",
    "negation",
    "number_term",
    "pick_term",
]

CAP, WIDTH, NODES = 64, 130, 100_000
TAKEN = {"abs", "bool", "int", "min", "max", "sum", "any", "all", "range", "bin"}
TERMS: dict[str, Callable[[Any, Any], Any]] = {
    **{"Add": lambda a, b: a + b, "Sub": lambda a, b: a - b, "Mult": lambda a, b: a * b},
    **{"BitAnd": lambda a, b: a & b, "BitOr": lambda a, b: a | b, "BitXor": lambda a, b: a ^ b},
    **{"LShift": lambda a, b: a << b, "RShift": lambda a, b: a >> b, "Mod": lambda a, b: a % b},
    "FloorDiv": lambda a, b: (a - a % b) / b,  # of Z3: `%` has the divisor's sign, `/` is exact
    **{"Lt": lambda a, b: a < b, "LtE": lambda a, b: a <= b, "Gt": lambda a, b: a > b},
    **{"GtE": lambda a, b: a >= b, "Eq": lambda a, b: a == b, "NotEq": lambda a, b: a != b},
}
Term = Any  # a bit-vector of WIDTH bits, or a truth: True, False, or a z3.BoolRef


class BadCertificate(ValueError):
    """Raised for a certificate that does not hold, or that cannot be read."""


def demand(condition: object, why: str) -> None:
    """Raise BadCertificate unless a condition holds."""
    if not condition:
        raise BadCertificate(why)


def negation(part: Term) -> Term:
    """Negate a truth."""
    return not part if isinstance(part, bool) else z3.Not(part)


def every(*parts: Term) -> Term:
    """Say that all hold."""
    left = [part for part in parts if part is not True]
    return False if any(p is False for p in left) else z3.And(*left) if left else True


def either_way(*parts: Term) -> Term:
    """Say that one holds."""
    return negation(every(*map(negation, parts)))


def number_term(value: int) -> Term:
    """Return a number."""
    return z3.BitVecVal(value, WIDTH)


def bit_vector(name: str, bits: int = 0, value: int | None = None) -> Term:
    """Return a number, or all of some bits, with sign; of one bit, without."""
    if value is not None:
        return number_term(value)
    small = z3.BitVec(name, bits)
    return (z3.ZeroExt if bits == 1 else z3.SignExt)(WIDTH - bits, small)


def pick_term(when: Term, a: Term, b: Term) -> Term:
    """Return a where something is true, else b."""
    if isinstance(when, bool) or a is b:
        return b if when is False else a
    return z3.If(when, a, b)


def apply_term(name: str, a: Term, b: Term) -> Term:
    """Return the result of an operation; of two numbers, a number, or True or False."""
    demand(name in TERMS, f"there is an operation {name}")
    made = TERMS[name](a, b)
    made = z3.simplify(made) if z3.is_bv_value(a) and z3.is_bv_value(b) else made
    return z3.is_true(made) if z3.is_true(made) or z3.is_false(made) else made


class Source:
    """Functions and integers of a text, of which the last function is meant; nothing else."""

    def __init__(self, text: object) -> None:
        self.functions: dict[str, ast.FunctionDef] = {}
        self.numbers: dict[str, int] = {}
        seen = set[str]()
        for node in ast.parse(str(text)).body:
            match node:
                case ast.FunctionDef(name=name, args=a, decorator_list=[]):
                    odd = a.posonlyargs or a.kwonlyargs or a.vararg or a.kwarg or a.defaults
                    demand(not odd, f"{name} has odd parameters")
                    self.functions[name] = self.last = node
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.numbers[name] = int(ast.literal_eval(value))
                case _:
                    raise BadCertificate(f"line {node.lineno} is not in the subset")
            names = [*TAKEN, *self.functions, *self.numbers]
            demand(names.count(name) == 1 and name not in seen, f"{name} has two meanings")
            seen.add(name)
        demand(self.functions, "there is no function")

    def contract(self, kind: str) -> list[ast.expr]:
        said = ast.get_docstring(self.last) or ""
        lines = re.findall(rf"^\s*{kind}\s*:\s*(\S.*?)\s*$", said, re.M)
        return [ast.parse(line, mode="eval").body for line in lines]
