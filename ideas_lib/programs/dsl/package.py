"""Write a language as a package of its own, that needs lark alone."""

from pathlib import Path

from ideas_lib.files import check_output, write_output
from ideas_lib.programs.dsl.language_making import Language
from ideas_lib.programs.dsl.language_manual import manual_html, readme_text
from ideas_lib.programs.dsl.runtime.decoding import gbnf_grammar
from ideas_lib.programs.dsl.runtime.grammar import lark_grammar
from ideas_lib.resources import resources

__all__ = ["package_files", "write_package"]

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

import {name}
from {name}.decoding import gbnf_grammar
from {name}.grammar import lark_grammar
from {name}.random_trees import sample_program, sample_tree


class Language(unittest.TestCase):
    def test_every_construct_is_read_as_it_is_written(self):
        rng = random.Random(1)
        for word in {name}.TABLE.rows:
            for _ in range(3):
                tree = {name}.Node("program", ((sample_tree({name}.TABLE, rng, word),),))
                self.assertEqual({name}.parse({name}.unparse(tree)), tree)

    def test_programs_are_read_as_they_are_written(self):
        rng = random.Random(2)
        for _ in range(100):
            tree = sample_program({name}.TABLE, rng)
            self.assertEqual({name}.parse({name}.unparse(tree)), tree)

    def test_every_example_is_a_program(self):
        for row in {name}.TABLE.rows.values():
            if row.example:
                tree = {name}.parse(row.example)
                self.assertEqual({name}.unparse(tree).strip(), row.example.strip())

    def test_the_grammars_are_the_tables(self):
        folder = HERE / "{name}"
        made = {{"grammar.lark": lark_grammar({name}.TABLE).text}}
        made["{name}.gbnf"] = gbnf_grammar({name}.TABLE)
        for file, text in made.items():
            self.assertEqual((folder / file).read_text(encoding="utf-8"), text)


if __name__ == "__main__":
    unittest.main()
'''


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
        path.parent.mkdir(parents=True, exist_ok=True)
        check_output(path, force=force)
    for path, text in paths.items():
        write_output(path, text, force=force)
