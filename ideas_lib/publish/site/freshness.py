"""Which notebooks are older than what they show, and running exactly those again.

`execute` writes into a notebook's metadata the hash of each part that its outputs follow from
(see `components`), and one key over them all. When today's parts differ, the page is stale, and
the difference says why.

As a Sphinx extension it runs the stale notebooks before Sphinx reads a page. A notebook that
fails is left as it was, so it is still stale, and the next build fails again.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ideas_lib import __version__
from ideas_lib.publish.site.components import code_cells, components, outputs_hash
from ideas_lib.publish.site.toc import entries
from ideas_lib.study.checkout import root
from ideas_lib.study.closure import Checkout

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "Check",
    "RefreshFailed",
    "check",
    "key",
    "notebooks",
    "reasons",
    "refresh",
    "setup",
    "state",
]


class RefreshFailed(RuntimeError):
    """Raised when notebooks failed; every other stale one has been executed and saved."""


@dataclass(frozen=True)
class Check:
    """How one notebook stands: `fresh`, `stale`, `failed` or `never executed`, and why.

    `parts` are its components as they are now.
    """

    path: Path
    state: str
    reasons: tuple[str, ...]
    parts: Mapping[str, str]


def notebooks(top: Path | None = None) -> list[Path]:
    """Return the notebooks that `_toc.yml` names, in its order, globs included."""
    top = top or root()
    toc = yaml.safe_load((top / "_toc.yml").read_text(encoding="utf-8"))
    found: dict[Path, None] = {}
    for kind, value in entries(toc):
        if kind == "glob":
            found |= dict.fromkeys(p for p in sorted(top.glob(value)) if p.suffix == ".ipynb")
        else:
            name = value if value.endswith(".ipynb") else f"{value}.ipynb"
            if (top / name).is_file():
                found[top / name] = None
    return list(found)


def key(path: Path, top: Path | None = None) -> str:
    """Return the key of a notebook as its code, results and data are now."""
    return components(_read(path), Checkout(top or root()))[0]


def state(path: Path, top: Path | None = None) -> str:
    """Return `fresh`, `stale`, `failed` or `never executed`."""
    return check(path, top).state


def reasons(path: Path, top: Path | None = None) -> tuple[str, ...]:
    """Return what makes a notebook other than fresh, a phrase each; empty when it is fresh."""
    return check(path, top).reasons


def check(path: Path, top: Path | None = None, checkout: Checkout | None = None) -> Check:
    """Compare a notebook with what it was executed from.

    `checkout`, read once, serves the checks of many notebooks between which nothing is edited.
    """
    notebook = _read(path)
    key, parts = components(notebook, checkout or Checkout(top or root()))
    errors = tuple(_errors(notebook))
    if errors:
        return Check(path, "failed", errors, parts)
    ran = notebook["metadata"].get("ideas", {})
    if "key" not in ran or any(c.get("execution_count") is None for c in code_cells(notebook)):
        return Check(path, "never executed", ("not run from first cell to last",), parts)
    why = []
    if ran["key"] != key:  # a file that only moved has another name, and leaves the key as it is
        why += list(_differences(ran["components"], parts)) or ["its key does not fit its parts"]
    if ran["outputs"] != outputs_hash(notebook):
        why.append("its outputs are not those that were recorded")
    return Check(path, "stale" if why else "fresh", tuple(why), parts)


def refresh(top: Path | None = None, jobs: int = 2) -> list[Path]:
    """Execute the notebooks that are not fresh, `jobs` at a time, and return them.

    Raises RefreshFailed, naming every failure, once all the others are done.
    """
    top = top or root()
    checkout = Checkout(top)
    found = [check(path, top, checkout) for path in notebooks(top)]
    todo = [item for item in found if item.state != "fresh"]
    if not todo:
        return []
    # Imported here: the check runs at every build, and these cost more than all of it.
    from joblib import Parallel, delayed
    from tqdm import tqdm

    from ideas_lib.publish.site.execute import try_execute

    for item in todo:
        name = item.path.relative_to(top).as_posix()
        print(f"executing {name} ({item.state}: {'; '.join(item.reasons)})")
    work = Parallel(n_jobs=min(jobs, len(todo)), return_as="generator_unordered")
    done = work(delayed(try_execute)(item.path, top=top) for item in todo)
    failures = [f for f in tqdm(done, total=len(todo), unit="notebook", desc="executing") if f]
    if failures:
        raise RefreshFailed("\n\n".join(sorted(map(str, failures))))
    return [item.path for item in todo]


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register the extension: stale notebooks are executed before Sphinx reads the pages."""
    app.connect("config-inited", lambda app, config: _point_at(Path(app.srcdir)))
    app.connect("builder-inited", _before_reading)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _point_at(top: Path) -> None:
    # The book may be built from another folder, or with IDEAS_ROOT left over from another one.
    os.environ["IDEAS_ROOT"] = str(top)


def _before_reading(app: "Sphinx") -> None:
    from sphinx.errors import SphinxError
    from sphinx.util import logging

    log = logging.getLogger(__name__)
    top = Path(app.srcdir)
    if os.environ.get("IDEAS_NO_EXECUTE") == "1":
        checkout = Checkout(top)
        found = [check(path, top, checkout) for path in notebooks(top)]
        old = [item for item in found if item.state != "fresh"]
        log.info(f"IDEAS_NO_EXECUTE=1: {len(old)} notebooks shown as they are, though not fresh")
        return
    try:
        done = refresh(top)
    except RefreshFailed as error:
        raise SphinxError(f"\n{error}\n\nNothing was written over these notebooks.") from error
    except SyntaxError as error:
        raise SphinxError(f"\nNo notebook was executed: {error}") from error
    log.info(f"notebooks executed: {len(done)}; the others were fresh")


def _read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def _errors(notebook: Mapping[str, Any]) -> Iterator[str]:
    for cell in code_cells(notebook):
        if "raises-exception" not in cell["metadata"].get("tags", []):
            for output in cell.get("outputs", []):
                if output["output_type"] == "error":
                    yield f"In [{cell.get('execution_count')}] shows {output['ename']}"


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        shown = "its code cells" if name == "cells" else name
        if name not in new:
            yield f"{shown} is no longer part of it"
        elif name not in old:
            yield f"{shown} is new to it"
        elif old[name] != new[name]:
            yield f"{shown} changed"
