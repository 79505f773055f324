"""Read Python's statements as nodes; what the language would not have gives its reason."""

import ast
from collections.abc import Iterator, Sequence

from ideas_lib.programs.dsl.expression_reading import (
    Inexpressible,
    Names,
    read_expression,
    read_name,
)
from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode
from ideas_lib.programs.dsl.runtime.meaning import OPERATORS

__all__ = ["DEFINITIONS", "FUNCTIONS", "StatementReader"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
REASONS = {
    **{"Try": "`try`", "TryStar": "`try`", "Raise": "`raise`", "Assert": "`assert`"},
    **{"Delete": "`del`", "Global": "`global`", "Nonlocal": "`nonlocal`", "Match": "`match`"},
    **{"AsyncFor": "`async`", "AsyncWith": "`async`", "TypeAlias": "`type`"},
}


class StatementReader:
    """Reads statements; `reasons` and `pieces` gather what is not to be had, and what is in it."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.reasons: list[tuple[str, int]] = []
        self.pieces: list[SyntaxNode] = []

    def block(self, body: Sequence[ast.stmt]) -> tuple[SyntaxNode, ...]:
        """Return the nodes of the statements that can be expressed."""
        made = []
        for node in body:
            before = len(self.reasons)
            try:
                found = self.statement(node)
            except Inexpressible as error:
                self.reasons.append((error.reason, error.line))
                self._gather(node)
                continue
            if len(self.reasons) == before:  # nothing within it failed either
                made += found
            else:
                self.pieces += found
        return tuple(made)

    def inner(self, body: Sequence[ast.stmt]) -> tuple[SyntaxNode, ...]:
        """Return a block that is not empty, as those within statements are."""
        return self.block(body) or (SyntaxNode("pass"),)

    def _gather(self, node: ast.AST) -> None:
        """Keep the largest expressions within a statement that can be expressed."""
        own = node.body if isinstance(node, FUNCTIONS) else ()  # a program of its own
        for inner in ast.iter_child_nodes(node):
            if inner in own:
                continue
            try:
                if isinstance(inner, ast.expr) and not isinstance(inner, ast.Name | ast.Constant):
                    self.pieces.append(read_expression(inner, self.names))
                    continue
            except Inexpressible:
                pass
            self._gather(inner)

    def value(self, node: ast.expr) -> SyntaxNode:
        return read_expression(node, self.names)

    def statement(self, node: ast.stmt) -> list[SyntaxNode]:
        """Return what a statement comes to: mostly one node. Raises Inexpressible."""
        kind = type(node).__name__
        if isinstance(node, ast.Pass | ast.Break | ast.Continue):
            return [SyntaxNode(kind.lower(), (), node.lineno)]
        method = getattr(self, f"_{kind.lower()}", None)
        if method is None:
            if isinstance(node, DEFINITIONS):
                raise Inexpressible(f"defines `{node.name}`", node)
            raise Inexpressible(REASONS.get(kind, f"Python's {kind}"), node)
        return [SyntaxNode(word, tuple(parts), node.lineno) for word, *parts in method(node)]

    def _expr(self, node: ast.Expr) -> Iterator[tuple]:
        value = self.value(node.value)
        yield value.word, *value.parts

    def _import(self, node: ast.stmt) -> Iterator[tuple]:
        raise Inexpressible("an import within a block", node)

    _importfrom = _import

    def _return(self, node: ast.Return) -> Iterator[tuple]:
        yield "return", SyntaxNode("none") if node.value is None else self.value(node.value)

    def _assign(self, node: ast.Assign) -> Iterator[tuple]:
        if len(node.targets) > 1:
            raise Inexpressible("two targets of one value", node)
        yield self._set(node.targets[0], self.value(node.value), node)

    def _annassign(self, node: ast.AnnAssign) -> Iterator[tuple]:
        if node.value is not None:
            yield self._set(node.target, self.value(node.value), node)

    def _set(self, target: ast.expr, value: SyntaxNode, node: ast.stmt) -> tuple:
        if isinstance(target, ast.Attribute):
            name = read_name(target.attr, node)
            return f"setter:{name}", self.value(target.value), value
        if isinstance(target, ast.Subscript):
            return "put", self.value(target.value), self.value(target.slice), value
        several = self._target(target)
        return ("let" if isinstance(several, str) else "unpack"), several, value

    def _target(self, target: ast.expr) -> str | tuple[str, ...]:
        if isinstance(target, ast.Name):
            return read_name(target.id, target)
        names = target.elts if isinstance(target, ast.Tuple | ast.List) else []
        if len(names) < 2 or not all(isinstance(name, ast.Name) for name in names):
            raise Inexpressible("a target that is no name, and no two or more", target)
        return tuple(read_name(name.id, name) for name in names if isinstance(name, ast.Name))

    def _augassign(self, node: ast.AugAssign) -> Iterator[tuple]:
        if not isinstance(node.target, ast.Name):
            raise Inexpressible("`+=` or its like on what is no name", node)
        word = next(word for word, kind in OPERATORS.items() if kind is type(node.op))
        yield f"{word}=", read_name(node.target.id, node), self.value(node.value)

    def _for(self, node: ast.For) -> Iterator[tuple]:
        if node.orelse:
            raise Inexpressible("`else` of a loop", node)
        names = self._target(node.target)
        word = "for" if isinstance(names, str) else "for_several"
        yield word, names, self.value(node.iter), self.inner(node.body)

    def _while(self, node: ast.While) -> Iterator[tuple]:
        if node.orelse:
            raise Inexpressible("`else` of a loop", node)
        yield "while", self.value(node.test), self.inner(node.body)

    def _if(self, node: ast.If) -> Iterator[tuple]:
        test, body = self.value(node.test), self.inner(node.body)
        if node.orelse:
            yield "if_else", test, body, self.inner(node.orelse)
        else:
            yield "if", test, body

    def _with(self, node: ast.With) -> Iterator[tuple]:
        item, *more = node.items
        inner = self._with(ast.With(more, node.body, lineno=node.lineno)) if more else None
        body = (
            tuple(SyntaxNode(word, tuple(parts), node.lineno) for word, *parts in inner)
            if inner
            else self.inner(node.body)
        )
        if item.optional_vars is None:
            yield "with", self.value(item.context_expr), body
            return
        name = self._target(item.optional_vars)
        if not isinstance(name, str):
            raise Inexpressible("a `with` with several names", node)
        yield "with_as", self.value(item.context_expr), name, body
