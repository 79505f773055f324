"""Turn an idea's notebook into its fork: renamed, without the original's results and claims.

Cells tagged `result`, `original` or `original-only` are of the original and go; what a fork adds is
tagged `original`, so that a fork of a fork drops it in turn.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from ideas_lib.publish.fork.copies import Copies

__all__ = ["forked_notebook", "found_by"]

Cell = nbformat.NotebookNode

DROPPED = {"original", "original-only", "result"}
# What makes a notebook a dated post of the site; a fork is not one.
POST = ("author", "blogpost", "category", "date", "language", "location", "tags", "title")

ANCESTRY = """\
Forked from [{title}]({slug}.ipynb){change}. Above is what that does, beside the original; below are
the original's text and code, with the fork's names and settings in the code.{own}"""

CAPTION = (
    "What the idea does in the fork and in the original, each with its 95 % interval, on the same"
    " axis."
)
COMPARE_CELL = "fork-compare"
COMPARE = """\
from ideas_lib.publish.fork import compare_fork

comparison = compare_fork("{new}", "{slug}")
comparison"""


def forked_notebook(original: Cell, copies: Copies, changed: Mapping[str, tuple[Any, Any]]) -> Cell:
    """Return the notebook of a fork, not yet executed, that uses the fork's `copies`.

    Its comparison with the original comes first, below the title. `changed` maps each setting that
    was set to its old and new value. Raises SyntaxError when a code cell cannot be parsed, and
    OutOfReach.
    """
    slug, new = copies.idea.slug, copies.new
    notebook = deepcopy(original)
    title = _title(original)
    cells = [_renamed(cell, copies) for cell in _general(notebook.cells)]
    figure = {"caption": CAPTION, "name": f"fig-{new}-compared"}
    tags = {"tags": ["original", "remove-input"]}
    compare = new_code_cell(COMPARE.format(new=new, slug=slug), metadata=tags)
    compare.id = COMPARE_CELL
    shown = new_code_cell("comparison.show()", metadata=tags | {"mystnb": {"figure": figure}})
    shown.id = "fork-figure"
    words = dict(title=title, slug=slug, change=_say(changed), own=_say_code(copies.code))
    head = [compare, shown, _markdown("ancestry", "original", ANCESTRY, **words)]
    notebook.cells = _titled(_relabelled(cells, new), f"{_stem(title)}: fork {new}", head)
    for key in (*POST, "ideas"):
        notebook.metadata.pop(key, None)
    values = {key: value for key, (_, value) in changed.items()}
    notebook.metadata["ideas"] = {"slug": new, "forked_from": slug, "set": values}
    notebook.metadata["ideas"]["code"] = list(copies.code)
    return notebook


def found_by(path: Path) -> str:
    """Return what an executed fork's comparison found, as text; "" where it has none."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.id == COMPARE_CELL:
            for output in cell.outputs:
                if "text/markdown" in output.get("data", {}):
                    return str(output["data"].get("text/plain", ""))
    return ""


def _general(cells: list[Cell]) -> list[Cell]:
    """Drop the original's own cells.

    Prose that shows a glued number goes too, unless a code cell that stays glues it.
    """
    kept = [cell for cell in cells if not _tags(cell) & DROPPED]
    code = [cell.source for cell in kept if cell.cell_type == "code"]
    glued = {text for source in code for text in _strings(source)}
    return [cell for cell in kept if cell.cell_type != "markdown" or _glues(cell) <= glued]


def _glues(cell: Cell) -> set[str]:
    return set(re.findall(r"\{glue(?::[^}]*)?\}`?\s*([^`:\s]+)", cell.source))


def _renamed(cell: Cell, copies: Copies) -> Cell:
    if cell.cell_type == "code":
        cell.source = copies.rewritten(cell.source)
        cell.outputs, cell.execution_count = [], None
        cell.metadata.pop("execution", None)
    return cell


def _titled(cells: list[Cell], title: str, head: list[Cell]) -> list[Cell]:
    """Put the title in place of the first H1, and `head` below it; on top where there is none."""
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown" and _h1(cell.source):
            cell.source = re.sub(r"(?m)^# .*$", lambda _: f"# {title}", cell.source, count=1)
            return [*cells[: place + 1], *head, *cells[place + 1 :]]
    return [_markdown("title", "original", "# {title}", title=title), *head, *cells]


def _relabelled(cells: list[Cell], new: str) -> list[Cell]:
    """Prefix the labels that the cells define with the fork's slug: a label may stand only once."""
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    text = "\n".join(cell.source for cell in prose)
    defined = re.findall(r"(?m)^\(([^()\s]+)\)=\s*$|^\s*:(?:name|label):\s*(\S+)", text)
    defined += [(label, "") for label in re.findall(r"\$\$\s*\(([^()\s]+)\)", text)]
    figures = [cell.metadata.get("mystnb", {}).get("figure", {}) for cell in cells]
    defined += [(figure["name"], "") for figure in figures if "name" in figure]
    for label in {first or second for first, second in defined}:
        for cell in prose:
            cell.source = _relabel(cell.source, label, f"{new}-{label}")
    for figure in figures:
        if "name" in figure:
            figure["name"] = f"{new}-{figure['name']}"
    return cells


def _relabel(text: str, label: str, other: str) -> str:
    """Replace a label where MyST takes one: `(x)=`, `$$ (x)`, `:name: x`, roles and links."""
    places = re.compile(r"\(\S+\)|`[^`\n]*`|#\S+|:(?:name|label):\s*\S+")
    whole = re.compile(rf"(?<=[(`<#\s]){re.escape(label)}(?=[)`>\s]|$)")

    def relabel(place: re.Match[str]) -> str:
        return whole.sub(lambda _: other, place[0])

    return places.sub(relabel, text)


def _markdown(name: str, tag: str, text: str, **words: object) -> Cell:
    cell = new_markdown_cell(text.format(**words), metadata={"tags": [tag]})
    cell.id = f"fork-{name}"
    return cell


def _say(changed: Mapping[str, tuple[Any, Any]]) -> str:
    words = [f"`{key}` set to {now!r} (it was {was!r})" for key, (was, now) in changed.items()]
    return f", with {', '.join(words)}" if words else ""


def _say_code(code: Sequence[str]) -> str:
    if not code:
        return ""
    return f" Its own copy of the code: {', '.join(f'`ideas_lib/{name}`' for name in code)}."


def _title(notebook: Cell) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (title := _h1(cell.source)):
            return title
    return "Untitled"


def _h1(source: str) -> str:
    found = re.search(r"(?m)^# +(.+?)\s*$", source)
    return found[1] if found else ""


def _stem(title: str) -> str:
    """Return a title without the `: fork x` of a fork."""
    return re.sub(r": fork [a-z0-9-]+$", "", title)


def _tags(cell: Cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _strings(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magic; the rename names the cell if it is worse than that
        return set()
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
