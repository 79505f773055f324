"""Random programs of the subset, and whether all that reads them agrees with Python on them.

Python itself runs them here: they are drawn from a grammar, so that they end, and touch nothing.
"""

import contextlib
import random
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from ideas_lib.programs.compilation.bitvalues import Bits, Truth
from ideas_lib.programs.compilation.certificate_checker import (
    BadCertificate,
    CheckedSource,
    SourceMeaning,
)
from ideas_lib.programs.compilation.encoder import encode_program, make_arguments
from ideas_lib.programs.compilation.expressions import TooLarge
from ideas_lib.programs.compilation.interpreter import RunOutcome, interpret
from ideas_lib.programs.compilation.lowering import lower_program
from ideas_lib.programs.compilation.program import read_integer_program

__all__ = ["Disagreement", "compare_readings", "python_outcome", "sample_source"]

ROUNDS = 16  # more than a drawn loop has
NUMBERS = (0, 1, 2, 3, 7, 8, -1, -2, -5, 255, 0x55555555, 2**31 - 1, -(2**31), True)
OPERATORS = ("+", "-", "*", "&", "|", "^", "//", "%")


@dataclass(frozen=True)
class Disagreement:
    """What a reading says of a program and arguments, and what Python does."""

    reading: str
    source: str
    args: tuple[int, ...]
    said: str
    python: str


def sample_source(rng: random.Random, size: int = 3, plain: bool = False) -> str:
    """Draw a program `f(x, y)` of some statements, which calls a helper `g(x, y)`.

    A `plain` one has no helper, and nothing else that a certificate cannot have.
    """
    if plain:
        return _Drawer(rng, False, True).function("f", size)
    helper = _Drawer(rng, False)
    main = _Drawer(rng, True)
    return f"K = {rng.choice(NUMBERS)}\n\n\n{helper.function('g', 2)}\n\n{main.function('f', size)}"


class _Drawer:
    def __init__(self, rng: random.Random, calls: bool, plain: bool = False) -> None:
        self._rng, self._calls, self._plain, self._loops = rng, calls, plain, 0

    def function(self, name: str, size: int) -> str:
        lines = [f"def {name}(x, y):", "    a = " + self._value(1)]
        for _ in range(size):
            lines += self._statement(1, 2)
        return "\n".join([*lines, f"    return {self._value(2)}"]) + "\n"

    def _statement(self, deep: int, left: int) -> list[str]:
        pad, rng = "    " * deep, self._rng
        kind = rng.random() if left else 0.1
        if kind < 0.45:
            target = rng.choice(("a", "x", "y"))
            sign = rng.choice(("=", "=", "+=", "-=", "^=", "&="))
            return [f"{pad}{target} {sign} {self._value(2)}"]
        if kind < 0.55:
            return [f"{pad}x, a = {self._value(1)}, {self._value(1)}"]
        inner = [line for _ in range(rng.randint(1, 2)) for line in self._maybe(deep + 1, left)]
        if kind < 0.75:
            other = self._maybe(deep + 1, left)
            tail = [f"{pad}else:", *other] if rng.random() < 0.5 else []
            return [f"{pad}if {self._value(2)}:", *inner, *tail]
        if kind < 0.85:
            return [f"{pad}if {self._value(2)}:", f"{pad}    return {self._value(2)}"]
        self._loops += 1
        leave = rng.choice(("break", "continue", "pass", "pass"))
        tail = [f"{pad}    if {self._value(1)}:", f"{pad}        {leave}", *inner]
        if kind < 0.93:
            low, step = rng.randint(-2, 2), rng.choice((1, 2, -1))
            stop = rng.choice((str(rng.randint(-3, 4)), "(a & 3)", "min(x, 3)"))
            return [f"{pad}for i{self._loops} in range({low}, {stop}, {step}):", *tail]
        name = f"n{self._loops}"
        head = [f"{pad}{name} = {rng.choice(('y & 3', '3', 'x % 4'))}", f"{pad}while {name} > 0:"]
        return [*head, f"{pad}    {name} -= 1", *tail]

    def _maybe(self, deep: int, left: int) -> list[str]:
        return self._statement(deep, left - 1)

    def _value(self, left: int) -> str:
        rng = self._rng
        if left == 0 or rng.random() < 0.2:
            own = "x" if self._plain else "K"
            return rng.choice(("x", "y", "x", "y", own, str(rng.choice(NUMBERS))))
        a, b = self._value(left - 1), self._value(left - 1)
        c = self._value(left - 1)
        order = [rng.choice(("<", "<=", ">", ">=", "==", "!=")) for _ in range(2)]
        made = [
            *(f"({a} {op} {b})" for op in OPERATORS),
            *(f"({a} {op} {b})" for op in ("//", "%")),
            *(f"({a} << ({b} & 3))", f"({a} >> ({b} & 7))", f"({a} >> ({b} % 5 - 1))"),
            *(f"({a} {order[0]} {b})", f"({a} {order[0]} {b} {order[1]} {c})"),
            *(f"({a} < {b} and {b} != {c})", f"(not {a})", f"(-{a})", f"(~{a})", f"({a}) ** 2"),
            *(f"({a} if {b} and {c} else {c})", f"({c} if {a} or {b} else {a})"),
            *(f"({a} if {b} else {c})", f"abs({a})", f"min({a}, {b})", f"max({a}, {b})"),
            f"sum(i + {a} for i in range(3) if i != {b})",
            *(f"any(i == {a} for i in range(-2, 2))", f"all(i * {a} < {b} for i in range(2))"),
        ]
        more = [
            *(f"({a} and {b})", f"({a} or {b} or {c})", f"min({a}, {b}, {c})", f"bool({a})"),
            *(f"({a}).bit_count()", f"({a}).bit_length()", f"bin({a}).count('1')"),
        ]
        made += [] if self._plain else more
        return rng.choice([*made, f"g({a}, {b})"] if self._calls else made)


def python_outcome(source: str, args: Sequence[int]) -> RunOutcome:
    """Return what Python does with a drawn program."""
    names: dict[str, Any] = {}
    exec(compile(source, "drawn", "exec"), names)
    try:
        return RunOutcome(int(names["f"](*args)))
    except (ZeroDivisionError, ValueError) as error:
        return RunOutcome(error=type(error).__name__)


def compare_readings(
    source: str, rows: Sequence[tuple[int, ...]], width: int, symbolic: bool = True
) -> tuple[int, list[Disagreement]]:
    """Ask every reading of a program about each row; return how many answers, and what is wrong.

    `symbolic` asks for all arguments at once, and evaluates that for each row; else each row is
    encoded as numbers.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `~True`
        wanted = [python_outcome(source, args) for args in rows]
    found, count = [], 0
    for reading, outcomes in _readings(source, rows, width, symbolic):
        for args, said, right in zip(rows, outcomes, wanted, strict=True):
            if said is None:
                continue
            count += 1
            # Which error comes first, the lowered form may change; no step is certified that lets
            # one happen.
            either = right.error and said.error
            if said != right and not (reading == "lowered" and either):
                found.append(Disagreement(reading, source, args, str(said), str(right)))
    return count, found


def _readings(
    source: str, rows: Sequence[tuple[int, ...]], width: int, symbolic: bool
) -> Iterator[tuple[str, list[RunOutcome | None]]]:
    program = read_integer_program(source)
    yield "interpreter", [interpret(program, args) for args in rows]
    lowered = read_integer_program(lower_program(program), program.entry)
    yield "lowered", [interpret(lowered, args) for args in rows]
    with contextlib.suppress(TooLarge):  # drawn too large
        yield "encoder", list(_encoded(program, rows, width, symbolic))
    with contextlib.suppress(BadCertificate, ValueError):  # not plain, or too large
        yield "checker", list(_checked(program.source, rows, width, symbolic))


def _encoded(
    program: Any, rows: Sequence[tuple[int, ...]], width: int, symbolic: bool
) -> Iterator[RunOutcome | None]:
    bits = Bits()
    names = make_arguments(bits, program.parameters, width)
    whole = encode_program(bits, program, list(names.values())) if symbolic else None
    for args in rows:
        made = whole or encode_program(bits, program, [bits.number(value) for value in args])
        pairs = [
            (v.term, z3.BitVecVal(value, v.term.size()))
            for v, value in zip(names.values(), args, strict=True)
        ]
        if _true(made.escaped(), pairs):
            yield None
            continue
        errors = [kind for kind, when in made.errors.items() if _true(when, pairs)]
        if errors:
            yield RunOutcome(error=errors[0])
            continue
        v = made.value
        yield RunOutcome(v.low if v.low == v.high else _signed(bits.term(v, 130), pairs))


def _checked(
    source: str, rows: Sequence[tuple[int, ...]], width: int, symbolic: bool
) -> Iterator[RunOutcome | None]:
    own = CheckedSource(source)
    names = [z3.BitVec(f"a{place}", width) for place in range(len(own.given))]
    whole = SourceMeaning(own, ROUNDS, names) if symbolic else None
    for args in rows:
        values = [z3.BitVecVal(value, width) for value in args]
        made = whole or SourceMeaning(own, ROUNDS, values)
        pairs = list(zip(names, values, strict=True))
        left = _true(made.leaves, pairs)
        yield None if left else RunOutcome(_signed(made.returned[0], pairs))


def _true(truth: Truth, pairs: Any) -> bool:
    if isinstance(truth, bool):
        return truth
    return z3.is_true(z3.simplify(z3.substitute(truth, *pairs)))


def _signed(term: Any, pairs: Any) -> int:
    return int(z3.simplify(z3.substitute(term, *pairs)).as_signed_long())
