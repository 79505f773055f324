"""Which parameters a call needs now, and which names in scope fit them, each with the reason.

What is required comes first, in its order. The others are ordered by how many callers pass them,
where that is known, and by what in scope fits: a name that is the parameter's, or a value of a
class that its documentation names.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ideas_lib.caching import cache_folder
from ideas_lib.programs.reference.call_place import CallPlace, Passed
from ideas_lib.programs.reference.documentation import Documentation, ParameterDoc
from ideas_lib.resources import resource

__all__ = ["Callers", "ParameterFit", "callers_of", "fitting_parameters", "own_table"]

TABLE = resource(__file__, "callers.json")
SCALARS = ("int", "float", "str", "bool", "NoneType", "bytes", "complex")
SEQUENCES = ("list", "tuple", "ndarray", "Series", "DataFrame", "Index")
ALSO = {  # what documentations call a class
    "int": ("int", "integer", "scalar", "number", "numeric"),
    "float": ("float", "scalar", "number", "numeric"),
    "str": ("str", "string", "path", "label"),
    "bool": ("bool", "boolean"),
    "dict": ("dict", "mapping", "dictionary"),
    "function": ("callable", "function"),
}
ARRAYS = ("array", "array_like", "arraylike", "sequence", "iterable", "ndarray", "vector")
EXACT, PART, CLASS, SCALAR = 1.0, 0.5, 0.4, 0.1  # what a name in scope is worth
MOST_NAMES = 4


@dataclass(frozen=True)
class Callers:
    """How many calls in other packages give which parameter by name."""

    calls: int = 0
    passed: Mapping[str, int] | None = None

    def share(self, name: str) -> float:
        """The share of calls that name it."""
        return (self.passed or {}).get(name, 0) / self.calls if self.calls else 0.0


@dataclass(frozen=True)
class ParameterFit:
    """A parameter of the call at hand.

    `passed` is what it is given before the cursor, else empty. `default` is as it is written, None
    where the parameter has none. `says` is the first sentence of its documentation.
    """

    name: str
    why: str
    names_in_scope: tuple[str, ...]
    required: bool
    passed: str
    default: str | None
    type: str
    says: str


def own_table() -> Path:
    """Return where the reader's own table of callers is, if there is one."""
    return cache_folder() / "reference" / "callers.json"


@cache
def _table() -> dict[str, Any]:
    own = own_table()
    path = own if own.is_file() else TABLE
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["symbols"])
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path} is no table of callers: count again, or remove it") from error


def callers_of(symbol: str) -> Callers:
    """Return what is known of a symbol's callers; nothing is known of most."""
    found = _table().get(symbol)
    return Callers(found["calls"], found["passed"]) if found else Callers()


def fitting_parameters(
    parameters: Sequence[Mapping[str, Any]],
    place: CallPlace,
    types: Mapping[str, Sequence[str]],
    near: Sequence[str],
    doc: Documentation,
    callers: Callers,
) -> list[ParameterFit]:
    """Return a call's parameters, those it needs now first, those it has last.

    Args:
        parameters: As `inside/looking.py` gives them.
        place: The call.
        types: The class of each name in scope and those above it, where it is known.
        near: The names in scope, the nearest first.
        doc: What is documented.
        callers: What others pass.
    """
    given = given_parameters(parameters, [each for each in place.passed if each.before])
    used = {place.receiver, place.target, *(each.name for each in given.values())}
    names = [name for name in near if name not in used and name != "self"]
    rows = []
    for at, each in enumerate(parameters):
        name, kind = str(each["name"]), each["kind"]
        told = doc.parameters.get(name, ParameterDoc("", ""))
        hint = told.type or each["hint"]
        passed = given.get(name)
        fits = [] if passed or kind in ("starred", "keywords") else _fits(name, hint, names, types)
        if not each["required"]:  # any int fits any count: no reason to give what has a default
            fits = [fit for fit in fits if fit[1] > SCALAR]
        needed = bool(each["required"]) and passed is None
        share = callers.share(name)
        worth = 4.0 * needed + 2 * share + max((fit[1] for fit in fits), default=0.0)
        worth -= 3.0 * bool(doc.concerns.get(name) and "deprecated" in doc.concerns[name][0])
        worth -= 9.0 * (kind in ("starred", "keywords"))
        worth = worth if passed is None else -20.0  # last, in its order
        reasons = _reasons(each, passed, fits, callers)
        fit = ParameterFit(
            name,
            "; ".join(reasons),
            tuple(fit[0] for fit in fits[:MOST_NAMES])
            if passed is None
            else tuple(filter(None, [passed.name])),
            bool(each["required"]),
            passed.text if passed else "",
            each["default"],
            hint,
            doc.says_of(name)[:300],
        )
        rows.append((-worth, at, fit))
    return [fit for _, _, fit in sorted(rows, key=lambda row: row[:2])]


def given_parameters(
    parameters: Sequence[Mapping[str, Any]], passed: Sequence[Passed]
) -> dict[str, Passed]:
    """Return which parameters some arguments are for."""
    in_order = [each["name"] for each in parameters if each["kind"] in ("positional", "any")]
    rest = next((each["name"] for each in parameters if each["kind"] == "starred"), None)
    names = {each["name"] for each in parameters}
    found: dict[str, Passed] = {}
    for each in passed:
        if isinstance(each.key, str):
            if each.key in names:
                found.setdefault(each.key, each)
        elif each.key is not None and each.key < len(in_order):
            found.setdefault(in_order[each.key], each)
        elif rest is not None and each.key is not None:
            found.setdefault(rest, each)
    return found


def _fits(
    name: str, hint: str, names: Sequence[str], types: Mapping[str, Sequence[str]]
) -> list[tuple[str, float, str]]:
    """Return the names that fit a parameter, with what that is worth and why: the best first."""
    found = []
    for each in names:
        classes = types.get(each, ())
        match, loosely = _class_match(hint, classes)
        if each == name:
            found.append((each, EXACT + CLASS * bool(match), f"`{each}` in scope has its name"))
        elif _part(each, name) and (match or not classes or not hint):
            found.append((each, PART + CLASS * bool(match), f"`{each}` in scope is called like it"))
        elif match:
            common = loosely or classes[0] in (*SCALARS, "list", "tuple", "dict")
            worth = SCALAR if common else CLASS
            found.append((each, worth, f"`{each}` in scope is {_article(classes[0])}"))
    return sorted(found, key=lambda fit: -fit[1])


def _part(name: str, parameter: str) -> bool:
    """Say whether one name has the other as whole words: `left_on`, `on`."""
    some, others = name.lower().split("_"), parameter.lower().split("_")
    short, long = sorted((some, others), key=len)
    runs = [long[at : at + len(short)] for at in range(len(long) - len(short) + 1)]
    return short in runs and max(map(len, short)) > 1


def _class_match(hint: str, classes: Sequence[str]) -> tuple[str, bool]:
    """Return the class of a value, or one above it, that a documented type names.

    And whether it does so loosely: `array_like` takes a table, and means none in particular.
    """
    words = {word.lower() for word in re.findall(r"[\w]+", hint.replace("-", "_"))}
    for each in classes:
        if words & {each.lower(), *ALSO.get(each, ())}:
            return each, False
        if each in SEQUENCES and any(word in words for word in ARRAYS):
            return each, True
        if each == "bool":  # a bool is an int to Python, and to nobody else
            break
    return "", False


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _reasons(
    each: Mapping[str, Any],
    passed: Passed | None,
    fits: Sequence[tuple[str, float, str]],
    callers: Callers,
) -> list[str]:
    if passed is not None:
        return [f"given: {passed.text}"]
    found = ["required"] * bool(each["required"])
    if callers.calls and (count := (callers.passed or {}).get(each["name"], 0)):
        found.append(f"{count} of {callers.calls} calls name it")
    found += [fit[2] for fit in fits[:2]]
    if not found and each["kind"] in ("starred", "keywords"):
        return ["takes any more"]
    return found or ["optional"]
