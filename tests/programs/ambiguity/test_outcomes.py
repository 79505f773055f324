"""What counts as the same, how it is shown, and that what is shown is read back."""

import json
from collections import Counter, OrderedDict, namedtuple
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ideas_lib.programs.ambiguity.harness.acts import acted, data_of
from ideas_lib.programs.ambiguity.outcomes import outcome_of, read_outcome, told_outcome

NAN = float("nan")
Colour = Enum("Colour", "RED")
Pair = namedtuple("Pair", "a b")


class Plain:
    def __init__(self, x: Any) -> None:
        self.x = x


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NAN, -NAN),
        ([NAN], [float("nan")]),
        (0.0, -0.0),
        (0.1 + 0.2, 0.3),
        ([1, 0.1 + 0.2], [1, 0.3]),
        ({1, 2}, {2, 1}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({(1, -0.0)}, {(1, 0.0)}),
        (np.float64(1.5), 1.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array([1, 2]), np.array([1, 2], dtype="int8")),
        (Counter("aa"), {"a": 2}),
        (OrderedDict(a=1), {"a": 1}),
        (Pair(1, 2), (1, 2)),
        (Plain(1), Plain(1)),
        (Fraction(1, 2), Fraction(2, 4)),
        (complex(0.0, 1), complex(-0.0, 1)),
        (iter([1, 2]), (x for x in (1, 2))),
    ],
)
def test_what_is_the_same(one: Any, other: Any) -> None:
    assert outcome_of(one).key == outcome_of(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (1.0, True),
        (0, False),
        (None, False),
        ([1], (1,)),
        ({1}, frozenset({1})),
        ({1}, [1]),
        ([1, 2], [2, 1]),
        ([1], iter([1])),
        (np.array([1]), [1]),
        (np.array([1]), np.array([1.0])),
        ("1", 1),
        ("a", b"a"),
        (0.3, 0.3000001),
        (NAN, None),
        (Plain(1), Plain(2)),
        (Fraction(1, 2), 0.5),
        (Decimal("1.0"), Decimal("1.00")),
        ([], [[]]),
        (10**50, 10**50 + 1),
    ],
)
def test_what_differs(one: Any, other: Any) -> None:
    assert outcome_of(one).key != outcome_of(other).key


def test_an_int_will_do_for_a_float_where_the_signature_says_so() -> None:
    assert outcome_of([1, {"a": 2}], True).key == outcome_of([1.0, {"a": 2.0}], True).key
    assert outcome_of(True, True).key != outcome_of(1.0, True).key
    assert read_outcome("1", True).key == outcome_of(1.0, True).key


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -7, 10**39, 1.5, -0.5, NAN, float("inf"), -float("inf"), 1e300, 2 + 3j),
        *("", "a'b", 'say "x"', "é\n\t\x1b[31m\u202e", b"\x00a", [], [1, [2.0, None]], (), (1,)),
        *((1, "a"), set(), {1}, frozenset(), frozenset({2}), {}, {"a": [1]}, {1: {2: 3}}),
        *(np.array([[1, 2], [3, 4]]), Fraction(1, 2), Decimal("1.5"), Colour.RED),
    ],
)
def test_what_is_shown_is_read_back(value: Any) -> None:
    outcome = outcome_of(value)
    assert outcome.shown.isprintable()
    assert read_outcome(outcome.shown).key == outcome.key


def test_an_iterator_is_shown_as_one() -> None:
    outcome = outcome_of(x * x for x in range(3))
    assert outcome.shown == "iter([0, 1, 4])"
    assert read_outcome(outcome.shown).key == outcome.key


@pytest.mark.parametrize(
    ("call", "act"),
    [
        (sorted, ["value", ["list", ["int", "1"], ["int", "2"]]]),
        (lambda x: x.sort(), ["changes", None, [["list", ["int", "1"], ["int", "2"]]]]),
        (lambda x: 1 / 0, ["raises", "ZeroDivisionError"]),
        (lambda x: exit(3), ["raises", "SystemExit"]),
        (lambda x: next(iter(())), ["raises", "StopIteration"]),
        (lambda x: (y for y in x if 1 / 0), ["raises", "ZeroDivisionError"]),
    ],
)
def test_acts(call: Any, act: list[Any]) -> None:
    assert acted(call, "([2, 1],)") == act


def test_a_changed_argument_is_part_of_what_happened() -> None:
    sorts = told_outcome(acted(lambda x: x.sort(), "([2, 1],)"))
    assert sorts.shown == "None, leaving ([1, 2],)"
    assert read_outcome(sorts.shown).key == sorts.key
    assert sorts.key != outcome_of(None).key


def test_what_is_long_deep_or_endless_stays_short() -> None:
    import itertools

    circle: list[Any] = []
    circle.append(circle)
    for value in ([1] * 10**4, circle, itertools.count(), "x" * 10**5):
        act = acted(lambda _, v=value: v, "(1,)")
        assert len(json.dumps(act)) < 10_000
        assert len(told_outcome(act).shown) < 10_000
    one, other = (acted(lambda _, v=v: v, "(1,)") for v in ([1] * 9999, [1] * 9999 + [2]))
    assert told_outcome(one).key != told_outcome(other).key
    assert not told_outcome(one).pickable


@pytest.mark.parametrize(
    "act",
    [
        *([], ["value"], ["value", 1], ["value", ["int", "zz"]], ["no"], "value", None, 3, [[]]),
        *(["raises", 3], ["value", ["list", ["dict", 1]]], ["value", ["float", "x"]]),
        *(["changes", None, 3], ["value", ["float", [1]]], ["value", {}], ["value", ["object"]]),
        ["value", ["complex", "1"]],
    ],
)
def test_what_no_call_comes_to_is_refused(act: Any) -> None:
    with pytest.raises(ValueError, match="what no call comes to"):
        told_outcome(act)


@pytest.mark.parametrize(
    "text",
    ["abc", "", "[1", "1 + x", "sorted([1])", "raises two words", "x, leaving (1,)", "[" * 999],
)
def test_what_is_no_value_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no value of Python"):
        read_outcome(text)


def test_data_of_runs_no_method_of_a_subclass() -> None:
    class Liar(int):
        def __index__(self) -> int:
            raise AssertionError

    class Hiding(list):  # type: ignore[type-arg]
        def __iter__(self) -> Any:
            raise AssertionError

    assert data_of(Liar(3)) == ["int", "3"]
    assert data_of(Hiding([1])) == ["list", ["int", "1"]]
