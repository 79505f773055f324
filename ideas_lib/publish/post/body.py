"""The cells of a notebook as the cells of its post: which ones, and each in plain Markdown."""

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode
from nbformat.v4 import new_output

from ideas_lib.claims import glued
from ideas_lib.publish.post.cite import Citations, cited
from ideas_lib.publish.post.flavors import Flavor, Meta, PostError
from ideas_lib.publish.post.links import Book, labels_in
from ideas_lib.publish.post.markup import fence, html, slugify
from ideas_lib.publish.post.meta import title_in, title_of
from ideas_lib.publish.post.myst import headings, links_of, starts_with
from ideas_lib.publish.post.plain import Plain

__all__ = ["Draft", "compose", "selected"]

PICTURES = {"image/png": ".png", "image/svg+xml": ".svg", "image/jpeg": ".jpg"}
NO_INPUT = {"remove-input", "hide-input", "remove_input"}
NO_OUTPUT = {"remove-output", "hide-output", "remove_output"}
NO_CELL = {"remove-cell", "hide-cell", "remove_cell"}


def tags(cell: NotebookNode) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", []))


def selected(nb: NotebookNode) -> list[NotebookNode]:
    """The cells of the post (the rule stands in `ideas_lib.publish.post`)."""
    shown = [cell for cell in nb.cells if not tags(cell) & NO_CELL and cell.cell_type != "raw"]
    if any("post" in tags(cell) for cell in shown):
        return [cell for cell in shown if "post" in tags(cell)]
    kept, without = [], 7  # the level of the left-out heading we are under; 7: none
    for cell in shown:
        level = starts_with(cell.source) if cell.cell_type == "markdown" else 0
        if 0 < level <= without:
            without = level if "no-post" in tags(cell) else 7
        if without == 7 and "no-post" not in tags(cell):
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
    pictures: dict[str, bytes] = field(default_factory=dict)

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

    def around(self, body: str) -> str:
        """The body with its title, if the blog wants one there, references and origin."""
        parts = [f"# {self.meta.title}"] if self.title else []
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
) -> Draft:
    """Convert the post's `cells`; values, labels and citations come from the whole `nb`."""
    prose = [c.source for c in cells if c.cell_type == "markdown"]
    draft = Draft(meta, flavor.title, [])
    citations = Citations(book.bibliography, cited(prose))
    values = _Values(nb, draft.pictures, notebook.parent)
    plain = Plain(
        flavor=flavor,
        book=book,
        folder=notebook.parent,
        source=notebook,
        glued=values.markdown,
        image=lambda path: values.keep(path.stem, path.suffix, path.read_bytes()),
        citations=citations,
        labels=labels_in(prose),
        elsewhere=labels_in(c.source for c in nb.cells if c.cell_type == "markdown"),
        anchors=frozenset(slugify(h.source) for text in prose for h in headings(text)),
        definitions=links_of(prose),
    )
    titled = title_in(prose)
    for cell in cells:
        if cell.cell_type == "markdown":
            source = cell.source
            if titled and source == titled[0]:
                (start, end), lines, titled = titled[1].lines, source.split("\n"), None
                source = "\n".join(lines[:start] + lines[end:])
            draft.converted.append(NotebookNode({**cell, "source": plain.convert(source)}))
        elif cell.cell_type == "code":
            draft.converted.append(_code(cell, code, values))
    draft.references = citations.references()
    own_page = book.inside is not None and notebook.parent == book.inside
    url = "" if own_page else book.url(notebook)
    if url:
        name = title_of(nb) or meta.title
        draft.origin = f"---\n\n*Made from the notebook [{name}]({url}), numbers included.*"
    text = "\n\n".join(c.source for c in draft.converted if c.cell_type == "markdown")
    draft.meta = replace(meta, summary=meta.summary or _summary(text), math=plain.maths)
    return draft


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
        name = slugify(stem) + suffix
        if self.pictures.get(name, data) != data:
            name = f"{slugify(stem)}-{sha256(data).hexdigest()[:8]}{suffix}"
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
        shown = simple(output, f"{name}", self) if output is not None else ""
        if shown.startswith("!["):
            return shown
        if place == "inline" or not shown:
            text = self.texts.get(name) or shown.removeprefix("```text\n").removesuffix("\n```")
            return format(float(text.replace("\u2212", "-")), spec) if spec else text
        return shown.removeprefix("```text\n").removesuffix("\n```")


def simple(output: NotebookNode, alt: str, values: _Values) -> str:
    """One output's data as Markdown: a picture, Markdown, a table or words from HTML, or text."""
    prefix = output.metadata.get("scrapbook", {}).get("mime_prefix", "")
    data = {k.removeprefix(prefix): v for k, v in output.get("data", {}).items()}
    for mime, suffix in PICTURES.items():
        if mime in data:
            raw = data[mime]
            known = raw.encode() if "svg" in mime else b64decode(raw)
            return f"![{alt}]({values.keep(alt, suffix, known)})"
    if "text/markdown" in data:
        return str(data["text/markdown"]).strip()
    if "text/latex" in data and not str(data["text/latex"]).startswith("\\begin{tabular"):
        return "$$\n" + str(data["text/latex"]).strip().strip("$").strip() + "\n$$"
    if "text/html" in data:
        return html(str(data["text/html"]))
    return fence(str(data["text/plain"]), "text") if "text/plain" in data else ""


def _code(cell: NotebookNode, code: bool, values: _Values) -> NotebookNode:
    """A code cell with its outputs in one form each; its source hidden where the tags say so."""
    hidden = not code or bool(tags(cell) & NO_INPUT) or not cell.source.strip()
    outputs: list[NotebookNode] = []
    for output in [] if tags(cell) & NO_OUTPUT else cell.get("outputs", []):
        if output.output_type == "stream":
            text = re.sub(r"^[^\n]*\r(?!\n)", "", output.text, flags=re.M)
            same = outputs and outputs[-1].get("name") == output.name
            if same:
                outputs[-1].text += text
            elif text.strip():
                outputs.append(new_output("stream", name=output.name, text=text))
        elif output.output_type == "error":
            outputs.append(output)
        elif not output.metadata.get("scrapbook", {}).get("mime_prefix"):
            outputs += _shown(output, cell, values)
    metadata = {**cell.metadata, "transient": {"remove_source": hidden}}
    return NotebookNode({**cell, "metadata": NotebookNode(metadata), "outputs": outputs})


def _shown(output: NotebookNode, cell: NotebookNode, values: _Values) -> list[NotebookNode]:
    picture = next((mime for mime in PICTURES if mime in output.data), "")
    if picture:
        alt = _alt(output, cell, picture)
        data = {picture: output.data[picture]}
        return [new_output("display_data", data=data, metadata={"alt": alt})]
    if any(mime.startswith("application/vnd.plotly") for mime in output.data):
        note = "*(An interactive figure stands here in the notebook.)*"
        return [new_output("display_data", data={"text/markdown": note})]
    text = simple(output, "", values)
    return [new_output("display_data", data={"text/markdown": text})] if text else []


def _alt(output: NotebookNode, cell: NotebookNode, mime: str) -> str:
    own = output.metadata.get(mime, {})
    site = cell.metadata.get("mystnb", {}).get("image", {})
    alt = (own.get("alt") if isinstance(own, dict) else "") or site.get("alt")
    words = str(alt or output.metadata.get("alt") or cell.metadata.get("alt") or "Figure")
    return " ".join(words.split()).replace("[", "(").replace("]", ")")


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
