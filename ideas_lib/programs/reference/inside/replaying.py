"""Runs in the sandbox: replay sessions of examples, and say what each of them printed, as JSON.

It reads `{"module": name, "symbol": path, "sessions": [[source, ...], ...]}` and writes a line for
each example as it ends: `{"session", "place", "got", "raised", "warned"}`. Every session starts in
a process of its own, with the names of the symbol's module, as doctest has it.
"""

import ast
import contextlib
import importlib
import io
import json
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

dumps = json.dumps  # an example may put something else there
LONG = 20_000  # characters of what one example prints


def known_names(module: str, symbol: str) -> dict[str, Any]:
    """Return the names that examples may use without an import: their module's, and the symbol."""
    found: dict[str, Any] = {}
    with contextlib.suppress(Exception):
        found.update(vars(importlib.import_module(module)))
    parts = symbol.split(".")
    for count in range(len(parts) - 1, 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:count]))
            for part in parts[count:]:
                thing = getattr(thing, part)
        except Exception:
            continue
        if count == len(parts) - 1:  # a method is nothing without what it is called on
            found[parts[-1]] = thing
        break
    found["__name__"] = "__main__"
    return found


def replay(sources: list[str], names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Execute examples one after the other, as at a prompt; yield what came of each."""
    for place, source in enumerate(sources):
        out, seen = io.StringIO(), ""
        with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(out):
            warnings.simplefilter("always")
            try:
                exec(compile(source + "\n", "<example>", "single"), names)
            except BaseException as error:
                seen = f"{type(error).__name__}: {error}"
        warned = [f"{each.category.__name__}: {each.message}" for each in caught]
        yield {
            "place": place,
            "got": out.getvalue()[:LONG],
            "raised": " ".join(seen.split())[:500],
            "warned": [" ".join(each.split())[:300] for each in warned[:3]],
        }


def preload(sources: list[str]) -> None:
    """Import what examples import, once for all sessions; what fails there will fail again."""
    for source in sources:
        with contextlib.suppress(Exception):
            for node in ast.walk(ast.parse(source)):
                names = [each.name for each in getattr(node, "names", [])]
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                if isinstance(node, ast.Import | ast.ImportFrom):
                    for name in names:
                        importlib.import_module(name)


def apart(session: int, sources: list[str], names: dict[str, Any], out: TextIO) -> None:
    """Replay a session in a child, so that it changes nothing for the next; else right here."""
    try:
        child = os.fork()
    except OSError:  # no more processes
        child = -1
    if child > 0:
        os.waitpid(child, 0)
        return
    for told in replay(sources, dict(names)):
        out.write(dumps({"session": session, **told}) + "\n")
        out.flush()
    if child == 0:
        os._exit(0)


def main() -> None:
    """Replay the sessions on standard input."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    os.environ["MPLBACKEND"] = "Agg"
    asked = json.load(sys.stdin)
    names = known_names(asked["module"], asked["symbol"])
    preload(asked["sessions"][0])
    for session, sources in enumerate(asked["sessions"]):
        apart(session, sources, names, out)
    out.close()
    os._exit(0)


if __name__ == "__main__":
    main()
