"""What binds names in the scopes of a file, and at which line. Nothing is run."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Binding", "bindings", "enclosing"]

FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
SCOPES = FUNCTIONS | ast.ClassDef


@dataclass(frozen=True)
class Binding:
    """A name gets a value at a line: `value` is an expression, an import, a definition."""

    line: int
    value: ast.AST | None
    how: str = "assign"


def enclosing(node: ast.AST, line: int) -> Iterator[ast.AST]:
    """Yield the functions and classes around a line, from the outside."""
    for child in ast.iter_child_nodes(node):
        if getattr(child, "lineno", 0) <= line <= _end(child):
            if isinstance(child, SCOPES) and _body_line(child) <= line:
                yield child
            yield from enclosing(child, line)


def _end(node: ast.AST) -> int:
    return getattr(node, "end_lineno", None) or 0


def _body_line(node: ast.AST) -> int:
    body = getattr(node, "body", [])
    return body[0].lineno if isinstance(body, list) and body else getattr(node, "lineno", 0)


def bindings(scope: ast.AST) -> Mapping[str, list[Binding]]:
    """Return what binds names in a scope, in order of lines, without the scopes inside it."""
    found: dict[str, list[Binding]] = {}

    def bind(target: ast.AST, line: int, value: ast.AST | None, how: str) -> None:
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append(Binding(line, value, how))
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
            same = len(parts) == len(target.elts) and how == "assign"
            for place, each in enumerate(target.elts):
                inner, kind = (parts[place], how) if same else (value, f"part {place}")
                bind(each, line, inner, kind if same or how == "assign" else "unknown")
        elif isinstance(target, ast.Starred):
            bind(target.value, line, None, "unknown")

    if isinstance(scope, FUNCTIONS):
        args = scope.args
        for each in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg):
            if each is not None:
                plain = each not in (args.vararg, args.kwarg)
                kind = "annotation" if each.annotation is not None and plain else "arg"
                value = each.annotation if kind == "annotation" else None
                bind(ast.Name(each.arg), getattr(scope, "lineno", 1) - 1, value, kind)
    for node in _inside(scope):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                bind(ast.Name(name), line, node, "import")
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                bind(target, line, node.value, "assign")
        elif isinstance(node, ast.AnnAssign):
            bind(node.target, line, node.annotation, "annotation")
        elif isinstance(node, ast.NamedExpr):
            bind(node.target, line, node.value, "assign")
        elif isinstance(node, ast.For | ast.AsyncFor):
            bind(node.target, line, node.iter, "element")
        elif isinstance(node, ast.comprehension):
            bind(node.target, node.target.lineno - 1, node.iter, "element")
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if item.optional_vars is not None:
                    bind(item.optional_vars, line, item.context_expr, "enter")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bind(ast.Name(node.name), line, node, "function")
        elif isinstance(node, ast.ClassDef):
            bind(ast.Name(node.name), line, node, "class")
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bind(ast.Name(node.name), line, None, "unknown")
    return {name: sorted(all_, key=lambda each: each.line) for name, all_ in found.items()}


def _inside(scope: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, SCOPES):
            yield from _inside(child)
