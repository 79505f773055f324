"""Write a language as a package of its own, that needs lark alone."""

import os
import tempfile
from pathlib import Path

from ideas_lib.files import check_output, naming, write_output
from ideas_lib.programs.dsl.language_making import Language
from ideas_lib.programs.dsl.language_manual import manual_html, readme_text
from ideas_lib.programs.dsl.runtime.decoding import gbnf_grammar
from ideas_lib.programs.dsl.runtime.grammar import lark_grammar
from ideas_lib.resources import resources

__all__ = ["check_package", "package_files", "write_package"]

RUNTIME = resources(__file__, "runtime/[!_]*.py")
HERE = "ideas_lib.programs.dsl.runtime"
SHORT = ("SyntaxNode", "Node")  # in a package of its own no other thing has that name
FACE = '''\
"""The language {name}: `parse` reads a text, `unparse` writes a tree, `run` does what it says."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from {name} import parsing, printing, tree_running
from {name}.construct_table import ConstructTable, Node
from {name}.parsing import ParseError
from {name}.printing import BadTree

__all__ = ["TABLE", "BadTree", "Node", "ParseError", "lexer", "parse", "python", "run", "unparse"]

TABLE = ConstructTable.from_json(
    Path(__file__).with_name("constructs.json").read_text(encoding="utf-8")
)


def parse(text: str) -> Node:
    """Return the tree of a text. Raises ParseError, which says where and what was expected."""
    return parsing.parse_program(TABLE, text)


def unparse(tree: Node) -> str:
    """Return the text of a tree: `parse` gives the same tree for it. Raises BadTree."""
    return printing.unparse_program(TABLE, tree)


def run(tree: Node, names: MutableMapping[str, Any] | None = None) -> Any:
    """Make the calls that a tree stands for, and return the value of its last line.

    `names` are values that it may use, and get those that it names.
    """
    return tree_running.run_tree(TABLE, tree, names)


def python(tree: Node) -> str:
    """Return a tree as Python source."""
    return tree_running.python_source(TABLE, tree)


def lexer() -> Any:
    """Return a lexer for Pygments, which has to be installed for this."""
    from {name}.highlighting import lexer_class

    return lexer_class(TABLE)()
'''
PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["lark>=1.1.9,<2"]

[tool.setuptools]
packages = ["{name}"]
package-data = {{ "{name}" = ["constructs.json", "grammar.lark", "{name}.gbnf"] }}
"""
TESTS = '''\
"""Holds {name} to its table: python -m unittest discover tests."""

import random
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

import {name} as language
from {name}.decoding import gbnf_grammar
from {name}.grammar import lark_grammar
from {name}.random_trees import sample_program, sample_tree


class Language(unittest.TestCase):
    def test_every_construct_is_read_as_it_is_written(self):
        rng = random.Random(1)
        for word in language.TABLE.rows:
            for _ in range(3):
                tree = language.Node("program", ((sample_tree(language.TABLE, rng, word),),))
                self.assertEqual(language.parse(language.unparse(tree)), tree)

    def test_programs_are_read_as_they_are_written(self):
        rng = random.Random(2)
        for _ in range(100):
            tree = sample_program(language.TABLE, rng)
            self.assertEqual(language.parse(language.unparse(tree)), tree)

    def test_every_example_is_a_program(self):
        for row in language.TABLE.rows.values():
            if row.example:
                tree = language.parse(row.example)
                self.assertEqual(language.unparse(tree).strip(), row.example.strip())

    def test_the_grammars_are_the_tables(self):
        folder = HERE / "{name}"
        made = {{"grammar.lark": lark_grammar(language.TABLE).text}}
        made["{name}.gbnf"] = gbnf_grammar(language.TABLE)
        for file, text in made.items():
            self.assertEqual((folder / file).read_text(encoding="utf-8"), text)


if __name__ == "__main__":
    unittest.main()
'''


def _paths(name: str) -> list[str]:
    inside = ["__init__.py", "constructs.json", "grammar.lark", f"{name}.gbnf"]
    inside += [path.name for path in RUNTIME]
    beside = ["README.md", "manual.html", "pyproject.toml", f"tests/test_{name}.py"]
    return [*(f"{name}/{each}" for each in inside), *beside]


def check_package(folder: Path, name: str, *, force: bool = False) -> None:
    """Raise where `write_package` would, before the work that it is the end of."""
    for path in _paths(name):
        _check_place(folder / path, force)
    try:  # only that finds a disk that is read-only, or no disk
        tempfile.TemporaryFile(dir=_there(folder)).close()
    except OSError as error:
        why = f"{folder} cannot be written: {error.strerror}"
        raise OSError(f"{why}; name another folder for the package") from None


def package_files(language: Language) -> dict[str, str]:
    """Return the files of a package: path below its folder -> text."""
    table, name = language.table, language.table.name
    learned = [row for row, _ in language.learned]
    shown = [table.rows[row.word] for row in learned]
    made = {
        f"{name}/{path.name}": path.read_text(encoding="utf-8").replace(HERE, name).replace(*SHORT)
        for path in RUNTIME
    }
    return made | {
        f"{name}/__init__.py": FACE.format(name=name),
        f"{name}/constructs.json": table.to_json(),
        f"{name}/grammar.lark": lark_grammar(table).text,
        f"{name}/{name}.gbnf": gbnf_grammar(table),
        "README.md": readme_text(table, shown),
        "manual.html": manual_html(table),
        "pyproject.toml": PROJECT.format(name=name),
        f"tests/test_{name}.py": TESTS.format(name=name),
    }


def write_package(folder: Path, files: dict[str, str], *, force: bool = False) -> None:
    """Write a package, all of it or nothing that another wrote. Raises as `files.write_output`."""
    paths = {folder / name: text for name, text in files.items()}
    for path in paths:
        _check_place(path, force)
    for path, text in paths.items():
        with naming(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_output(path, text, force=force)


def _there(path: Path) -> Path:
    """Return a path, or the first of its parents, that is there."""
    return next(each for each in (path, *path.parents) if os.path.lexists(each))


def _check_place(path: Path, force: bool) -> None:
    """Raise where a file, and the folders that it needs, cannot be made; nothing is made yet."""
    above = _there(path.parent)
    if not above.is_dir():
        raise NotADirectoryError(f"{above} is no folder: name another one for the package")
    if above == path.parent:
        check_output(path, force=force)
    elif not os.access(above, os.W_OK):
        raise PermissionError(f"{above} is read-only: name another folder for the package")
