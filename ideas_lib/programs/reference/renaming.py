"""Rename names of a session by the scopes that they live in, so that nothing is captured.

Renaming is simultaneous: names may change places. A name is left as it is where renaming could
change what is printed or what is meant: it is bound by a definition, stands in a string, is asked
for by its spelling, or its new name is taken in a scope inside.
"""

import builtins
import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import (
    ClassScope,
    GlobalScope,
    MetadataWrapper,
    PositionProvider,
    Scope,
    ScopeProvider,
)

__all__ = ["NameEdit", "apply_edits", "imported_modules", "rename_names"]

BY_SPELLING = frozenset({"eval", "exec", "locals", "globals", "vars", "dir", "compile"})
WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class NameEdit:
    """Text from (row, column) to (row, column), both from 0, that becomes `after`."""

    start: tuple[int, int]
    end: tuple[int, int]
    after: str


@dataclass(frozen=True)
class _Use:
    """A name where it is read or bound, in the scope that it stands in."""

    node: cst.Name
    scope: Scope | None
    start: tuple[int, int]
    after: str = "{}"  # what the new name is put into: `import numpy` becomes `import numpy as np`


class _Names(cst.CSTVisitor):
    """Collect the uses of names, and the names that must not change."""

    METADATA_DEPENDENCIES = (ScopeProvider, PositionProvider)

    def __init__(self) -> None:
        super().__init__()
        self.uses: list[_Use] = []
        self.fixed: set[str] = set()
        self.modules: dict[str, str] = {}

    def _use(self, node: cst.Name, after: str = "{}") -> None:
        place = self.get_metadata(PositionProvider, node).start
        scope = self.get_metadata(ScopeProvider, node, None)
        self.uses.append(_Use(node, scope, (place.line - 1, place.column), after))

    def visit_Name(self, node: cst.Name) -> None:
        self._use(node)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:
        node.value.visit(self)
        return False

    def visit_ImportAlias(self, node: cst.ImportAlias) -> bool:
        name = node.evaluated_name
        if node.asname is not None and isinstance(node.asname.name, cst.Name):
            self.modules[node.asname.name.value] = name
            self._use(node.asname.name)
        elif isinstance(node.name, cst.Name):
            self.modules[name] = name
            self._use(node.name, f"{name} as {{}}")
        else:
            self.fixed.add(name.partition(".")[0])
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        if not isinstance(node.names, cst.ImportStar):
            self.fixed |= {each.evaluated_alias or each.evaluated_name for each in node.names}
        return False

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.fixed.add(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.fixed.add(node.name.value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self.fixed |= set(WORD.findall(node.raw_value))

    def visit_FormattedStringText(self, node: cst.FormattedStringText) -> None:
        self.fixed |= set(WORD.findall(node.value))

    def visit_FormattedStringExpression(self, node: cst.FormattedStringExpression) -> None:
        if node.equal is not None:
            self.fixed |= set(WORD.findall(cst.Module([]).code_for_node(node.expression)))


def _collect(text: str) -> _Names | None:
    visitor = _Names()
    try:
        MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True).visit(visitor)
    except (cst.ParserSyntaxError, RecursionError, cst.CSTValidationError):
        return None
    return visitor


def imported_modules(text: str) -> dict[str, str]:
    """Return alias -> module of a session's imports of whole modules."""
    found = _collect(text)
    return found.modules if found else {}


def rename_names(text: str, wanted: Mapping[str, str]) -> tuple[list[NameEdit], dict[str, str]]:
    """Return the edits that rename global names of a text, and the names that are renamed.

    What cannot be renamed safely is left out; a name that is in the way gets another one.
    """
    found = _collect(text)
    if found is None or any(use.node.value in BY_SPELLING for use in found.uses):
        return [], {}
    names = {use.node.value for use in found.uses} | found.fixed
    outer = {use.node.value for use in found.uses if _is_global(use)}
    inner = names - outer | {use.node.value for use in found.uses if not _is_global(use)}
    bound = {name for name in outer if _is_bound(found.uses, name)}
    movable = bound - found.fixed - inner
    done: dict[str, str] = {}
    for old, new in wanted.items():
        if old == new or old not in movable or not _usable(new):
            continue
        if new in names and new not in movable:  # free, in a string, or of a scope inside
            continue
        done[old] = new
    for new in [new for new in done.values() if new in movable and new not in done]:
        done[new] = _fresh(new, names | set(done.values()))
    edits = []
    for use in found.uses:
        old = use.node.value
        if old in done and _is_global(use):
            after = use.after.format(done[old])
            edits.append(NameEdit(use.start, (use.start[0], use.start[1] + len(old)), after))
    return edits, done


def _is_global(use: _Use) -> bool:
    """Say whether a name is one of the session's own, not of a function or comprehension in it."""
    if use.scope is None:
        return True
    if isinstance(use.scope, GlobalScope):
        return True
    try:
        found = use.scope[use.node.value]
    except KeyError:
        return True
    if not found:
        return not isinstance(use.scope, ClassScope)
    return all(isinstance(each.scope, GlobalScope) for each in found)


def _is_bound(uses: Sequence[_Use], name: str) -> bool:
    """Say whether the session itself gives a name its value."""
    for use in uses:
        if use.node.value == name and use.scope is not None:
            top = use.scope.globals
            if any(each.scope is top for each in top[name]):
                return True
    return False


def _usable(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in dir(builtins)


def _fresh(name: str, taken: set[str]) -> str:
    count = 2
    while f"{name}_{count}" in taken:
        count += 1
    return f"{name}_{count}"


def apply_edits(text: str, edits: Sequence[NameEdit]) -> str:
    """Return a text with edits made, none of which overlap."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        (row, column), (last, end) = edit.start, edit.end
        joined = lines[row][:column] + edit.after + lines[last][end:]
        lines[row : last + 1] = [joined]
    return "\n".join(lines)
