"""Which programs do the same, how much is open, and which input tells the most of them apart.

What is open is counted in bits: the entropy of the clusters, each program one draw. A question is
worth the entropy of what the programs come to on its input: by so much an answer narrows the set,
on the average over the programs.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.ambiguity.observing import Observer
from ideas_lib.programs.ambiguity.outcomes import Outcome
from ideas_lib.programs.ambiguity.rulings import shown_call
from ideas_lib.programs.ambiguity.traits import SIZED, Trait, telling_trait

__all__ = [
    "OpenQuestion",
    "clustered",
    "condition_of",
    "entropy_bits",
    "open_questions",
    "other_than",
]

Row = tuple[Any, ...]


@dataclass(frozen=True)
class OpenQuestion:
    """An input on which programs differ.

    `outputs` are what they come to, the commonest first, with the names of those that do. `bits`
    is what the answer is worth. `property` is what the input shares with the others that split the
    programs so, empty where there is no such thing, and `pre` the condition that rules it out.
    """

    row: Row
    call: str
    outputs: tuple[tuple[Outcome, tuple[str, ...]], ...]
    bits: float
    property: str
    pre: str


def entropy_bits(sizes: Iterable[int]) -> float:
    """Return the entropy of a split into parts of these sizes, in bits."""
    found = list(sizes)
    total = sum(found)
    return abs(sum(size / total * math.log2(total / size) for size in found if size))


def clustered(observer: Observer, names: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    """Return the programs that do the same on all inputs together, the largest cluster first."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        key = tuple(observer.outcome(name, row).key for row in rows)
        found.setdefault(key, []).append(name)
    return sorted(found.values(), key=len, reverse=True)


def open_questions(
    observer: Observer, names: Sequence[str], rows: Sequence[Row], parameters: Sequence[str]
) -> list[OpenQuestion]:
    """Return a question for each way in which inputs split the programs, the best first.

    Of the inputs that split them in the same way it has the shortest; empty ones are apart.
    """
    splits: dict[tuple[tuple[int, ...], bool], list[Row]] = {}
    ways = [_way(observer, names, row) for row in rows]
    for row, way in zip(rows, ways, strict=True):
        if any(way):
            splits.setdefault((way, _lacks(row)), []).append(row)
    found = []
    for (way, _), some in splits.items():
        row = min(some, key=lambda each: (len(repr(each)), repr(each)))
        trait = _trait(ways, rows, parameters, row, way)
        words, pre = (trait.words, trait.pre) if trait else ("", other_than(parameters, row))
        if trait is None and len(some) == len(rows):
            words = "every input"
        bits = entropy_bits([way.count(place) for place in set(way)])
        call = shown_call(observer.entry, row)
        found.append(OpenQuestion(row, call, _outputs(observer, names, row), bits, words, pre))
    return sorted(found, key=lambda each: (-round(each.bits, 9), len(each.call), each.call))


def condition_of(
    observer: Observer,
    names: Sequence[str],
    rows: Sequence[Row],
    parameters: Sequence[str],
    row: Row,
) -> str:
    """Return the condition that rules out an input, and those that split the programs as it does.

    Empty where they share no property; `other_than` then rules out this input alone.
    """
    ways = [_way(observer, names, each) for each in rows]
    way = _way(observer, names, row)
    trait = _trait(ways, rows, parameters, row, way) if any(way) else None
    return trait.pre if trait else ""


def _way(observer: Observer, names: Sequence[str], row: Row) -> tuple[int, ...]:
    """Return how an input splits programs: equal numbers for equal outcomes, all 0 for no split."""
    keys = [observer.outcome(name, row).key for name in names]
    order = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    return tuple(order[key] for key in keys)


def _trait(
    ways: Sequence[tuple[int, ...]],
    rows: Sequence[Row],
    parameters: Sequence[str],
    row: Row,
    way: tuple[int, ...],
) -> Trait | None:
    """Return what the inputs that split as this one does share, or those that split at all."""
    lacks, splits = _lacks(row), [any(each) for each in ways]
    alike = [w == way and _lacks(each) == lacks for w, each in zip(ways, rows, strict=True)]
    return telling_trait(parameters, row, rows, alike, splits)


def _lacks(row: Row) -> bool:
    """Say whether an argument is empty: a question of its own, however the programs split."""
    return any(isinstance(value, SIZED) and not value for value in row)


def other_than(parameters: Sequence[str], row: Row) -> str:
    """Return the condition that rules out this very input."""
    pairs = list(zip(parameters, row, strict=False))
    return "not (" + " and ".join(f"{name} == {value!r}" for name, value in pairs) + ")"


def _outputs(
    observer: Observer, names: Sequence[str], row: Row
) -> tuple[tuple[Outcome, tuple[str, ...]], ...]:
    found: dict[str, tuple[Outcome, list[str]]] = {}
    for name in names:
        outcome = observer.outcome(name, row)
        found.setdefault(outcome.key, (outcome, []))[1].append(name)
    ordered = sorted(found.values(), key=lambda pair: len(pair[1]), reverse=True)
    return tuple((outcome, tuple(some)) for outcome, some in ordered)
