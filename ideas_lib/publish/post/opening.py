"""How the post of one of the book's ideas opens: the bottom line, and the figure of the effect."""

import re
from collections.abc import Callable
from html import unescape

from nbformat import NotebookNode

from ideas_lib.ideas import UnknownIdea, find_idea
from ideas_lib.publish.first_screen import bottom_line, figure_svg
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.local_files import said_of
from ideas_lib.study.checkout import root

__all__ = ["is_chapter", "open_post"]

Keep = Callable[[str, str, bytes], str]


def is_chapter(nb: NotebookNode, book: Book) -> bool:
    """Whether a notebook is that of an idea of this book, forks left out."""
    about = nb.metadata.get("ideas") or {}
    slug = str(about.get("slug") or "")
    if not slug or "forked_from" in about or book.root is None or book.root != _root():
        return False
    try:
        return find_idea(slug, book.root).results(book.root).is_file()
    except UnknownIdea:
        return False


def open_post(slug: str, keep: Keep, hero: bool) -> list[str]:
    """The bottom line of an idea and, where no cell is its `hero`, the figure of its effect."""
    blocks = [bottom_line(slug).markdown()]
    svg = "" if hero else figure_svg(slug, standalone=True)
    if svg:
        label = re.search(r'aria-label="([^"]*)"', svg)
        alt = said_of(unescape(label[1]) if label else "The effect")
        blocks.append(f"![{alt}]({keep('effect', '.svg', svg.encode())})")
    return blocks


def _root() -> object:
    try:
        return root()
    except ValueError:
        return None
