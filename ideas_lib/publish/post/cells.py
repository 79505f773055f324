"""A post's code cells: what is shown of each, and what it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from ideas_lib.publish.post.links import Label
from ideas_lib.publish.post.options import Shown, shown_of, tags
from ideas_lib.publish.post.outputs import Outputs
from ideas_lib.publish.post.plain import Plain
from ideas_lib.publish.post.rich import Notes
from ideas_lib.publish.post.standing import complete_code, lacking, pointing

__all__ = ["code_cell", "has_hero", "led", "pointable", "views_of"]


def has_hero(cells: Sequence[NotebookNode]) -> bool:
    """Whether a cell's output is the picture that a tool's or an essay's page opens with."""
    return any("hero" in tags(cell) for cell in cells)


def led(cells: Sequence[NotebookNode], title: str) -> list[NotebookNode]:
    """A chapter's cells: the title, then the hero; the bottom line says what the headline said."""
    cells = [cell for cell in cells if "headline" not in tags(cell)]
    first = [cell for cell in cells if cell.source == title][:1]
    heroes = [cell for cell in cells if "hero" in tags(cell)]
    return [*first, *heroes, *(cell for cell in cells if cell not in [*first, *heroes])]


def views_of(
    nb: NotebookNode,
    cells: Sequence[NotebookNode],
    execute: Mapping[str, Any] | None,
    own: bool,
    tell: Notes,
) -> dict[int, Shown]:
    """What is shown of each code cell, by its number.

    A chapter's code gets the lines that were left out with other cells; another notebook's
    author hears of them.
    """
    shown = {c.get("number", 0): shown_of(c, execute) for c in cells if c.cell_type == "code"}
    code = [c for c in nb.cells if c.cell_type == "code"]
    views = [shown.get(c.get("number", 0)) for c in code]
    for n, names, lines in lacking(code, [v if v and v.cell else None for v in views]):
        view, number = views[n], code[n].get("number", 0)
        tell.cell = number
        if not own:
            tell(f"its code uses {', '.join(names)}, which the post does not show where it is from")
        elif view is not None:
            source, fits = complete_code(view, lines)
            shown[number] = replace(view, source=source, code=fits)
    tell.cell = 0
    points = pointing(c.source for c in cells if c.cell_type == "markdown")
    for words in points if len(cells) < len([c for c in nb.cells if c.source.strip()]) else []:
        tell(f"it says {words!r}: the post leaves cells out, and that may be one")
    return shown


def pointable(cells: Sequence[NotebookNode]) -> Iterator[str | Label]:
    """What labels stand in: Markdown cells, and the figures of code cells."""
    for cell in cells:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        if cell.cell_type == "markdown":
            yield cell.source
        elif cell.cell_type == "code" and isinstance(figure, Mapping) and figure.get("name"):
            yield Label(str(figure["name"]), "Figure", str(figure.get("caption") or ""))


def code_cell(
    cell: NotebookNode, code: bool, outputs: Outputs, shown: Shown, plain: Plain
) -> NotebookNode | None:
    """A code cell with its outputs in one form each, as far as it is shown."""
    if not shown.cell:
        return None
    hidden = not (code and shown.code and shown.source.strip())
    named = NotebookNode({**cell, "metadata": {**cell.metadata, "alt": shown.alt}})
    made = outputs.all(named if shown.alt else cell, shown.streams) if shown.outputs else []
    if made and shown.caption:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        label = plain.labels.get(str(figure.get("name"))) if isinstance(figure, Mapping) else None
        number = f"Figure {label.number}. " if label else ""
        said = plain.convert(shown.caption)
        text = f"{number}{said}" if "*" in said else f"*{number}{said}*"
        made.append(new_output("display_data", data={"text/markdown": text}))
    metadata = {**cell.metadata, "transient": {"remove_source": hidden}}
    whole = {**cell, "source": shown.source, "metadata": NotebookNode(metadata), "outputs": made}
    return NotebookNode(whole)
