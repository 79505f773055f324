"""All that reads a program agrees with Python; and where a bug is planted, this notices."""

import random
from typing import Any

import pytest
import z3

from ideas_lib.programs.compilation import (
    bitvalues,
    certificate_checker,
    expressions,
    interpreter,
    value_bounds,
)
from ideas_lib.programs.compilation.fuzzing import Disagreement, compare_readings, sample_source


def fuzzed(first: int, programs: int, rows: int = 4) -> tuple[int, list[Disagreement]]:
    count, found = 0, []
    for seed in range(first, first + programs):
        rng = random.Random(seed)
        source = sample_source(rng, plain=seed % 2 == 0)
        some = [(rng.randrange(-8, 8), rng.randrange(-8, 8)) for _ in range(rows)]
        answers, wrong = compare_readings(source, some, 4)
        count, found = count + answers, found + wrong
    return count, found


def test_every_reading_agrees_with_python() -> None:
    count, found = fuzzed(1000, 30)
    assert found == []
    assert count > 300


def _truncating(self: bitvalues.Bits, op: str, a: Any, b: Any, width: int) -> Any:
    left, right = self.term(a, width), self.term(b, width)
    return left / right if op == "FloorDiv" else z3.SRem(left, right)


def _bool(self: Any, when: Any, other: Any, v: Any, goes_on: bool, here: Any) -> Any:
    return self._bits.from_truth(
        bitvalues.all_of(here, self._bits.truth(other))
        if goes_on
        else bitvalues.any_of(here, self._bits.truth(other))
    )


PLANTED: dict[str, tuple[Any, str, Any]] = {
    "division as in C": (bitvalues.Bits, "_divided", _truncating),
    "and gives a bool": (expressions.Expressions, "_short", _bool),
    "no errors": (expressions.Expressions, "_error", lambda self, kind, when: None),
    "no short circuit": (
        expressions.Expressions,
        "_only",
        lambda self, when, names, test, truth, make: make(dict(names)),
    ),
    "shifts as if by 7 at most": (
        bitvalues,
        "_PLAIN",
        {**bitvalues._PLAIN, "RShift": lambda a, b: a >> (b & 3)},
    ),
    "a narrow product": (
        value_bounds,
        "OPERATIONS",
        {**value_bounds.OPERATIONS, "Mult": lambda a, b: (-8, 7)},
    ),
    "the checker's division": (
        certificate_checker,
        "OPERATIONS",
        {**certificate_checker.OPERATIONS, "FloorDiv": lambda a, b: a / b},
    ),
    "the checker sees no error": (
        certificate_checker.SourceMeaning,
        "leave",
        lambda self, when: None,
    ),
    "the interpreter's or": (
        interpreter,
        "OPERATIONS",
        {**interpreter.OPERATIONS, interpreter.ast.BitOr: lambda a, b: a ^ b},
    ),
}


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, wrong = PLANTED[bug]
    monkeypatch.setattr(where, name, wrong)
    if where is value_bounds:
        monkeypatch.setattr(bitvalues, name, wrong)
    for first in range(0, 60, 5):
        try:
            if fuzzed(first, 5)[1]:
                return
        except (z3.Z3Exception, AssertionError):  # it is noticed, too
            return
    pytest.fail(f"{bug}: nothing disagreed")
