"""Bugs in what reads programs, each of a kind that compilers have had, to see whether they show."""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import z3

from ideas_lib.programs.compilation import (
    bitvalues,
    certificate_checker,
    expressions,
    interpreter,
    value_bounds,
)

__all__ = ["PLANTED", "planted"]


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
    "shifts as if by 3 at most": (
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


@contextlib.contextmanager
def planted(bug: str) -> Iterator[None]:
    """Plant a bug while the block runs."""
    where, name, wrong = PLANTED[bug]
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(where, name, wrong))
        if where is value_bounds:
            stack.enter_context(mock.patch.object(bitvalues, name, wrong))
        yield
