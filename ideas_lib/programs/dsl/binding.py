"""Which constructs bind names, and which names nodes read and bind."""

from collections.abc import Iterable

from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode

__all__ = ["BINDERS", "names_in"]


def names_in(nodes: Iterable[SyntaxNode]) -> tuple[set[str], set[str]]:
    """Return the names that nodes read, and those that they bind."""
    read: set[str] = set()
    bound: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        stack.extend(node.children())
        if node.word == "a name" or (node.word.endswith("=") and isinstance(node.parts[0], str)):
            read.add(node.parts[0])
        elif node.word in BINDERS:
            name = node.parts[BINDERS[node.word]]
            bound |= {name} if isinstance(name, str) else set(name)
    return read, bound


BINDERS = {
    **{"let": 0, "unpack": 0, "for": 0, "for_several": 0, "with_as": 1},
    **{"each": 0, "each_when": 0, "take": 0},
}
