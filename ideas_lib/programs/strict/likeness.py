"""Arguments that are like some that are known: edge cases first, and then as many as are wanted.

Each value keeps to the kinds of those known in its place, and to nothing else: it may be empty,
zero, negative, long, all ties. Which of them make sense is for a contract to say. They depend on a
seed alone, unlike what `checks.inputs` has Hypothesis draw: labels that a calibration rests on must
come out the same whatever else is loaded.
"""

import itertools
import random
import string
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["Row", "draw_rows", "edge_rows"]

Row = tuple[Any, ...]
LONG = 40  # items of a list, letters of a text
MOST_EDGES = 400
ODD_LETTERS = "éßİ日\t\n"
PUNCTUATION = ".,!?-_#/'()"


def edge_rows(rows: Sequence[Row]) -> list[Row]:
    """Return rows of edge cases: in one place at a time, then in all places together.

    Before them come known rows in every order, where all places hold values of one type.
    """
    columns = [[*_edges(column)] for column in _columns(rows)]
    alone = [
        (*row[:place], edge, *row[place + 1 :])
        for row in rows[:4]
        for place, edges in enumerate(columns)
        for edge in edges
    ]
    alike = [row for row in rows if 1 < len(row) < 5 and len(set(map(type, row))) == 1]
    orders = [order for row in alike for order in itertools.permutations(row)]
    together = itertools.islice(itertools.product(*columns), MOST_EDGES)
    return orders[:MOST_EDGES] + alone + list(together)


def draw_rows(rows: Sequence[Row], seed: int) -> Iterator[Row]:
    """Yield rows without end: fresh ones, and those known with one place changed.

    All rows have the same length, at least one. Raises ValueError otherwise.
    """
    rng, columns = random.Random(seed), _columns(rows)
    while True:
        drawn = [_like(rng, column) for column in columns]
        if rng.random() < 0.4:
            known, place = rng.choice(rows), rng.randrange(len(columns))
            drawn = [*known[:place], drawn[place], *known[place + 1 :]]
        elif len(drawn) > 1 and rng.random() < 0.4:
            one, other = rng.sample(range(len(drawn)), 2)
            drawn[other] = _related(rng, drawn[one], drawn[other])
        yield tuple(drawn)


def _columns(rows: Sequence[Row]) -> list[list[Any]]:
    if len({len(row) for row in rows}) != 1 or not rows[0]:
        raise ValueError(f"{len(rows)} rows of arguments have to be of one length, and not empty")
    return [list(column) for column in zip(*rows, strict=True)]


# --- edge cases ---


def _edges(values: Sequence[Any]) -> list[Any]:
    """Return edge cases of the kinds of these values."""
    found: list[Any] = []
    for kind in dict.fromkeys(map(type, values)):
        some = [value for value in values if type(value) is kind]
        found += EDGES[kind](some) if kind in EDGES else some
    return found


def _whole_edges(values: Sequence[int]) -> list[Any]:
    low, high = min(values), max(values)
    return [0, 1, -1, 2, 3, 10, 100, low - 1, high + 1, -high, 2 * high]


def _decimal_edges(values: Sequence[float]) -> list[Any]:
    return [0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 1e-3, 1e6, max(values) + 0.25]


def _text_edges(values: Sequence[str]) -> list[Any]:
    longest = max(values, key=len)
    letter = longest[:1] or "a"
    return ["", " ", letter, letter * 2, letter * LONG, longest + longest, longest[::-1], "0", "aA"]


def _list_edges(values: Sequence[list[Any]]) -> list[Any]:
    items = [item for value in values for item in value]
    size = max(map(len, values))
    longest = next(value for value in values if len(value) == size)
    found = [[], longest[:1], longest[:2], longest + longest, longest[::-1], longest[:1] * LONG]
    few = [] if not items else _edges(items)
    return [*found, *([edge] for edge in few), few[:6]]


def _tuple_edges(values: Sequence[tuple[Any, ...]]) -> list[Any]:
    if len({len(value) for value in values}) > 1:
        return [tuple(edge) for edge in _list_edges([list(value) for value in values])]
    parts = [_edges([value[place] for value in values])[:5] for place in range(len(values[0]))]
    return list(itertools.islice(itertools.product(*parts), 25))


def _dict_edges(values: Sequence[dict[Any, Any]]) -> list[Any]:
    return [{}, *(dict([pair]) for value in values for pair in value.items())]


EDGES: dict[type, Callable[[Any], list[Any]]] = {
    bool: lambda values: [False, True],
    int: _whole_edges,
    float: _decimal_edges,
    str: _text_edges,
    list: _list_edges,
    tuple: _tuple_edges,
    dict: _dict_edges,
}


# --- at random ---


def _like(rng: random.Random, values: Sequence[Any]) -> Any:
    """Return a value of the kind of one of these."""
    value = rng.choice(values)
    some = [other for other in values if type(other) is type(value)]
    drawn = DRAWN.get(type(value))
    return drawn(rng, some) if drawn else value


def _related(rng: random.Random, one: Any, other: Any) -> Any:
    """Return a value that has to do with another: a part of it, or the same; else `other`."""
    if isinstance(one, str | list) and one and type(one) is type(other):
        start = rng.randrange(len(one))
        part = one[start : start + rng.randint(1, 3)]
        again = rng.sample(list(one), len(one))
        return rng.choice([one, part, "".join(again) if isinstance(one, str) else again])
    flat = (
        [item for part in one for item in (part if isinstance(part, list) else [part])]
        if (isinstance(one, list))
        else [one]
    )
    same = [item for item in flat if type(item) is type(other)]
    return rng.choice(same) if same else other


def _whole(rng: random.Random, values: Sequence[int]) -> int:
    low, high = min(values), max(values)
    kind = rng.random()
    if kind < 0.15:
        return int(rng.choice(_whole_edges(values)))
    if kind < 0.6:
        return rng.randint(-5 if kind < 0.25 else 0, 20)
    if kind < 0.7:
        return rng.choice(values) + rng.randint(-2, 2)
    return rng.randint(min(2 * low, -20) if kind < 0.8 else 0, max(2 * high, 100))


def _decimal(rng: random.Random, values: Sequence[float]) -> float:
    if rng.random() < 0.15:
        return float(rng.choice(_decimal_edges(values)))
    parts = rng.choice([1, 2, 10, 100, 1000])
    bound = rng.choice([2, 10, int(max(map(abs, values))) + 1])
    return rng.randint(-bound * parts if rng.random() < 0.4 else 0, bound * parts) / parts


def _text(rng: random.Random, values: Sequence[str]) -> str:
    kind, known = rng.random(), rng.choice(values)
    if kind < 0.08:
        return str(rng.choice(_text_edges(values)))
    words = [word for value in values for word in value.split()]
    if kind < 0.35 and words:
        gap = " " if rng.random() < 0.8 else rng.choice(["", ",", "  ", "   "])
        return gap.join(rng.choices(words, k=rng.randint(1, 8)))
    letters = "".join(sorted({letter for value in values for letter in value})) or "ab"
    if kind < 0.65:
        few = "".join(rng.sample(letters, min(len(letters), rng.randint(1, 4))))
        drawn = "".join(rng.choices(few, k=rng.randint(0, 10)))
        return drawn + drawn[::-1] if rng.random() < 0.2 else drawn
    if kind < 0.75:
        every = letters + string.ascii_letters + string.digits + PUNCTUATION + " "
        every += ODD_LETTERS if rng.random() < 0.3 else ""
        return "".join(rng.choices(every, k=rng.randint(0, rng.choice([6, 12, LONG]))))
    for _ in range(rng.randint(1, 3)):
        known = _changed_text(rng, known, letters)
    return known


def _changed_text(rng: random.Random, text: str, letters: str) -> str:
    place = rng.randint(0, len(text))
    more = rng.choice(letters + "aZ 0")
    changes = [
        text[:place] + more + text[place:],
        text[:place] + more + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text[:place] + text[place : place + 1] * 3 + text[place + 1 :],
        text[:place],
        text[place:] + text[:place],
        text.swapcase() if rng.random() < 0.5 else text.upper(),
    ]
    return rng.choice(changes)


def _list(rng: random.Random, values: Sequence[list[Any]]) -> list[Any]:
    items = [item for value in values for item in value]
    kind, known = rng.random(), list(rng.choice(values))
    if not items:
        return known
    if kind < 0.3 and known:
        place = rng.randrange(len(known))
        known[place : place + 1] = rng.choice(
            [[], [_like(rng, items)], [known[place]] * 2, [known[place], _like(rng, items)]]
        )
        return known
    size = rng.choice([0, 1, 2, 3, 4, 5, 6, 8, LONG if rng.random() < 0.2 else 7])
    drawn = [_like(rng, items) for _ in range(size)]
    if kind < 0.5 and drawn:  # ties
        drawn = rng.choices(drawn[:3], k=size)
    elif kind < 0.6:
        drawn = drawn + drawn[::-1]
    elif kind < 0.75:
        try:
            drawn.sort(reverse=kind < 0.68)
        except TypeError:  # of several kinds
            drawn.reverse()
    return drawn


def _tuple(rng: random.Random, values: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    if len({len(value) for value in values}) > 1:
        return tuple(_list(rng, [list(value) for value in values]))
    return tuple(_like(rng, [value[place] for value in values]) for place in range(len(values[0])))


def _dict(rng: random.Random, values: Sequence[dict[Any, Any]]) -> dict[Any, Any]:
    pairs = [pair for value in values for pair in value.items()]
    if not pairs:
        return {}
    keys, items = zip(*pairs, strict=True)
    return {_like(rng, keys): _like(rng, items) for _ in range(rng.randint(0, 5))}


DRAWN: dict[type, Callable[[random.Random, Any], Any]] = {
    bool: lambda rng, values: rng.random() < 0.5,
    int: _whole,
    float: _decimal,
    str: _text,
    list: _list,
    tuple: _tuple,
    dict: _dict,
}
