"""Blocks of Markdown: quotes that name their kind, lone pictures, formulas without their frame."""

import re
from collections.abc import Sequence
from textwrap import dedent

from bs4 import BeautifulSoup, Tag
from markdown_it.token import Token

from ideas_lib.publish.post.source import Change

__all__ = ["ALERT", "alerted", "aligned", "dedented", "joined", "only_picture", "quoted"]

ALIGNED = {
    "align": "aligned", "alignat": "alignedat", "eqnarray": "aligned", "flalign": "aligned",
    "gather": "gathered",
}  # fmt: skip


ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(\n|\Z)", re.I)


def alerted(text: str, changes: Sequence[Change]) -> list[Change]:
    """GitHub's alert as a quote that names its kind."""
    found = ALERT.match(text)
    end = found.end() if found else 0
    kind = f"**{found[1].capitalize()}**\n\n" if found else ""
    return [(0, end, kind), *(c for c in changes if c[0] >= end)]


def only_picture(text: str) -> Tag | None:
    """The picture that a block of HTML is, but for its frame; None for any other."""
    soup = BeautifulSoup(text, "html.parser")
    pictures = soup("img")
    framed = all(tag.name in ("img", "p", "div", "center") for tag in soup(True))
    if len(pictures) == 1 and framed and not soup.get_text(strip=True) and pictures[0].get("src"):
        return pictures[0] if text.count("</") == len(soup(["p", "div", "center"])) else None
    return None


def quoted(*parts: str) -> str:
    """The blocks as a quote."""
    return "\n".join(f"> {line}".rstrip() for line in joined(*parts).split("\n"))


def joined(*parts: str) -> str:
    """The blocks that hold something, a blank line between them."""
    return "\n\n".join(block for block in parts if block)


def dedented(token: Token) -> str:
    """A formula without the columns before it."""
    return dedent(token.content).strip()


def aligned(token: Token) -> str:
    """An amsmath environment as what a display may hold."""
    name, star = token.meta["environment"], token.meta["numbered"]
    whole = token.content.strip()
    inner = whole.removeprefix(f"\\begin{{{name}{star}}}").removesuffix(f"\\end{{{name}{star}}}")
    if name in ("equation", "multline"):
        return inner.strip()
    if name not in ALIGNED:
        return whole
    return f"\\begin{{{ALIGNED[name]}}}\n{inner.strip()}\n\\end{{{ALIGNED[name]}}}"
