"""Look up the call at a place: everything that a reader of that line needs, in one object.

reference("report.py", line=41)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ideas_lib.files import read_plain
from ideas_lib.formatting import printable
from ideas_lib.programs.reference.adapting import adapt_session
from ideas_lib.programs.reference.asking_packages import ask_inside, distribution_of
from ideas_lib.programs.reference.call_place import CallPlace, find_text, place_of
from ideas_lib.programs.reference.documentation import Documentation, documented
from ideas_lib.programs.reference.parameter_fits import (
    ParameterFit,
    callers_of,
    fitting_parameters,
)
from ideas_lib.programs.reference.session import read_session
from ideas_lib.programs.reference.showing import ReferenceExample, shown_example
from ideas_lib.programs.reference.skeleton import FileScope, Recipe, is_known, modules_of
from ideas_lib.programs.reference.static_lookup import OwnSymbol, find_statically

__all__ = ["SNIPPET", "CallReference", "NotResolved", "look_up", "look_up_file"]

TIMEOUT = 60.0  # seconds, for importing a package, and again for its examples
SNIPPET = "the snippet"
_HISTORY = re.compile(r"(?:\w+: )?changed in ")  # of an earlier version: a note, no warning
WORDS = ("symbol", "kind", "home", "top", "version", "doc", "module_doc", "deprecated")
FIRST = 3  # parameters that an example is chosen for


class NotResolved(ValueError):
    """Raised where a call leads to nothing that is installed; the message says what is missing."""


@dataclass(frozen=True)
class CallReference:
    """What is known of the symbol at a place, in the version that is installed."""

    symbol: str
    package: str
    version: str
    kind: str
    call: str
    summary: str
    parameters: tuple[ParameterFit, ...]
    example: ReferenceExample | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    place: str = ""
    callers: int = 0
    why_no_example: str = ""
    types: dict[str, list[str]] = field(default_factory=dict, repr=False)


def look_up_file(
    path: Path,
    line: int | None = None,
    column: int | None = None,
    *,
    at: str = "",
    run: bool = True,
    timeout: float = TIMEOUT,
) -> CallReference:
    """Look up the call at a line of a file, or behind a piece of its text: `at="df.merge("`.

    Raises NotResolved, NoCall, Unparsable, OSError, and sandbox.Unavailable.
    """
    data = read_plain(path)
    try:
        source = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise NotResolved(f"{path} is no text in UTF-8: {error.reason}") from None
    others: list[int] = []
    if at:
        line, column, others = find_text(source, at, str(path))
    if line is None:
        raise NotResolved(f"{path}: which line? Name it as {path}:LINE, or a piece by --at")
    found = look_up(source, line, column, path=path, run=run, timeout=timeout)
    if len(others) > 1:
        lines = ", ".join(map(str, others[:8]))
        note = f"the first of {len(others)} places: lines {lines}"
        return CallReference(**{**vars(found), "notes": (note, *found.notes)})
    return found


def look_up(
    source: str,
    line: int,
    column: int | None = None,
    *,
    path: Path | None = None,
    run: bool = True,
    timeout: float = TIMEOUT,
) -> CallReference:
    """Look up the call at a place of a text; without a `path` it may leave its imports out.

    `run=False` shows an example as it is documented, and runs none. Raises as `look_up_file`.
    """
    name = str(path) if path else SNIPPET
    place = place_of(source, name, line, column)
    scope = FileScope(place.tree, place.line, usual=path is None)
    near = scope.names()
    told, types = _resolved(place, scope, near, path, timeout)
    doc = documented(told["doc"])
    callers = callers_of(told["symbol"])
    parameters = told["parameters"]
    fits = fitting_parameters(parameters or [], place, types, near, doc, callers)
    example, why, more = None, "", list[str]()
    if not told["own"]:
        wanted = [each.key for each in place.passed if isinstance(each.key, str)]
        wanted += [fit.name for fit in fits if not fit.passed][:FIRST]
        for text in (told["doc"], told["module_doc"]):
            session = read_session(text, told["symbol"], wanted, told["top"])
            if session is not None:
                break
        if session is None:
            why = "its documentation has no example that calls it"
        else:
            adapted = adapt_session(
                session, told["symbol"], parameters or [], place, fits, scope.aliases()
            )
            aliases = scope.aliases()
            example, more = shown_example(session, adapted, told, aliases, run, timeout)
    else:
        why = "it is code of yours, which is not run"
    package, version = ("", "") if told["own"] else distribution_of(told["top"])
    return CallReference(
        told["symbol"],
        package or ("" if told["own"] else told["top"]),
        version or told["version"],
        told["kind"],
        place.written,
        doc.summary,
        tuple(fits),
        example,
        tuple(dict.fromkeys([*_warnings(doc, fits, told), *more])),
        tuple(_notes(doc, fits)) + (("what it takes is not said",) if parameters is None else ()),
        f"{name}:{place.line}",
        callers.calls,
        why,
        types,
    )


def _resolved(
    place: CallPlace, scope: FileScope, near: Sequence[str], path: Path | None, timeout: float
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return what `inside/looking.py` says of the callee, and the classes of names in scope."""
    recipes = {name: scope.recipe_of_name(name) for name in near}
    names = {name: recipe for name, recipe in recipes.items() if is_known(recipe)}
    recipe = scope.recipe(place.callee)
    failed = ""
    if is_known(recipe):
        told, failed = _ask(recipe, names, timeout)
        if told is not None:
            return told
    found = find_statically(place, path or Path("snippet.py"))
    if isinstance(found, OwnSymbol):
        answer, _ = _ask(["module", "builtins"], names, timeout)
        own = {**dict.fromkeys(WORDS, ""), **vars(found), "own": True}
        return own, answer[1] if answer else {}
    if found is not None and found != recipe:
        told, worse = _ask(found, names, timeout)
        if told is not None:
            return told
        failed = failed or worse
    why = failed or "nothing in the file says what it is; a type hint would"
    raise NotResolved(f"{place.name}:{place.line}: {printable(place.written)[:80]}: {why}")


def _ask(
    recipe: Recipe, names: dict[str, Recipe], timeout: float
) -> tuple[tuple[dict[str, Any], dict[str, list[str]]] | None, str]:
    modules = [*modules_of(recipe), *(each for one in names.values() for each in modules_of(one))]
    question = {"recipe": recipe, "names": names}
    lines, reason = ask_inside("looking", question, modules, timeout=timeout)
    if not lines or not isinstance(lines[0], dict):
        return None, f"asking the package did not end well: {reason or 'no answer'}"
    answer = lines[0]
    if "failed" in answer:
        return None, printable(str(answer["failed"]))
    try:
        return (_checked(answer["found"]), dict(answer["types"])), ""
    except (KeyError, TypeError, AttributeError):  # a package may write there what it likes
        return None, "what the package answers makes no sense"


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of `inside/looking.py` with every value of the kind that it has to be."""
    words = {key: str(found[key]) for key in WORDS}
    rows = found["parameters"]
    if rows is not None:
        rows = [
            {
                **{key: str(row[key]) for key in ("name", "kind", "hint")},
                "required": bool(row["required"]),
                "default": None if row["default"] is None else str(row["default"]),
            }
            for row in rows
        ]
    return {**words, "parameters": rows, "own": False}


def _warnings(doc: Documentation, fits: Sequence[ParameterFit], told: dict[str, Any]) -> list[str]:
    """Return the warnings of the symbol, and of the parameters that are given or that fit."""
    found = [f"deprecated: {told['deprecated']}"] if told["deprecated"] else []
    found += doc.warnings
    near = [fit for fit in fits if fit.passed or fit.names_in_scope]
    near += [fit for fit in fits if not fit.passed][:FIRST]
    for fit in dict.fromkeys(near):
        found += [f"{fit.name}: {each}" for each in doc.concerns.get(fit.name, ())]
    return [printable(each) for each in found if not _HISTORY.match(each)]


def _notes(doc: Documentation, fits: Sequence[ParameterFit]) -> list[str]:
    """Return the sentences of the notes that name a parameter which is given or fits."""
    names = [fit.name for fit in fits if fit.passed or fit.names_in_scope]
    changed = [f"{name}: {each}" for name in names for each in doc.concerns.get(name, ())]
    sentences = re.split(r"(?<=[.!?])\s+", doc.notes)
    marked = [re.compile(rf"[`'*]{re.escape(name)}[`'*=]") for name in names]
    said = [each for each in sentences if any(one.search(each) for one in marked)]
    said += [each for each in changed if _HISTORY.match(each)]
    return [printable(each)[:300] for each in said[:3]]
