"""The post of one of the book's ideas: how it opens, and how long it may be."""

import re
from collections.abc import Callable
from html import unescape

from nbformat import NotebookNode

from ideas_lib.ideas import UnknownIdea, find_idea
from ideas_lib.publish.first_screen import bottom_line, figure_svg
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.local_files import said_of
from ideas_lib.study.checkout import root

__all__ = ["is_chapter", "most_words", "open_post"]

# Words of a post, without code, tables and front matter: of a chapter's, and of an essay.
MOST_WORDS = {"a chapter": 1200, "an essay": 1800}

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


def most_words(nb: NotebookNode, book: Book) -> tuple[str, int] | None:
    """What the notebook of an idea is, and how many words its post may have; else None."""
    if book.root is None or not is_chapter(nb, book):
        return None
    part = find_idea(str(nb.metadata.ideas.slug), book.root).part
    kind = "an essay" if part == "posts" else "a chapter"
    return kind, MOST_WORDS[kind]


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
