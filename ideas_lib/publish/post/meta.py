"""What a notebook says about its post: title, date, tags, and what stands in for each."""

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ideas_lib.publish.post.flavors import Meta, PostError
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.plain import slugify

__all__ = ["H1", "meta_of", "title_of"]

H1 = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.M)


def meta_of(nb: NotebookNode, notebook: Path, book: Book) -> Meta:
    """Read the notebook's metadata; `summary` stays empty when it has none.

    Raises PostError for a date that is none.
    """
    about = nb.metadata.get("ideas") or {}
    own: dict[str, Any] = {**nb.metadata, **(about.get("post") or {})}
    return Meta(
        title=_plain(str(own.get("title") or "")) or title_of(nb) or notebook.stem,
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
    cells = (c.source for c in nb.cells if c.cell_type == "markdown")
    return next((_plain(m[1]) for m in map(H1.search, cells) if m), "")


def _plain(text: str) -> str:
    """A title without markup."""
    text = re.sub(r"\{[\w:.+-]+\}`([^`<]+?)(?:\s*<[^>]*>)?`", r"\1", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"[*`]|<[^>]*>", "", text).strip()


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
