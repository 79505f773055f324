"""What each blog engine wants: file names, front matter, maths, and the escapes it needs."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from ideas_lib.publish.post.engines import (
    BASE,
    fenced_cell,
    figure_code,
    hugo_codes,
    image_directive,
    img,
    kramdown,
    kramdown_sized,
    lined,
    liquid,
    money,
    no_pipes,
    nomarkdown,
    pandoc,
    pandoc_sized,
    quarto_codes,
    raw_html,
)
from ideas_lib.publish.post.markup import barred

__all__ = ["FLAVORS", "Flavor", "Meta", "PostError", "Target", "flavor_of"]


class PostError(ValueError):
    """Raised when a notebook cannot become a post; the message names what and the way out."""


@dataclass(frozen=True)
class Meta:
    """What a post says about itself. `summary` and `social` are plain text; `slug` names files."""

    title: str
    slug: str
    date: dt.date  # a datetime where the notebook says the time of day
    author: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    summary: str = ""
    draft: bool = False
    math: bool = False
    social: str = ""  # what a link to it says elsewhere


@dataclass(frozen=True)
class Target:
    """Where a post goes: its file, its figures' folder, and how the text names that folder."""

    page: Path
    figures: Path
    prefix: str


@dataclass(frozen=True)
class Flavor:
    """One blog engine.

    `inline` opens and closes maths in a sentence (displays are `$$` everywhere); `ids` says
    whether `## Heading {#id}` is understood; `title` whether the body keeps its H1; `guard`
    makes a finished body safe from the engine's own template language; `prose` and `tex` change
    words, where they are neither code nor part of a link, and a formula; `raw` makes HTML a block
    that the engine passes on as it is, None where it passes on none; `sized` is a picture of a
    width, from its alt text, its name and the width, in a sentence too if `sized_inline`; `cell`
    changes code and maths in a table's cell, whose pipes have a backslash; `divs` says whether
    Pandoc's `::: {.class}` is understood; `beside` whether files that HTML names come along.
    """

    name: str
    suffix: str
    inline: tuple[str, str]
    ids: bool
    title: bool
    front: Callable[[Meta], dict[str, Any]]
    target: Callable[[Path, Meta], Target]
    guard: Callable[[str], str] = str
    prose: Callable[[str], str] = str
    tex: Callable[[str], str] = str
    note: str = ""
    raw: Callable[[str], str] | None = None
    sized: Callable[[str, str, str], str] = lambda alt, src, width: f"![{alt}]({src})"
    sized_inline: bool = False
    cell: Callable[[str], str] = barred
    divs: bool = False
    beside: bool = True

    def header(self, meta: Meta, mark: Mapping[str, Any]) -> str:
        """The front matter with its fences; empty values are left out, `mark` comes last."""
        fields = {k: v for k, v in self.front(meta).items() if v not in ("", [], None)}
        text = yaml.dump(
            {**fields, "ideas_post": dict(mark)},
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            width=10_000,
        )
        comment = f"# {self.note}\n" if self.note and meta.math else ""
        return f"---\n{comment}{text}---\n"


class _Dumper(yaml.SafeDumper):
    pass


# with a T and its zone, a time is one to every engine
_Dumper.add_representer(
    dt.datetime,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat()),
)


def _myst(meta: Meta) -> dict[str, Any]:
    return {
        "title": meta.title,
        "blogpost": None if meta.draft else True,
        "date": meta.date,
        "author": meta.author,
        "tags": list(meta.tags),
        "category": meta.category,
        "description": meta.summary,
        "summary": meta.summary,
        "social": meta.social,
        "draft": meta.draft or None,
    }


def _hugo(meta: Meta) -> dict[str, Any]:
    return {
        "title": meta.title,
        "date": meta.date,
        "draft": meta.draft,
        "author": meta.author,
        "tags": list(meta.tags),
        "categories": [meta.category] if meta.category else [],
        "description": meta.summary,
        "summary": meta.summary,
        "social": meta.social,
        "math": meta.math or None,
    }


def _jekyll(meta: Meta) -> dict[str, Any]:
    return {
        "layout": "post",
        "title": meta.title,
        "date": meta.date,
        "published": not meta.draft,
        "author": meta.author,
        "tags": list(meta.tags),
        "categories": [meta.category] if meta.category else [],
        "description": meta.summary,
        "excerpt": meta.summary,
        "social": meta.social,
        "math": meta.math or None,
    }


def _quarto(meta: Meta) -> dict[str, Any]:
    labels = ([meta.category] if meta.category else []) + list(meta.tags)
    return {
        "title": meta.title,
        "date": meta.date,
        "author": meta.author,
        "categories": list(dict.fromkeys(labels)),
        "description": meta.summary,
        "social": meta.social,
        "draft": meta.draft,
        # a figure's alt text must not turn into a visible caption
        "from": "markdown-implicit_figures",
    }


def _beside(out: Path, meta: Meta) -> Target:
    files = f"{meta.slug}_files"
    return Target(out / f"{meta.slug}.md", out / files, files)


def _bundle(name: str) -> Callable[[Path, Meta], Target]:
    return lambda out, meta: Target(out / meta.slug / name, out / meta.slug, "")


def _site(out: Path, meta: Meta) -> Target:
    """`_posts/YYYY-MM-DD-slug.md` and `assets/posts/slug/`, under whatever base the blog has."""
    site = out.parent if out.name == "_posts" else out
    assets = f"assets/posts/{meta.slug}"
    page = site / "_posts" / f"{meta.date:%Y-%m-%d}-{meta.slug}.md"
    return Target(page, site / assets, f"{BASE}/{assets}")


FLAVORS: Mapping[str, Flavor] = {
    f.name: f
    for f in (
        Flavor(
            "myst",
            ".md",
            ("$", "$"),
            False,
            True,
            _myst,
            _beside,
            prose=money,
            raw=lined,
            sized=image_directive,
            beside=False,
        ),
        Flavor(
            "hugo",
            ".md",
            (r"\(", r"\)"),
            True,
            False,
            _hugo,
            _bundle("index.md"),
            guard=hugo_codes,
            note=r"maths: needs markup.goldmark.extensions.passthrough with \( \) and $$ $$",
            sized=figure_code,
        ),
        Flavor(
            "jekyll",
            ".md",
            ("$$", "$$"),
            True,
            False,
            _jekyll,
            _site,
            guard=liquid,
            prose=kramdown,
            raw=nomarkdown,
            tex=no_pipes,
            sized=kramdown_sized,
            sized_inline=True,
            cell=fenced_cell,
        ),
        Flavor(
            "quarto",
            ".qmd",
            ("$", "$"),
            True,
            False,
            _quarto,
            _bundle("index.qmd"),
            guard=quarto_codes,
            prose=pandoc,
            raw=raw_html,
            sized=pandoc_sized,
            sized_inline=True,
            cell=fenced_cell,
            divs=True,
        ),
    )
}


def preview_of(flavor: Flavor) -> Flavor:
    """The flavor as a plain reader of Markdown shows it: what is lost there is lost here."""
    return replace(
        flavor,
        inline=(r"\(", r"\)"),
        ids=True,
        title=True,
        guard=str,
        prose=str,
        raw=lined if flavor.raw else None,
        sized=img,
        sized_inline=flavor.raw is not None,
        cell=barred,
        divs=False,
        beside=True,
        target=_bundle("index.md"),
    )


def flavor_of(name: str) -> Flavor:
    """The flavor called so; "preview NAME" is its preview.

    Raises PostError with the list when there is none.
    """
    if name.removeprefix("preview ") in FLAVORS and name not in FLAVORS:
        return preview_of(FLAVORS[name.removeprefix("preview ")])
    if name not in FLAVORS:
        raise PostError(f"unknown flavor {name!r}: choose one of {', '.join(FLAVORS)}")
    return FLAVORS[name]
