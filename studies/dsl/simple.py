"""Simpler ways to propose constructs, each weighed by the same rule as what is learned."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from ideas_lib.programs.dsl.patterns import is_open, node_head, size, slot
from ideas_lib.programs.dsl.runtime.construct_table import CORE, SyntaxNode, rebuild
from ideas_lib.programs.dsl.words import every_node

__all__ = ["by_both", "by_calls", "by_whole", "nothing_more"]

Programs = Sequence[Sequence[SyntaxNode]]


def by_whole(programs: Programs, arity: int) -> list[SyntaxNode]:
    """Return whole expressions that are there twice: the most frequent ones save most."""
    counts = Counter(node for node in _open_nodes(programs) if size(node) > 1)
    return [
        node
        for node, count in counts.items()
        if count > 1 and all(map(is_open, every_node([node])))
    ]


def by_calls(programs: Programs, arity: int) -> list[SyntaxNode]:
    """Return calls, attributes and the like, with a slot for each value, or with usual ones fixed.

    A value is fixed if it is mostly the same and has nothing within.
    """
    values: dict[Any, dict[int, Counter[SyntaxNode]]] = defaultdict(lambda: defaultdict(Counter))
    shapes = {}
    for node in _open_nodes(programs):
        if node.word not in CORE:
            shapes[node_head(node)] = node
            for place, child in enumerate(node.children()):
                values[node_head(node)][place][child] += 1
    found = []
    for head, node in shapes.items():
        usual = {place: _usual(counts) for place, counts in values[head].items()}
        fixed = {place: value for place, value in usual.items() if value is not None}
        for some in ({}, fixed) if fixed else ({},):
            if len(usual) - len(some) <= arity:
                found.append(_with_slots(node, some))
    return found


def by_both(programs: Programs, arity: int) -> list[SyntaxNode]:
    """Return whole expressions, and calls."""
    return [*by_whole(programs, arity), *by_calls(programs, arity)]


def nothing_more(programs: Programs, arity: int) -> list[SyntaxNode]:
    """Return no patterns."""
    return []


def _open_nodes(programs: Programs) -> Iterator[SyntaxNode]:
    return filter(is_open, every_node(node for program in programs for node in program))


def _usual(counts: Counter[SyntaxNode]) -> SyntaxNode | None:
    (value, count), *_ = counts.most_common(1)
    alone = is_open(value) and not any(True for _ in value.children())
    return value if alone and count * 2 > counts.total() else None


def _with_slots(node: SyntaxNode, fixed: dict[int, SyntaxNode]) -> SyntaxNode:
    children, free = [], 0
    for place in range(sum(1 for _ in node.children())):
        children.append(fixed.get(place) or slot(free))
        free += place not in fixed
    return rebuild(node, children)
