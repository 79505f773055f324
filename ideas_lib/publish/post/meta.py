"""What a notebook says about its post: title, date, tags, and what stands in for each."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ideas_lib.publish.post.flavors import Meta, PostError
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.markup import slugify
from ideas_lib.publish.post.myst import Heading, headings, sentence, words

__all__ = ["meta_of", "title_in", "title_of"]


def meta_of(nb: NotebookNode, notebook: Path, book: Book) -> Meta:
    """Read the notebook's metadata; `summary` stays empty when it has none.

    Raises PostError for a date that is none.
    """
    about = nb.metadata.get("ideas") or {}
    own: dict[str, Any] = {**nb.metadata, **(about.get("post") or {})}
    return Meta(
        title=words(sentence(str(own.get("title") or ""))) or title_of(nb) or notebook.stem,
        slug=slugify(str(about.get("slug") or notebook.stem)) or "post",
        date=_date(own.get("date"), about),
        author=_author(own, book.config),
        tags=_tags(own.get("tags")),
        category=str(own.get("category") or ""),
        summary=" ".join(str(own.get("summary") or "").split()),
        draft=bool(own.get("draft", False)),
    )


def title_of(nb: NotebookNode) -> str:
    """The notebook's first H1 without markup; "" when it has none."""
    found = title_in(c.source for c in nb.cells if c.cell_type == "markdown")
    return found[1].title if found else ""


def title_in(texts: Iterable[str]) -> tuple[str, Heading] | None:
    """The first H1 of all texts, and the text that holds it."""
    return next(((t, h) for t in texts for h in headings(t) if h.level == 1), None)


def _date(value: object, about: Mapping[str, Any]) -> dt.date:
    stated = value or about.get("executed")
    if not stated:
        return dt.date.today()
    if isinstance(stated, dt.date):
        return stated.date() if isinstance(stated, dt.datetime) else stated
    try:
        return dt.datetime.fromisoformat(str(stated)).date()
    except ValueError as error:
        raise PostError(f"date {stated!r} is not one: write it as 2026-11-22") from error


def _author(own: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    several = own.get("authors") or []
    names = [str(a.get("name", "")) if isinstance(a, Mapping) else str(a) for a in several]
    return str(own.get("author") or ", ".join(filter(None, names)) or config.get("author") or "")


def _tags(value: object) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else list(value or [])  # type: ignore[call-overload]
    return tuple(dict.fromkeys(str(p).strip() for p in parts if str(p).strip()))
