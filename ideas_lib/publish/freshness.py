"""Which notebooks are older than what they show, and running exactly those again.

A notebook's key is a hash over its parts: the abstract syntax of its code cells (layout and
comments do not count), of every module of `ideas_lib` that they import, of each study whose slug
a cell names in a string, and the bytes of that study's results and of each file that a string in
a cell names by its path. `execute` writes the parts into the notebook's metadata; when today's
parts differ, the page is stale, and the difference says why.

As a Sphinx extension it runs the stale notebooks before Sphinx reads a page. A notebook that
fails is left as it was, so it is still stale, and the next build fails again.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ideas_lib import __version__
from ideas_lib.codekey import closure, digest, imports_of, module_hash, source_hash
from ideas_lib.publish.toc import entries
from ideas_lib.root import root

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "Check",
    "RefreshFailed",
    "check",
    "code_cells",
    "components",
    "key",
    "key_of",
    "notebooks",
    "outputs_hash",
    "reasons",
    "refresh",
    "setup",
    "sources",
    "state",
]

# Cell magics whose body is Python; the body of any other (`%%bash`) is hashed as text.
PYTHON_MAGICS = frozenset({"%%capture", "%%prun", "%%time", "%%timeit"})
LONGEST_PATH = 200


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
    """Return the key of a notebook as its code, results and data are now: 16 hex digits."""
    return key_of(components(_read(path), path, top or root()))


def state(path: Path, top: Path | None = None) -> str:
    """Return `fresh`, `stale`, `failed` or `never executed`."""
    return check(path, top).state


def reasons(path: Path, top: Path | None = None) -> tuple[str, ...]:
    """Return what makes a notebook other than fresh, a phrase each; empty when it is fresh."""
    return check(path, top).reasons


def check(path: Path, top: Path | None = None) -> Check:
    """Compare a notebook with what it was executed from."""
    top = top or root()
    notebook = _read(path)
    parts = components(notebook, path, top)
    errors = tuple(_errors(notebook))
    if errors:
        return Check(path, "failed", errors, parts)
    ran = notebook["metadata"].get("ideas", {})
    if "key" not in ran or any(c.get("execution_count") is None for c in code_cells(notebook)):
        return Check(path, "never executed", ("not run from first cell to last",), parts)
    why = list(_differences(ran["components"], parts))
    if ran["outputs"] != outputs_hash(notebook):
        why.append("its outputs are not those that were recorded")
    if not why and ran["key"] != key_of(parts):
        why.append("its key does not fit its parts")
    return Check(path, "stale" if why else "fresh", tuple(why), parts)


def components(notebook: Mapping[str, Any], path: Path, top: Path) -> dict[str, str]:
    """Return the hash of each part that a notebook's outputs follow from, by name.

    `cells` is the code; the others are files, named relative to `top`.
    """
    cells = [_python(text) for text in _texts(notebook)]
    studies, data = _named_files(cells, path, top)
    parts = {"cells": digest(*map(_cell_hash, cells))}
    parts |= {_name(file, top): module_hash(file) for file in _code(cells, studies, top)}
    parts |= {_name(file, top): _bytes_hash(file) for file in data}
    return parts


def sources(notebook: Mapping[str, Any], path: Path, top: Path) -> list[str]:
    """Return the Python that a notebook runs: its cells, studies and modules of `ideas_lib`."""
    cells = [_python(text) for text in _texts(notebook)]
    studies, _ = _named_files(cells, path, top)
    files = _code(cells, studies, top)
    texts = [cell for cell in cells if _tree(cell)]
    return texts + [file.read_text(encoding="utf-8") for file in files]


def code_cells(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the code cells that hold anything."""
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [cell for cell in cells if "".join(cell["source"]).strip()]


def outputs_hash(notebook: Mapping[str, Any]) -> str:
    """Hash what the cells show, however the file splits its lines."""
    outputs = [cell.get("outputs", []) for cell in code_cells(notebook)]
    return digest(json.dumps(_joined(outputs), sort_keys=True))


def refresh(top: Path | None = None, jobs: int = 2) -> list[Path]:
    """Execute the notebooks that are not fresh, `jobs` at a time, and return them.

    Raises RefreshFailed, naming every failure, once all the others are done.
    """
    top = top or root()
    todo = [c for c in (check(path, top) for path in notebooks(top)) if c.state != "fresh"]
    if not todo:
        return []
    # Imported here: the check runs at every build, and these cost more than all of it.
    from joblib import Parallel, delayed
    from tqdm import tqdm

    from ideas_lib.publish.execute import attempt

    for item in todo:
        print(f"executing {_name(item.path, top)} ({item.state}: {'; '.join(item.reasons)})")
    work = Parallel(n_jobs=min(jobs, len(todo)), return_as="generator_unordered")
    done = work(delayed(attempt)(item.path, top=top) for item in todo)
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
        old = [path for path in notebooks(top) if state(path, top) != "fresh"]
        log.info(f"IDEAS_NO_EXECUTE=1: {len(old)} notebooks shown as they are, though not fresh")
        return
    try:
        done = refresh(top)
    except RefreshFailed as error:
        raise SphinxError(f"\n{error}\n\nNothing was written over these notebooks.") from error
    log.info(f"notebooks executed: {len(done)}; the others were fresh")


def _read(path: Path) -> dict[str, Any]:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def key_of(parts: Mapping[str, str]) -> str:
    """Return the key that components make."""
    return digest(json.dumps(parts, sort_keys=True))


def _name(path: Path, top: Path) -> str:
    return path.relative_to(top).as_posix()


def _texts(notebook: Mapping[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in code_cells(notebook)]


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _python(text: str) -> str:
    """Return a cell as plain Python where it can be had: magics become calls."""
    first, _, body = text.lstrip().partition("\n")
    if first.split(" ")[0] in PYTHON_MAGICS:
        return f"{first!r}\n{_python(body)}"
    if _tree(text):
        return text
    # IPython is slow to import, and few cells need it.
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(text)


def _cell_hash(text: str) -> str:
    """Hash a cell; a final semicolon counts, for it hides the cell's last value."""
    if _tree(text) is None:
        return digest(text)
    # A cell has no docstring: a string at its head is a value it shows.
    return digest(source_hash(f"pass\n{text}"), str(text.rstrip().endswith(";")))


def _strings(cells: Iterable[str]) -> Iterator[str]:
    for text in cells:
        for node in ast.walk(_tree(text) or ast.Module([], [])):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if 0 < len(node.value) <= LONGEST_PATH and node.value.isprintable():
                    yield node.value


def _named_files(cells: Iterable[str], path: Path, top: Path) -> tuple[list[Path], list[Path]]:
    """Return the studies, and the results and data files, that strings in the cells name."""
    studies: set[Path] = set()
    data: set[Path] = set()
    for string in set(_strings(cells)):
        if string.replace("-", "").isalnum():
            studies |= set(top.glob(f"studies/{string.replace('-', '_')}.py"))
            data |= set(top.glob(f"results/{string}.*"))
        for folder in (path.parent, top):
            file = Path(os.path.normpath(folder / string))
            if file.is_file() and file.is_relative_to(top) and file != path:
                data.add(file)
    return sorted(studies), sorted(data)


def _code(cells: Iterable[str], studies: Iterable[Path], top: Path) -> list[Path]:
    """Return the studies, and every module of `ideas_lib` that they and the cells import."""
    files = sorted(studies)
    texts = [*filter(_tree, cells), *(file.read_text(encoding="utf-8") for file in files)]
    modules = closure(set().union(*map(imports_of, texts)), top)
    return [*files, *modules.values()]


def _bytes_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items()}
    if isinstance(value, list):
        whole = bool(value) and all(isinstance(item, str) for item in value)
        return "".join(value) if whole else [_joined(item) for item in value]
    return value


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
