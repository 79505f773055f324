"""A checkout of two notebooks and three modules, small enough to copy for every test; a builder."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.ideas import IDEAS
from ideas_lib.publish.first_screen.headline import TEMPLATES
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


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Return such a checkout for the tests of a module to share."""
    tiny = Tiny(tmp_path_factory.mktemp("common") / "book")
    tiny.fill()
    return tiny


@pytest.fixture
def ran(executed: Path, tmp_path: Path) -> Tiny:
    """Return a checkout whose two notebooks are fresh."""
    shutil.copytree(executed, tmp_path / "ran")
    return Tiny(tmp_path / "ran")


# Builds as a terminal does, but for the imports: Sphinx and the theme are there when it forks.
BUILDER = """
import json, os, sys
import jupyter_book.sphinx, myst_nb, sphinx_book_theme, sphinx_external_toc
from jupyter_book.cli.main import main as jupyter_book
from sphinx.cmd.build import main as sphinx_build
for line in sys.stdin:
    tool, words, variables = json.loads(line)
    if child := os.fork():
        status = os.waitpid(child, 0)[1]
        print("\\nended:", os.waitstatus_to_exitcode(status), flush=True)
    else:
        os.environ.update(variables)
        sys.exit({"jupyter-book": jupyter_book, "sphinx-build": sphinx_build}[tool](words))
"""


class Builder:
    """Builds books, one after the other, each in a process that knows nothing of the others."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", BUILDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in os.environ.items() if name != "IDEAS_ROOT"},
            cwd="/",  # no book's own folder
            text=True,
        )

    def __call__(self, tool: str, *words: str, **variables: str) -> tuple[int, str]:
        """Run `jupyter-book` or `sphinx-build`; return its exit status and what it said."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps([tool, words, variables]), file=self.process.stdin, flush=True)
        said = ""
        for line in self.process.stdout:
            if line.startswith("ended:"):
                return int(line.split()[1]), said
            said += line
        raise AssertionError(f"the builder ended: {said}")

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="session")
def build_book() -> Iterator[Builder]:
    """Build books by `jupyter-book` or `sphinx-build`, as many and as often as one likes."""
    builder = Builder()
    yield builder
    builder.close()


@pytest.fixture
def in_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Null attention as an idea whose finding is in points, whatever it is in the book."""
    found = "With a null column, a GPT counts {idea:.0%} right; without it, {baseline:.0%}"
    beyond = "It speaks of one task, and with longer training the plain one may catch up."
    own = dict(found=found, unit="points of accuracy", beyond=beyond, text=())
    ideas = tuple(replace(i, **own) if i.slug == "null-attention" else i for i in IDEAS)
    for module in ("ideas", "publish.site.scoreboard", "publish.site.catalogue"):
        monkeypatch.setattr(f"ideas_lib.{module}.IDEAS", ideas)
    monkeypatch.setitem(TEMPLATES, "null-attention", found)
