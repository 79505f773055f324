"""The call at a place of a file: what is called, what it has been given, what its result is called.

    place_of(source, "report.py", line=41, column=18)

Nothing is run. Lines and columns are counted from 1, as editors show them; without a column it is
the outermost call that begins on the line, with all that it is given.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from ideas_lib.formatting import printable
from ideas_lib.programs.reference.mending import mended

__all__ = ["CallPlace", "NoCall", "Passed", "find_text", "place_of"]


class NoCall(ValueError):
    """Raised where a place has no call and no name to look up; the message names the place."""


@dataclass(frozen=True)
class Passed:
    """An argument: its keyword or its place, None where it is starred; the text; is it written yet.

    `before` is False of an argument that the file has behind the cursor.
    """

    key: str | int | None
    text: str
    before: bool

    @property
    def name(self) -> str:
        """The argument where it is a name, else nothing."""
        return self.text if self.text.isidentifier() else ""


@dataclass(frozen=True)
class CallPlace:
    """A call, or a name that is not called: `call` is False then and nothing is passed.

    `tree` is the file, mended where it did not parse, `source` its text; `line` counts from 1 and
    `column` from 0, in characters. `target` is the name that the result gets.
    """

    name: str
    source: str
    tree: ast.Module
    callee: ast.expr
    passed: tuple[Passed, ...]
    target: str
    line: int
    column: int
    call: bool = True

    @property
    def written(self) -> str:
        """What is called, as it is written."""
        return ast.unparse(self.callee)

    @property
    def receiver(self) -> str:
        """The name that a method is called on, else nothing."""
        inner = self.callee.value if isinstance(self.callee, ast.Attribute) else None
        return inner.id if isinstance(inner, ast.Name) else ""


def find_text(source: str, text: str, name: str) -> tuple[int, int, list[int]]:
    """Return line and column, from 1, of the end of a text's first place; and the lines of all.

    Raises NoCall where the text is not there.
    """
    wanted = text.strip()
    starts = [at for at in range(len(source)) if wanted and source.startswith(wanted, at)]
    if not starts:
        raise NoCall(f"{name} has no {printable(text)!r}: give a piece of it as it is written")
    end = starts[0] + len(wanted)
    lines = [source.count("\n", 0, at) + 1 for at in starts]
    return source.count("\n", 0, end) + 1, end - source.rfind("\n", 0, end), lines


def place_of(source: str, name: str, line: int, column: int | None = None) -> CallPlace:
    """Return the call at a place. Raises NoCall, and Unparsable where the text is no Python."""
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    if not 1 <= line <= len(lines):
        raise NoCall(f"{name}:{line}: the file has {len(lines)} lines")
    here = lines[line - 1]
    if column is not None and not 1 <= column <= len(here) + 1:
        raise NoCall(f"{name}:{line}:{column}: the line has {len(here)} characters")
    at = len(here) if column is None else column - 1
    text = mended(source, line, at, name)
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(text)
    spans = _Spans(text)
    node = _chosen(tree, spans, line, None if column is None else at)
    if node is None:
        where = f"{name}:{line}" if column is None else f"{name}:{line}:{column}"
        words = printable(here.strip())[:60]
        raise NoCall(f"{where} has no call and no name to look up, but {words!r}: name another")
    cursor = (line, at) if column is not None else None
    if not isinstance(node, ast.Call):
        row, col = spans.end(node)
        return CallPlace(name, text, tree, node, (), "", row, col, call=False)
    row, col = spans.end(node.func)
    passed = tuple(_passed(node, spans, cursor))
    return CallPlace(name, text, tree, node.func, passed, _target(tree, node), row, col)


class _Spans:
    """Where nodes stand, in characters: `ast` counts bytes."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    def start(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        return node.lineno, self._characters(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        row, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return row, self._characters(row, column)

    def _characters(self, row: int, offset: int) -> int:
        return len(self.lines[row - 1].encode()[:offset].decode(errors="replace"))


def _chosen(tree: ast.Module, spans: _Spans, line: int, at: int | None) -> ast.expr | None:
    """Return the innermost call around the cursor; without one, the outermost of the line.

    On a name it is the call of that name, or the name where it is not called.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    if at is None:
        around = [node for node in calls if node.lineno <= line <= (node.end_lineno or 0)]
        begun = [node for node in around if spans.end(node.func)[0] == line]
        if begun:  # `a.b().c()` begins where `a.b()` does, and ends last
            first = min(map(spans.start, begun))
            return max((each for each in begun if spans.start(each) == first), key=spans.end)
        return max(around, key=spans.start, default=_named(tree, spans, line, None))
    cursor = (line, at)
    name = _named(tree, spans, line, at)
    if name is not None:
        called = [node for node in calls if node.func is name]
        inside = [node for node in calls if spans.end(node.func) <= cursor <= spans.end(node)]
        if called or isinstance(name, ast.Attribute) or not inside:
            return called[0] if called else name
    inner = [node for node in calls if spans.end(node.func) <= cursor < spans.end(node)]
    inner = inner or [node for node in calls if spans.end(node) == cursor]
    return max(inner, key=spans.start, default=name)


def _named(tree: ast.Module, spans: _Spans, line: int, at: int | None) -> ast.expr | None:
    """Return the name under the cursor, `a.b` for the cursor in b; without one, the longest."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        row, column = spans.end(node)
        last = node.attr if isinstance(node, ast.Attribute) else node.id
        if row == line and (at is None or column - len(last) <= at < column):
            found.append(node)
    return max(found, key=lambda node: len(ast.unparse(node)), default=None)


def _passed(node: ast.Call, spans: _Spans, cursor: tuple[int, int] | None) -> Iterator[Passed]:
    """Yield what a call is given. The word that the cursor is in the middle of counts as given."""

    def before(each: ast.expr | ast.keyword) -> bool:
        return cursor is None or spans.start(each) < cursor

    for place, arg in enumerate(node.args):
        starred = isinstance(arg, ast.Starred)
        yield Passed(None if starred else place, ast.unparse(arg), before(arg))
    for keyword in node.keywords:
        yield Passed(keyword.arg, ast.unparse(keyword.value), before(keyword))


def _target(tree: ast.Module, call: ast.Call) -> str:
    """Return the name that a call's result is assigned to, else nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and node.value is call and len(node.targets) == 1:
            target = node.targets[0]
        elif isinstance(node, ast.AnnAssign) and node.value is call:
            target = node.target
        else:
            continue
        return target.id if isinstance(target, ast.Name) else ""
    return ""
