"""Find by jedi what a file's recipe cannot say: values of loops, of helpers, the file's own code.

jedi reads source and stubs; it loads no extension module from the reader's folders.
"""

import ast
import inspect
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.programs.reference.call_place import CallPlace
from ideas_lib.programs.reference.skeleton import Recipe

__all__ = ["OwnSymbol", "find_statically"]

PARAMETER = {
    "POSITIONAL_ONLY": "positional",
    "POSITIONAL_OR_KEYWORD": "any",
    "VAR_POSITIONAL": "starred",
    "KEYWORD_ONLY": "keyword",
    "VAR_KEYWORD": "keywords",
}


@dataclass(frozen=True)
class OwnSymbol:
    """A definition that is in no installed package, as its source has it; it is never run."""

    symbol: str
    kind: str
    doc: str
    parameters: list[dict[str, Any]]
    path: str
    line: int


def find_statically(place: CallPlace, path: Path) -> Recipe | OwnSymbol | None:
    """Return a recipe for what is called at a place, its definition, or None."""
    import jedi

    # Where the file lies, so that its own modules are found; its folders run nothing.
    project = jedi.Project(path.absolute().parent, load_unsafe_extensions=False)
    script = jedi.Script(place.source, path=path.absolute(), project=project)
    callee = place.callee
    if isinstance(callee, ast.Attribute):
        inner = callee.value
        row, column = inner.end_lineno or inner.lineno, inner.end_col_offset or 0
        lines = place.source.split("\n")
        column = len(lines[row - 1].encode()[:column].decode(errors="replace"))
        for each in _tried(lambda: script.infer(row, max(column - 1, 0))):
            if _is_installed(each) and each.full_name:
                return ["attr", _recipe(each), callee.attr]
    for each in _tried(lambda: script.goto(place.line, place.column - 1, follow_imports=True)):
        if each.type not in ("function", "class"):
            continue
        if _is_installed(each) and each.full_name:
            return _dotted(each.full_name)
        return _own(each)
    return None


def _tried(search: Any) -> list[Any]:
    try:
        return list(search())
    except Exception:  # jedi's own errors on code that it was not made for are many
        return []


def _is_installed(each: Any) -> bool:
    path = each.module_path
    if path is None:
        return True  # compiled into Python
    places = {*sysconfig.get_paths().values(), *(p for p in sys.path if "site-packages" in p)}
    roots = [Path(place) for place in places if place]
    stubs = "typeshed" in path.parts
    return stubs or any(path.is_relative_to(root) for root in roots)


def _dotted(name: str) -> Recipe:
    """Return a recipe of a dotted name: its first part is a module, `following` finds the rest."""
    first, *rest = name.split(".")
    recipe: Recipe = ["module", first]
    for part in rest:
        recipe = ["attr", recipe, part]
    return recipe


def _recipe(each: Any) -> Recipe:
    dotted = _dotted(each.full_name)
    return ["instance", dotted] if each.type == "instance" else dotted


def _own(each: Any) -> OwnSymbol:
    rows = []
    signatures = _tried(each.get_signatures)
    for param in signatures[0].params if signatures else []:
        kind = PARAMETER[param.kind.name]
        text = param.to_string()
        _, equals, default = text.partition("=")
        hint = text.partition(":")[2].partition("=")[0].strip()
        plain = param.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        rows.append(
            {
                "name": param.name,
                "kind": kind,
                "required": plain and not equals,
                "default": default.strip() if equals else None,
                "hint": hint,
            }
        )
    doc = each.docstring(raw=True)
    kind = each.type
    return OwnSymbol(each.full_name or each.name, kind, doc, rows, str(each.module_path), each.line)
