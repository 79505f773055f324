"""Read Python files as programs: a file's own statements are one, each function's another.

Imports make words, and definitions are programs of their own, so neither is in a program. What a
class has beside its methods is in none. A statement that cannot be expressed gives its reason, and
what is in it that could be is learned from all the same, once.
"""

import ast
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ideas_lib.programs.dsl.binding import names_in
from ideas_lib.programs.dsl.expression_reading import Names
from ideas_lib.programs.dsl.runtime.construct_table import DEEPEST, SyntaxNode
from ideas_lib.programs.dsl.statement_reading import DEFINITIONS, FUNCTIONS, StatementReader

__all__ = ["SnippetProgram", "modules_in", "parse_python", "read_programs"]

IMPORTS = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class SnippetProgram:
    """A program of a corpus: `name` is its file and function, `source` what Python would run.

    `tree` is None where something cannot be expressed: `reasons` are what and on which line.
    `pieces` are what could be, in any case, and `given` names that come from outside.
    """

    name: str
    source: str
    tree: SyntaxNode | None
    reasons: tuple[tuple[str, int], ...]
    pieces: tuple[SyntaxNode, ...]
    given: tuple[str, ...]


def parse_python(source: str | bytes) -> ast.Module:
    """Return the syntax tree of a file. Raises SyntaxError for whatever is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(f"{error or 'nested too deep'}") from None


def read_programs(module: ast.Module, name: str) -> list[SnippetProgram]:
    """Return the programs of a file: its own statements, and each function's."""
    found = [_read(module.body, name, module, [], ())]
    found += list(_functions(module, name, module, frozenset(_stored(module.body))))
    return [program for program in found if program.pieces or program.reasons]


def _functions(
    inside: ast.AST, name: str, module: ast.Module, outer: frozenset[str]
) -> Iterator[SnippetProgram]:
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, FUNCTIONS):
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
) -> SnippetProgram:
    whole = body is module.body
    imports = [each for each in module.body if isinstance(each, IMPORTS)]
    imports += [each for each in body if isinstance(each, IMPORTS) and not whole]
    imported, _ = _imported(imports)
    own = _stored(body) | set(taken)
    lines = list(_lines(body, whole))
    reader = StatementReader(Names(imported, frozenset(own | set(outer))))
    nodes = reader.block(lines)
    if any(node.depth > DEEPEST for node in nodes):
        reader.reasons.append((f"more than {DEEPEST} constructs within one another", 0))
    read, bound = names_in(nodes)
    given = (read - bound) | (read & set(taken))
    source = "\n".join(ast.unparse(each) for each in [*imports, *lines])
    return SnippetProgram(
        name,
        source,
        tree=None if reader.reasons else SyntaxNode("program", (nodes,), 1),
        reasons=tuple(reader.reasons),
        pieces=(*nodes, *reader.pieces),
        given=tuple(sorted(given)),
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
    return ast.unparse(test) == "__name__ == '__main__'"


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


def modules_in(module: ast.Module) -> frozenset[str]:
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
