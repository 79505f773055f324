"""Examples of documentations: run as documented, and in the names of a caller who is made up.

    python -m studies.reference.examples sympy 0

says of each docstring of a batch what came of it, and shows the lines that gave something else.
"""

import importlib
import inspect
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from ideas_lib.programs.reference.adapting import Adapted, adapt_session
from ideas_lib.programs.reference.asking_packages import ask_inside
from ideas_lib.programs.reference.call_place import CallPlace, place_of
from ideas_lib.programs.reference.renaming import imported_modules
from ideas_lib.programs.reference.rerun import Rerun, rerun_session
from ideas_lib.programs.reference.session import (
    Session,
    calls_in,
    names_of_source,
    read_session,
)
from studies.reference.calls import recipe_of

__all__ = ["STYLES", "Documented", "documented_paths", "made_caller", "try_batch", "try_docstring"]

BATCH = 6  # docstrings of a run
TIMEOUT = 90.0  # seconds
# New names; and the session's own names, each in the place of another, which is harder.
STYLES = FRESH, SWAPPED = "new names", "swapped names"
MORE = {  # public modules whose functions and classes are read, beside the library itself
    "numpy": ("linalg", "fft", "random", "ma", "char", "polynomial.polynomial"),
    "scipy": (
        *("cluster.hierarchy", "fft", "integrate", "interpolate", "linalg", "ndimage"),
        *("optimize", "signal", "sparse", "spatial", "spatial.distance", "special", "stats"),
    ),
    "pandas": ("api.types", "tseries.offsets"),
    "sklearn": (
        *("cluster", "compose", "datasets", "decomposition", "ensemble", "feature_extraction"),
        *("feature_selection", "impute", "linear_model", "metrics", "model_selection"),
        *("naive_bayes", "neighbors", "pipeline", "preprocessing", "svm", "tree", "utils"),
    ),
    "networkx": ("algorithms.bipartite", "algorithms.community"),
    "sympy": ("combinatorics", "functions", "geometry", "matrices", "ntheory", "stats"),
}


@dataclass(frozen=True)
class Documented:
    """A docstring that was run: by style, the rewriting and what came of it."""

    path: str
    session: Session
    runs: dict[str, tuple[Adapted, Rerun]]

    def checked(self) -> list[int]:
        """Return the lines of which it can be said whether they give what is documented."""
        rerun = next(iter(self.runs.values()))[1]
        lines = range(len(self.session.lines))
        return [at for at in lines if rerun.holds(self.session, at) is not None]

    def held(self, style: str = "") -> int:
        """Return how many of them do; in a style, how many also do once they are rewritten."""
        rerun = (self.runs[style] if style else next(iter(self.runs.values())))[1]
        lines = [at for at in self.checked() if rerun.holds(self.session, at)]
        if style:
            other = set(rerun.differs())
            lines = [at for at in lines if at in rerun.adapted and at not in other]
        return len(lines)


def documented_paths(library: str) -> list[str]:
    """Return the functions, classes and methods whose docstrings have an example that calls them.

    In an order that is random, and always the same.
    """
    top = importlib.import_module(library)
    modules = [top, *(importlib.import_module(f"{library}.{name}") for name in MORE[library])]
    found: dict[int, str] = {}
    for module in modules:
        for path, thing in _public(module):
            doc = inspect.getdoc(thing) or ""
            if ">>>" in doc and id(thing) not in found and read_session(doc, path) is not None:
                found[id(thing)] = path
    paths = sorted(found.values())
    random.Random(library).shuffle(paths)
    return paths


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    names = getattr(module, "__all__", None) or vars(module)
    for name in sorted(name for name in names if not name.startswith("_")):
        try:
            thing = getattr(module, name, None)
        except ImportError:  # scikit-learn lists experiments that want another import first
            continue
        if isinstance(thing, type):
            for inner, raw in sorted(vars(thing).items()):
                if inspect.isfunction(raw) and not inner.startswith("_"):
                    yield f"{module.__name__}.{name}.{inner}", raw
        if callable(thing):
            yield f"{module.__name__}.{name}", thing


def try_batch(library: str, seed: int) -> dict[str, Any]:
    """Run one batch of a library's docstrings; the pilots' are the last of all.

    Everything is a list by docstring: how many lines could be checked, how many gave what is
    documented, and by style how many still did, how many names were changed, and how many lines
    gave something else than before. All are 0 where nothing could be run.
    """
    rows = [try_docstring(path) for path in _batch(library, seed)]
    report: dict[str, Any] = {"checked": [len(row.checked()) if row else 0 for row in rows]}
    report |= {"held": [row.held() if row else 0 for row in rows]}
    for style in STYLES:
        report |= {f"held, {style}": [row.held(style) if row else 0 for row in rows]}
        report |= {
            f"renamed, {style}": [len(row.runs[style][0].renamed) if row else 0 for row in rows]
        }
        report |= {
            f"different, {style}": [len(row.runs[style][1].differs()) if row else 0 for row in rows]
        }
    return report


def _batch(library: str, seed: int) -> list[str]:
    paths = documented_paths(library)
    first = BATCH * (seed - 100) if seed >= 100 else len(paths) - BATCH * (seed + 1)
    return paths[first : first + BATCH]


def try_docstring(path: str) -> Documented | None:
    """Run all examples of a docstring, and all of them in each style; None where nothing can be."""
    question = {"recipe": _recipe(path), "names": {}}
    lines, _ = ask_inside("looking", question, [path], timeout=TIMEOUT)
    told = lines[0].get("found") if lines else None
    if not told:
        return None
    session = read_session(told["doc"], told["symbol"], (), told["top"])
    if session is None:
        return None
    session = replace(session, shown=tuple(range(len(session.lines))))
    runs = {}
    for style in STYLES:
        place, aliases = made_caller(session, told["symbol"], style)
        rows = told["parameters"] or []
        adapted = adapt_session(session, told["symbol"], rows, place, (), aliases)
        home, symbol = told["home"], told["symbol"]
        runs[style] = adapted, rerun_session(session, adapted, home, symbol, timeout=TIMEOUT)
    return Documented(path, session, runs)


def _recipe(path: str) -> list[Any]:
    """Return how a path is followed; a method is one of an instance."""
    *above, last = path.split(".")
    owner = recipe_of(".".join(above))
    return ["attr", ["instance", owner] if above[-1][:1].isupper() else owner, last]


def made_caller(session: Session, symbol: str, style: str) -> tuple[CallPlace, dict[str, str]]:
    """Return a call that gives all that the example gives, by names; and the caller's modules."""
    last = symbol.rpartition(".")[2]
    call = next(calls_in(session.lines[session.chosen].source, last))
    modules = imported_modules("\n".join(line.source for line in session.lines))
    names = _names(session, style, modules)
    receiver = next(names)
    args = [next(names) for each in call.args]
    words = [f"{word.arg}={next(names)}" for word in call.keywords if word.arg]
    text = f"{next(names)} = {receiver}.{last}({', '.join([*args, *words])})"
    aliases = {next(names): module for module in modules.values()}
    return place_of(text, "the caller", 1), aliases


def _names(session: Session, style: str, modules: dict[str, str]) -> Iterator[str]:
    """Yield names: new ones; or the session's own, from the last, and new ones after them."""
    if style == SWAPPED:
        own = [names_of_source(line.source)[1] for line in session.lines]
        yield from sorted(set().union(*own) - set(modules), reverse=True)
        yield from sorted(modules)
    yield from (f"mine_{count}" for count in range(10_000))


def main(words: Sequence[str]) -> None:
    """Say what came of each docstring of a batch."""
    library, seed = words[0], int(words[1])
    for path in _batch(library, seed):
        row = try_docstring(path)
        if row is None:
            print(f"{path}: nothing to run")
            continue
        print(f"{path}: {row.held()} of {len(row.checked())} hold")
        for style, (adapted, rerun) in row.runs.items():
            print(f"  {style}: {row.held(style)} hold; {dict(adapted.renamed)} {rerun.reason}")
            for at in rerun.differs():
                source = adapted.sources[adapted.origin.index(at)]
                print(f"    {source!r}\n      {rerun.before.get(at)}\n      {rerun.adapted[at]}")


if __name__ == "__main__":
    main(sys.argv[1:])
