"""The cells of a notebook as the cells of its post: which ones, and each in plain Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from ideas_lib.claims import glued
from ideas_lib.publish.post.cells import code_cell, has_hero, led, pointable, views_of
from ideas_lib.publish.post.cite import Citations, cited
from ideas_lib.publish.post.flavors import Flavor, Meta, PostError
from ideas_lib.publish.post.links import Book, labels_in
from ideas_lib.publish.post.markup import fence, plain_name, slugify
from ideas_lib.publish.post.meta import title_in, title_of
from ideas_lib.publish.post.myst import anchors_of, headings, links_of, parse, starts_with
from ideas_lib.publish.post.opening import is_chapter, open_post
from ideas_lib.publish.post.options import NO_CELL, tags
from ideas_lib.publish.post.outputs import Outputs, simple
from ideas_lib.publish.post.plain import Embedded, Plain
from ideas_lib.publish.post.rich import Notes
from ideas_lib.publish.post.widgets import STATE

__all__ = ["Draft", "compose", "selected"]


def selected(nb: NotebookNode) -> list[NotebookNode]:
    """The cells of the post (the rule stands in `ideas_lib.publish.post.exporter`)."""
    shown = [cell for cell in nb.cells if not tags(cell) & NO_CELL]
    if any("post" in tags(cell) for cell in shown):
        return [cell for cell in shown if "post" in tags(cell)]
    left_out = {"no-post", "fold"}
    kept, without = [], 7  # the level of the left-out heading we are under; 7: none
    for cell in shown:
        level = starts_with(cell.source) if cell.cell_type == "markdown" else 0
        if 0 < level <= without:
            without = level if left_out & tags(cell) else 7
        if without == 7 and not left_out & tags(cell):
            kept.append(cell)
    return kept


@dataclass
class Draft:
    """A post's converted cells, the pictures its prose names, and what stands around its body."""

    meta: Meta
    title: bool
    converted: list[NotebookNode]
    references: str = ""
    origin: str = ""
    heading: str = ""
    pictures: dict[str, bytes] = field(default_factory=dict)
    read: set[Path] = field(default_factory=set)  # the files that came along

    def cells(self, folder: str) -> list[NotebookNode]:
        """The cells, their pictures named under `folder`."""
        for cell in self.converted:
            cell.source = cell.source.replace(PLACE, f"{folder}/" if folder else "")
            for output in cell.get("outputs", []):
                text = output.get("data", {}).get("text/markdown")
                if text:
                    output.data["text/markdown"] = text.replace(
                        PLACE, f"{folder}/" if folder else ""
                    )
        return self.converted

    def text(self) -> str:
        """The words of its Markdown cells, which are not those of outputs."""
        return "\n\n".join(c.source for c in self.converted if c.cell_type == "markdown")

    def around(self, body: str) -> str:
        """The body with its title, if the blog wants one there, references and origin."""
        parts = [self.heading] if self.title else []
        parts.append(body)
        if self.references:
            parts += ["## References", self.references]
        return "\n\n".join([*parts, *([self.origin] if self.origin else [])])


PLACE = "\ue000"  # stands for the pictures' folder until the exporter knows it


def compose(
    cells: Sequence[NotebookNode],
    nb: NotebookNode,
    meta: Meta,
    notebook: Path,
    book: Book,
    flavor: Flavor,
    code: bool,
    longest: int = 0,
    tell: Notes | None = None,
    execute: Mapping[str, Any] | None = None,
) -> Draft:
    """Convert the post's `cells`; values, labels and citations come from the whole `nb`.

    `longest` is how many lines of an output are shown, 0 for all; `tell` hears what `flavor`
    cannot show; `execute` is what front matter says of all code cells.
    """
    tell = tell or Notes()
    cells = [_anchored(cell) for cell in cells]
    prose = [c.source for c in cells if c.cell_type == "markdown"]
    draft = Draft(meta, flavor.title, [])
    titled = title_in(prose)
    citations = Citations(book.bibliography, cited(prose))
    values = _Values(nb, draft.pictures, notebook.parent)
    plain = Plain(
        flavor=flavor,
        book=book,
        folder=notebook.parent,
        source=notebook,
        glued=values.markdown,
        keep=values.keep,
        tell=tell,
        citations=citations,
        labels=labels_in(pointable(cells)),
        elsewhere=labels_in(pointable(nb.cells)),
        anchors=anchors_of(prose),
        definitions=links_of(prose),
        ids="" if flavor.ids or book.inside else meta.slug,  # in Sphinx a name is a whole book's
        title_ids=frozenset({slugify(t.title) for t in ([titled[1]] if titled else [])}),
    )
    plain.wanted |= plain.pointed_at(prose)
    widgets = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    places = plain if flavor.beside else Embedded(plain)
    outputs = Outputs(flavor, values.keep, plain.convert, tell, longest, places, widgets)
    own = is_chapter(nb, book)
    if own:
        cells = led(cells, titled[0] if titled else "")
    views = views_of(nb, cells, execute, own, tell)
    if titled and titled[1].title != meta.title and title_of(nb) != meta.title:
        titled = None  # the post is called otherwise: this one is a heading like others
    for cell in cells:
        tell.cell = cell.pop("number", 0)
        plain.attached = cell.get("attachments", {})
        if cell.cell_type == "markdown":
            source = cell.source
            if titled and source == titled[0]:
                (start, end), lines, titled = titled[1].lines, source.split("\n"), None
                source = "\n".join(lines[:start] + lines[end:])
            # its attachments are pictures of the post by now
            known = {k: v for k, v in cell.items() if k != "attachments"}
            draft.converted.append(NotebookNode({**known, "source": plain.convert(source)}))
            if own:
                said = open_post(str(nb.metadata.ideas.slug), values.keep, has_hero(cells))
                draft.converted.append(new_markdown_cell("\n\n".join(said)))
                own = False
        elif cell.cell_type == "code":
            made = code_cell(cell, code, outputs, views[tell.cell], plain)
            draft.converted += [made] if made else []
        elif cell.cell_type == "raw":
            known = {"id": cell.get("id", ""), "cell_type": "markdown", "metadata": {}}
            draft.converted.append(NotebookNode({**known, "source": _raw(cell, plain, outputs)}))
    tell.cell = 0
    draft.references = citations.references()
    own_page = book.inside is not None and notebook.parent == book.inside
    url = "" if own_page else book.url(notebook)
    if url:
        name = title_of(nb) or meta.title
        draft.origin = f"---\n\n*Made from the notebook [{name}]({url}), numbers included.*"
    draft.read = plain.read
    draft.heading = plain.inline(meta.title)
    if plain.to_top and not flavor.ids:
        draft.heading = f"({plain.id_of('top')})=\n# {draft.heading}"
    elif draft.heading:
        draft.heading = f"# {draft.heading}"
    draft.meta = replace(meta, summary=meta.summary or _summary(draft.text()), math=plain.maths)
    return draft


ANCHOR = re.compile(r"""<a\s+(?:id|name)\s*=\s*["']?([\w:.-]+)["']?\s*/?>\s*(?:</a>)?""", re.I)


def _anchored(cell: NotebookNode) -> NotebookNode:
    """The cell, its `<a id="x"></a>` at or above a heading as MyST's `(x)=`."""
    if cell.cell_type != "markdown" or not ANCHOR.search(cell.source):
        return cell
    lines, at = cell.source.split("\n"), {h.lines[0] for h in headings(cell.source)}
    code = {
        n
        for token in parse(cell.source)
        if token.type in ("fence", "code_block") and token.map
        for n in range(*token.map)
    }
    for n, line in enumerate(lines):
        found = ANCHOR.search(line)
        if not found or n in code:
            continue
        if n in at:
            lines[n] = f"({found[1]})=\n" + ANCHOR.sub("", line, count=1).rstrip()
        elif ANCHOR.fullmatch(line.strip()):
            lines[n] = f"\n({found[1]})=\n"
    return NotebookNode({**cell, "source": "\n".join(lines)})


class _Values:
    """What a notebook glued, and the pictures that the post takes in."""

    def __init__(self, nb: NotebookNode, pictures: dict[str, bytes], folder: Path) -> None:
        self.folder = folder
        self.texts = glued(nb)
        self.pictures = pictures
        self.data = {
            output.metadata["scrapbook"]["name"]: output
            for cell in nb.cells
            for output in cell.get("outputs", [])
            if "scrapbook" in output.get("metadata", {})
        }

    def keep(self, stem: str, suffix: str, data: bytes) -> str:
        """Take in a picture and return how prose names it."""
        suffix = suffix.lower()
        name = plain_name(stem) + suffix  # ASCII: engines differ on how others are quoted
        if self.pictures.get(name, data) != data:
            name = f"{plain_name(stem)}-{sha256(data).hexdigest()[:8]}{suffix}"
        self.pictures[name] = data
        return PLACE + name

    def markdown(self, key: str, place: str) -> str:
        """Markdown for a glued value, in a sentence ("inline") or by itself ("block")."""
        path, _, name = key.rpartition("::")
        if path:
            other = (self.folder / path).with_suffix(".ipynb")
            if not other.is_file():
                raise PostError(f"takes {name!r} from {path}, a notebook that is not there")
            nb = nbformat.read(other, as_version=4)
            return _Values(nb, self.pictures, other.parent).markdown(name, place)
        name, _, spec = name.partition(":")
        if name not in self.data and name not in self.texts:
            raise PostError(
                f"{name!r} has no glued value: execute the notebook, or bind it in a cell"
            )
        output = self.data.get(name)
        shown = simple(output, f"{name}", self.keep) if output is not None else ""
        if shown.startswith("!["):
            return shown
        if place == "inline" or not shown:
            text = self.texts.get(name) or shown.removeprefix("```text\n").removesuffix("\n```")
            return format(float(text.replace("\u2212", "-")), spec) if spec else text
        return shown.removeprefix("```text\n").removesuffix("\n```")


def _raw(cell: NotebookNode, plain: Plain, outputs: Outputs) -> str:
    """A raw cell: HTML and Markdown are what they are, other formats are shown as code."""
    kind = str(cell.metadata.get("raw_mimetype") or cell.metadata.get("format") or "")
    if kind in ("text/html", "html"):
        return outputs.html(cell.source)
    if kind in ("", "text/markdown", "markdown"):
        return plain.convert(cell.source)
    plain.tell(f"a raw cell of {kind} is shown as code: no post can show it")
    return fence(cell.source, "latex" if "latex" in kind else "text")


def _summary(text: str) -> str:
    """The first paragraph that is prose, as plain text."""
    tokens = MarkdownIt().parse(text)
    for before, token in pairwise(tokens):
        if before.type != "paragraph_open" or before.level or not token.children:
            continue
        words = [
            c.content or " "
            for c in token.children
            if c.type in ("text", "code_inline", "softbreak")
        ]
        line = " ".join("".join(words).split())
        if re.search(r"\w+\W+\w+\W+\w+", line) and not line.startswith("$$"):
            return line
    return ""
