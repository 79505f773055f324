"""Where the book's labels and files are found by a post that leaves the book."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from markdown_it.token import Token

from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.myst import directive, leaves, own_id, walk

__all__ = ["Book", "Label", "book_of", "labels_in"]

KINDS = {
    "figure": "Figure", "figure-md": "Figure", "image": "Figure",
    "table": "Table", "list-table": "Table", "csv-table": "Table", "math": "equation",
}  # fmt: skip


@dataclass(frozen=True)
class Label:
    """A place that prose can point at: `kind` is heading, Figure, Table or equation.

    `name` is its own; of several names that a heading has, the last.
    """

    name: str
    kind: str
    title: str
    number: int = 0


def labels_in(texts: Iterable[str | Label]) -> dict[str, Label]:
    """The labels of Markdown cells, in order; figures, tables and equations are numbered.

    A Label among the texts is the figure of a code cell.
    """
    found: dict[str, Label] = {}
    count: Counter[str] = Counter()

    def add(name: str, kind: str, title: str = "", own: str = "") -> None:
        count[kind] += 1
        found[name] = Label(own or name, kind, title, count[kind])

    for text in texts:
        if isinstance(text, Label):
            add(text.name, text.kind, text.title)
            continue
        targets: list[str] = []  # those that wait for their heading
        blocks = [*walk(text), Token("", "", 0)]
        for token, inside in zip(blocks, [*blocks[1:], None], strict=True):
            if token.type == "myst_target":
                targets.append(token.content)
                continue
            heading = inside if token.type == "heading_open" else None
            title, own_name = own_id(heading.content) if heading else ("", "")
            targets += [own_name] * bool(own_name)
            for name in targets:  # the last of several is the heading's id
                add(name, "heading", title, targets[-1])
            targets = []
            named = directive(token)
            own = named and (named.options.get("name") or named.options.get("label"))
            if named and own and named.name in KINDS:
                add(own, KINDS[named.name], named.arg)
            for name in re.findall(r"\\label\{([\w:.-]+)\}", token.content * _shows(token)):
                add(name, "equation")
            for leaf in leaves([token]):
                if leaf.type in ("math_block_label", "math_inline_double") and leaf.info:
                    add(leaf.info, "equation")
    return found


def _shows(token: Token) -> bool:
    """Whether a block is a formula."""
    return token.type in ("amsmath", "math_block")


@dataclass(frozen=True)
class Book:
    """The checkout that a notebook belongs to, or none (`root` is None: nothing outside is known).

    `inside` is the folder of a post that stays in the book: links then stay relative to it and
    point at sources; otherwise they point at the published site or the repository.
    """

    root: Path | None = None
    inside: Path | None = None

    @cached_property
    def config(self) -> dict[str, Any]:
        """_config.yml, or nothing."""
        file = self.root / "_config.yml" if self.root else None
        found = yaml.safe_load(file.read_text("utf-8")) if file and file.is_file() else {}
        return dict(found or {})

    @property
    def site(self) -> str:
        """The published site's address without a trailing slash, or ""."""
        return str((self.config.get("html") or {}).get("baseurl") or "").rstrip("/")

    @cached_property
    def labels(self) -> dict[str, tuple[Path, Label]]:
        """Every label of the book's pages, with the page's file."""
        found: dict[str, tuple[Path, Label]] = {}
        for page in self._pages():
            text = page.read_text("utf-8")
            if page.suffix == ".ipynb":
                cells = json.loads(text).get("cells", [])
                texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
            else:
                texts = [text]
            found |= {name: (page, label) for name, label in labels_in(texts).items()}
        return found

    def _pages(self) -> list[Path]:
        if self.root is None:
            return []
        tops = [*self.root.glob("*.md"), *self.root.glob("*.ipynb")]
        parts = [p for part in ("chapters", "posts") for p in (self.root / part).rglob("*")]
        return sorted(
            p
            for p in [*tops, *parts]
            if p.suffix in (".md", ".ipynb") and ".ipynb_checkpoints" not in p.parts
        )

    def page(self, folder: Path, name: str) -> Path | None:
        """The source file that `name` means in a page of `folder`, suffix or not; None if none."""
        base = self.root if name.startswith("/") and self.root else folder
        start = (base / name.lstrip("/")).resolve()
        for path in (start, *(start.with_name(start.name + s) for s in (".ipynb", ".md"))):
            if path.is_file():
                return path
        return None

    def url(self, path: Path, anchor: str = "") -> str:
        """The link to a file of the book; "" when the book has no address to give."""
        tail = f"#{anchor}" if anchor else ""
        if self.root is None or not path.is_relative_to(self.root):
            return ""
        if self.inside is not None:
            return quote(Path(os.path.relpath(path, self.inside)).as_posix()) + tail
        relative = path.relative_to(self.root)
        if path.suffix in (".md", ".ipynb"):
            page = quote(relative.with_suffix(".html").as_posix())
            return f"{self.site}/{page}{tail}" if self.site else ""
        repository = self.config.get("repository") or {}
        if not repository.get("url"):
            return ""
        branch = repository.get("branch", "main")
        return f"{str(repository['url']).rstrip('/')}/blob/{branch}/{quote(relative.as_posix())}"

    @property
    def bibliography(self) -> Path | None:
        """The BibTeX file that _config.yml names, else references.bib, else None."""
        if self.root is None:
            return None
        files = self.config.get("bibtex_bibfiles") or ["references.bib"]
        return self.root / str(files[0] if isinstance(files, list) else files)


def book_of(notebook: Path, inside: Path | None = None) -> Book:
    """The book whose folder holds the notebook (a folder with _toc.yml), or an empty one."""
    for folder in notebook.resolve().parents:
        if (folder / "_toc.yml").is_file():
            return Book(folder, inside)
    if inside is not None:
        raise PostError(f"{notebook} is in no checkout of the book")
    return Book()
