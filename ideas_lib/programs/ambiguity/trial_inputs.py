"""Inputs to compare programs on: drawn like the examples or by the types, then edges of those.

Where neither an example nor a type says what the arguments are, kinds of values are tried, and
those are taken on which the most programs do more than raise TypeError.
"""

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ideas_lib.programs.checks.examples import Example
from ideas_lib.programs.checks.inputs import sample_inputs
from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["edge_inputs", "guessed_types", "simpler_inputs", "trial_inputs"]

Row = tuple[Any, ...]
DRAWN = 32
EDGES = 60
KINDS: dict[str, Any] = {
    "list[int]": [3, 1, 2],
    "int": 3,
    "str": "b a",
    "float": 2.5,
    "list[str]": ["b", "a"],
    "dict[str, int]": {"b": 1, "a": 2},
    "list[list[int]]": [[2, 1], [3]],
}
FEW = 3  # kinds that are taken
MOST = 3  # parameters for which all combinations are tried


def trial_inputs(
    task: FunctionTask, found: Sequence[Example], types: Sequence[Sequence[str]] = ()
) -> list[Row]:
    """Return inputs of which no two are alike, edges last; empty where nothing says what they are.

    `types` are annotations to draw by, one set a time, where the signature has none.
    """
    if not (task.node.args.posonlyargs or task.node.args.args):
        return [()]
    rows = []
    for some in types or [()]:
        rows += sample_inputs(_annotated(task, some), found, DRAWN // max(1, len(types)))
    rows = _distinct(rows)
    return _distinct([*rows, *edge_inputs(rows)])


def guessed_types(
    task: FunctionTask, failing: Callable[[Sequence[Row]], Sequence[int]]
) -> list[tuple[str, ...]]:
    """Return sets of annotations that the fewest programs fail on, FEW at most.

    `failing` counts, for each input, the programs that fail on its kinds; those that all fail on
    are not taken.
    """
    count = len([*task.node.args.posonlyargs, *task.node.args.args])
    if not count:
        return []
    if count <= MOST:
        sets = list(itertools.product(KINDS, repeat=count))
    else:
        sets = [(kind,) * count for kind in KINDS]
    counts = failing([tuple(KINDS[kind] for kind in kinds) for kinds in sets])
    least = min(counts)
    return [kinds for kinds, number in zip(sets, counts, strict=True) if number == least][:FEW]


def _annotated(task: FunctionTask, types: Sequence[str]) -> FunctionTask:
    if not types:
        return task
    node = task.node
    for arg, hint in zip([*node.args.posonlyargs, *node.args.args], types, strict=True):
        arg.annotation = arg.annotation or ast.parse(hint, mode="eval").body
    node.body, node.decorator_list = [ast.Expr(ast.Constant("."))], []
    return FunctionTask(ast.unparse(node) + "\n", task.entry)


def edge_inputs(rows: Sequence[Row], most: int = EDGES) -> list[Row]:
    """Return inputs with one argument at an edge of its kind: empty, tied, zero, negative, ...

    So are the rows themselves with small numbers and the first letters. They are made of the
    simplest rows, and the shortest come first.
    """
    found = [tuple(map(_ranked, row)) for row in rows]
    for row in sorted(rows, key=_size)[: 2 * EDGES]:
        for place, value in enumerate(row):
            for edge in _edges(value):
                found.append((*row[:place], edge, *row[place + 1 :]))
    return sorted(_distinct(found), key=_size)[:most]


def simpler_inputs(row: Row) -> list[Row]:
    """Return inputs like this one, with one argument a little simpler."""
    found = []
    for place, value in enumerate(row):
        for less in _simpler(value):
            found.append((*row[:place], less, *row[place + 1 :]))
    return [each for each in _distinct(found) if _size(each) < _size(row)]


def _size(row: Row) -> tuple[int, str]:
    return len(repr(row)), repr(row)


def _distinct(rows: Sequence[Row]) -> list[Row]:
    return list({repr(row): row for row in rows}.values())


def _edges(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (0, 1, -1, 2, -value, value + 1)
    elif isinstance(value, float):
        yield from (0.0, 0.5, 1.5, 2.5, 1.0, -value)
    elif isinstance(value, str):
        first = value.strip()[:1]
        yield from ("", value[:1], first * 2, value[:3], value.upper(), f"{first} {first}")
        yield from (f" {first}", f"{first}, {value[-1:]}.")
    elif isinstance(value, list | tuple):
        kind, some = type(value), list(value)
        yield from map(kind, ([], some[:1], some[:1] * 2, some[:2], some[:2] + some[:1]))
        yield from map(kind, (some[:1] * 2 + some[1:2], some[1:2] * 2 + some[:1], some[::-1]))
        for edge in _edges(value[0]) if value else ():
            yield kind([edge, *value[1:3]])
    elif isinstance(value, set | frozenset):
        items = sorted(value, key=repr)
        yield from (type(value)(), type(value)(items[:1]), type(value)(items[:2]))
    elif isinstance(value, dict):
        yield from ({}, dict(list(value.items())[:1]), dict(list(value.items())[:2]))


def _simpler(value: Any) -> Iterator[Any]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int):
        yield from (less for less in (0, 1, 2, 3, 10, value // 2) if abs(less) < abs(value))
    elif isinstance(value, float):
        yield from (0.0, 0.5, 1.0, value // 1, round(value, 1))
    elif isinstance(value, list | tuple | str):
        whole: Any = value
        less = [whole[:place] + whole[place + 1 :] for place in range(min(len(value), 8))]
        less += [whole[at : at + 3] for at in range(min(len(value) - 3, 5))]
        yield from map(_ranked, [*less, whole])
        yield from less
        if not isinstance(value, str):
            for place, item in enumerate(value[:4]):
                for part in itertools.islice(_simpler(item), 4):
                    yield type(value)([*value[:place], part, *value[place + 1 :]])
    elif isinstance(value, dict):
        for key in list(value)[:6]:
            yield {other: item for other, item in value.items() if other != key}
    elif isinstance(value, set | frozenset):
        for item in sorted(value, key=repr)[:6]:
            yield value - {item}


def _ranked(value: Any) -> Any:
    """Return a list with small numbers in the same order, or a text with the first letters."""
    kinds = {type(item) for item in value} if isinstance(value, list | tuple) else set()
    if kinds == {int}:
        ranks = {item: place + 1 for place, item in enumerate(sorted(set(value)))}
        return type(value)(ranks[item] for item in value)
    if isinstance(value, str) and value.isalpha() and value.islower():
        letters = dict.fromkeys(value)
        return "".join(chr(97 + list(letters).index(each) % 26) for each in value)
    return value
