"""The table of constructs: what each one is written as, and what it means in Python.

A row's `form` is what is written: words, and slots for what varies. Rows of kind "core" have their
meaning in `meaning`; the others carry it: a dotted path, an attribute's name, or a `body`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = [
    "CORE",
    "DEEPEST",
    "ConstructRow",
    "ConstructTable",
    "Slot",
    "SyntaxNode",
    "core_row",
    "is_name",
    "rebuild",
    "word_form",
]

DEEPEST = 60  # constructs within constructs; Python's own stack bears that


@dataclass(frozen=True)
class SyntaxNode:
    """A piece of a program: a row's word, and what is in its slots, in the order of its form.

    In a slot is another node, a str (a name), a tuple of these, or for a literal its value.
    """

    word: str
    parts: tuple[Any, ...] = ()
    line: int = field(default=0, compare=False, repr=False)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:  # kept: trees are looked up by the thousand while a language is learned
        return hash((self.word, self.parts))

    @cached_property
    def depth(self) -> int:
        return 1 + max((node.depth for node in self.children()), default=0)

    def children(self) -> Iterable["SyntaxNode"]:
        """Yield the nodes directly within, in the order in which they are written."""
        stack = list(reversed(self.parts))
        while stack:
            part = stack.pop()
            if isinstance(part, SyntaxNode):
                yield part
            elif isinstance(part, tuple):
                stack.extend(reversed(part))


def rebuild(node: SyntaxNode, children: Iterable[SyntaxNode]) -> SyntaxNode:
    """Return a node with other children, in the order of `SyntaxNode.children`."""
    some = iter(children)

    def inside(part: Any) -> Any:
        if isinstance(part, SyntaxNode):
            return next(some)
        return tuple(map(inside, part)) if isinstance(part, tuple) else part

    return SyntaxNode(node.word, inside(node.parts), node.line)


@dataclass(frozen=True)
class Slot:
    """What may vary in a form.

    `of` says what goes in: "value" and "top" a construct (a top without brackets around it),
    "name", "names", "items", "tuple", "pairs", "block", "text", "int", "float"; "values" takes from
    `least` to `most` values (-1 is any number), "options" labelled ones of `labels`.
    """

    name: str
    of: str
    least: int = 0
    most: int = 0
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ConstructRow:
    """A construct. `sort` is "atom", "phrase" (in brackets within another) or "statement".

    `kind` is "core", "function", "method", "attribute", "setter", "constant", "call" or "learned".
    `target` is a dotted path or an attribute's name, `module` the part of it that is imported,
    `body` what a learned construct stands for: a node with `SyntaxNode("slot", (i,))`
    where slot i goes.
    """

    word: str
    sort: str
    form: tuple[str | Slot, ...]
    kind: str = "core"
    target: str = ""
    module: str = ""
    body: SyntaxNode | None = None
    note: str = ""
    uses: int = 0
    example: str = ""

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for part in self.form if isinstance(part, Slot))


def is_name(text: str) -> bool:
    """Say whether a text can be a name or a word: an identifier, as regular expressions see it."""
    return text.isidentifier() and re.fullmatch(r"[^\W\d]\w*", text) is not None


def word_form(word: str, least: int, most: int, labels: Iterable[str]) -> tuple[str | Slot, ...]:
    """Return the form of a word with from `least` to `most` values, then labelled ones."""
    values = [Slot("values", "values", least, most)] if most else []
    named = tuple(labels)
    options = [Slot("options", "options", labels=named)] if named else []
    return (word, *values, *options)


class ConstructTable:
    """The rows of one language, by word. Raises ValueError where two have the same word."""

    def __init__(self, name: str, rows: Iterable[ConstructRow]) -> None:
        self.name = name
        self.rows: dict[str, ConstructRow] = {}
        for row in rows:
            if row.word in self.rows:
                raise ValueError(f"two constructs of {name} have the word {row.word!r}")
            self.rows[row.word] = row
        self.cache: dict[object, Any] = {}  # what is made of it once: the parser

    def to_json(self) -> str:
        """Return the table as text, a row a line; `from_json` reads it."""
        lines = [json.dumps(_row_to_json(row), ensure_ascii=True) for row in self.rows.values()]
        return "[" + json.dumps(self.name) + ",\n" + ",\n".join(lines) + "]\n"

    @classmethod
    def from_json(cls, text: str) -> "ConstructTable":
        name, *rows = json.loads(text)
        return cls(name, map(_row_from_json, rows))


def _row_to_json(row: ConstructRow) -> dict[str, Any]:
    if row.kind == "core":
        return {"core": row.word, "uses": row.uses, "example": row.example}
    made = {key: getattr(row, key) for key in ("word", "sort", "kind", "target", "module")}
    form = [part if isinstance(part, str) else vars(part) for part in row.form]
    body = None if row.body is None else _node_to_json(row.body)
    rest = {"note": row.note, "uses": row.uses, "example": row.example}
    return {**made, "form": form, "body": body, **rest}


def _row_from_json(found: Mapping[str, Any]) -> ConstructRow:
    if "core" in found:
        return core_row(found["core"], found["uses"], found["example"])
    form = tuple(
        part if isinstance(part, str) else Slot(**{**part, "labels": tuple(part["labels"])})
        for part in found["form"]
    )
    body = None if found["body"] is None else _node_from_json(found["body"])
    return ConstructRow(**{**found, "form": form, "body": body})


def _node_to_json(part: Any) -> Any:
    if isinstance(part, SyntaxNode):
        return {"word": part.word, "parts": [_node_to_json(each) for each in part.parts]}
    return [_node_to_json(each) for each in part] if isinstance(part, tuple) else part


def _node_from_json(found: Any) -> Any:
    if isinstance(found, dict):
        return SyntaxNode(found["word"], tuple(_node_from_json(each) for each in found["parts"]))
    return tuple(_node_from_json(each) for each in found) if isinstance(found, list) else found


INFIX = (
    *("+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"),
    *("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "and", "or"),
)
# word: (sort, form, note). In a form, `a:b` is a slot a of b, and all else is written as it is.
CORE: dict[str, tuple[str, str, str]] = {
    "a text": ("atom", "value:text", 'a text; \\n, \\t, \\" and \\u{41} as usual'),
    "an int": ("atom", "value:int", "a whole number"),
    "a float": ("atom", "value:float", "a number with a point or an exponent"),
    **{word: ("atom", word, f"Python's {word.title()}") for word in ("true", "false", "none")},
    "a name": ("atom", "name:name", "what a name stands for"),
    "a list": ("atom", "[ items:items ]", "a list"),
    "a tuple": ("atom", "( items:tuple )", "a tuple; one of one value is ($x,)"),
    "a dict": ("atom", "{ pairs:pairs }", "a dict; a key that is a word stands in brackets"),
    **{op: ("atom", f"( left:value {op} right:value )", f"Python's `{op}`") for op in INFIX},
    "a choice": ("atom", "( then:value if test:value else other:value )", "one of two values"),
    "not": ("phrase", "not value:value", "true if the value counts as false"),
    "minus": ("phrase", "minus value:value", "the negative"),
    "invert": ("phrase", "invert value:value", "Python's `~`"),
    "at": ("phrase", "at value:value key:value", "what a list, dict or table has at a key"),
    "slice": ("phrase", "slice start:value stop:value step:value", "a range of places, for `at`"),
    "join": ("phrase", "join [ items:items ]", "a text made of parts, as an f-string is"),
    "shown": ("phrase", "shown value:value how:text", "a value as text, by a format"),
    "quoted": ("phrase", "quoted value:value", "a value as text, by `repr`"),
    "each": (
        "phrase",
        "each item:name in over:top give result:top",
        "a list with a result for each item",
    ),
    "each_when": (
        "phrase",
        "each item:name in over:top when test:top give result:top",
        "a list with a result for each item that passes",
    ),
    "take": ("phrase", "take names:names give result:top", "a function of these names"),
    "let": ("statement", "name:name = value:top", "names a value"),
    "unpack": ("statement", "names:several = value:top", "names the parts of a value"),
    **{
        f"{op}=": ("statement", f"name:name {op}= value:top", f"Python's `{op}=`")
        for op in INFIX[:13]
    },
    "put": ("statement", "put target:value key:value value:value", "sets what is at a key"),
    "for": ("statement", "for item:name in over:top do body:block end", "once for each item"),
    "for_several": (
        "statement",
        "for items:several in over:top do body:block end",
        "once for each item, whose parts are named",
    ),
    "while": ("statement", "while test:top do body:block end", "as long as the test holds"),
    "if": ("statement", "if test:top do body:block end", "only if the test holds"),
    "if_else": (
        "statement",
        "if test:top do body:block else other:block end",
        "one of two, by a test",
    ),
    "with": ("statement", "with value:top do body:block end", "Python's `with`"),
    "with_as": (
        "statement",
        "with value:top as name:name do body:block end",
        "Python's `with`, and its value named",
    ),
    "return": ("statement", "return value:top", "ends the program with a value"),
    **{word: ("statement", word, f"Python's {word}") for word in ("pass", "break", "continue")},
}


def core_row(word: str, uses: int = 0, example: str = "") -> ConstructRow:
    """Return the row of a core construct. Raises KeyError for others."""
    sort, written, note = CORE[word]
    form = tuple(_part(each) for each in written.split(" "))
    return ConstructRow(word, sort, form, note=note, uses=uses, example=example)


def _part(written: str) -> str | Slot:
    name, colon, of = written.partition(":")
    return Slot(name, of) if colon and name else written
