"""What belongs together in a sentence: a link and its words, a tag and the one that closes it."""

import re
from collections.abc import Sequence

from markdown_it.token import Token

from ideas_lib.publish.post.markup import attributes

__all__ = ["link_inside", "links_closed"]


def link_inside(tokens: Sequence[Token], opened: int) -> Sequence[Token]:
    """The tokens of a link's or a span's text."""
    end = tokens[opened].meta["span"][1]
    last = opened + 1
    while last < len(tokens) and tokens[last].meta.get("span", (0,))[0] < end:
        last += 1
    return tokens[opened + 1 : last]


def links_closed(tokens: Sequence[Token]) -> dict[int, int]:
    """For each `<a href>` among the tokens the `</a>` that closes it."""
    found: dict[int, int] = {}
    close = None
    for n in range(len(tokens) - 1, -1, -1):
        tag = tokens[n].content if tokens[n].type == "html_inline" else ""
        if re.match(r"</a\s*>", tag, re.I):
            close = n
        elif close and re.match(r"<a\s", tag, re.I) and attributes(tag).get("href"):
            found[n] = close
    return found
