"""What a notebook's outputs follow from: its code, all that the code loads, and data.

Code is what `study.closure` follows from the cells: modules, studies that a cell loads by their
slug, and the resources of both. Data are the results of those studies, and the files that the
notebook opened when it was executed: `execute` watches, and writes them into its record.

The key is made of contents and not of paths, so that a move makes no page stale. The parts beside
it have names, to say what has changed when the key has.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ideas_lib.study.closure import Checkout
from ideas_lib.study.codekey import SCHEME, digest
from ideas_lib.study.syntax import Syntax, syntax_of

__all__ = ["Parts", "code_cells", "components", "outputs_hash", "sources", "unread"]

Parts = tuple[str, dict[str, str]]

# Cell magics whose body is Python; the body of any other (`%%bash`) is hashed as text.
PYTHON_MAGICS = frozenset({"%%capture", "%%prun", "%%time", "%%timeit"})
# What loads a study, and its results, by the slug that it is given.
BY_SLUG = ("load_study", "load_settings", "load", "compare_fork", "confirm", "exists", "run_study")
EVERY_SLUG = "slugs"
SLUG = re.compile(r"[a-z0-9-]+")
BOUNDARY = "...  # the next cell"


def components(notebook: Mapping[str, Any], checkout: Checkout) -> Parts:
    """Return a notebook's key, and the hash of each part that its outputs follow from, by name.

    `cells` is the code; the others are files, named relative to the checkout. Raises SyntaxError,
    which names the file, where a module cannot be parsed.
    """
    page = _page(notebook)
    studies, results = _studies(syntax_of(page), checkout)
    texts = [path.read_text(encoding="utf-8") for path in studies]
    code = checkout.loads(page, *texts)
    code |= {_name(path, checkout): path for path in studies}
    data = dict.fromkeys([*results, *_opened(notebook, checkout.top)])
    parts = {"cells": digest(_cells(notebook))}
    parts |= {name: checkout.own_hash(path) for name, path in code.items()}
    parts |= {_name(path, checkout): _bytes_hash(path) for path in data}
    keys = [checkout.key(page), *sorted(checkout.key(text) for text in texts)]
    contents = sorted(_bytes_hash(path) for path in data)
    return f"{SCHEME}-{digest(_tails(notebook), *keys, '', *contents)}", parts


def sources(notebook: Mapping[str, Any], checkout: Checkout) -> list[str]:
    """Return the Python that a notebook runs: its cells, studies and modules of the checkout."""
    page = _page(notebook)
    studies, _ = _studies(syntax_of(page), checkout)
    texts = [page, *(path.read_text(encoding="utf-8") for path in studies)]
    loaded = checkout.loads(*texts).values()
    return texts + [path.read_text(encoding="utf-8") for path in loaded if path.suffix == ".py"]


def unread(notebook: Mapping[str, Any]) -> list[str]:
    """Return the calls that load a study by a slug which cannot be read off the cells."""
    calls = syntax_of(_page(notebook)).calls
    return [name for _, name, given in calls if name in BY_SLUG and not any(given)]


def code_cells(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the code cells that hold anything."""
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [cell for cell in cells if "".join(cell["source"]).strip()]


def outputs_hash(notebook: Mapping[str, Any]) -> str:
    """Hash what the cells show, however the file splits its lines."""
    outputs = [cell.get("outputs", []) for cell in code_cells(notebook)]
    return digest(json.dumps(_joined(outputs), sort_keys=True))


def _name(path: Path, checkout: Checkout) -> str:
    return path.relative_to(checkout.top).as_posix()


def _texts(notebook: Mapping[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in code_cells(notebook)]


def _page(notebook: Mapping[str, Any]) -> str:
    """Return all cells as one piece of Python, so that what one imports is known in the next."""
    return "\n".join(f"{BOUNDARY}\n{_python(text)}" for text in _texts(notebook))


def _cells(notebook: Mapping[str, Any]) -> str:
    """Return the cells' own code, in its normal form, without what it loads."""
    syntax = syntax_of(_page(notebook))
    names = [f"{r.target}.{r.attribute}" for r in syntax.references]
    return json.dumps([syntax.form, names, _tails(notebook)])


def _tails(notebook: Mapping[str, Any]) -> str:
    """Say which cells end in a semicolon, for it hides the cell's last value."""
    return "".join(str(int(text.rstrip().endswith(";"))) for text in _texts(notebook))


def _parses(text: str) -> bool:
    try:
        syntax_of(text)
    except SyntaxError:
        return False
    return True


def _python(text: str) -> str:
    """Return a cell as plain Python: magics become calls, and what is none becomes a string."""
    first, _, body = text.lstrip().partition("\n")
    if first.split(" ")[0] in PYTHON_MAGICS:
        return f"{first!r}\n{_python(body)}"
    if _parses(text):
        return text
    # IPython is slow to import, and few cells need it.
    from IPython.core.inputtransformer2 import TransformerManager

    made = TransformerManager().transform_cell(text)
    return made if _parses(made) else repr(text)


def _studies(syntax: Syntax, checkout: Checkout) -> tuple[list[Path], list[Path]]:
    """Return the studies that the cells load by their slugs, and the results there are of them."""
    named: set[str] = set()
    for _, name, given in syntax.calls:
        if name in BY_SLUG:
            named |= {text for text in given if text and SLUG.fullmatch(text)}
        elif name == EVERY_SLUG:
            named |= {path.stem for path in (checkout.top / "results").glob("*.jsonl")}
    files = (checkout.modules.get(f"studies.{slug.replace('-', '_')}") for slug in sorted(named))
    results = (checkout.top / "results" / f"{slug}.jsonl" for slug in sorted(named))
    return list(filter(None, files)), [path for path in results if path.is_file()]


def _opened(notebook: Mapping[str, Any], top: Path) -> Iterator[Path]:
    """Yield the data files, of those that the notebook opened when it was executed, that exist."""
    for name in notebook["metadata"].get("ideas", {}).get("opened", ()):
        if (top / name).is_file():
            yield top / name


def _bytes_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items()}
    if isinstance(value, list):
        whole = bool(value) and all(isinstance(item, str) for item in value)
        return "".join(value) if whole else [_joined(item) for item in value]
    return value
