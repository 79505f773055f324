"""Run a tree as the Python calls that it stands for, or write them out.

Nothing is reached but what the table names: its functions, methods and attributes, and what is
handed in. That is no sandbox: a function may do whatever it does.
"""

import ast
import importlib
from collections.abc import Iterable, MutableMapping
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import (
    DEEPEST,
    ConstructRow,
    ConstructTable,
    SyntaxNode,
)
from ideas_lib.programs.dsl.runtime.meaning import Meaning, expand
from ideas_lib.programs.dsl.runtime.printing import BadTree, unparse_program

__all__ = ["load_modules", "python_source", "run_tree", "runnable"]


def run_tree(
    table: ConstructTable, tree: SyntaxNode, names: MutableMapping[str, Any] | None = None
) -> Any:
    """Do what a program says, and return the value of its last line, or of `return`.

    `names` are values that it may use, and get those that it names. Raises BadTree, and whatever
    the calls raise; a traceback has the lines of the program's text.
    """
    module, rows = runnable(table, tree)
    scope: dict[str, Any] = {"__builtins__": {}, **load_modules(rows)}
    scope |= {f"${name}": value for name, value in (names or {}).items()}
    try:
        code = compile(module, f"<{table.name}>", "exec")
    except SyntaxError as error:  # `break` where there is no loop
        raise BadTree(f"line {error.lineno}: {error.msg}") from None
    exec(code, scope)  # made of the table's rows alone: `Meaning` has no other way to a name
    try:
        return scope["program"]()
    finally:
        if names is not None:
            names.update({key[1:]: value for key, value in scope.items() if key[0] == "$"})


def runnable(table: ConstructTable, tree: SyntaxNode) -> tuple[ast.Module, list[ConstructRow]]:
    """Return a module with a function `program`, and the rows that it reaches by their paths.

    Names are spelt as in the language, and modules with a colon, so that neither hides another.
    """
    rows: list[ConstructRow] = []

    def reach(row: ConstructRow) -> ast.expr:
        rows.append(row)
        return _path(f"{row.module}:", _within(row))

    body = _body(table, tree, Meaning(table, reach, lambda name: f"${name}"))
    if body and isinstance(body[-1], ast.Expr):
        body[-1] = ast.copy_location(ast.Return(body[-1].value), body[-1])
    stored = {n.id for n in _nodes(body) if isinstance(n, ast.Name) and _is_stored(n)}
    first: list[ast.stmt] = [ast.Global(sorted(stored))] if stored else []
    nothing = ast.arguments([], [], None, [], [], None, [])
    function = ast.FunctionDef("program", nothing, first + body or [ast.Pass()], [])
    return ast.fix_missing_locations(ast.Module([function], [])), rows


def load_modules(rows: Iterable[ConstructRow]) -> dict[str, Any]:
    """Import what rows reach: a module by its name and a colon. Raises ImportError."""
    scope: dict[str, Any] = {}
    for row in rows:
        found = scope[f"{row.module}:"] = importlib.import_module(row.module)
        path = row.module
        for part in _within(row)[:-1]:
            path = f"{path}.{part}"
            if not hasattr(found, part):  # a module within, which nobody has imported yet
                importlib.import_module(path)
            found = getattr(found, part)
    return scope


def python_source(table: ConstructTable, tree: SyntaxNode) -> str:
    """Return a program as Python source, its imports first. Raises BadTree."""
    unparse_program(table, tree)
    taken = _names(tree)
    imports: dict[str, str] = {}

    def reach(row: ConstructRow) -> ast.expr:
        if row.module == "builtins":
            return _path(_within(row)[0], _within(row)[1:])
        first = _within(row)[0] if _within(row) else ""
        line = f"from {row.module} import {first}" if first else f"import {row.module}"
        alias = first or row.module
        while alias in taken or imports.get(alias, line) != line:
            alias += "_"
        imports[alias] = line
        return _path(alias, _within(row)[1:])

    body = _body(table, tree, Meaning(table, reach, lambda name: name))
    lines = [
        f"{line}{f' as {name}' if not line.endswith(f' {name}') else ''}"
        for name, line in sorted(imports.items())
    ]
    source = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    return "\n".join([*lines, *[""] * bool(lines), source]) + "\n"


def _body(table: ConstructTable, tree: SyntaxNode, meaning: Meaning) -> list[ast.stmt]:
    unparse_program(table, tree)  # says what is wrong with a tree that somebody made
    try:
        return meaning.block(expand(table, tree).parts[0])
    except RecursionError:
        raise BadTree(f"learned constructs make it over {DEEPEST} deep many times over") from None


def _within(row: ConstructRow) -> list[str]:
    """Return what comes behind the module in a row's path."""
    return [part for part in row.target[len(row.module) :].split(".") if part]


def _path(name: str, parts: Iterable[str]) -> ast.expr:
    found: ast.expr = ast.Name(name, ast.Load())
    for part in parts:
        found = ast.Attribute(found, part, ast.Load())
    return found


def _nodes(body: list[ast.stmt]) -> Iterable[ast.AST]:
    return (node for statement in body for node in ast.walk(statement))


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _names(node: SyntaxNode) -> set[str]:
    """Return all names in a tree."""
    found = {part for part in node.parts if isinstance(part, str)}
    found |= {
        each
        for part in node.parts
        if isinstance(part, tuple)
        for each in part
        if isinstance(each, str)
    }
    return found.union(*map(_names, node.children()))
