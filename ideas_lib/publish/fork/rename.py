"""Rename an idea in Python source: its slug, and the modules that a fork has copies of.

Only what has to change changes; comments, layout and everything else stay byte for byte. Names
keep their meaning in the code: `from ideas_lib.trees import soft` becomes
`from ideas_lib.trees.my_trees import soft`, and a name that comes through a package's face is
imported from the copy of the module that it is at home in.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ideas_lib.publish.fork.edits import Edits
from ideas_lib.study.closure import Checkout
from ideas_lib.study.syntax import Import

__all__ = ["Moves", "OutOfReach", "rename"]

# Where a one-word slug ("embeddings") means the idea and not just the word.
CALLS = frozenset(
    {"Study", "compare_fork", "exists", "load", "load_settings", "load_study", "work_folder"}
)


class OutOfReach(ValueError):
    """Raised where code uses what a fork has copied in a way that cannot be pointed at the copy."""


@dataclass(frozen=True)
class Moves:
    """What a fork's copies are called: `modules` maps dotted names, a package's for all in it."""

    checkout: Checkout
    modules: Mapping[str, str]

    def moved(self, name: str) -> str:
        """Return what a dotted name is in the fork: itself, unless its module was copied."""
        for old, new in self.modules.items():
            if name == old or name.startswith(f"{old}."):
                return new + name.removeprefix(old)
        return name

    def source_of(self, module: str, name: str) -> tuple[str, str]:
        """Return where a fork has `name` from, and by which name, for an import from `module`."""
        if (copy := self.moved(module)) != module:
            return copy, name
        inside = f"{module}.{name}"
        if (copy := self.moved(inside)) != inside:
            parent, _, leaf = copy.rpartition(".")
            return parent, leaf
        found = self.checkout.resolve(Import(module, name))
        if found and found[0].name and self.moved(found[0].module) != found[0].module:
            return self.moved(found[0].module), found[0].name
        return module, name


def rename(source: str, old: str, new: str, moves: Moves) -> str:
    """Return source with idea `old` called `new`: slug literals, and uses of what was copied.

    In lines of notebook magic only dotted names change. Raises SyntaxError, and OutOfReach for a
    use of the copied code by an attribute of a package.
    """
    edits = Edits(source)
    for number, line in enumerate(source.split("\n")):
        changed = re.sub(r"[\w.]+", lambda word: moves.moved(word[0]), line)
        if line[:1] in ("%", "!") and changed != line:
            edits.replace_line(number, changed)
    for literal in _literals(edits.tree, old):
        _write(edits, literal, new)
    packages = dict(_bound(edits.tree))
    for node in _outermost(edits.tree):
        if isinstance(node, ast.ImportFrom):
            _import_from(edits, node, moves)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if (copy := moves.moved(alias.name)) != alias.name:
                    edits.replace(alias, f"{copy} as {alias.asname}" if alias.asname else copy)
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str) and (copy := moves.moved(node.value)) != node.value:
                if re.fullmatch(r"[\w.]+", node.value):
                    _write(edits, node, copy)
        elif isinstance(node, ast.Attribute):
            _attribute(edits, node, packages, moves)
    return edits.made()


def _outermost(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes, of dotted names only the whole: of `a.b.c` not `a.b`."""
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        if not (isinstance(node, ast.Attribute) and _dotted(node)):
            todo += ast.iter_child_nodes(node)


def _write(edits: Edits, literal: ast.Constant, words: str) -> None:
    """Have a literal say other words, in its own quotes: an f-string may need them.

    Nothing changes where it is not where its node says; Python 3.11 errs within some f-strings.
    """
    try:
        said = edits.said(literal)
        right = ast.literal_eval(said) == literal.value
    except (ValueError, SyntaxError):
        return
    if right:
        edits.replace(literal, said.replace(str(literal.value), words))


def _import_from(edits: Edits, node: ast.ImportFrom, moves: Moves) -> None:
    """Point an import at the copies; one that takes names from several places is divided."""
    if node.level or not node.module:
        return
    places = [(alias, *moves.source_of(node.module, alias.name)) for alias in node.names]
    modules = list(dict.fromkeys(module for _, module, _ in places))
    if len(modules) > 1:
        lines = [
            f"from {module} import "
            + ", ".join(_alias(alias, name) for alias, at, name in places if at == module)
            for module in modules
        ]
        indent = edits.before(node)
        edits.replace(node, ("; " if indent.strip() else f"\n{indent}").join(lines))
        return
    if modules[0] != node.module:
        edits.replace(node, modules[0], part=node.module)
    for alias, _, name in places:
        if name != alias.name:
            edits.replace(alias, _alias(alias, name))


def _alias(alias: ast.alias, name: str) -> str:
    local = alias.asname or alias.name
    return name if local == name else f"{name} as {local}"


def _attribute(
    edits: Edits, node: ast.Attribute, packages: Mapping[str, str], moves: Moves
) -> None:
    """Point `ideas_lib.trees.soft.X` at the copy. Raises OutOfReach for a name of a package."""
    dotted = _dotted(node)
    if (copy := moves.moved(dotted)) != dotted:
        edits.replace(node, copy)
        return
    first, *rest = dotted.split(".")
    first = packages.get(first, first if first == "ideas_lib" else "")
    if not first or moves.moved(first) != first:
        return
    names = [first, *rest]
    for end in range(1, len(names)):
        module, name = ".".join(names[:end]), names[end]
        if moves.source_of(module, name) != (module, name):
            raise OutOfReach(
                f"line {node.lineno} uses {'.'.join(names[: end + 1])} by its package, which a"
                f" fork shares: import {name} by name"
            )


def _bound(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield (local name, dotted name) of what the code imports of the library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ideas_lib"):
            yield from ((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names)
        elif isinstance(node, ast.Import):
            yield from ((a.asname, a.name) for a in node.names if a.asname)


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c` as text, "" for what is not only names."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def _literals(tree: ast.AST, old: str) -> Iterator[ast.Constant]:
    """Yield the string literals that mean the idea `old`.

    With a hyphen in it, every literal that equals it. One word may be just a word, so there only
    what names a study or a variant: `load("x")`, `Study(slug="x")`, `VARIANTS["x"]`, `SLUG = "x"`.
    """
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        if "-" in old and isinstance(node, ast.Constant):
            found = [node]
        elif "-" not in old:
            found = _names_an_idea(node)
        for leaf in found:
            if isinstance(leaf, ast.Constant) and leaf.value == old:
                yield leaf


def _names_an_idea(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        if called in CALLS:
            return [*node.args, *(word.value for word in node.keywords if word.arg == "slug")]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("VARIANTS"):
        return [node.slice]
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).lower() == "slug":
        return [node.value]
    return []
