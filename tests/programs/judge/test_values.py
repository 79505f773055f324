"""Plain data as text: there and back, and nothing but ValueError for what is none."""

import collections
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.programs.judge.harness.values import DEPTH, SIZE, canonical, decode, encode, same

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.binary()
)
HASHABLE = st.recursive(
    st.none() | st.integers() | st.text() | st.binary(),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=6,
)
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.sets(HASHABLE, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(DATA)
def test_there_and_back(value: Any) -> None:
    back = decode(encode(value))
    assert type(back) is type(value)
    assert same(back, value)
    assert encode(back) == encode(value)


@given(st.lists(HASHABLE, unique=True))
def test_a_dict_keeps_its_order_and_equal_values_have_one_canonical_text(items: list[Any]) -> None:
    assert encode(set(items)) == encode({*items[::-1]})
    forth, back = dict.fromkeys(items), dict.fromkeys(reversed(items))
    assert list(decode(encode(forth))) == items
    assert list(decode(encode([back]))[0]) == items[::-1]
    assert canonical([forth]) == canonical([back])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["int", "float", "complex", "bytes", "list", "dict", "set", "tuple"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=10,
)


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_data_or_a_value_error(text: str) -> None:
    try:
        value = decode(text)
    except ValueError:
        return
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "NaN",
        "1",
        "1.5",
        "{}",
        "[]",
        '["list"',
        '["int"]',
        '["int","zz"]',
        '["int",7]',
        '["int","1","2"]',
        '["set",["list"]]',
        '["dict",[["list"],null]]',
        '["dict",[null]]',
        '["__import__","os"]',
        '["bytes","x"]',
        '["float","one"]',
        "[" * 100_000,
        '["list",' * 500 + "null" + "]" * 500,
        '"' + "x" * SIZE + '"',
        "1" * 5000,
    ],
)
def test_no_data(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of many kinds
        decode(text)


def test_a_huge_int_passes() -> None:
    assert decode(encode(10**50_000)) == 10**50_000


def test_depth() -> None:
    value: list[Any] = []
    for _ in range(DEPTH):
        value = [value]
    assert decode(encode(value)) == value
    with pytest.raises(ValueError, match="deeper than 100"):
        encode([value])


def test_subclasses_are_what_they_are_built_on() -> None:
    point = collections.namedtuple("point", "x y")
    assert decode(encode(point(1, 2))) == (1, 2)
    assert decode(encode(collections.Counter("aab"))) == {"a": 2, "b": 1}
    import numpy

    assert decode(encode([numpy.int64(3), numpy.float64(0.1)])) == [3, 0.1]


@pytest.mark.parametrize("value", [object(), len, (i for i in range(3)), int, (1).__add__])
def test_what_is_no_data(value: object) -> None:
    with pytest.raises(TypeError, match="is no plain data"):
        encode(value)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (math.nan, math.nan, True),
        ([1, math.nan], [1, math.nan], True),
        ({"a": math.nan}, {"a": math.nan}, True),
        (math.nan, 1.0, False),
        (1, 1.0, True),
        ([1], (1,), False),
        ({1: 2}, {1: 3}, False),
        ({1: 2}, {1: 2, 3: 4}, False),
        ({1, 2}, {2, 1}, True),
        ([1, 2], [1, 2, 3], False),
        ("1", 1, False),
        (None, False, False),
        ({math.nan, 1}, {float("nan"), 1}, True),
        ({math.nan}, {math.nan, 1}, False),
        (frozenset({(1, math.nan)}), {(1.0, float("nan"))}, True),
        ({(math.nan,): [math.nan]}, {(float("nan"),): [float("nan")]}, True),
        (complex(math.nan, 1), complex(float("nan"), 1), True),
        (complex(math.nan, 1), complex(1, math.nan), False),
        (complex(1, 0), 1, True),
        ([True, {1: 2}], [1, {1.0: 2}], True),
    ],
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal
