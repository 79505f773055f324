"""What a notebook's outputs follow from: its code, the library's, its results and its data.

The parts of a notebook are the abstract syntax of its code cells (layout and comments do not
count), of every module of `ideas_lib` that they import, of each study whose slug a cell names in
a string, and the bytes of that study's results, of each file that a string in a cell names by its
path, and of the files beside a module that share its name (`moving.js` beside `moving.py`). A
string is seen only where it stands whole in the code.
"""

import ast
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ideas_lib.study.codekey import closure, digest, imports_of, module_hash, source_hash

__all__ = ["code_cells", "components", "key_of", "outputs_hash", "sources"]

# Cell magics whose body is Python; the body of any other (`%%bash`) is hashed as text.
PYTHON_MAGICS = frozenset({"%%capture", "%%prun", "%%time", "%%timeit"})
LONGEST_PATH = 200


def components(notebook: Mapping[str, Any], path: Path, top: Path) -> dict[str, str]:
    """Return the hash of each part that a notebook's outputs follow from, by name.

    `cells` is the code; the others are files, named relative to `top`. Raises SyntaxError, which
    names the file, where a module cannot be parsed.
    """
    cells = [_python(text) for text in _texts(notebook)]
    studies, data = _named_files(cells, path, top)
    code = _code(cells, studies, top)
    parts = {"cells": digest(*map(_cell_hash, cells))}
    parts |= {_name(file, top): module_hash(file) for file in code}
    parts |= {_name(file, top): _bytes_hash(file) for file in [*data, *_beside(code)]}
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
    try:
        modules = closure(set().union(*map(imports_of, texts)), top)
    except SyntaxError:
        _parse_by_name(top)
        raise
    return [*files, *modules.values()]


def _beside(code: Iterable[Path]) -> list[Path]:
    """Return what goes with modules: a figure's script and style have the name of its module."""
    modules = {file.with_suffix("") for file in code}
    folders = {module.parent for module in modules}
    files = [path for folder in folders for path in folder.iterdir()]
    # `moving.decide.js` goes with `moving.py` as well.
    found = [f for f in files if f.parent / f.name.partition(".")[0] in modules]
    return sorted(path for path in found if path.suffix not in (".py", ".pyi", ".pyc"))


def _parse_by_name(top: Path) -> None:
    """Raise SyntaxError again, naming the file."""
    for folder in ("ideas_lib", "studies"):
        for file in sorted((top / folder).rglob("*.py")):
            try:
                ast.parse(file.read_text(encoding="utf-8"))
            except SyntaxError as error:
                place = f"{_name(file, top)}, line {error.lineno}"
                raise SyntaxError(f"{place}: {error.msg}") from None


def _bytes_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _joined(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _joined(item) for name, item in value.items()}
    if isinstance(value, list):
        whole = bool(value) and all(isinstance(item, str) for item in value)
        return "".join(value) if whole else [_joined(item) for item in value]
    return value
