"""The corpora: how installed packages use a module of the standard library.

A seed is a module. Those below 100 are for pilots; the others were chosen by how many packages
import them, and what packages do with them was not looked at. One half is learned from, the other
is to be written: halves of the packages, written by strangers, or of each package's files, written
by colleagues. What is there twice counts twice, in both halves: it is what a language is for.
"""

import importlib
import importlib.util
import pickle
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from types import ModuleType

from ideas_lib.programs.dsl.corpus import files_below
from ideas_lib.programs.dsl.patterns import is_open
from ideas_lib.programs.dsl.runtime.construct_table import SyntaxNode, rebuild
from ideas_lib.programs.dsl.snippet_reading import parse_python, read_programs
from ideas_lib.programs.dsl.words import every_node

__all__ = ["APIS", "PACKAGES", "Halves", "OtherRelease", "gather", "read_halves"]

PILOTS = ("argparse", "subprocess", "json", "threading")
# Imported by at least 24 of the packages below; without abc, dataclasses, enum, types and typing,
# which declare and do nothing.
HELD = (
    *("ast", "base64", "codecs", "collections", "contextlib", "copy", "ctypes", "datetime"),
    *("functools", "hashlib", "importlib", "inspect", "io", "itertools", "logging", "math"),
    *("operator", "os", "pathlib", "pickle", "platform", "random", "re", "shutil", "string"),
    *("struct", "sys", "tempfile", "textwrap", "time", "traceback", "unittest", "urllib"),
    *("warnings", "weakref"),
)
APIS = dict(enumerate(PILOTS)) | dict(enumerate(HELD, 100))

# What is read: a package's folder, and the release of its distribution. One a group of authors.
PACKAGES = {
    "_pytest": ("pytest", "9.2.0"),
    "anyio": ("anyio", "4.16.0"),
    "babel": ("babel", "2.18.0"),
    "coverage": ("coverage", "7.17.3"),
    "crosshair": ("crosshair-tool", "0.0.113"),
    "dask": ("dask", "2026.8.0"),
    "docutils": ("docutils", "0.21.2"),
    "fire": ("fire", "0.7.1"),
    "fontTools": ("fonttools", "4.68.0"),
    "fsspec": ("fsspec", "2026.9.0"),
    "git": ("gitpython", "3.2.1"),
    "hypothesis": ("hypothesis", "6.170.15"),
    "IPython": ("ipython", "9.18.1"),
    "jedi": ("jedi", "0.20.1"),
    "jinja2": ("jinja2", "3.1.6"),
    "joblib": ("joblib", "1.6.0"),
    "jsonschema": ("jsonschema", "4.26.0"),
    "lark": ("lark", "1.3.1"),
    "libcst": ("libcst", "1.9.0"),
    "matplotlib": ("matplotlib", "3.11.2"),
    "mypy": ("mypy", "2.4.1"),
    "narwhals": ("narwhals", "2.29.0"),
    "networkx": ("networkx", "3.6.1"),
    "numba": ("numba", "0.68.1"),
    "numpy": ("numpy", "2.4.6"),
    "openai": ("openai", "3.54.0"),
    "pandas": ("pandas", "3.1.1"),
    "PIL": ("pillow", "13.0.0"),
    "pint": ("pint", "0.25.3"),
    "playwright": ("playwright", "1.65.2"),
    "pre_commit": ("pre-commit", "4.7.0"),
    "prompt_toolkit": ("prompt-toolkit", "3.0.53"),
    "pybtex": ("pybtex", "0.26.1"),
    "pydantic": ("pydantic", "2.14.3"),
    "pygments": ("pygments", "2.21.0"),
    "rich": ("rich", "15.0.0"),
    "scipy": ("scipy", "1.17.1"),
    "setuptools": ("setuptools", "84.2.1"),
    "sklearn": ("scikit-learn", "1.9.1"),
    "sphinx": ("sphinx", "7.4.7"),
    "sqlalchemy": ("sqlalchemy", "2.1.9"),
    "sympy": ("sympy", "1.14.0"),
    "torch": ("torch", "2.13.0"),
    "tornado": ("tornado", "6.6.1"),
    "tqdm": ("tqdm", "4.70.1"),
    "transformers": ("transformers", "5.23.0"),
    "typer": ("typer", "0.29.2"),
    "urllib3": ("urllib3", "2.8.0"),
    "virtualenv": ("virtualenv", "21.15.8"),
    "watchdog": ("watchdog", "7.1.0"),
    "websocket": ("websocket-client", "1.9.2"),
    "zmq": ("pyzmq", "27.3.0"),
}
SCANNED = 150  # files of a package that are looked at, at most
LARGEST = 100_000  # bytes of one of these
SNIPPETS, OF_A_FILE = 40, 5  # of a package, and of a file in it, at most
FOREIGN = {"_vendor", "vendor", "_vendored", "vendored", "extern", "externals", "_distutils"}
Snippet = tuple[SyntaxNode, ...]


class OtherRelease(RuntimeError):
    """Raised where a package is missing, or is another release than the one that is measured."""


@dataclass(frozen=True)
class Halves:
    """Snippets to learn from and to be written, and how many packages each are from."""

    learn: tuple[Snippet, ...]
    write: tuple[Snippet, ...]
    packages: tuple[int, int]


def gather(api: str, seed: int, path: Path, packages: int = 0) -> None:
    """Write a module's snippets to a file, by package: the first so many installed, or all.

    Raises OtherRelease before any work where all are to be read.
    """
    if not packages:
        _check_releases()
    there = [name for name in sorted(PACKAGES) if importlib.util.find_spec(name)]
    own = _api_words(importlib.import_module(api), api)
    wanted = re.compile(rf"^\s*(?:import|from)\s+{api}\b".encode(), re.M)
    found = {}
    for package in there[: packages or None]:
        some = _of_package(package, wanted, own, random.Random(f"{seed} {package}"))
        found[package] = list(islice(some, SNIPPETS))
    path.write_bytes(pickle.dumps(found))


def read_halves(path: Path, seed: int, by: str) -> Halves:
    """Return what `gather` wrote, in halves by "strangers" or "colleagues"."""
    found: dict[str, list[tuple[int, Snippet]]] = pickle.loads(path.read_bytes())
    colleagues = by == "colleagues"
    of = {
        (name, file if colleagues else 0, place): snippet
        for name, some in found.items()
        for place, (file, snippet) in enumerate(some)
    }
    rng = random.Random(f"halves {seed}")
    # Packages are dealt out in any order, and files one package after the other.
    units = sorted({each[:2] for each in of})
    units.sort(key=lambda unit: (unit[0] if colleagues else "", rng.random()))
    sides = {unit: place % 2 for place, unit in enumerate(units)}
    learn, write = (
        tuple(snippet for each, snippet in of.items() if sides[each[:2]] == side) for side in (0, 1)
    )
    there = [len({name for (name, _), side in sides.items() if side == k}) for k in (0, 1)]
    return Halves(learn, write, (there[0], there[1]))


def _check_releases() -> None:
    for distribution, release in PACKAGES.values():
        try:
            there = version(distribution).partition("+")[0]
        except PackageNotFoundError:
            there = "no release"
        if there != release:
            raise OtherRelease(
                f"{there} of {distribution} is installed, and {release} is what is measured: pip "
                f"install {distribution}=={release}"
            )


def _of_package(
    package: str, wanted: re.Pattern[bytes], own: Callable[[str], bool], rng: random.Random
) -> Iterator[tuple[int, Snippet]]:
    """Yield a package's snippets, each with its file: what a function's expressions do with it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is installed"
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    files = sorted(each for each in files_below(folder) if each.suffix == ".py")
    files = [each for each in files if FOREIGN.isdisjoint(each.relative_to(folder).parts)]
    for place, path in enumerate(rng.sample(files, min(SCANNED, len(files)))):
        source = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        if not wanted.search(source):
            continue
        try:
            programs = read_programs(parse_python(source), path.name)
        except SyntaxError:  # a template, or a test of what is no Python
            continue
        made = [
            tuple(each for piece in program.pieces for each in _snippets(keyed(piece), own))
            for program in programs
        ]
        some = [each for each in made if each]
        yield from ((place, each) for each in rng.sample(some, min(OF_A_FILE, len(some))))


def _snippets(node: SyntaxNode, own: Callable[[str], bool]) -> Iterator[SyntaxNode]:
    """Yield the largest expressions that have something of the API in them."""
    if not any(own(each.word) for each in every_node([node])):
        return
    if is_open(node) and not node.word.startswith("setter:"):
        yield node
        return
    for child in node.children():
        yield from _snippets(child, own)


def _api_words(module: ModuleType, api: str) -> Callable[[str], bool]:
    """Return what says whether a key is of an API: its own paths, and methods of its classes."""
    plain = {
        name for kind in (str, bytes, list, dict, set, tuple, int, object) for name in dir(kind)
    }
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    methods = {
        name
        for kind in classes
        if kind.__module__.partition(".")[0] in (api, f"_{api}")
        for name in dir(kind)
        if not name.startswith("_") and name not in plain
    }

    def own(key: str) -> bool:
        kind, _, target = key.partition(":")
        if kind in ("function", "constant"):
            return f"{target}.".startswith(f"{api}.")
        return kind == "method" and target in methods

    return own


def keyed(node: SyntaxNode) -> SyntaxNode:
    """Return a node in which a call of a value has its core word; all else keeps its key."""
    made = rebuild(node, [keyed(child) for child in node.children()])
    return replace(made, word="call") if made.word == "call:" else made
