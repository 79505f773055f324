"""A Pygments lexer made from the table. Pygments is needed for this alone."""

import re
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import CORE, ConstructTable, Slot

__all__ = ["lexer_class"]


def lexer_class(table: ConstructTable) -> Any:
    """Return the class of the lexer. Raises ModuleNotFoundError where Pygments is missing."""
    from pygments.lexer import RegexLexer, words
    from pygments.token import (
        Comment,
        Keyword,
        Name,
        Number,
        Operator,
        Punctuation,
        String,
        Text,
        Whitespace,
    )

    said = {part for row in table.rows.values() for part in row.form if isinstance(part, str)}
    labels = {
        f"{label}:"
        for row in table.rows.values()
        for part in row.form
        if isinstance(part, Slot)
        for label in part.labels
    } | {part for part in said if part.endswith(":")}
    core = {
        part
        for row in table.rows.values()
        if row.word in CORE
        for part in row.form
        if isinstance(part, str) and part.isidentifier()
    }
    own = {part for part in said if part.isidentifier()} - core
    signs = sorted({part for part in said if not part[0].isalpha() and part not in labels} - {"_"})
    rules: list[Any] = [
        (r"#[^\n]*", Comment.Single),
        (r'"(?:[^"\\\n]|\\.)*"', String),
        (r"-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?(?![\w.])", Number),
        (r"\$[^\W\d]\w*", Name.Variable),
        (words(sorted(labels) or ["\0"]), Name.Attribute),
        (words(sorted(core) or ["\0"], suffix=r"(?![\w:])"), Keyword),
        (words(sorted(own) or ["\0"], suffix=r"(?![\w:])"), Name.Function),
        (r"[()\[\]{},:]", Punctuation),
        (words([sign for sign in signs if sign not in "()[]{},:"] or ["\0"]), Operator),
        (r"\s+", Whitespace),
        (r".", Text),
    ]
    name = re.sub(r"\W", "", table.name)
    body = {"name": name, "aliases": [name], "filenames": [f"*.{name}"], "tokens": {"root": rules}}
    return type(f"{name.title()}Lexer", (RegexLexer,), body)
