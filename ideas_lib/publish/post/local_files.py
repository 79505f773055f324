"""A post's pictures and files, and the tags that stand in its sentences."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from markdown_it.token import Token

from ideas_lib.publish.post.flavors import Flavor, PostError
from ideas_lib.publish.post.links import Book
from ideas_lib.publish.post.markup import attributes, external, literal, lowered
from ideas_lib.publish.post.rich import FORMATS, GONE, cleaned

__all__ = ["Files"]

SUFFIXES = {
    "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/svg+xml": ".svg",
    "image/webp": ".webp",
}  # fmt: skip
MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "del": "~~", "strike": "~~"}
CODE = {"code", "kbd", "samp", "tt", "var"}
SILENT = {"span", "a", "p", "div", "br", "img", "center", "abbr", "wbr", "q", "cite", "big"}


class Files:
    """What a converter of sentences knows about files and tags."""

    flavor: Flavor
    book: Book
    folder: Path
    source: Path
    keep: Callable[[str, str, bytes], str]
    tell: Callable[[str], None]
    attached: Mapping[str, Mapping[str, str]]

    def link(self, words: str, href: str, title: str = "") -> str:
        raise NotImplementedError

    def picture(self, alt: str, src: str) -> str:
        """An image, its file taken into the post. Raises PostError when there is none."""
        alt = " ".join(alt.split()).replace("[", "(").replace("]", ")")
        return f"![{alt}]({self.taken(src)})"

    def taken(self, src: str) -> str:
        """How the post names a picture of the book. Raises PostError when there is none."""
        if src.startswith("attachment:"):
            return self._attachment(unquote(src.removeprefix("attachment:")))
        if src.startswith("data:image/"):
            return self._data(src)
        if external(src):
            return src
        for name in (unquote(src), src, re.sub(r"[?#].*", "", unquote(src))):
            path = self.book.page(self.folder, name)
            if path is not None:
                return self.keep(path.stem, path.suffix, path.read_bytes())
        raise PostError(f"shows the picture {src!r}, which is not there")

    def _attachment(self, name: str) -> str:
        bundle = self.attached.get(name) or self.attached.get(name.replace(" ", "%20")) or {}
        for mime, suffix in SUFFIXES.items():
            if mime in bundle:
                known = "".join(bundle[mime])
                svg = "svg" in mime and "<svg" in known
                return self.keep(Path(name).stem, suffix, known.encode() if svg else _bytes(known))
        raise PostError(f"shows the attachment {name!r}, which its cell does not hold")

    def _data(self, src: str) -> str:
        head, _, body = src.partition(",")
        suffix = SUFFIXES.get(head.removeprefix("data:").partition(";")[0])
        if suffix is None:
            raise PostError(f"shows a picture of {head!r}, a kind that posts do not take")
        data = _bytes(unquote(body)) if head.endswith("base64") else unquote_to_bytes(body)
        return self.keep("picture", suffix, data)

    def beside(self, path: Path) -> str:
        """A linked file taken along where the book gives it no address.

        Raises PostError for a file outside the notebook's folder and checkout: it may be nobody's.
        """
        if self.book.root is not None or path == self.source:
            return ""
        top = self.folder.resolve()
        top = next((up for up in (top, *top.parents) if (up / ".git").exists()), top)
        if not path.is_relative_to(top) or any(
            part.startswith(".") for part in path.relative_to(top).parts
        ):
            raise PostError(f"links to {path.name!r}, which is outside its folder: copy it there")
        if path.suffix == ".md" and self.flavor.name == "hugo":
            self.tell(f"the link to {path.name} is words alone: Hugo would not publish it")
            return ""
        return self.keep(path.stem, path.suffix, path.read_bytes())

    def address(self, href: str) -> str:
        """Where a link of HTML leads; the href as it is where there is no better one."""
        if external(href):
            return href
        found = re.search(r"\]\(<?([^)>]*)", self.link("x", href))
        return found[1] if found else "#"

    def tag(self, tag: str) -> str:
        """What a flavor makes of one tag in a sentence: itself, a picture, or nothing."""
        found = attributes(tag) if re.match(r"<img\b", tag, re.I) else {}
        if found.get("src") and not (self.flavor.raw and found.keys() - {"src", "alt", "title"}):
            if found.keys() & {"width", "height", "style"}:
                self.tell("a picture's width is left out: this flavor shows none")
            return self.picture(found.get("alt", ""), found["src"])
        if tag.startswith(("<!", "<?")):
            return ""
        if self.flavor.raw:
            return cleaned(tag, self.tell, self)
        name = tag.strip("</>").split()[0].lower().rstrip("/") if tag.strip("</> ") else ""
        if name not in SILENT | MARKS.keys() | CODE | {"sub", "sup"} and not tag.startswith("</"):
            left = FORMATS.get(name, "its words")
            self.tell(f"<{name}> needs HTML, which this flavor does not show: {left} stands there")
        elif name in SILENT and "style" in attributes(tag):
            self.tell("HTML's colours and styles are left out: this flavor shows none")
        return " " if name == "br" else ""

    def paired(self, text: str, token: Token, high: int) -> tuple[int, str] | None:
        """Where a pair of tags around plain words ends, and what stands for it; else None."""
        if token.type != "html_inline":
            return None
        opened = re.match(r"<([a-z]+)\b", token.content, re.I)
        name = opened[1].lower() if opened else ""
        plain = re.compile(rf"([^<>]*)</{name}\s*>", re.I).match(text, high) if name else None
        if name in GONE | {"style"}:
            end = re.compile(rf"</{name}\s*>", re.I).search(text, high)
            self.tell(f"<{name}> is left out: posts carry none")
            return (end.end() if end else len(text)), ""
        if plain is None or self.flavor.raw:
            return None
        if name == "iframe":
            self.tag(token.content)
            found = attributes(token.content)
            src = found.get("src", "")
            return plain.end(), self.link(found.get("title") or src, src) if src else ""
        words = plain[1]
        if name in ("sub", "sup"):
            return plain.end(), lowered(words, name)
        if name in CODE and words.strip() and "`" not in words:
            return plain.end(), literal(words)
        if name in MARKS and words == words.strip() and words and not set(words) & set("*~_`$[]{}"):
            return plain.end(), MARKS[name] + words + MARKS[name]
        return None


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text)
    except Base64Error as error:
        raise PostError("shows a picture whose data are broken") from error
