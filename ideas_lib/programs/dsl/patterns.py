"""Patterns: what trees have in common, with slots where they differ; finding and replacing them.

A pattern is a node with `SyntaxNode("slot", (i,))` in it. Names are never part of one: a construct
that knew a program's names would be of use to no other.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ideas_lib.programs.dsl.binding import BINDERS
from ideas_lib.programs.dsl.runtime.construct_table import CORE, SyntaxNode, rebuild

__all__ = [
    "anti_unify",
    "count_slots",
    "is_open",
    "match",
    "node_head",
    "replace",
    "size",
    "slot",
    "slots_in",
]

ATOMS = ("a text", "an int", "a float", "a name", "slot")
CLOSED = {
    *BINDERS,
    *("program", "a name", "slot"),
    *(word for word, (sort, _, _) in CORE.items() if sort == "statement" and word != "put"),
}


def slot(place: int) -> SyntaxNode:
    """Return what stands for a slot in a pattern."""
    return SyntaxNode("slot", (place,))


def is_open(node: SyntaxNode) -> bool:
    """Say whether a node may be in a pattern: none that binds names, or has statements within."""
    return node.word not in CLOSED


def node_head(node: SyntaxNode) -> tuple[Any, ...]:
    """Return what a node has without its children: two of one head differ in children alone."""

    def bare(part: Any) -> Any:
        if isinstance(part, SyntaxNode):
            return None
        return tuple(map(bare, part)) if isinstance(part, tuple) else (type(part), part)

    kept = node.__dict__
    if "head" not in kept:
        kept["head"] = (node.word, bare(node.parts))
    return kept["head"]


def size(node: SyntaxNode) -> int:
    """Return how many words, labels, names and literals a node has, slots not counted."""
    kept = node.__dict__  # a node never changes, and is asked for its size again and again
    if "size" not in kept:
        inner = _strings(node.parts) + sum(map(size, node.children()))
        kept["size"] = int(node.word != "slot") if node.word in ATOMS else 1 + inner
    return kept["size"]


def _strings(part: Any) -> int:
    if isinstance(part, tuple):
        return sum(map(_strings, part))
    return isinstance(part, str)


def match(pattern: SyntaxNode, node: SyntaxNode, found: dict[int, SyntaxNode]) -> bool:
    """Say whether a node is an instance of a pattern; `found` gets what is in the slots."""
    if pattern.word == "slot":
        place = pattern.parts[0]
        return found.setdefault(place, node) == node
    if pattern.word != node.word or node_head(pattern) != node_head(node):
        return False
    pairs = zip(pattern.children(), node.children(), strict=True)
    return all(match(part, each, found) for part, each in pairs)


def replace(
    node: SyntaxNode, pattern: SyntaxNode, make: Callable[[dict[int, SyntaxNode]], SyntaxNode]
) -> SyntaxNode:
    """Return a node with each instance of a pattern replaced, from the top down."""
    found: dict[int, SyntaxNode] = {}
    if match(pattern, node, found):
        inner = {place: replace(each, pattern, make) for place, each in found.items()}
        made = make(inner)
        return SyntaxNode(made.word, made.parts, node.line)
    before = list(node.children())
    after = [replace(each, pattern, make) for each in before]
    return node if all(a is b for a, b in zip(after, before, strict=True)) else rebuild(node, after)


def anti_unify(one: SyntaxNode, other: SyntaxNode) -> SyntaxNode:
    """Return the closest pattern that both are instances of. Names and slots become slots."""
    places: dict[tuple[SyntaxNode, SyntaxNode], int] = {}

    def common(a: SyntaxNode, b: SyntaxNode) -> SyntaxNode:
        if is_open(a) and node_head(a) == node_head(b):
            pairs = zip(a.children(), b.children(), strict=True)
            return rebuild(a, [common(x, y) for x, y in pairs])
        return slot(places.setdefault((a, b), len(places)))

    return common(one, other)


def count_slots(pattern: SyntaxNode) -> int:
    """Return how many different slots a pattern has."""
    return len(set(slots_in([pattern])))


def slots_in(nodes: Sequence[SyntaxNode]) -> list[int]:
    """Return the slots of patterns, in the order in which they are written."""
    found: list[int] = []
    for node in nodes:
        found += [node.parts[0]] if node.word == "slot" else slots_in(list(node.children()))
    return found
