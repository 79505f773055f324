"""Small pieces of Markdown: links, code, anchors, what roles hold, and what HTML says."""

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Protocol

from markdownify import MarkdownConverter

__all__ = [
    "attributes", "barred", "external", "fence", "html", "linked", "literal", "slugify", "titled",
]  # fmt: skip


def slugify(text: str) -> str:
    """Lower case, hyphens between words, as GitHub and most blogs make anchors."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower()).strip("-")


def fence(text: str, language: str = "") -> str:
    """Text in a code fence longer than any that it holds."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.strip(chr(10)).rstrip()}\n{marks}"


def literal(text: str) -> str:
    """Text in a code span whose marks are longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks, pad = "`" * (longest + 1), " " * (text[:1] == "`" or text[-1:] == "`")
    return f"{marks}{pad}{text}{pad}{marks}"


def barred(text: str) -> str:
    """Text as a cell of a table: one line, its pipes escaped."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


def linked(words: str, url: str, title: str = "") -> str:
    """A link in Markdown, its target in brackets where it would end too soon."""
    url = f"<{url}>" if re.search(r"[\s()]", url) else url
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    return f'[{words}]({url} "{quoted}")' if title else f"[{words}]({url})"


def external(url: str) -> bool:
    """Whether an address is no place in the book."""
    return re.match(r"[a-z][a-z0-9+.-]*:|//", url, re.I) is not None


def titled(content: str) -> tuple[str, str]:
    """A role's own text, "" if it has none, and its target: `text <target>`."""
    text, opened, target = content.removesuffix(">").rpartition("<")
    return (text.strip(), target) if opened and target and content.endswith(">") else ("", content)


def attributes(tag: str) -> Mapping[str, str]:
    """The attributes of an HTML tag."""
    parser = _Tag()
    parser.feed(tag)
    return parser.found


class _Tag(HTMLParser):
    found: Mapping[str, str] = {}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found = {name: value or "" for name, value in attrs}


class LinkPlaces(Protocol):
    """Who knows where a page's pictures and links lead."""

    def taken(self, src: str) -> str: ...

    def link(self, words: str, href: str, title: str = "") -> str: ...


def html(text: str, places: LinkPlaces | None = None) -> str:
    """HTML as Markdown: tables stay tables, badges become their words, scripts go."""
    try:
        lines = _Markdown(heading_style="ATX", places=places).convert(text).splitlines()
    except RecursionError:
        return text.strip()  # tags in tags by the hundred: what no reader reads stays as it is
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


_Converter: Any = MarkdownConverter  # its stub lacks what a subclass needs


class _Markdown(_Converter):
    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_td(el, barred(text), parent_tags))

    def convert_th(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return str(super().convert_th(el, barred(text), parent_tags))

    def convert_img(self, el: Any, text: str, parent_tags: set[str]) -> str:
        places = self.options["places"]
        if places and el.get("src"):
            el["src"] = places.taken(el["src"])
        return str(super().convert_img(el, text, parent_tags))

    def convert_a(self, el: Any, text: str, parent_tags: set[str]) -> str:
        places, href = self.options["places"], el.get("href") or ""
        if places and text.strip() and href and not external(href):
            return str(places.link(text.strip(), href, el.get("title") or ""))
        return str(super().convert_a(el, text, parent_tags))
