"""Write a tree as text, so that reading it gives the same tree."""

import math
import re
from collections.abc import Iterable
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import (
    DEEPEST,
    ConstructRow,
    ConstructTable,
    Slot,
    SyntaxNode,
    is_name,
)

__all__ = ["BadTree", "construct_text", "joined_pieces", "text_literal", "unparse_program"]

OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")
PLAIN = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


class BadTree(ValueError):
    """A tree that no text of the language has; the message says which part, and why."""


def unparse_program(table: ConstructTable, tree: SyntaxNode) -> str:
    """Return the text of a program. Raises BadTree for what `parse` would not return."""
    deep = f"the tree has more than {DEEPEST} constructs within one another"
    try:
        if any(_depth(node) > DEEPEST for node in _body(tree)):
            raise BadTree(deep)
        return "".join(_line(table, node, "") for node in tree.parts[0])
    except RecursionError:
        raise BadTree(deep) from None


def construct_text(table: ConstructTable, node: SyntaxNode) -> str:
    """Return the text of one construct, without brackets around it. Raises BadTree."""
    return _written(table, node, "", ("atom", "phrase", "statement"))


def text_literal(text: str) -> str:
    """Return a text in quotes, with what cannot be seen written as an escape."""
    shown = (
        PLAIN.get(each) or (each if each.isprintable() else f"\\u{{{ord(each):x}}}")
        for each in text
    )
    return '"' + "".join(shown) + '"'


def joined_pieces(pieces: Iterable[str]) -> str:
    """Put pieces in a line: a space between two, none inside of brackets."""
    made, last = "", "("
    for piece in filter(None, pieces):
        tight = last in OPENING or piece in CLOSING or "\n" in (last[0], piece[0])
        made, last = made + (piece if tight else f" {piece}"), piece
    return made


def _depth(node: Any) -> int:
    return node.depth if isinstance(node, SyntaxNode) else 1


def _line(table: ConstructTable, node: SyntaxNode, indent: str) -> str:
    return indent + _written(table, node, indent, ("atom", "phrase", "statement")) + "\n"


def _body(node: Any) -> tuple[SyntaxNode, ...]:
    if not (isinstance(node, SyntaxNode) and node.word == "program" and len(node.parts) == 1):
        raise BadTree(f"a program is SyntaxNode('program', (statements,)), not {_shown(node)}")
    return _several(node.parts[0], 0)


def _written(table: ConstructTable, node: Any, indent: str, sorts: tuple[str, ...]) -> str:
    """Return a node's text where one of these sorts may stand; a phrase elsewhere in brackets."""
    if not isinstance(node, SyntaxNode) or node.word not in table.rows:
        raise BadTree(f"{_shown(node)} is no construct of {table.name}")
    row = table.rows[node.word]
    if len(node.parts) != len(row.slots):
        raise BadTree(f"{_shown(node)} has {len(node.parts)} parts: it takes {len(row.slots)}")
    if row.sort == "statement" and row.sort not in sorts:
        raise BadTree(f"{_shown(node)} is a statement, where a value goes")
    parts = iter(node.parts)
    text = joined_pieces(
        part if isinstance(part, str) else _slot(table, row, part, next(parts), indent)
        for part in row.form
    )
    return text if row.sort in sorts else f"({text})"


def _slot(table: ConstructTable, row: ConstructRow, slot: Slot, part: Any, indent: str) -> str:
    try:
        if slot.of in ("value", "top"):
            return _value(table, part, slot.of == "top")
        return WRITERS[slot.of](table, slot, part, indent)
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, BadTree):
            raise
        wrong = f"`{row.word}` cannot have {_shown(part)} as its {slot.name}: {slot.of}"
        raise BadTree(wrong) from None


def _value(table: ConstructTable, node: Any, top: bool = False) -> str:
    return _written(table, node, "", ("atom", "phrase") if top else ("atom",))


def _several(part: Any, least: int, most: int = -1) -> tuple[Any, ...]:
    if not isinstance(part, tuple) or len(part) < least or 0 <= most < len(part):
        raise ValueError
    return part


def _name(name: Any) -> str:
    if not isinstance(name, str) or not is_name(name):
        raise ValueError
    return f"${name}"


def _names(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    return ", ".join(map(_name, _several(part, 2 if slot.of == "several" else 1)))


def _items(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    text = ", ".join(_value(table, node, top=True) for node in _several(part, 0))
    return text + "," if slot.of == "tuple" and len(part) == 1 else text


def _pairs(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    return ", ".join(
        f"{_key(_value(table, key))}: {_value(table, value, top=True)}"
        for key, value in _several(part, 0)
    )


def _key(text: str) -> str:
    """Return a key so that it and the `:` after it are no label."""
    return f"({text})" if re.fullmatch(r"[^\W\d]\w*", text) else text


def _values(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    return " ".join(_value(table, node) for node in _several(part, slot.least, slot.most))


def _options(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    labels = [label for label, _ in _several(part, 0)]
    if len(set(labels)) < len(labels) or not set(labels) <= set(slot.labels):
        raise ValueError
    return " ".join(f"{label}: {_value(table, node)}" for label, node in part)


def _block(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    lines = [_line(table, node, indent + "  ") for node in _several(part, 1)]
    return "\n" + "".join(lines) + indent


def _literal(table: ConstructTable, slot: Slot, part: Any, indent: str) -> str:
    if type(part).__name__ != {"text": "str"}.get(slot.of, slot.of):
        raise TypeError
    if slot.of == "float" and not math.isfinite(part):
        raise ValueError
    return text_literal(part) if slot.of == "text" else repr(part)


def _shown(node: Any) -> str:
    if isinstance(node, SyntaxNode):
        return f"`{node.word}`"
    return type(node).__name__ if isinstance(node, tuple) else ascii(node)[:60]


WRITERS = {
    **{"name": lambda table, slot, part, indent: _name(part)},
    **{"names": _names, "several": _names, "items": _items, "tuple": _items, "pairs": _pairs},
    **{"values": _values, "options": _options, "block": _block},
    **{"text": _literal, "int": _literal, "float": _literal},
}
