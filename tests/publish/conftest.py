"""A checkout of two notebooks and two modules, small enough to copy for every test."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Tiny":
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path / "book"))
    return Tiny(tmp_path / "book")


class Tiny:
    """A checkout with `one.ipynb`, which imports module one, and `two.ipynb`, which imports two."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.write("_toc.yml", "format: jb-book\nroot: index\nchapters:\n- glob: chapters/*/*\n")
        self.write("index.md", "# A tiny book\n")
        self.write("ideas_lib/__init__.py", '"""A tiny library."""\n')
        self.write("ideas_lib/one.py", '"""One."""\n\nVALUE = 1  # one\n')
        self.write(
            "ideas_lib/two.py", '"""Two."""\n\nfrom ideas_lib import base\n\nVALUE = base.B\n'
        )
        self.write("ideas_lib/base.py", "B = 2\n")
        for name in ("one", "two"):
            self.notebook(name, f"from ideas_lib import {name}\n\n{name}.VALUE")

    @property
    def one(self) -> Path:
        return self.top / "chapters/small/one.ipynb"

    @property
    def two(self) -> Path:
        return self.top / "chapters/small/two.ipynb"

    def write(self, name: str, text: str) -> Path:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def notebook(self, name: str, *cells: str, metadata: dict | None = None) -> Path:
        title = new_markdown_cell(f"# {name.title()}", id="title")
        code = [new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(cells)]
        book = new_notebook(cells=[title, *code], metadata=metadata or {})
        return self.write(f"chapters/small/{name}.ipynb", nbformat.writes(book))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)
