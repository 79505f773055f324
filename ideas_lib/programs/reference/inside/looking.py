"""Runs in the sandbox: say what a recipe leads to, and the classes of some names, as JSON.

It reads `{"recipe": ..., "names": {name: recipe}}` and writes `{"found": ..., "types": ...}`, or
`{"failed": words, "types": ...}`. See `following`.
"""

import ast
import inspect
import json
import os
import re
import sys
import types
from typing import Any

from ideas_lib.programs.reference.inside.following import (
    CALL,
    Bound,
    Instance,
    Lost,
    Property,
    error_line,
    follow,
    public_path,
    settled,
)

DOC = 200_000  # characters of a docstring
LONG = 80  # characters of a default
KINDS = ("positional", "any", "starred", "keyword", "keywords")


def written_path(recipe: list[Any]) -> str:
    """Return the dotted path of a recipe of attributes of a module, else nothing."""
    if recipe[0] == "module":
        return recipe[1]
    if recipe[0] == "attr":
        inner = written_path(recipe[1])
        return f"{inner}.{recipe[2]}" if inner else ""
    return ""


def described(recipe: list[Any]) -> dict[str, Any]:
    """Return what is known of what a recipe leads to. Raises Lost."""
    found = follow(recipe)
    thing = found.function if isinstance(found, Bound) else found
    thing = found.raw if isinstance(found, Property) else thing
    path = written_path(recipe)
    if isinstance(found, Bound | Property):
        owner = getattr(found, "path", "") or public_path(found.cls)
        path = f"{owner}.{recipe[2]}"
    elif isinstance(found, Instance):  # a class's instance that is called
        thing, path = found.cls, f"{public_path(found.cls)}.{CALL}"
        thing = getattr(found.cls, CALL, found.cls)
    elif not path:
        path = public_path(thing)
    elif any(part.startswith("_") for part in path.split(".")):
        other = public_path(thing) if hasattr(thing, "__module__") else path
        path = other if len(other.split(".")) < len(path.split(".")) else path
    path = path.removeprefix("builtins.")
    module = inspect.getmodule(thing)
    home = getattr(module, "__name__", None) or getattr(thing, "__module__", None) or ""
    top = (path if "." in path else home or "builtins").partition(".")[0]
    if top not in sys.modules:
        top = home.partition(".")[0] or "builtins"
    return {
        "symbol": path,
        "kind": kind_of(found, thing),
        "home": home,
        "top": top,
        "version": version_of(top),
        "doc": document(thing)[:DOC],
        "module_doc": (inspect.getdoc(module) or "")[:DOC] if module is not thing else "",
        "parameters": parameters_of(found, thing),
        "deprecated": str(getattr(thing, "__deprecated__", "") or ""),
    }


def kind_of(found: Any, thing: Any) -> str:
    """Say in a word what a thing is."""
    if isinstance(found, Property):
        return "property"
    if isinstance(thing, type):
        return "class"
    if isinstance(found, Bound):
        return "method"
    if isinstance(thing, types.ModuleType):
        return "module"
    return "function" if callable(thing) else "value"


def version_of(top: str) -> str:
    """Return what a package says of its version."""
    version = getattr(sys.modules.get(top), "__version__", "")
    return version if isinstance(version, str) else ""


def document(thing: Any) -> str:
    """Return a docstring; of a class, the one of its `__init__` where that has the parameters."""
    text = inspect.getdoc(thing) or ""
    if isinstance(thing, type):
        more = inspect.getdoc(thing.__init__) or ""  # type: ignore[misc]
        if more != (inspect.getdoc(object.__init__) or "") and more not in text:
            text = f"{text}\n\n{more}"
    return text


def parameters_of(found: Any, thing: Any) -> list[dict[str, Any]] | None:
    """Return what a call takes, without the receiver; None where nothing says it."""
    if not callable(thing):
        return None
    try:
        signature = inspect.signature(thing)
    except (ValueError, TypeError):
        signature = None
    if signature is None:
        return from_text(thing)
    rows = [
        {
            "name": each.name,
            "kind": KINDS[int(each.kind)],
            "required": each.default is each.empty and int(each.kind) not in (2, 4),
            "default": None if each.default is each.empty else shown(each.default),
            "hint": "" if each.annotation is each.empty else hint_text(each.annotation),
        }
        for each in signature.parameters.values()
    ]
    plain = isinstance(found, Instance) or (isinstance(found, Bound) and takes_self(found))
    return rows[1:] if plain and rows and rows[0]["kind"] in KINDS[:2] else rows


def takes_self(found: Bound) -> bool:
    """Say whether a method, as it is taken from its class, has its receiver as first argument."""
    name = getattr(found.function, "__name__", "")
    raw = inspect.getattr_static(found.cls, name, found.function)
    return not isinstance(raw, staticmethod | classmethod) and not inspect.ismethod(found.function)


def shown(value: Any) -> str:
    """Return a default as text: a function by its name, an address by nothing."""
    if isinstance(value, type) or inspect.isroutine(value):
        return getattr(value, "__name__", "…")
    try:
        text = " ".join(repr(value).split())
    except Exception:
        return "…"
    return text[:LONG] + "…" * (len(text) > LONG)


def hint_text(hint: Any) -> str:
    """Return a hint as it would be written."""
    text = hint if isinstance(hint, str) else inspect.formatannotation(hint)
    return " ".join(text.split())[:200]


def from_text(thing: Any) -> list[dict[str, Any]] | None:
    """Read the first line of a docstring, `zeros(shape, dtype=float)`, as a signature."""
    lines = (getattr(thing, "__doc__", None) or "").strip().split("\n\n")[0]
    found = re.match(r"[\w.]+(\(.*?\))(?: ?->.*)?$", " ".join(lines.split()))
    if not found:
        return None
    text = found[1].replace("[", "").replace("]", "")
    try:
        args = ast.parse(f"def f{text}: pass").body[0].args  # type: ignore[attr-defined]
    except SyntaxError:
        return None
    plain = [*args.posonlyargs, *args.args]
    values = [None] * (len(plain) - len(args.defaults)) + list(args.defaults)
    rows = [(each.arg, "any", value) for each, value in zip(plain, values, strict=True)]
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    rows += [(each.arg, "keyword", value) for each, value in pairs]
    return [
        {
            "name": name,
            "kind": kind,
            "required": value is None,
            "default": None if value is None else ast.unparse(value),
            "hint": "",
        }
        for name, kind, value in rows
    ]


def types_of(names: dict[str, list[Any]]) -> dict[str, list[str]]:
    """Return the class of each name, and the classes above it: their names, the nearest first."""
    found = {}
    for name, recipe in names.items():
        try:
            thing = settled(follow(recipe))
        except Exception:
            continue
        if isinstance(thing, Instance):
            found[name] = [each.__name__ for each in thing.cls.__mro__[:-1]]
        elif callable(thing):
            found[name] = ["function"]
    return found


def main() -> None:
    """Answer the one question on standard input, whatever the packages print meanwhile."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ["MPLBACKEND"] = "Agg"
    asked = json.load(sys.stdin)
    try:
        answer: dict[str, Any] = {"found": described(asked["recipe"])}
    except Lost as lost:
        answer = {"failed": str(lost)}
    except BaseException as error:
        answer = {"failed": error_line(error)}
    answer["types"] = types_of(asked.get("names", {}))
    out.write(json.dumps(answer) + "\n")
    out.close()
    os._exit(0)


if __name__ == "__main__":
    main()
