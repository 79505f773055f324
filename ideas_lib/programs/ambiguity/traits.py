"""Properties of inputs, such as ties, and the preconditions that rule them out.

A property is read off the input's values, nothing is guessed: `traits_of(("items",), ([2, 2],))`
has "ties in items", which `len(set(items)) == len(items)` rules out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Trait", "telling_trait", "traits_of"]

SIZED = (list, tuple, str, set, frozenset, dict)


@dataclass(frozen=True)
class Trait:
    """A property in words, and an expression of the parameters that is false where it holds."""

    words: str
    pre: str


def traits_of(names: Sequence[str], row: Sequence[Any]) -> list[Trait]:
    """Return the properties of an input; `names` are its parameters'."""
    found = []
    for name, value in zip(names, row, strict=False):
        found += [Trait(*each) for each in _of_value(name, value)]
    for place, (name, value) in enumerate(zip(names, row, strict=False)):
        for other, second in list(zip(names, row, strict=False))[place + 1 :]:
            found += [Trait(*each) for each in _of_pair(name, value, other, second)]
    return found


def _of_value(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        yield f"{name} is None", f"{name} is not None"
    elif isinstance(value, bool):
        yield f"{name} is {value}", f"{name} is not {value}"
    elif isinstance(value, int | float):
        yield from _of_number(name, value)
    elif isinstance(value, SIZED):
        if not value:
            yield f"{name} is empty", f"len({name}) > 0"
        elif isinstance(value, str):
            yield from _of_text(name, value)
        else:
            yield from _of_items(name, value)
        if len(value) == 1:
            yield f"{name} has one item", f"len({name}) != 1"
        if len(value) % 2 == 0:
            yield f"{name} has an even number of items", f"len({name}) % 2 == 1"


def _of_number(name: str, value: float) -> Iterator[tuple[str, str]]:
    if value != value:
        yield f"{name} is nan", f"{name} == {name}"
        return
    if value == 0:
        yield f"{name} is 0", f"{name} != 0"
    if value < 0:
        yield f"{name} is negative", f"{name} >= 0"
    if value % 1 == 0.5:
        yield f"{name} lies halfway between integers", f"{name} % 1 != 0.5"
    elif value % 1:
        yield f"{name} is no integer", f"{name} % 1 == 0"
    elif value and value % 2 == 0:
        yield f"{name} is even", f"{name} % 2 == 1"
    if value == 1:
        yield f"{name} is 1", f"{name} != 1"


def _of_text(name: str, value: str) -> Iterator[tuple[str, str]]:
    if value != value.strip():
        yield f"spaces around {name}", f"{name} == {name}.strip()"
    if any(map(str.isspace, value)):
        yield f"spaces in {name}", f"not any(map(str.isspace, {name}))"
    if "  " in value:
        yield f"several spaces in a row in {name}", f"'  ' not in {name}"
    if any(map(str.isupper, value)):
        yield f"capitals in {name}", f"not any(map(str.isupper, {name}))"
    if any(map(str.isdigit, value)):
        yield f"digits in {name}", f"not any(map(str.isdigit, {name}))"
    if not all(each.isalnum() or each.isspace() for each in value):
        words = f"all(c.isalnum() or c.isspace() for c in {name})"
        yield f"punctuation in {name}", words
    if len(set(value)) < len(value):
        yield f"a letter twice in {name}", f"len(set({name})) == len({name})"


def _of_items(name: str, value: Any) -> Iterator[tuple[str, str]]:
    items = list(value)
    numbers = [item for item in items if isinstance(item, int | float)]
    if isinstance(value, list | tuple):
        texts = list(map(repr, items))
        if len(set(texts)) < len(texts):
            inner = (
                f"map(repr, {name})"
                if any(isinstance(i, list | dict | set) for i in items)
                else name
            )
            yield f"ties in {name}", f"len(set({inner})) == len({name})"
    if any(item is None for item in items):
        yield f"a None in {name}", f"None not in {name}"
    if len(numbers) == len(items):
        if min(numbers) < 0:
            yield f"a negative number in {name}", f"all(i >= 0 for i in {name})"
        if 0 in numbers:
            yield f"a zero in {name}", f"0 not in {name}"
        if any(number % 1 for number in numbers):
            yield f"a fraction in {name}", f"all(i % 1 == 0 for i in {name})"
        ordered = sorted(numbers)
        if isinstance(value, list | tuple) and numbers not in (ordered, ordered[::-1]):
            yield (
                f"{name} is in no order",
                f"list({name}) in (sorted({name}), sorted({name})[::-1])",
            )
    if any(isinstance(item, SIZED) and not item for item in items):
        yield f"an empty item in {name}", f"all(len(i) > 0 for i in {name})"
    if any(isinstance(i, str) and any(map(str.isupper, i)) for i in items):
        yield f"capitals in {name}", f"all(i == i.lower() for i in {name})"
    if len({len(item) for item in items if isinstance(item, SIZED)}) > 1:
        yield f"items of different lengths in {name}", f"len(set(map(len, {name}))) == 1"


def _of_pair(name: str, one: Any, other: str, two: Any) -> Iterator[tuple[str, str]]:
    plain = (int, float)
    if type(one) is type(two) and one == two:
        yield f"{name} equals {other}", f"{name} != {other}"
    if isinstance(one, plain) and isinstance(two, plain):
        if one > two:
            yield f"{name} is above {other}", f"{name} <= {other}"
    for first, a, second, b in ((name, one, other, two), (other, two, name, one)):
        if isinstance(a, int) and isinstance(b, SIZED) and not isinstance(a, bool):
            if a > len(b):
                yield f"{first} is above the length of {second}", f"{first} <= len({second})"
            if a == len(b):
                yield f"{first} is the length of {second}", f"{first} != len({second})"
    if isinstance(one, SIZED) and isinstance(two, SIZED) and len(one) != len(two):
        yield f"{name} and {other} differ in length", f"len({name}) == len({other})"


def telling_trait(
    names: Sequence[str],
    row: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *hits: Sequence[bool],
) -> Trait | None:
    """Return the property of `row` that tells best which of `rows` are hits, if one does.

    The best has the largest F-score, with twice the weight for the share of hits among the inputs
    with the property that the share of those with it among the hits has. It has to be more common
    among hits than elsewhere. Of several sets of hits that counts which a property tells best.
    """
    having = [{trait.words for trait in traits_of(names, each)} for each in rows]
    best, top = None, 0.0
    for trait in traits_of(names, row):
        has = [trait.words in each for each in having]
        for some in hits:
            both = sum(a and b for a, b in zip(has, some, strict=True))
            others, rest = sum(has) - both, len(rows) - sum(some)
            if not both or not rest or both / sum(some) <= others / rest:
                continue
            score = 1.25 * both / (sum(has) + 0.25 * sum(some))
            if score > top + 1e-9:
                best, top = trait, score
    return best
