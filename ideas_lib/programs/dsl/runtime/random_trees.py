"""Make trees at random from the table: for tests, and for examples where a corpus has none."""

import random
from collections.abc import Callable
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import ConstructTable, Slot, SyntaxNode

__all__ = ["sample_program", "sample_tree"]

NAMES = ("a", "b2", "_c", "größe", "in_", "class")
TEXTS = ("", "a", 'say "so"', "\\", "\n\t", "$x # no", "é\u2028\U0001f600", "\x00\ud800")
NUMBERS = (0, 1, -7, 10**20)
FLOATS = (0.0, -0.5, 1e300, 5e-324, 2.0)


def sample_program(
    table: ConstructTable, rng: random.Random, lines: int = 3, depth: int = 4
) -> SyntaxNode:
    """Return a program of at most so many lines, and so many constructs within one another."""
    block = tuple(_statement(table, rng, depth) for _ in range(rng.randint(0, lines)))
    return SyntaxNode("program", (block,))


def sample_tree(table: ConstructTable, rng: random.Random, word: str, depth: int = 3) -> SyntaxNode:
    """Return a node of one row, filled at random."""
    row = table.rows[word]
    return SyntaxNode(word, tuple(_part(table, rng, slot, depth - 1) for slot in row.slots))


def _of_sorts(table: ConstructTable, *sorts: str) -> list[str]:
    if sorts not in table.cache:
        table.cache[sorts] = [row.word for row in table.rows.values() if row.sort in sorts]
    return table.cache[sorts]


def _statement(table: ConstructTable, rng: random.Random, depth: int) -> SyntaxNode:
    words = _of_sorts(table, "atom", "phrase", "statement")
    return sample_tree(table, rng, rng.choice(words), depth)


def _value(table: ConstructTable, rng: random.Random, depth: int) -> SyntaxNode:
    if depth <= 0:
        return SyntaxNode("a text", (rng.choice(TEXTS),))
    return sample_tree(table, rng, rng.choice(_of_sorts(table, "atom", "phrase")), depth)


def _part(table: ConstructTable, rng: random.Random, slot: Slot, depth: int) -> Any:
    def several(least: int, most: int, make: Callable[[], Any]) -> tuple[Any, ...]:
        return tuple(make() for _ in range(rng.randint(least, most)))

    def value() -> SyntaxNode:
        return _value(table, rng, depth)

    makers: dict[str, Callable[[], Any]] = {
        **{"value": value, "top": value},
        "name": lambda: rng.choice(NAMES),
        "names": lambda: several(1, 3, lambda: rng.choice(NAMES)),
        "several": lambda: several(2, 3, lambda: rng.choice(NAMES)),
        "items": lambda: several(0, 3, value),
        "tuple": lambda: several(0, 3, value),
        "pairs": lambda: several(0, 2, lambda: (value(), value())),
        "block": lambda: several(1, 2, lambda: _statement(table, rng, depth)),
        "values": lambda: several(
            slot.least, max(slot.most, slot.least + 2 * (slot.most < 0)), value
        ),
        "options": lambda: tuple(
            (label, value()) for label in rng.sample(slot.labels, rng.randint(0, len(slot.labels)))
        ),
        "text": lambda: rng.choice(TEXTS),
        "int": lambda: rng.choice(NUMBERS),
        "float": lambda: rng.choice(FLOATS),
    }
    return makers[slot.of]()
