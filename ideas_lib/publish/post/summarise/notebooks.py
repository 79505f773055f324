"""A notebook's evidence: its prose as its post has it, every glued value in place."""

from pathlib import Path

from nbformat import NotebookNode

from ideas_lib.publish.first_screen import bottom_line
from ideas_lib.publish.post.body import compose
from ideas_lib.publish.post.flavors import PostError, flavor_of
from ideas_lib.publish.post.former import read_notebook
from ideas_lib.publish.post.front import front_matter, tidy
from ideas_lib.publish.post.links import Book, book_of
from ideas_lib.publish.post.meta import meta_of
from ideas_lib.publish.post.opening import is_chapter
from ideas_lib.publish.post.options import NO_CELL, tags
from ideas_lib.publish.post.summarise.evidence import Evidence, evidence_in

__all__ = ["evidence_of"]


def evidence_of(notebook: Path) -> Evidence:
    """Read a notebook's prose. Raises PostError for what is no notebook, or lacks a glued value."""
    notebook = Path(notebook).resolve()
    book = book_of(notebook)
    nb = tidy(read_notebook(notebook))
    try:
        meta = meta_of(nb, notebook, book)
        _, nb.cells = front_matter(nb)
        cells = [c for c in nb.cells if c.cell_type == "markdown" and not tags(c) & NO_CELL]
        draft = compose(cells, nb, meta, notebook, book, flavor_of("myst"), False)
    except PostError as error:
        raise PostError(f"{notebook.name}: {error}") from error
    verdict = _bottom_line(nb, book)
    return evidence_in(draft.text(), meta.title, draft.meta.summary, verdict, bool(meta.summary))


def _bottom_line(nb: NotebookNode, book: Book) -> str:
    if not is_chapter(nb, book):
        return ""
    line = bottom_line(str(nb.metadata.ideas.slug))
    return f"{line.word.capitalize()}: {line.finding}" if line.finding else ""
