"""A checkout of two notebooks and three modules, small enough to copy for every test."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.publish.site.freshness import refresh


class Tiny:
    """A checkout with `one.ipynb`, which imports module one, and `two.ipynb`, which imports two."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.one = top / "chapters/small/one.ipynb"
        self.two = top / "chapters/small/two.ipynb"

    def fill(self) -> None:
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

    def write(self, name: str, text: str) -> Path:
        path = self.top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def notebook(self, name: str, *cells: str) -> Path:
        title = new_markdown_cell(f"# {name.title()}", id="title")
        code = [new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(cells)]
        text = nbformat.writes(new_notebook(cells=[title, *code]))
        return self.write(f"chapters/small/{name}.ipynb", text)

    def read(self, path: Path) -> nbformat.NotebookNode:
        return nbformat.read(path, as_version=4)

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Execute the tiny checkout once; tests copy it."""
    tiny = Tiny(tmp_path_factory.mktemp("executed") / "book")
    tiny.fill()
    refresh(tiny.top)
    return tiny.top


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    """Return a checkout whose notebooks were never executed."""
    tiny = Tiny(tmp_path / "book")
    tiny.fill()
    return tiny


@pytest.fixture
def ran(executed: Path, tmp_path: Path) -> Tiny:
    """Return a checkout whose two notebooks are fresh."""
    shutil.copytree(executed, tmp_path / "ran")
    return Tiny(tmp_path / "ran")
