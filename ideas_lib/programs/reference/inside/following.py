"""Runs in the sandbox: follow a recipe of `skeleton` among installed packages.

Packages are imported, since only that tells what is there in the version that is installed; no
file of the user's is. What a value's class is comes from hints and docstrings: nothing is called.
"""

import builtins
import importlib
import inspect
import io
import re
import sys
import types
from typing import Any

CALL = "__call__"
WORD = re.compile(r"[A-Za-z_][\w.]*")


class Lost(Exception):
    """A recipe could not be followed, with what is missing."""


class Instance:
    """A value of a class, which is not there: only its class is known.

    `path` is where it is found, if that is not in every value of the class.
    """

    def __init__(self, cls: type, path: str = "") -> None:
        self.cls, self.path = cls, path


def follow(recipe: list[Any]) -> Any:
    """Return the object that a recipe leads to, or an Instance. Raises Lost."""
    head, *rest = recipe
    if head == "module":
        return imported(rest[0])
    if head in ("unknown", "gives"):
        raise Lost("nothing says what it is")
    if head == "call" and rest[0][0] == "gives":
        return follow(rest[0][1])
    if head == "part" and rest[0][0] == "call":
        return part_of(settled(follow(rest[0][1])), rest[1])
    inner = settled(follow(rest[0]))
    if head == "attr":
        return attribute(inner, rest[1])
    if head == "instance":
        if isinstance(inner, type):
            return Instance(inner)
        raise Lost(f"{public_name(inner)} is no class")
    if head == "call":
        return given_back(inner)
    if head == "item" and isinstance(inner, Instance):
        return item(inner, rest[1])
    if head == "enter" and isinstance(inner, Instance):
        enter = getattr(inner.cls, "__enter__", None)
        try:
            return given_back(Bound(enter, inner.cls))
        except Lost:
            return inner
    raise Lost(f"what {head} of {public_name(inner)} is")


class Bound:
    """A method, the class that it is taken from, and where that is found, if not by its name."""

    def __init__(self, function: Any, cls: type, path: str = "") -> None:
        self.function, self.cls, self.path = function, cls, path


def imported(name: str) -> types.ModuleType:
    """Import a module. Raises Lost."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        if name == missing or name.startswith(missing + "."):
            raise Lost(f"there is no module {missing}") from None
        raise Lost(f"{name} needs {missing}, which is not installed") from None
    except BaseException as error:  # it may even exit
        raise Lost(f"{name} cannot be imported here: {error_line(error)}") from None


def error_line(error: BaseException) -> str:
    """Return an error as one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:200]


def attribute(inner: Any, name: str) -> Any:
    """Return what is under a name. Raises Lost."""
    if isinstance(inner, Bound):
        raise Lost(f"{name} of a method")
    if isinstance(inner, Instance):
        return of_instance(inner, name)
    try:
        return getattr(inner, name)
    except AttributeError:
        pass
    except Exception as error:
        raise Lost(f"{public_name(inner)}.{name}: {error_line(error)}") from None
    if isinstance(inner, types.ModuleType):
        try:
            return imported(f"{inner.__name__}.{name}")
        except Lost as error:
            if "there is no module" not in str(error):
                raise
    version = getattr(sys.modules.get(public_name(inner).partition(".")[0]), "__version__", "")
    raise Lost(f"{public_name(inner)} {version}".strip() + f" has no {name}")


def of_instance(inner: Instance, name: str) -> Any:
    """Return a method of a class, or an Instance of what a property gives."""
    cls = inner.cls
    try:
        raw = inspect.getattr_static(cls, name)
        found = getattr(cls, name)
    except AttributeError:
        raise Lost(f"{public_name(cls)} has no {name}") from None
    except Exception as error:
        raise Lost(f"{public_name(cls)}.{name}: {error_line(error)}") from None
    getter = getattr(raw, "fget", None) or getattr(raw, "func", None)
    if isinstance(raw, property) or type(raw).__name__ in ("cached_property", "CachedProperty"):
        return Property(raw, getter, cls)
    if isinstance(found, type) and found is not raw:  # an accessor, as pandas' `.str`
        return Instance(found, f"{public_path(cls)}.{name}")
    return Bound(found, cls, inner.path)


class Property:
    """A property, and the class that it is taken from."""

    def __init__(self, raw: Any, getter: Any, cls: type) -> None:
        self.raw, self.getter, self.cls = raw, getter, cls


def given_back(inner: Any) -> Any:
    """Return what calling gives, by the hint or the docstring of what is called. Raises Lost."""
    if isinstance(inner, type):
        return Instance(inner)
    cls = inner.cls if isinstance(inner, Bound) else None
    function = inner.function if isinstance(inner, Bound) else inner
    if isinstance(inner, Instance):
        cls, function = inner.cls, getattr(inner.cls, CALL, None)
    found = hinted(function, cls) or documented_class(function)
    if function is open:
        found = io.TextIOWrapper
    if found is None:
        raise Lost(f"what {public_name(function)} gives is not said by a hint")
    return Instance(found)


def part_of(inner: Any, place: int) -> Any:
    """Return an Instance of one of several values that a call gives, as numpydoc lists them."""
    function = inner.function if isinstance(inner, Bound) else inner
    text = inspect.getdoc(function) or ""
    found = re.search(r"\n( *)Returns\n *-{3,}\n((?:.*\n?)*)", text)
    rows = re.findall(rf"^{found[1]}\w+ : (.+)", found[2], re.MULTILINE) if found else []
    cls = first_class(rows[place], function) if place < len(rows) else None
    if cls is None:
        raise Lost(f"what part {place + 1} of what {public_name(function)} gives is not said")
    return Instance(cls)


def settled(inner: Any) -> Any:
    """Return an Instance of what a property gives, and anything else as it is."""
    if isinstance(inner, Property):
        found = hinted(inner.getter, inner.cls)
        if found is None:
            raise Lost(f"what {public_name(inner.cls)}'s property gives is not said by a hint")
        return Instance(found)
    return inner


def hinted(function: Any, cls: type | None) -> type | None:
    """Return the class that a function's return hint names first."""
    plain = inspect.unwrap(function) if callable(function) else function
    plain = getattr(plain, "__func__", plain)
    hint = getattr(plain, "__annotations__", {}).get("return")
    if hint is None:
        return None
    if isinstance(hint, type) and hint is not type(None):
        return hint
    text = hint if isinstance(hint, str) else getattr(hint, "__name__", "") or str(hint)
    if text in ("Self", "typing.Self", "typing_extensions.Self", "Self | None"):
        return cls
    return first_class(text, plain)


def documented_class(function: Any) -> type | None:
    """Return the class that a numpydoc section Returns names first."""
    found = re.search(r"\n\s*Returns\n\s*-{3,}\n\s*(.+)", inspect.getdoc(function) or "")
    return first_class(found[1].rpartition(" : ")[2], function) if found else None


def first_class(text: str, function: Any) -> type | None:
    """Return the first class that a text names, as its function's module and package know it."""
    scope = dict(getattr(function, "__globals__", {}))
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    top = sys.modules.get((getattr(function, "__module__", None) or "").partition(".")[0])
    for word in WORD.findall(text):
        *path, last = word.split(".")
        for place in (scope, vars(module or builtins), vars(top or builtins), vars(builtins)):
            found: Any = place.get(path[0] if path else last)
            for part in [*path[1:], last] if path else []:
                found = getattr(found, part, None)
            if isinstance(found, type) and found is not type(None):
                return found
            if path:  # `np.ndarray` where np is not known there
                found = place.get(last)
                if isinstance(found, type):
                    return found
        if last == "ndarray" and "numpy" in sys.modules:
            return getattr(sys.modules["numpy"], "ndarray", None)
    return None


def item(inner: Instance, kind: str) -> Any:
    """Return what `value[...]` is: of a table, a column or a table; else by the hint."""
    if inner.cls.__name__ == "DataFrame" and inner.cls.__module__.startswith("pandas"):
        if kind == "name":
            return Instance(imported("pandas").Series)
        return inner
    if kind == "slice":
        return inner
    found = hinted(getattr(inner.cls, "__getitem__", None), inner.cls)
    if found is None:
        raise Lost(f"what is in a {public_name(inner.cls)} is not said by a hint")
    return Instance(found)


def public_name(thing: Any) -> str:
    """Return the dotted name of a thing, for people."""
    if isinstance(thing, Instance | Property):
        return public_name(thing.cls)
    if isinstance(thing, Bound):
        return public_name(thing.function)
    if isinstance(thing, types.ModuleType):
        return thing.__name__
    name = getattr(thing, "__qualname__", None) or getattr(thing, "__name__", None)
    return public_path(thing) if name else type(thing).__name__


def public_path(thing: Any) -> str:
    """Return the shortest dotted path under which a thing can be imported."""
    module = str(getattr(thing, "__module__", None) or "builtins")
    qualified = str(getattr(thing, "__qualname__", None) or getattr(thing, "__name__", ""))
    parts = module.split(".")
    above = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
    for prefix in [
        *([module.lstrip("_")] * module.startswith("_")),
        *above,
    ]:  # `_io` is the inside of `io`
        found: Any = sys.modules.get(prefix)
        for part in qualified.split("."):
            found = getattr(found, part, None)
        if found is not None and (found is thing or found == thing):
            return qualified if prefix == "builtins" else f"{prefix}.{qualified}"
    return f"{module}.{qualified}"
