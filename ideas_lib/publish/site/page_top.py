"""How a page of an idea opens: the question, the bottom line, the figure of the effect.

All of it is made at build and stands in no notebook: see `first_screen`. On the page it takes the
place of the output that says the same in the notebook, of the cell tagged `headline`. A Markdown
cell tagged `use` comes before it, and a tool's page and an essay's show, in place of the figure,
what its cell tagged `hero` gave.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ideas_lib import ideas
from ideas_lib.ideas import Idea, UnknownIdea, find_idea, origin
from ideas_lib.publish import first_screen
from ideas_lib.publish.first_screen import BottomLine
from ideas_lib.resources import resource, resources
from ideas_lib.study.codekey import digest
from ideas_lib.study.study import study_file

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

__all__ = ["follows_from", "idea_of", "open_page"]

HEROES = ("tools", "programs", "posts")  # parts whose pages show their hero first
CELL = 10000  # myst_nb gives a cell's nodes its place, from 1, times this as their line


def idea_of(path: Path, top: Path) -> Idea | None:
    """Return the idea whose notebook this is, None where it is nobody's, or has no study."""
    try:
        idea = find_idea(path.stem, top)
    except UnknownIdea:
        return None
    return idea if idea.notebook(top) == path and idea.study(top).exists() else None


def follows_from(idea: Idea, top: Path) -> str:
    """Hash what a page's opening follows from, beside the notebook and what it loads."""
    files = [idea.results(top), study_file(idea.slug), study_file(origin(idea, top).slug)]
    files += [resource(ideas.__file__, "ideas.toml")]
    files += resources(first_screen.__file__, "*.py")
    return digest(*(path.read_text(encoding="utf-8") for path in files if path.is_file()))


def open_page(
    doctree: nodes.document, env: "BuildEnvironment", path: Path, top: Path
) -> tuple[nodes.Element, int]:
    """Open an idea's page with what was found, and return where it goes on: parent and place.

    The bottom line becomes the page's description, for link previews. Any other page stays as it
    is, and goes on after its title and question.
    """
    title = next(doctree.findall(nodes.title), None)
    if title is None:
        return doctree, 0
    section = title.parent
    at = section.index(title) + 1
    if at < len(section) and _is_question(section[at]):
        at += 1
    idea = idea_of(path, top)
    if idea is None:
        return section, at
    line = first_screen.bottom_line(idea.slug)
    shown = [*_taken(section, _use(path)), _box(line), *_figure(idea, doctree)]
    section[at:at] = shown
    if line.finding:
        for cell in list(_tagged(doctree, "headline")):
            _take_output(cell)
        env.metadata[env.docname]["og:description"] = line.text()
        doctree.insert(0, nodes.meta(name="description", content=line.text()))
    return section, section.index(shown[-1]) + 1


def _box(line: BottomLine) -> nodes.container:
    kind = line.word.replace(" ", "-")
    badge = nodes.inline("", line.word, classes=["verdict", f"verdict-{kind}"])
    said = nodes.paragraph("", "", badge, classes=["fs-finding"])
    if line.finding:
        said += [nodes.Text(" "), nodes.Text(line.finding)]
    box = nodes.container("", said, classes=["fs-bottom-line"])
    beyond = " ".join(filter(None, (line.language, line.beyond)))
    if beyond:
        box += nodes.paragraph("", beyond, classes=["fs-beyond"])
    return box


def _figure(idea: Idea, doctree: nodes.document) -> list[nodes.Node]:
    """Return the figure: the hero of a tool or an essay, else the effect, if it was measured."""
    svg = first_screen.figure_svg(idea.slug)
    heroes = list(_tagged(doctree, "hero")) if idea.part in HEROES or not svg else []
    if heroes:
        return [_take_output(cell) for cell in heroes]
    return [nodes.raw("", svg, format="html")] if svg else []


def _take_output(cell: nodes.container) -> nodes.container:
    """Take a code cell's output out of it, and return a cell of it alone, which nothing hides."""
    output = [child for child in cell.children if child.get("nb_element") == "cell_code_output"]
    alone = cell.copy()
    alone.attributes.pop("hide_mode", None)
    for child in output:
        cell.remove(child)
        alone += child
    if not cell.children:
        cell.parent.remove(cell)
    return alone


def _tagged(doctree: nodes.document, tag: str) -> Iterator[nodes.container]:
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code" and f"tag_{tag}" in node["classes"]:
            yield node


def _is_question(node: nodes.Node) -> bool:
    return isinstance(node, nodes.paragraph) and [*map(type, node.children)] == [nodes.emphasis]


def _use(path: Path) -> int | None:
    """Return the place of the Markdown cell tagged `use`, None where there is none."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for place, cell in enumerate(cells, 1):
        if cell["cell_type"] == "markdown" and "use" in cell["metadata"].get("tags", []):
            return place
    return None


def _taken(section: nodes.Element, place: int | None) -> list[nodes.Node]:
    """Take what a Markdown cell gave out of a section."""
    taken = [
        child
        for child in section.children
        if place is not None
        and not isinstance(child, nodes.section | nodes.title)
        and (child.line or 0) // CELL == place
    ]
    for child in taken:
        section.remove(child)
    return taken
