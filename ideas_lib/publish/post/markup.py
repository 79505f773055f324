"""Small pieces of Markdown: links, code, anchors, what roles hold, and what HTML says."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any, Protocol
from unicodedata import normalize

from bs4 import BeautifulSoup
from markdownify import MarkdownConverter

__all__ = [
    "attributes", "barred", "external", "fence", "html", "linked", "literal",
    "lowered", "plain_id", "plain_name", "slugify", "titled",
]  # fmt: skip


def slugify(text: str) -> str:
    """Lower case, hyphens between words, as GitHub and most blogs make anchors."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower()).strip("-")


def fence(text: str, language: str = "") -> str:
    """Text in a code fence longer than any that it holds."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}{language}\n{text.strip(chr(10)).rstrip()}\n{marks}"


def plain_id(text: str) -> str:
    """An anchor that every engine takes: ASCII letters, digits and hyphens, a letter first."""
    name = plain_name(text)
    return name if name[0].isalpha() else f"section-{name}"


def plain_name(text: str) -> str:
    """A name of a file that no engine quotes: ASCII letters, digits and hyphens."""
    known = slugify(normalize("NFKD", text.replace("ß", "ss")))
    name = re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9-]", "", known.replace("_", "-"))).strip("-")
    if not name or len(name) < len(slugify(text)) / 2:
        name = f"{name}-{sha256(text.encode()).hexdigest()[:6]}".strip("-")
    return name


LOWER = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
UPPER = str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")


def lowered(text: str, tag: str) -> str:
    """`<sub>` or `<sup>` in characters of their own, else with a mark before it."""
    table = LOWER if tag == "sub" else UPPER
    if text.strip() and all(ord(char) in table for char in text.strip()):
        return text.strip().translate(table)
    return f"{'_' if tag == 'sub' else '^'}({text})" if text.strip() else ""


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

    def address(self, href: str) -> str: ...

    def link(self, words: str, href: str, title: str = "") -> str: ...


def html(text: str, places: LinkPlaces | None = None) -> str:
    """HTML as Markdown: tables stay tables, badges become their words, scripts go."""
    try:
        soup = BeautifulSoup(text, "html.parser")
        for tag in soup(["script", "style"]):
            tag.decompose()
        for table in soup("table"):
            _spread(table)
        converter = _Markdown(heading_style="ATX", places=places)
        lines = converter.convert_soup(soup).splitlines()
    except RecursionError:
        return text.strip()  # tags in tags by the hundred: what no reader reads stays as it is
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _spread(table: Any) -> None:
    """Give each row its own cell where one spans several; Markdown's tables know no spans."""
    waiting: dict[int, int] = {}  # column to how many rows it is still taken
    for row in table("tr"):
        column = 0
        for cell in row(["td", "th"], recursive=False):
            while waiting.get(column):
                waiting[column] -= 1
                cell.insert_before(BeautifulSoup("<td></td>", "html.parser").td)
                column += 1
            rows, wide = (_number(cell.get(name)) for name in ("rowspan", "colspan"))
            for at in range(column, column + wide):
                waiting[at] = rows - 1
            column += wide


def _number(value: Any) -> int:
    return min(int(value), 100) if str(value).isdigit() and int(value) else 1


_Converter: Any = MarkdownConverter  # its stub lacks what a subclass needs


class _Markdown(_Converter):
    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Words of HTML as words of Markdown: what was escaped stays escaped."""
        if "math" in parent_tags or "$" in text:  # typeset as a notebook does
            return text.replace("&", "&amp;").replace("<", "&lt;")
        text = re.sub(r"([\\`*_\[\]])", r"\\\1", text.replace("&", "&amp;"))
        return text.replace("<", "&lt;")

    def convert_summary(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return f"\n\n**{text.strip()}**\n\n" if text.strip() else ""

    def convert_sub(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return lowered(text, "sub")

    def convert_sup(self, el: Any, text: str, parent_tags: set[str]) -> str:
        return lowered(text, "sup")

    def convert_iframe(self, el: Any, text: str, parent_tags: set[str]) -> str:
        src = str(el.get("src") or "")
        known = re.match(r"https?://|//", src)
        return f"\n\n{linked(el.get('title') or src, src)}\n\n" if known else ""

    convert_video = convert_audio = convert_embed = convert_iframe

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
        if re.match(r"(javascript|vbscript|data):", re.sub(r"\s", "", href), re.I):
            return text
        if places and text.strip() and href and not external(href):
            return str(places.link(text.strip(), href, el.get("title") or ""))
        return str(super().convert_a(el, text, parent_tags))
