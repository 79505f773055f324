"""The examples of a docstring as a session at a prompt: which one to show, and what it needs."""

import ast
import builtins
import doctest
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.reference.skeleton import USUAL

__all__ = ["Session", "SessionLine", "calls_in", "names_of_source", "read_session"]

# Methods that change what they are called on, and print something at a prompt all the same.
MUTATING = re.compile(r"\.(?:fit|partial_fit|pop|popitem|update|setdefault|add|seed|set_\w+)\(")
SKIP = doctest.OPTIONFLAGS_BY_NAME["SKIP"]


@dataclass(frozen=True)
class SessionLine:
    """One example: its source, the output that is documented, and doctest's options for it."""

    source: str
    want: str = ""
    error: str = ""
    options: int = 0


@dataclass(frozen=True)
class Session:
    """A docstring's examples, with the imports that they leave out before them.

    `shown` are the places of those to show: the example that calls the symbol, at `chosen`, what
    it needs, and what shows its result.
    """

    lines: tuple[SessionLine, ...]
    chosen: int
    shown: tuple[int, ...]


def read_session(
    doc: str, symbol: str, wanted: Sequence[str] = (), top: str = ""
) -> Session | None:
    """Read the examples of a docstring; None where none of them calls the symbol.

    `wanted` are parameters: the example that gives the most of them is chosen.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            found = doctest.DocTestParser().get_examples(doc)
    except ValueError:  # badly indented
        return None
    lines = [
        SessionLine(each.source.rstrip("\n"), each.want, each.exc_msg or "", _flags(each.options))
        for each in found
        if not each.options.get(SKIP)
    ]
    lines = [line for line in lines if _tree(line.source) is not None]
    last = symbol.rpartition(".")[2]
    last = symbol.split(".")[-2] if last in ("__init__", "__call__") else last
    ranked = [
        (len(_keywords(line.source, last) & set(wanted)), bool(line.want), -at)
        for at, line in enumerate(lines)
        if _calls(line.source, last)
    ]
    if not ranked:
        return None
    before = _preamble(lines, top)
    chosen = -max(ranked)[2] + len(before)
    lines = [*before, *lines]
    return Session(tuple(lines), chosen, tuple(_needed(lines, chosen)))


def _flags(options: dict[int, bool]) -> int:
    return sum(flag for flag, on in options.items() if on)


def _tree(source: str) -> ast.Module | None:
    with warnings.catch_warnings(action="ignore"):
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def calls_in(source: str, last: str) -> Iterator[ast.Call]:
    """Yield the calls of what has this last name."""
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        if isinstance(node, ast.Call):
            func = node.func
            name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
            if name == last:
                yield node


def _calls(source: str, last: str) -> bool:
    return any(True for _ in calls_in(source, last))


def _keywords(source: str, last: str) -> set[str]:
    return {word.arg for call in calls_in(source, last) for word in call.keywords if word.arg}


def _preamble(lines: Sequence[SessionLine], top: str) -> list[SessionLine]:
    """Return the imports that the examples take for granted: `np`, `pd`, the package itself."""
    bound: set[str] = set()
    missing: dict[str, str] = {}
    usual = {**USUAL, **({top: top} if top and top not in dir(builtins) else {})}
    for line in lines:
        loads, stores = names_of_source(line.source)
        for name in loads - bound:
            if name in usual:
                missing.setdefault(name, usual[name])
        bound |= stores
    return [
        SessionLine(f"import {module}" + ("" if name == module else f" as {name}"))
        for name, module in missing.items()
    ]


def names_of_source(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a source reads, and those it binds or changes the value of."""
    loads, stores = set[str](), set[str]()
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        if isinstance(node, ast.Name):
            (loads if isinstance(node.ctx, ast.Load) else stores).add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            stores |= {each.asname or each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stores.add(node.name)
        elif isinstance(node, ast.arg):
            stores.add(node.arg)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            loads.add(node.target.id)
    return loads, stores


def _changes(source: str) -> set[str]:
    """Return the names whose value a statement may change: `G.add_edge(...)`, `a[0] = 1`."""
    found = set()
    for statement in (_tree(source) or ast.Module([], [])).body:
        parts: list[Any] = []
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            parts = [statement.value.func]
        elif isinstance(statement, ast.Assign | ast.AugAssign | ast.Delete):
            parts = getattr(statement, "targets", None) or [statement.target]  # type: ignore[union-attr]
        elif isinstance(statement, ast.For | ast.With | ast.If | ast.While):
            parts = [n.func for n in ast.walk(statement) if isinstance(n, ast.Call)]
        for part in parts:
            while isinstance(part, ast.Attribute | ast.Subscript | ast.Call):
                part = part.func if isinstance(part, ast.Call) else part.value
                if isinstance(part, ast.Name):
                    found.add(part.id)
    return found


def _needed(lines: Sequence[SessionLine], chosen: int) -> list[int]:
    """Return the places of an example, of what it needs before, and of what shows its result."""
    loads, stores = names_of_source(lines[chosen].source)
    kept, open_ = [chosen], set(loads)
    modules = {
        name
        for line in lines
        if "import" in line.source
        for name in names_of_source(line.source)[1]
    }
    for at in range(chosen - 1, -1, -1):
        reads, binds = names_of_source(lines[at].source)
        changed = _changes(lines[at].source)
        if lines[at].want:  # it is there to show something, unless its name says otherwise
            changed -= modules if MUTATING.search(lines[at].source) else changed
        if binds & open_ or changed & open_:
            kept.append(at)
            open_ = (open_ - binds) | reads | changed
    after = chosen + 1
    while not lines[chosen].want and stores and after < len(lines) and after <= chosen + 2:
        reads, _ = names_of_source(lines[after].source)
        if not reads & stores:
            break
        kept.append(after)
        if lines[after].want:
            break
        after += 1
    return sorted(kept)
