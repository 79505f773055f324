"""What a notebook says about its post: title, date, tags, and what stands in for each."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ideas_lib.publish.post.flavors import Meta, PostError
from ideas_lib.publish.post.front import front_matter
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.markup import slugify
from ideas_lib.publish.post.myst import Heading, headings, sentence, words

__all__ = ["meta_of", "title_in", "title_of"]


def meta_of(nb: NotebookNode, notebook: Path, book: Book) -> Meta:
    """Read the notebook's metadata; `summary` stays empty when it has none.

    Raises PostError for a date that is none, and for a field that is no text where one is due.
    """
    about = nb.metadata.get("ideas") or {}
    post = about.get("post") or {}
    if not isinstance(post, Mapping):
        raise PostError(f"ideas.post is {post!r}, not an object")
    said, cells = front_matter(nb)
    own: dict[str, Any] = {**nb.metadata, **said, **post}
    dated, stem = _named(notebook.stem)
    nb = NotebookNode({**nb, "cells": cells})
    categories = [] if own.get("category") else _tags(own.get("categories"))
    return Meta(
        title=words(sentence(_text(own, "title"))) or title_of(nb) or stem,
        slug=slugify(_text(about, "slug") or _text(own, "slug") or stem) or "post",
        date=_date(own.get("date") or dated or str(about.get("executed") or "")[:10]),
        author=_author(own, book.config),
        tags=_tags([*_tags(own.get("tags") or own.get("keywords")), *categories[1:]]),
        category=_text(own, "category") or "".join(categories[:1]),
        summary=" ".join(next(filter(None, (_text(own, key) for key in SUMMARIES)), "").split()),
        draft=_yes(own.get("draft", False)) or not _yes(own.get("published", True)),
    )


def title_of(nb: NotebookNode) -> str:
    """The notebook's first H1 without markup; "" when it has none."""
    found = title_in(c.source for c in nb.cells if c.cell_type == "markdown")
    return found[1].title if found else ""


def title_in(texts: Iterable[str]) -> tuple[str, Heading] | None:
    """The first H1 of all texts, and the text that holds it."""
    return next(((t, h) for t in texts for h in headings(t) if h.level == 1), None)


SUMMARIES = ("summary", "description", "excerpt", "subtitle")
FORMS = ("%Y/%m/%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")  # that read one way
DATED = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[-_ ]+(.+)")


def _text(own: Mapping[str, Any], name: str) -> str:
    value = own.get(name) or ""
    if isinstance(value, Mapping | list):
        raise PostError(f"{name} {value!r} is no text")
    return str(value)


def _named(stem: str) -> tuple[str, str]:
    """The date that a file's name begins with, "" if with none, and the rest of the name."""
    found = DATED.fullmatch(stem)
    try:
        day = dt.date(*map(int, found[1].split("-"))) if found else None
    except ValueError:
        day = None
    return (day.isoformat(), found[2]) if found and day else ("", stem)


def _date(stated: object) -> dt.date:
    if not stated or str(stated).strip().lower() in ("today", "now", "last-modified"):
        return dt.date.today()
    if isinstance(stated, dt.date):
        return stated
    text = str(stated).strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d?-\d\d?", text):
            return dt.date(*map(int, text.split("-")))
        for form in FORMS:
            with suppress(ValueError):
                return dt.datetime.strptime(text, form).date()
        return dt.datetime.fromisoformat(re.sub(r" (?=[+-]\d\d:?\d\d$)", "", text))
    except ValueError as error:
        raise PostError(
            f"date {stated!r} is not one: write it as 2026-11-22 or 2026-11-22T09:30+01:00"
        ) from error


def _yes(value: object) -> bool:
    return (
        value.strip().lower() not in ("", "false", "no", "0")
        if isinstance(value, str)
        else bool(value)
    )


def _author(own: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    several = own.get("authors") or []
    several = several if isinstance(several, list) else [several]
    one = own.get("author")
    if isinstance(one, list | Mapping):  # as Quarto writes them
        several, own = one if isinstance(one, list) else [one], {**own, "author": ""}
    names = [str(a.get("name", "")) if isinstance(a, Mapping) else str(a) for a in several]
    return str(own.get("author") or ", ".join(filter(None, names)) or config.get("author") or "")


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        raise PostError(f"tags or categories {value!r} are no list")
    parts: list[object]
    if isinstance(value, str):
        parts = [*value.strip("[] ").split(",")]
    else:  # a single year is a tag, too
        parts = list(value) if isinstance(value, Iterable) else [value] if value else []
    return tuple(dict.fromkeys(str(p).strip() for p in parts if str(p).strip()))
