"""Calls in real code: what each gives by name, and what stands before it. Nothing of it is run.

`read_organisation` finds calls; `place_calls` looks at some of them as the tool would, with the
file cut off where the first keyword begins, so that nothing behind the cursor can be seen.
"""

import ast
import importlib.util
import random
import re
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ideas_lib.programs.reference.asking_packages import ask_inside
from ideas_lib.programs.reference.call_place import CallPlace, NoCall, place_of
from ideas_lib.programs.reference.counting_callers import TESTS, dotted_path, imported_paths
from ideas_lib.programs.reference.inside.looking import written_path
from ideas_lib.programs.reference.mending import Unparsable
from ideas_lib.programs.reference.skeleton import FileScope, Recipe, is_known, modules_of
from studies.reference.packages import PACKAGES, packages_of

__all__ = [
    "FoundCall",
    "PlacedCall",
    "ask_symbols",
    "call_text",
    "callers_by_symbol",
    "place_calls",
    "read_organisation",
    "text_before",
]

SCANNED = 120  # files of a package that are looked at, at most
LARGEST = 100_000  # bytes of one of these
FOREIGN = TESTS | {"_vendored", "vendored", "extern", "externals", "_distutils", "_tests"}
BUILT_IN = ("open", "print")  # builtins that take more than three parameters
BEFORE, WORDS = 1500, 60  # characters and names before a call that neighbours are found by
TIMEOUT = 240.0  # seconds, for importing what an organisation's code imports


@dataclass(frozen=True)
class FoundCall:
    """A call with keywords: what is called, where, what it names, and the names before it."""

    symbol: str
    package: str
    file: str
    line: int
    column: int
    named: tuple[str, ...]
    words: frozenset[str]


@dataclass(frozen=True)
class PlacedCall:
    """A call as the tool sees it: `near` are names in scope, `types` the classes of some."""

    found: FoundCall
    place: CallPlace
    near: tuple[str, ...]
    types: Mapping[str, Sequence[str]]


def read_organisation(organisation: str, scanned: int = SCANNED) -> list[FoundCall]:
    """Return the calls with keywords in an organisation's packages, of other people's functions."""
    found: list[FoundCall] = []
    for package in packages_of(organisation):
        folder, files = _files(package)
        rng = random.Random(package)
        for path in rng.sample(files, min(scanned, len(files))):
            data = path.read_bytes() if path.stat().st_size <= LARGEST else b""
            text = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
            for call in read_text(text):
                if owner(call.symbol) != organisation:
                    where = path.relative_to(folder).as_posix()
                    found.append(replace(call, package=package, file=where))
    return found


def _files(package: str) -> tuple[Path, list[Path]]:
    """Return the folder above a package, and its files: no tests, nothing of other people's."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise LookupError(f"{package} is not installed")
    if not spec.submodule_search_locations:
        return Path(str(spec.origin)).parent, [Path(str(spec.origin))]
    folder = Path(next(iter(spec.submodule_search_locations)))
    files = [
        path
        for path in sorted(folder.rglob("*.py"))
        if FOREIGN.isdisjoint(path.relative_to(folder).parts) and path.name[:5] != "test_"
    ]
    return folder.parent, files


def owner(symbol: str) -> str:
    """Return the organisation that a function is of; its package where nobody knows it."""
    top = symbol.partition(".")[0]
    if top in sys.stdlib_module_names or top == "builtins":
        return "python"
    return PACKAGES.get(top, (top,))[0]


def read_text(text: str) -> Iterator[FoundCall]:
    """Yield the calls of a text that name something, and unpack nothing; none of methods."""
    with warnings.catch_warnings(action="ignore"):
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
    known = {name: f"builtins.{name}" for name in BUILT_IN} | imported_paths(nodes)
    lines = text.split("\n")
    for node in nodes:
        if not (isinstance(node, ast.Call) and node.keywords):
            continue
        symbol = dotted_path(node.func, known)
        named = tuple(word.arg for word in node.keywords if word.arg)
        starred = any(isinstance(each, ast.Starred) for each in node.args)
        if not symbol or starred or len(named) < len(node.keywords) or not _is_public(symbol):
            continue
        first = min(node.keywords, key=lambda word: (word.lineno, word.col_offset))
        line = lines[first.lineno - 1].encode()[: first.col_offset].decode(errors="replace")
        before = "\n".join([*lines[max(0, first.lineno - 40) : first.lineno - 1], line])[-BEFORE:]
        words = frozenset(re.findall(r"[A-Za-z_]\w{2,}", before)[-WORDS:])
        yield FoundCall(symbol, "", "", first.lineno, len(line), named, words)


def _is_public(symbol: str) -> bool:
    """Say whether a path is of a function or class that is no method: `json.dumps`."""
    *above, last = symbol.split(".")
    plain = not any(part.startswith("_") or part[:1].isupper() for part in above)
    return bool(above) and plain and not last.startswith("_")


def ask_symbols(symbols: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the tool knows of functions: those that are there and say what they take."""
    answers = {}
    for symbol in symbols:
        question = {"recipe": recipe_of(symbol), "names": {}}
        lines, _ = ask_inside("looking", question, [symbol], timeout=TIMEOUT)
        told = lines[0].get("found") if lines else None
        if told and told["parameters"]:
            answers[symbol] = told
    return answers


def recipe_of(symbol: str) -> Recipe:
    """Return how a dotted path is followed, from its first part, which is a module."""
    first, *rest = symbol.split(".")
    recipe: Recipe = ["module", first]
    for part in rest:
        recipe = ["attr", recipe, part]
    return recipe


def place_calls(calls: Sequence[FoundCall]) -> list[PlacedCall]:
    """Look at calls as the tool would; those that it takes for another call are left out."""
    placed, asked = [], dict[str, Recipe]()
    for at, call in enumerate(calls):
        place = place_before(call_text(call), call)
        if place is None:
            continue
        scope = FileScope(place.tree, place.line)
        if written_path(scope.recipe(place.callee)) != call.symbol:
            continue
        near = scope.names()
        recipes = {name: scope.recipe_of_name(name) for name in near}
        asked |= {f"{at} {name}": each for name, each in recipes.items() if is_known(each)}
        slim = replace(place, source="", tree=ast.Module([], []))
        placed.append((at, PlacedCall(call, slim, tuple(near), {})))
    types = _types(asked)
    return [replace(each, types=types.get(at, {})) for at, each in placed]


def call_text(call: FoundCall) -> str:
    """Return the text of a call's file."""
    folder, _ = _files(call.package)
    text = (folder / call.file).read_bytes().decode("utf-8", errors="replace")
    return text.replace("\r\n", "\n")


def text_before(text: str, call: FoundCall) -> str:
    """Return what stands before a call's first keyword, without white space at the end."""
    lines = text.split("\n")[: call.line]
    return "\n".join([*lines[:-1], lines[-1][: call.column]]).rstrip()


def place_before(text: str, call: FoundCall) -> CallPlace | None:
    """Return a call's place in what stands before its first keyword, and in nothing else."""
    cut = text_before(text, call)
    try:
        place = place_of(cut, call.file, cut.count("\n") + 1, len(cut.rpartition("\n")[2]) + 1)
    except (NoCall, Unparsable):
        return None
    return place if place.call else None


def _types(asked: Mapping[str, Recipe]) -> dict[int, dict[str, Sequence[str]]]:
    """Return call -> name -> classes; of what cannot be imported nothing is known."""
    found: defaultdict[int, dict[str, Sequence[str]]] = defaultdict(dict)
    modules = {module for recipe in asked.values() for module in modules_of(recipe)}
    question = {"recipe": ["module", "builtins"], "names": dict(asked)}
    lines, _ = ask_inside("looking", question, modules, timeout=TIMEOUT) if asked else ([], "")
    for key, classes in (lines[0]["types"] if lines else {}).items():
        at, _, name = key.partition(" ")
        found[int(at)][name] = classes
    return dict(found)


def callers_by_symbol(
    calls: Mapping[str, Sequence[FoundCall]], most: int
) -> dict[str, dict[str, list[FoundCall]]]:
    """Return symbol -> organisation -> its calls, at most so many of each."""
    found: defaultdict[str, dict[str, list[FoundCall]]] = defaultdict(dict)
    for organisation, all_ in calls.items():
        taken: Counter[str] = Counter()
        for call in random.Random(organisation).sample(all_, len(all_)):
            taken[call.symbol] += 1
            if taken[call.symbol] <= most:
                found[call.symbol].setdefault(organisation, []).append(call)
    return dict(found)
