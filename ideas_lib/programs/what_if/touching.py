"""Which tests a change can touch, from what each test was seen to run and read."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ideas_lib.programs.what_if.harness.code_pairs import CannotSwap, changed_lines, pair_codes
from ideas_lib.programs.what_if.repo_changes import FileEdit, RepoChange

__all__ = ["Traced", "touched_places"]

OUTSIDE = -1  # the place of what is run before, between and after tests


@dataclass
class Traced:
    """What a traced run told: of files, by path, and of tests, by their places.

    `lines` has who ran a line; `opened` who read a file; `unseen` whose lines do not say all, and
    why; `rewritten` are files that pytest compiles itself.
    """

    lines: dict[str, dict[int, set[int]]] = field(default_factory=dict)
    opened: dict[str, set[int]] = field(default_factory=dict)
    unseen: dict[int, str] = field(default_factory=dict)
    rewritten: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, told: Mapping[str, Any], top: str) -> "Traced":
        """Return what a worker told, with paths as from the top of the repository."""
        start = len(top.rstrip("/")) + 1
        return cls(
            {
                path[start:]: {int(line): set(places) for line, places in rows}
                for path, rows in told["lines"]
            },
            {path[start:]: set(places) for path, places in told["opened"]},
            {int(place): str(why) for place, why in told["unseen"]},
            {path[start:] for (path,) in told["rewritten"]},
        )


def touched_places(change: RepoChange, traced: Traced) -> tuple[set[int] | None, str]:
    """Return the tests that a change can touch; or None, and why that cannot be known."""
    found = {place for place in traced.unseen if place != OUTSIDE}
    if OUTSIDE in traced.unseen:
        return None, f"what is run outside of tests {traced.unseen[OUTSIDE]}"
    for edit in change.edits:
        try:
            found |= _touched_by(edit, traced)
        except CannotSwap as error:
            return None, f"{edit.path}: {error}"
    return found, ""


def _touched_by(edit: FileEdit, traced: Traced) -> set[int]:
    path = edit.path
    if edit.before is None or edit.after is None:
        raise CannotSwap("it is made or removed")
    if not path.endswith(".py"):
        raise CannotSwap("it is no Python, and may be read by anything")
    if path in traced.rewritten:
        raise CannotSwap("it is a file of tests")
    if path not in traced.lines:
        raise CannotSwap("no test was seen to run it")
    readers = traced.opened.get(path, set())
    if OUTSIDE in readers:
        raise CannotSwap("it is read as a file before the tests")
    before, after = (t.encode("utf-8", "surrogateescape") for t in (edit.before, edit.after))
    found, ran = set(readers), traced.lines[path]
    statements = _statements(before)
    for pair in pair_codes(before, after, path):
        if pair.differs:
            lines = _whole_statements(changed_lines(pair), statements)
            places = set().union(*(ran.get(line, set()) for line in lines))
            if OUTSIDE in places or not lines:
                raise CannotSwap(f"{pair.old.co_qualname} runs before the tests")
            found |= places
    return found


def _statements(source: bytes) -> list[tuple[int, int]]:
    """Return the lines of every statement, first and last; of one with a body, of its head."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt):
            inner = [
                each.lineno for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)
            ]
            end = min([*(line - 1 for line in inner), node.end_lineno or node.lineno])
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.append((node.lineno, max(end, node.lineno)))
    return found


def _whole_statements(lines: Iterable[int], statements: list[tuple[int, int]]) -> set[int]:
    """Return lines with all others of the statements that they are of."""
    lines = set(lines)
    more = [range(a, b + 1) for a, b in statements if not lines.isdisjoint(range(a, b + 1))]
    return lines.union(*more)
