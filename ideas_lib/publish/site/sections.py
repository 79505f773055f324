"""Sections that fold, and figures that are numbered page by page.

A Markdown cell tagged `fold` makes the section of its heading a `<details>`: in sight stay the
heading and, where the section begins with a paragraph all in italics, that line. myst_nb keeps no
tags of Markdown cells, so they are read from the notebook.

What hides a cell says in plain words what it hides. Sphinx numbers figures through the whole book;
a reader of one page counts from 1.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ideas_lib import __version__
from ideas_lib.resources import resource

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["FOLD", "folded_cells", "is_result", "setup"]

STATIC = resource(__file__, "static")
FOLD = "fold"
HIDDEN = {"input": "code", "output": "output", "all": "code and its output"}
CELL = 10000  # myst_nb gives a cell's nodes its place, from 1, times this as their line


def folded_cells(notebook: dict[str, Any]) -> list[int]:
    """Return the places, from 1, of the Markdown cells whose section folds."""
    return [
        place
        for place, cell in enumerate(notebook["cells"], 1)
        if cell["cell_type"] == "markdown" and FOLD in cell["metadata"].get("tags", [])
    ]


def is_result(node: nodes.Node) -> bool:
    """Say whether a node is a section's result in one line: a paragraph all in italics."""
    return isinstance(node, nodes.paragraph) and [*map(type, node.children)] == [nodes.emphasis]


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", _add_files)
    app.connect("doctree-read", _mark)
    app.connect("doctree-resolved", _fold)
    # Before and after Sphinx's own, which compares the numbers with those it gave the last time.
    app.connect("env-get-updated", _numbers_of_the_book, priority=400)
    app.connect("env-get-updated", _numbers_of_pages, priority=600)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _add_files(app: "Sphinx") -> None:
    app.config.html_static_path.append(str(STATIC))
    app.add_css_file("sections.css")
    app.add_js_file("sections.js")


def _mark(app: "Sphinx", doctree: nodes.document) -> None:
    for cell in doctree.findall(nodes.container):
        word = HIDDEN.get(cell.get("hide_mode", ""), "{type}")
        for prompt in {"prompt_show", "prompt_hide"} & cell.attributes.keys():
            cell[prompt] = cell[prompt].replace("{type}", word)
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb" or not path.is_file():
        return
    places = set(folded_cells(json.loads(path.read_text(encoding="utf-8"))))
    for section in doctree.findall(nodes.section):
        place = (section[0].line or 0) // CELL
        if place in places:
            places.remove(place)  # the first heading of a cell, if it has several
            section["classes"].append(FOLD)


def _fold(app: "Sphinx", doctree: nodes.document, docname: str) -> None:
    """Put the details around what is in a section: only now, for Sphinx looks for titles first."""
    if app.builder.format != "html":
        return
    for section in list(doctree.findall(nodes.section)):
        if FOLD in section["classes"]:
            section[:] = list(_details(*section.children))


def _details(title: nodes.Node, *rest: nodes.Node) -> Iterator[nodes.Node]:
    yield _html("<details><summary>")
    yield title
    if rest and is_result(rest[0]):
        yield nodes.inline("", "", *rest[0].children, classes=["fold-result"])
        rest = rest[1:]
    yield _html("</summary>")
    yield from rest
    yield _html("</details>")


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _numbers_of_the_book(app: "Sphinx", env: "BuildEnvironment") -> list[str]:
    env.toc_fignumbers = getattr(env, "ideas_fignumbers", {})
    return []


def _numbers_of_pages(app: "Sphinx", env: "BuildEnvironment") -> list[str]:
    env.ideas_fignumbers = env.toc_fignumbers  # type: ignore[attr-defined]
    env.toc_fignumbers = {
        page: {
            kind: {name: (number,) for number, name in enumerate(figures, 1)}
            for kind, figures in kinds.items()
        }
        for page, kinds in env.toc_fignumbers.items()
    }
    return []
