"""Let a file that somebody is typing in parse: close what is open, pass over the rest.

A call that is being written is unclosed, and Python's parser then reads the lines below it as its
arguments. What is put in stands at the cursor or at the end of a line, so every place before the
cursor stays where it was.
"""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator

__all__ = ["MOST_MENDS", "Unparsable", "mended"]

OPEN, CLOSE = "([{", ")]}"
ENDINGS = ("", ": pass", " else None")
MOST_MENDS = 12  # lines that are passed over before a file counts as no Python


class Unparsable(ValueError):
    """Raised for a text that is no Python, and cannot be made some by closing brackets."""


def mended(text: str, line: int, column: int, name: str) -> str:
    """Return a text that parses, and is the same before the cursor.

    `line` counts from 1, `column` from 0. A text that parses is returned as it is. Raises
    Unparsable, which names the line.
    """
    error = _error(text)
    if error is None:
        return text
    lines = text.split("\n")
    for tried in _closed(lines, line, column):
        found = _without_others(tried, line)
        if found is not None:
            return found
    raise Unparsable(f"{name}, line {error.lineno} is no Python: {error.msg}")


def _error(text: str) -> SyntaxError | None:
    with warnings.catch_warnings(action="ignore"):
        try:
            ast.parse(text)
        except SyntaxError as error:
            if error.lineno is not None:
                return error
            raise Unparsable(f"the source cannot be read: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:  # NUL, lone surrogates, depth
            raise Unparsable(f"the source cannot be read: {error}") from None
    return None


def _closed(lines: list[str], line: int, column: int) -> Iterator[str]:
    """Yield texts to try: what is open is closed at the line's end, or right at the cursor.

    Brackets that were left open further up are not the cursor's: fewer and fewer are closed.
    """
    yield "\n".join(lines)
    here = lines[line - 1]
    for end in dict.fromkeys((len(here), column)):
        start = here[:end].removesuffix("\\")
        open_ = _open_at_the_end([*lines[: line - 1], start])
        if "#" in start:  # what is put in would be part of the comment
            start += "\n"
        before = lines[: line - 1]
        for count in range(len(open_), -1, -1):
            closers = open_[:count]
            for ending in ENDINGS:
                middle = start + _filler(start, closers) + closers + ending
                yield "\n".join([*before, middle, *lines[line:]])
                yield _ended([*before, middle])


def _filler(start: str, closers: str) -> str:
    """Return a value where one has to follow: after `on=`, `*`, an operator, or a key."""
    last = start.rstrip()[-1:]
    needed = "=+-*/%&|^~<>." + ":" * closers.startswith("}")
    return "None" if last and last in needed and not start.rstrip().endswith("...") else ""


def _open_at_the_end(lines: list[str]) -> str:
    """Return what closes the brackets that are open at the end of the last line."""
    stack: list[str] = []
    reader = io.StringIO("\n".join(lines)).readline
    try:
        for token in tokenize.generate_tokens(reader):
            if token.type == tokenize.OP and token.string in OPEN:
                stack.append(token.string)
            elif token.type == tokenize.OP and token.string in CLOSE and stack:
                stack.pop()
    except (tokenize.TokenError, SyntaxError):  # its end is inside a bracket: what we are here for
        pass
    return "".join(CLOSE[OPEN.index(each)] for each in reversed(stack))


def _ended(lines: list[str]) -> str:
    """End every `try` that has no handler yet: the text stops inside of it."""
    indent = len(lines[-1]) - len(lines[-1].lstrip())
    tail = []
    for each in reversed(lines[:-1]):
        depth = len(each) - len(each.lstrip())
        if each.strip() and depth < indent:
            indent = depth
            if each.strip().startswith("try:"):
                tail += [" " * depth + "finally:", " " * depth + "    pass"]
    return "\n".join([*lines, *tail])


def _without_others(text: str, line: int) -> str | None:
    """Pass over other lines that are no Python, a few at most; None where that does not help."""
    lines = text.split("\n")
    for _ in range(MOST_MENDS):
        error = _error("\n".join(lines))
        if error is None:
            return "\n".join(lines)
        at = (error.lineno or 0) - 1
        if at == line - 1 or not 0 <= at < len(lines):
            return None
        bare = lines[at].lstrip()
        other = "if True:" if bare.rstrip().endswith(":") else "pass"
        if bare == other:
            return None
        lines[at] = lines[at][: len(lines[at]) - len(bare)] + other
    return None
