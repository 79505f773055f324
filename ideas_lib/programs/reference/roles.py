"""Which names of an example play the roles of which names of the caller.

A role is a place in the call: what a method is called on, the argument for a parameter, the name
of the result; or the name of a module. Spelling plays no part.
"""

import ast
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ideas_lib.programs.reference.call_place import CallPlace, Passed
from ideas_lib.programs.reference.parameter_fits import ParameterFit, given_parameters

__all__ = ["Literal", "Roles", "play_roles"]


@dataclass(frozen=True)
class Literal:
    """A value that an example writes where the caller has a name: its place in the example."""

    name: str
    text: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass
class Roles:
    """Names of the example -> of the caller, and values that get a name of the caller's."""

    names: dict[str, str] = field(default_factory=dict)
    literals: list[Literal] = field(default_factory=list)

    def add(self, old: str, new: str) -> None:
        """Let a name play the role of another, each of them once."""
        if old and new and old not in self.names and new not in self.names.values():
            self.names[old] = new


def play_roles(
    source: str,
    symbol: str,
    parameters: Sequence[Mapping[str, Any]],
    place: CallPlace,
    fits: Sequence[ParameterFit],
    modules: tuple[Mapping[str, str], Mapping[str, str]],
) -> Roles:
    """Return who plays which role in an example's call of the symbol.

    `modules` are alias -> module, of the example's session and of the caller's file.
    """
    roles = Roles()
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(source)
    call = _call(tree, symbol)
    theirs, ours = modules  # a module plays no part but its own: `np` of `np.arange(3)` is np
    for alias, module in theirs.items():
        mine = [name for name, other in ours.items() if other == module]
        if mine and alias not in mine:
            roles.add(alias, mine[-1])
    if call is None:
        return roles
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        if call.func.value.id not in theirs:
            roles.add(call.func.value.id, place.receiver)
    given = given_parameters(parameters, place.passed)
    free = {fit.name: fit.names_in_scope for fit in fits}
    arguments = [_argument(place, arg) for place, arg in enumerate(call.args)]
    arguments += [_argument(word.arg, word.value) for word in call.keywords if word.arg]
    nodes = [*call.args, *(word.value for word in call.keywords if word.arg)]
    theirs_given = given_parameters(parameters, arguments)
    for name, passed in theirs_given.items():
        mine_ = given.get(name)
        new = mine_.name if mine_ else next(iter(free.get(name, ())), "")
        node = next(n for n, each in zip(nodes, arguments, strict=True) if each is passed)
        if root := _root(node):
            roles.add("" if root in theirs else root, new)
        elif new and mine_ and _is_literal(node):
            roles.literals.append(_literal(new, node, source))
    roles.add(_target(tree, call, symbol), place.target)
    return roles


def _call(tree: ast.Module, symbol: str) -> ast.Call | None:
    last = symbol.rpartition(".")[2]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            func = node.func
            if (func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")) == last:
                return node
    return None


def _root(node: ast.expr) -> str:
    """Return the name that an argument is, or is made from: `b` of `b.sort()`."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            return ""
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _argument(key: str | int, node: ast.expr) -> Passed:
    starred = isinstance(node, ast.Starred)
    return Passed(None if starred else key, ast.unparse(node), True)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return not (isinstance(node, ast.Constant) and node.value is None)


def _literal(name: str, node: ast.expr, source: str) -> Literal:
    lines = source.split("\n")

    def at(row: int, offset: int) -> tuple[int, int]:
        return row - 1, len(lines[row - 1].encode()[:offset].decode(errors="replace"))

    end = at(node.end_lineno or node.lineno, node.end_col_offset or 0)
    text = ast.get_source_segment(source, node) or ast.unparse(node)
    return Literal(name, text, at(node.lineno, node.col_offset), end)


def _target(tree: ast.Module, call: ast.Call, symbol: str) -> str:
    """Return the name that the result gets; of a class also in `model = Model().fit(x)`."""
    chained = symbol.rpartition(".")[2][:1].isupper()
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
            continue
        value: ast.expr = node.value
        while chained and value is not call and isinstance(value, ast.Call | ast.Attribute):
            value = value.func if isinstance(value, ast.Call) else value.value
        target = node.targets[0]
        if value is call and isinstance(target, ast.Name):
            return target.id
    return ""
