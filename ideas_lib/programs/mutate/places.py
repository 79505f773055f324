"""Where the nodes of a program stand, which of them are passed over, and what is changed there."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from libcst.metadata import CodeSpan

__all__ = ["EXPORTS", "STRING", "Edit", "Places"]

STRING = m.SimpleString() | m.ConcatenatedString() | m.FormattedString()
EXPORTS = m.Name("__all__")
TYPE_CHECKING = m.Name("TYPE_CHECKING") | m.Attribute(attr=m.Name("TYPE_CHECKING"))


class Edit(NamedTuple):
    """Text from `start` to `end`, in bytes, that becomes `after`."""

    start: int
    end: int
    operator: str
    after: str
    function: str


class Places(cst.CSTVisitor):
    """Collect edits in `found`.

    Docstrings, annotations, decorators, `__all__`, and what is there for type checkers only are
    passed over. `spans` has the place of each node, and `kept` names whose every binding stays,
    for a nested function declares them nonlocal.
    """

    def __init__(
        self, source: bytes, spans: Mapping[cst.CSTNode, CodeSpan], kept: frozenset[str]
    ) -> None:
        super().__init__()
        self.source, self.spans, self.kept = source, spans, kept
        self.found: list[Edit] = []
        self.scopes: list[cst.FunctionDef | cst.ClassDef] = []

    # --- places ---

    def _start(self, node: cst.CSTNode) -> int:
        """Return where a node begins, its parentheses included."""
        brackets = node.lpar if isinstance(node, cst.BaseExpression) else ()
        return self.spans[brackets[0] if brackets else node].start

    def _end(self, node: cst.CSTNode) -> int:
        brackets = node.rpar if isinstance(node, cst.BaseExpression) else ()
        span = self.spans[brackets[-1] if brackets else node]
        return span.start + span.length

    def _text(self, node: cst.CSTNode) -> str:
        span = self.spans[node]
        return self.source[span.start : span.start + span.length].decode()

    def _replace(self, operator: str, node: cst.CSTNode, *after: str) -> None:
        """Let a node, without its parentheses, become something else."""
        span = self.spans[node]
        for text in after:
            self._edit(operator, span.start, span.start + span.length, text)

    def _edit(self, operator: str, start: int, end: int, after: str) -> None:
        names = [scope.name.value for scope in self.scopes]
        while names and isinstance(self.scopes[len(names) - 1], cst.ClassDef):
            names.pop()
        after = _spaced(self.source[max(start - 1, 0) : start], after, self.source[end : end + 1])
        if self.source[start:end] != after.encode():
            self.found.append(Edit(start, end, operator, after, ".".join(names)))

    # --- what is passed over ---

    def visit_Annotation(self, node: cst.Annotation) -> bool:
        return False

    def visit_Decorator(self, node: cst.Decorator) -> bool:
        return False

    def visit_Expr(self, node: cst.Expr) -> bool:
        return not self._is_passed_over(node)

    def visit_Assign(self, node: cst.Assign) -> bool:
        return not self._is_passed_over(node)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> bool:
        return not self._is_passed_over(node)

    def _is_passed_over(self, node: cst.BaseSmallStatement) -> bool:
        """Say whether a statement is a docstring or the like, or sets `__all__`."""
        if isinstance(node, cst.Expr):
            return m.matches(node.value, STRING | m.Ellipsis())
        if isinstance(node, cst.Assign):
            return any(m.matches(target.target, EXPORTS) for target in node.targets)
        if isinstance(node, cst.AnnAssign | cst.AugAssign):
            return m.matches(node.target, EXPORTS)
        return False

    def visit_If(self, node: cst.If) -> bool:
        if not m.matches(node.test, TYPE_CHECKING):
            return True
        if node.orelse is not None:
            node.orelse.visit(self)
        return False

    # --- scopes ---

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.scopes.append(node)

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self.scopes.pop()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.scopes.append(node)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.scopes.pop()


def _spaced(before: bytes, text: str, behind: bytes) -> str:
    """Return a text with a space where it would run into what stands beside it."""
    left, right = before.decode("latin-1"), behind.decode("latin-1")
    if not text:
        word = _is_word(left) and (_is_word(right) or right in "\"'")
        return " " if word or (left == right == "{") else ""
    space = " " if (_is_word(left) and _is_word(text[0])) or left == text[0] == "{" else ""
    return space + text + (" " if _is_word(text[-1]) and _is_word(right) else "")


def _is_word(letter: str) -> bool:
    """Say whether a letter may stand in a name or a number; all beyond ASCII may."""
    return bool(re.fullmatch(r"\w|[^\x00-\x7f]", letter))
