"""What an expression of a file stands for, as a recipe that can be followed without the file.

A recipe is a nested list for `inside/look.py`, which follows it among installed packages in the
sandbox: `orders.merge`, where `orders = pd.read_csv(path)`, is

    ["attr", ["call", ["attr", ["module", "pandas"], "read_csv"]], "merge"]

Nothing of the file is run. Where the file alone does not say what a name is, it is ["unknown"].
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from ideas_lib.programs.reference.bindings import Binding, bindings, enclosing

__all__ = ["UNKNOWN", "FileScope", "Recipe", "is_known", "modules_of"]

Recipe = list
UNKNOWN: Recipe = ["unknown"]
DEPTH = 40
LITERALS = {
    ast.List: "list",
    ast.Tuple: "tuple",
    ast.Dict: "dict",
    ast.Set: "set",
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.JoinedStr: "str",
    ast.Compare: "bool",
    ast.Lambda: "function",
}
KINDS = {ast.List: "list", ast.Slice: "slice", ast.Constant: "name"}
# What people call modules, where a snippet imports nothing.
USUAL = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "nx": "networkx",
    "sp": "scipy",
    "sns": "seaborn",
    "tf": "tensorflow",
}


@dataclass
class FileScope:
    """The names of a file, as they are at a place: `line`, from 1.

    `usual` lets names that nothing binds stand for modules: for a piece without its imports.
    """

    tree: ast.Module
    line: int
    usual: bool = False
    around: list[ast.AST] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.around = [self.tree, *enclosing(self.tree, self.line)]
        self._bound = {id(scope): bindings(scope) for scope in self.around}

    def names(self) -> list[str]:
        """Return the names that hold values here, the nearest first: no module, no class."""
        found: dict[str, None] = {}
        for depth, scope in reversed(list(enumerate(self.around))):
            if isinstance(scope, ast.ClassDef):
                continue
            bound = self._bound[id(scope)]
            inner = depth == len(self.around) - 1
            near = [
                (each.line, name)
                for name, all_ in bound.items()
                for each in [self._latest(all_, self.line, inner)]
                if each is not None and each.how not in ("import", "class")
            ]
            found |= dict.fromkeys(name for _, name in sorted(near, reverse=True))
        return [name for name in found if not name.startswith("__")]

    def aliases(self) -> dict[str, str]:
        """Return the names that whole modules have here: `np` of `import numpy as np`."""
        found = {}
        for scope in self.around:
            for name, all_ in self._bound[id(scope)].items():
                if all_ and all_[-1].how == "import" and isinstance(all_[-1].value, ast.Import):
                    alias = _alias(all_[-1].value, name)
                    found[name] = alias.name if alias.asname else alias.name.partition(".")[0]
        return found

    def recipe_of_name(self, name: str) -> Recipe:
        """Return what a name stands for at this place."""
        return self._name(name, self.line, 0)

    def recipe(self, node: ast.expr) -> Recipe:
        """Return what an expression at this place stands for."""
        return self._recipe(node, self.line, 0)

    def _latest(self, all_: list[Binding], line: int, inner: bool) -> Binding | None:
        """Return the last binding before a line; of a scope further out, the last of all."""
        sooner = ("arg", "import", "function", "class")  # a value counts from the next line on
        before = [each for each in all_ if each.line < line + (each.how in sooner)]
        if before:
            return before[-1]
        return all_[-1] if all_ and not inner else None

    def _name(self, name: str, line: int, depth: int) -> Recipe:
        for place, scope in reversed(list(enumerate(self.around))):
            if isinstance(scope, ast.ClassDef) and place < len(self.around) - 1:
                continue
            all_ = self._bound[id(scope)].get(name, [])
            found = self._latest(all_, line, place == len(self.around) - 1)
            if found is not None:
                return self._bound_to(name, found, depth + 1)
            if all_:
                return UNKNOWN
        if name in BUILTINS:
            return ["attr", ["module", "builtins"], name]
        return ["module", USUAL.get(name, name)] if self.usual else UNKNOWN

    def _bound_to(self, name: str, bound: Binding, depth: int) -> Recipe:
        value = bound.value
        if depth > DEPTH or value is None:
            return UNKNOWN
        if isinstance(value, ast.Import):
            alias = _alias(value, name)
            return ["module", alias.name if alias.asname else name]
        if isinstance(value, ast.ImportFrom):
            if value.level:
                return UNKNOWN
            return ["attr", ["module", value.module or ""], _alias(value, name).name]
        if isinstance(value, ast.FunctionDef) and value.returns is not None:
            return ["gives", _instance(self._annotation(value.returns, bound.line, depth))]
        if bound.how == "annotation" and isinstance(value, ast.expr):
            return _instance(self._annotation(value, bound.line, depth))
        if isinstance(value, ast.expr) and bound.how.startswith("part "):
            return ["part", self._recipe(value, bound.line, depth), int(bound.how[5:])]
        if isinstance(value, ast.expr) and bound.how in ("assign", "element", "enter"):
            inner = self._recipe(value, bound.line, depth)
            return inner if bound.how == "assign" else [bound.how, inner]
        return UNKNOWN

    def _annotation(self, node: ast.expr, line: int, depth: int) -> Recipe:
        """Return the class that a hint names first: `pd.DataFrame` of `pd.DataFrame | None`."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError):
                return UNKNOWN
        if isinstance(node, ast.BinOp):
            return self._annotation(node.left, line, depth + 1)
        if isinstance(node, ast.Subscript):
            head = ast.unparse(node.value).rpartition(".")[2]
            inside = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
            if head in ("Optional", "Union", "Annotated"):
                return self._annotation(inside, line, depth + 1)
            return self._annotation(node.value, line, depth + 1)
        return self._recipe(node, line, depth + 1)

    def _recipe(self, node: ast.expr, line: int, depth: int) -> Recipe:
        if depth > DEPTH:
            return UNKNOWN
        if isinstance(node, ast.Name):
            return self._name(node.id, line, depth + 1)
        if isinstance(node, ast.Attribute):
            own = self._own_attribute(node, depth)
            return own or ["attr", self._recipe(node.value, line, depth + 1), node.attr]
        if isinstance(node, ast.Call):
            if ast.unparse(node.func) == "super":  # of which class, jedi knows
                return UNKNOWN
            return ["call", self._recipe(node.func, line, depth + 1)]
        if isinstance(node, ast.Subscript):
            kind = KINDS.get(type(node.slice), "other")
            return ["item", self._recipe(node.value, line, depth + 1), kind]
        if isinstance(node, ast.Constant):
            return _instance(["attr", ["module", "builtins"], type(node.value).__name__])
        if type(node) in LITERALS:
            return _instance(["attr", ["module", "builtins"], LITERALS[type(node)]])
        if isinstance(node, ast.BinOp):
            return self._recipe(node.left, line, depth + 1)
        if isinstance(node, ast.UnaryOp):
            return self._recipe(node.operand, line, depth + 1)
        if isinstance(node, ast.IfExp):
            return self._recipe(node.body, line, depth + 1)
        if isinstance(node, ast.NamedExpr | ast.Await):
            inner = self._recipe(node.value, line, depth + 1)
            return inner if isinstance(node, ast.NamedExpr) else ["awaited", inner]
        return UNKNOWN

    def _own_attribute(self, node: ast.Attribute, depth: int) -> Recipe | None:
        """Return what `self.x` stands for: what the class assigns to it, where it does once."""
        classes = [scope for scope in self.around if isinstance(scope, ast.ClassDef)]
        if not (classes and isinstance(node.value, ast.Name) and node.value.id == "self"):
            return None
        for each in ast.walk(classes[-1]):
            targets = each.targets if isinstance(each, ast.Assign) else []
            if any(ast.unparse(target) == ast.unparse(node) for target in targets):
                other = FileScope(self.tree, each.lineno)  # type: ignore[attr-defined]
                return other._recipe(each.value, each.lineno, depth + 5)  # type: ignore[attr-defined]
        return None


def is_known(recipe: Recipe) -> bool:
    """Say whether nothing in a recipe is unknown."""
    return recipe[0] != "unknown" and all(
        is_known(part) for part in recipe[1:] if isinstance(part, list)
    )


def modules_of(recipe: Recipe) -> Iterator[str]:
    """Yield the modules that a recipe begins with."""
    if recipe[0] == "module":
        yield recipe[1]
    for part in recipe[1:]:
        if isinstance(part, list):
            yield from modules_of(part)


BUILTINS: frozenset[str] = frozenset(dir(__import__("builtins")))


def _instance(recipe: Recipe) -> Recipe:
    return ["instance", recipe]


def _alias(node: ast.Import | ast.ImportFrom, name: str) -> ast.alias:
    named = [each for each in node.names if (each.asname or each.name.partition(".")[0]) == name]
    return named[-1]
