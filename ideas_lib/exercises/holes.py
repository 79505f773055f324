"""Fill the holes of a text: in prose as people write it, in a program as Python reads it.

>>> fill_prose("{{ n }} apples, {{ +d }} more", {"n": 3, "d": -2})
'3 apples, - 2 more'
>>> fill_code("x = {{ a }} ** 2  # {{ a }}", {"a": -3})
'x = (-3) ** 2  # -3'
"""

import io
import re
import token
import tokenize
from collections.abc import Mapping
from decimal import Decimal

from ideas_lib.exercises.exercise import BadExercise, Value

__all__ = ["HOLE", "fill_code", "fill_prose", "hole_names", "written"]

HOLE = re.compile(r"\{\{[ \t]*(\+?)[ \t]*([A-Za-z_]\w*)[ \t]*\}\}")
UNSAFE = re.compile(r"""["'\\{}\n\r]""")  # what would end or change a string of Python
QUOTED = {token.STRING, tokenize.COMMENT, getattr(token, "FSTRING_MIDDLE", token.STRING)}


def hole_names(text: str) -> list[str]:
    """Return the names of a text's holes, in order, as often as they stand there."""
    return [found[2] for found in HOLE.finditer(text)]


def written(value: Value) -> str:
    """Return a value as prose has it."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def fill_prose(text: str, values: Mapping[str, Value]) -> str:
    """Return the text with each hole's value; `{{ +name }}` is a number after its sign."""

    def filled(found: re.Match[str]) -> str:
        value = values[found[2]]
        if not found[1]:
            return written(value)
        if not isinstance(value, int | Decimal):
            raise BadExercise(f"the hole {found[0]} takes a number, not {written(value)!r}")
        return f"{'-' if value < 0 else '+'} {abs(value)}"

    return HOLE.sub(filled, text)


def fill_code(text: str, values: Mapping[str, Value], what: str = "the program") -> str:
    """Return source with each hole's value as a literal, and plain within strings and comments.

    Raises BadExercise for source that cannot be read, and a value that would end a string.
    """
    holes = [found[2] for found in HOLE.finditer(text)]
    marks = [f"__hole_{at}__" for at in range(len(holes))]
    left = iter(marks)
    marked = HOLE.sub(lambda _: next(left), text)
    plain: set[str] = set()
    try:
        for each in tokenize.generate_tokens(io.StringIO(marked).readline):
            if each.type in QUOTED:
                plain.update(mark for mark in marks if mark in each.string)
    except (tokenize.TokenError, SyntaxError) as error:
        raise BadExercise(f"{what} is no Python: {error.args[0]}") from None
    for mark, name in zip(marks, holes, strict=True):
        value = values[name]
        if mark in plain and UNSAFE.search(written(value)):
            raise BadExercise(f"{name} is {written(value)!r}, which would end a string in {what}")
        marked = marked.replace(mark, written(value) if mark in plain else _literal(value), 1)
    return marked


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{written(value)}]"
    if isinstance(value, str):
        return repr(value)
    return f"({value})" if value < 0 else str(value)
