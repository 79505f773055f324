"""Read Python files as programs: a file's own statements are one, each function's another.

Imports make words, and definitions are programs of their own, so neither is in a program. A
statement that cannot be expressed gives its reason, and what is in it that could be is learned
from all the same.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ideas_lib.programs.dsl.binding import names_in
from ideas_lib.programs.dsl.expressions import Inexpressible, Names, read_expression, read_name
from ideas_lib.programs.dsl.runtime.meaning import OPERATORS
from ideas_lib.programs.dsl.runtime.table import DEEPEST, Node

__all__ = ["Program", "imported_modules", "parse_python", "read_programs"]

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
REASONS = {
    **{"Try": "`try`", "TryStar": "`try`", "Raise": "`raise`", "Assert": "`assert`"},
    **{"Delete": "`del`", "Global": "`global`", "Nonlocal": "`nonlocal`", "Match": "`match`"},
    **{"AsyncFor": "`async`", "AsyncWith": "`async`", "TypeAlias": "`type`"},
}


@dataclass(frozen=True)
class Program:
    """A program of a corpus: `name` is its file and function, `source` what Python would run.

    `tree` is None where something cannot be expressed: `reasons` are what and on which line.
    `pieces` are what could be, in any case, and `given` names that come from outside.
    """

    name: str
    source: str
    tree: Node | None
    reasons: tuple[tuple[str, int], ...]
    pieces: tuple[Node, ...]
    given: tuple[str, ...]


def parse_python(source: str | bytes) -> ast.Module:
    """Return the syntax tree of a file. Raises SyntaxError for whatever is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"{error or 'nested too deep'}") from None


def read_programs(module: ast.Module, name: str) -> list[Program]:
    """Return the programs of a file: its own statements, and each function's."""
    found = [_read(module.body, name, module, [], ())]
    found += list(_functions(module, name, module, frozenset(_stored(module.body))))
    return [program for program in found if program.pieces or program.reasons]


def _functions(
    inside: ast.AST, name: str, module: ast.Module, outer: frozenset[str]
) -> Iterator[Program]:
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, ast.FunctionDef):
            args = node.args
            every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
            taken = [arg.arg for arg in every if arg]
            where = f"{name}:{node.name}"
            yield _read(node.body, where, module, taken, outer)
            inner = outer | set(taken) | _stored(node.body)
            yield from _functions(node, where, module, frozenset(inner))
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{name}:{node.name}", module, outer)
        else:
            yield from _functions(node, name, module, outer)


def _read(
    body: Sequence[ast.stmt],
    name: str,
    module: ast.Module,
    taken: Sequence[str],
    outer: Iterable[str],
) -> Program:
    whole = body is module.body
    imports = [each for each in module.body if isinstance(each, IMPORTS)]
    imports += [each for each in body if isinstance(each, IMPORTS) and not whole]
    imported, modules = _imported(imports)
    own = _stored(body) | set(taken)
    lines = list(_lines(body, whole))
    reader = _Statements(Names(imported, modules, frozenset(own | set(outer))))
    nodes = reader.block(lines)
    if any(node.depth > DEEPEST for node in nodes):
        reader.reasons.append((f"more than {DEEPEST} constructs within one another", 0))
    read, bound = names_in(nodes)
    given = (read - bound) | (read & set(taken))
    source = "\n".join(ast.unparse(each) for each in [*imports, *lines])
    return Program(
        **{"name": name, "source": source, "given": tuple(sorted(given))},
        tree=None if reader.reasons else Node("program", (nodes,), 1),
        reasons=tuple(reader.reasons),
        pieces=(*nodes, *reader.pieces),
    )


def _lines(body: Sequence[ast.stmt], whole: bool) -> Iterator[ast.stmt]:
    """Yield what a program does: no docstring, import, or definition that only makes a name."""
    for place, node in enumerate(body):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        defines = whole and isinstance(node, DEFINITIONS) and not node.decorator_list
        if isinstance(node, IMPORTS) or defines or (text and not place):
            continue
        if whole and isinstance(node, ast.If) and _is_main(node.test):
            yield from _lines(node.body, whole=True)
        else:
            yield node


def _is_main(test: ast.expr) -> bool:
    return ast.unparse(test).replace('"', "'") in ("__name__ == '__main__'",)


def _imported(imports: Iterable[ast.AST]) -> tuple[dict[str, str], frozenset[str]]:
    """Return what imported names stand for, and the modules that are imported."""
    found, modules = {}, set()
    for node in imports:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module)
            for name in node.names:
                found[name.asname or name.name] = f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            for name in node.names:
                modules.add(name.name)
                first = name.name.partition(".")[0]
                found[name.asname or first] = name.name if name.asname else first
                modules.add(found[name.asname or first])
    return found, frozenset(modules)


def imported_modules(module: ast.Module) -> frozenset[str]:
    """Return the modules that a file imports, wherever it does."""
    return _imported(node for node in ast.walk(module) if isinstance(node, IMPORTS))[1]


def _stored(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that statements bind, but for those that they import as they begin."""
    found: set[str] = set()
    stack: list[ast.AST] = [node for node in body if not isinstance(node, IMPORTS)]
    while stack:
        node = stack.pop()
        if isinstance(node, DEFINITIONS):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, IMPORTS):
            found |= {(name.asname or name.name).partition(".")[0] for name in node.names}
        if not isinstance(node, DEFINITIONS):
            stack.extend(ast.iter_child_nodes(node))
    return found


class _Statements:
    """Reads statements; `reasons` and `pieces` gather what is not to be had, and what is in it."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.reasons: list[tuple[str, int]] = []
        self.pieces: list[Node] = []

    def block(self, body: Sequence[ast.stmt]) -> tuple[Node, ...]:
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
        return tuple(made)

    def inner(self, body: Sequence[ast.stmt]) -> tuple[Node, ...]:
        """Return a block that is not empty, as those within statements are."""
        return self.block(body) or (Node("pass"),)

    def _gather(self, node: ast.AST) -> None:
        """Keep the largest expressions within a statement that can be expressed."""
        for inner in ast.iter_child_nodes(node):
            try:
                if isinstance(inner, ast.expr) and not isinstance(inner, ast.Name | ast.Constant):
                    self.pieces.append(read_expression(inner, self.names))
                    continue
            except Inexpressible:
                pass
            self._gather(inner)

    def value(self, node: ast.expr) -> Node:
        return read_expression(node, self.names)

    def statement(self, node: ast.stmt) -> list[Node]:
        """Return what a statement comes to: mostly one node. Raises Inexpressible."""
        kind = type(node).__name__
        if isinstance(node, ast.Pass | ast.Break | ast.Continue):
            return [Node(kind.lower(), (), node.lineno)]
        method = getattr(self, f"_{kind.lower()}", None)
        if method is None:
            if isinstance(node, DEFINITIONS):
                raise Inexpressible(f"defines `{node.name}`", node)
            raise Inexpressible(REASONS.get(kind, f"Python's {kind}"), node)
        return [Node(word, tuple(parts), node.lineno) for word, *parts in method(node)]

    def _expr(self, node: ast.Expr) -> Iterator[tuple]:
        value = self.value(node.value)
        yield value.word, *value.parts

    def _import(self, node: ast.stmt) -> Iterator[tuple]:
        raise Inexpressible("an import within a block", node)

    _importfrom = _import

    def _return(self, node: ast.Return) -> Iterator[tuple]:
        yield "return", Node("none") if node.value is None else self.value(node.value)

    def _assign(self, node: ast.Assign) -> Iterator[tuple]:
        if len(node.targets) > 1:
            raise Inexpressible("two targets of one value", node)
        yield self._set(node.targets[0], self.value(node.value), node)

    def _annassign(self, node: ast.AnnAssign) -> Iterator[tuple]:
        if node.value is not None:
            yield self._set(node.target, self.value(node.value), node)

    def _set(self, target: ast.expr, value: Node, node: ast.stmt) -> tuple:
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
            tuple(Node(word, tuple(parts), node.lineno) for word, *parts in inner)
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
