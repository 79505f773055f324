"""What one piece of Python says: its normal form, and what of the checkout it loads.

The normal form has no comments, docstrings or layout, no order of imports at its head, and no
module path of the checkout: where a name comes from another of its modules, a reference stands.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["PACKAGES", "Import", "Reference", "Syntax", "dump", "syntax_of", "without_docstrings"]

PACKAGES = ("ideas_lib", "studies")  # the checkout's own code

# How library code loads what no import statement names; see `resources` and `faces`.
RESOURCE, RESOURCES, FACE = "resource", "resources", "face"
BY_STRING = ("import_module", "__import__")

HOLE = "\0"  # what stands on both sides of a reference in the normal form


@dataclass(frozen=True, order=True)
class Import:
    """`module`, or `name` from it; which of the two `module.name` is only a checkout can tell."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Reference:
    """Where the code uses what it loads: an import, and the attribute taken of it, if one is.

    `file` is a pattern below the module's folder, in place of an import.
    """

    target: Import | None = None
    attribute: str = ""
    file: str = ""


@dataclass(frozen=True)
class Syntax:
    """One piece of Python.

    `form` is its normal form in pieces, between which stand `references`, in order. `bound` maps
    names to the imports that bind them, and `whole` are those that are used other than for one
    attribute at a time. `files` are patterns of resources, `homes` a face's names by submodule,
    and `plain` says that it holds no statement but a docstring, imports, names and a face.
    `calls` are (function, first argument) of calls of imported functions: None for one that is
    no literal. `unread` are lines with an import by a string that is no literal.
    """

    form: tuple[str, ...]
    references: tuple[Reference, ...]
    imports: tuple[Import, ...]
    bound: Mapping[str, Import]
    whole: frozenset[str]
    files: tuple[str, ...]
    homes: Mapping[str, str]
    plain: bool
    calls: tuple[tuple[Import, str, tuple[str | None, ...]], ...]
    unread: tuple[int, ...]


@lru_cache(maxsize=4096)
def syntax_of(source: str) -> Syntax:
    """Read Python source. Raises SyntaxError."""
    tree = ast.parse(source)
    plain = all(map(_is_plain, tree.body))
    reader = _Reader(tree)
    normal = without_docstrings(reader.visit(tree))
    head = sorted({text for node in normal.body if _imports(node) for text in _aliases(node)})
    normal.body = [node for node in normal.body if not _imports(node)]
    pieces = f"{head}{dump(normal)}".split(HOLE)
    return Syntax(
        form=tuple(pieces[::2]),
        references=tuple(reader.references[int(number)] for number in pieces[1::2]),
        imports=tuple(sorted(set(reader.imports))),
        bound=reader.bound,
        whole=frozenset(reader.whole),
        files=tuple(sorted(set(reader.files))),
        homes=reader.homes,
        plain=plain,
        calls=tuple(reader.calls),
        unread=tuple(reader.unread),
    )


class _Reader(ast.NodeTransformer):
    """Takes the checkout's imports out of a tree, and puts references where they are used."""

    def __init__(self, tree: ast.Module) -> None:
        self.references: list[Reference] = []
        self.imports: list[Import] = []
        self.bound: dict[str, Import] = {}
        self.whole: set[str] = set()
        self.files: list[str] = []
        self.homes: dict[str, str] = {}
        self.calls: list[tuple[Import, str, tuple[str | None, ...]]] = []
        self.unread: list[int] = []
        self.constants = dict(_constants(tree))
        for node in _loaded(tree):  # first, for a function may use what is imported below it
            self._bind(node)

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom) and _ours(node.module) and not node.level:
            assert node.module
            for alias in node.names:
                found = Import(node.module, alias.name)
                self.imports.append(found)
                self.bound[alias.asname or alias.name] = found
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _ours(alias.name):
                    self.imports.append(Import(alias.name))
                    if alias.asname:
                        self.bound[alias.asname] = Import(alias.name)

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        node.names = [alias for alias in node.names if not (_ours(alias.name) and alias.asname)]
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if _ours(node.module) and not node.level else node

    def visit_If(self, node: ast.If) -> ast.AST:
        if _for_types(node):
            node.body = [child for child in node.body if not _imports(child)]
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.bound:
            return node
        self.whole.add(node.id)
        return self._refer(node, Reference(self.bound[node.id]))

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        value = node.value
        if isinstance(value, ast.Name) and value.id in self.bound:
            return self._refer(node, Reference(self.bound[value.id], node.attr))
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = _called(node.func)
        first = node.args[0] if node.args else None
        text = self._text(first)
        if name in (RESOURCE, RESOURCES) and _is_file(first) and len(node.args) == 2:
            named = self._text(node.args[1])
            if named is None:
                self.unread.append(node.lineno)
            else:
                self.files.append(named)
                node.args[1] = self._refer(node.args[1], Reference(file=named))
        elif name in BY_STRING and first is not None:
            if text is None:
                self.unread.append(node.lineno)
            elif _ours(text):
                self.imports.append(Import(text))
                node.args[0] = self._refer(first, Reference(Import(text)))
        elif name == FACE and len(node.args) == 2:
            self.homes = dict(_homes(node.args[1]))
        else:
            self._note_call(node, name)
        return self.generic_visit(node)

    def _note_call(self, node: ast.Call, name: str) -> None:
        function = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        if isinstance(function, ast.Name) and function.id in self.bound:
            given = tuple(map(self._text, [*node.args, *(word.value for word in node.keywords)]))
            bound = self.bound[function.id]
            word = name if isinstance(node.func, ast.Attribute) else bound.name
            self.calls.append((bound, word, given))

    def _refer(self, node: ast.AST, reference: Reference) -> ast.Name:
        self.references.append(reference)
        number = f"{HOLE}{len(self.references) - 1}{HOLE}"
        return ast.copy_location(ast.Name(number, getattr(node, "ctx", ast.Load())), node)

    def _text(self, node: ast.AST | None) -> str | None:
        """Return the text that an argument is, as a literal or by a name that is set to one."""
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        found = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return str(node.value) if found and isinstance(node, ast.Constant) else None


def without_docstrings(tree: ast.Module) -> ast.Module:
    """Take the docstrings out of a tree, in place, and fill bodies that are empty then."""
    for node in (tree, *_statements(tree)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                if isinstance(first.value.value, str):
                    node.body = node.body[1:]
        if isinstance(getattr(node, "body", None), list) and not isinstance(node, ast.Module):
            node.body = node.body or [ast.Pass()]  # type: ignore[attr-defined]
    return tree


def dump(node: object) -> str:
    """Write a syntax tree; `ast.dump` differs between versions of Python: what is empty goes."""
    if isinstance(node, ast.Name) and HOLE in node.id:
        return f"{node.id},{dump(node.ctx)}"
    if isinstance(node, ast.AST):
        fields = ((n, v) for n, v in ast.iter_fields(node) if v is not None and v != [])
        return f"{type(node).__name__}({','.join(f'{n}={dump(v)}' for n, v in fields)})"
    if isinstance(node, list):
        return f"[{','.join(map(dump, node))}]"
    return repr(node)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk the statements of a tree and what holds them: an expression, most of it, holds none."""
    for node in _blocks(tree):
        yield node
        yield from _statements(node)


def _blocks(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("body", "handlers", "cases", "orelse", "finalbody"):
        below = getattr(node, name, None)
        if isinstance(below, list):  # a lambda's body is an expression
            yield from below


def _loaded(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree's statements, but for what only a type checker imports."""
    for node in _blocks(tree):
        yield node
        if _for_types(node):
            assert isinstance(node, ast.If)
            yield from (child for below in node.orelse for child in (below, *_loaded(below)))
        else:
            yield from _loaded(node)


def _for_types(node: ast.AST) -> bool:
    test = node.test if isinstance(node, ast.If) else None
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def _ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] in PACKAGES


def _imports(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _aliases(node: Any) -> Iterator[str]:
    for alias in node.names:
        yield dump(node.__class__(**{**dict(ast.iter_fields(node)), "names": [alias]}))


def _is_plain(node: ast.stmt) -> bool:
    """Say whether a statement only makes names known, so that running it has no effect."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        called = isinstance(node.value, ast.Call) and _called(node.value.func) == FACE
        return called or isinstance(node.value, ast.Constant | ast.List | ast.Tuple)
    if isinstance(node, ast.If):
        return _for_types(node)
    return _imports(node)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_file(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "__file__"


def _homes(node: ast.expr) -> Iterator[tuple[str, str]]:
    """Yield (name, submodule) of a face's literal."""
    for module, names in ast.literal_eval(node).items():
        yield from ((name, module) for name in names)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that are set once, at top level, to a text."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    yield target.id, node.value.value
