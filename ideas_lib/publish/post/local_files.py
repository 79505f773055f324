"""A post's pictures and files, and the tags that stand in its sentences."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from mimetypes import guess_type
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
    read: set[Path]

    def link(self, words: str, href: str, title: str = "") -> str:
        raise NotImplementedError

    def picture(self, alt: str, src: str, width: str = "", alone: bool = True) -> str:
        """An image, its file taken into the post, as wide as it says where that can be shown.

        `alone` says whether it is a block of its own. Raises PostError when there is no such file.
        """
        alt = said_of(alt, self.flavor.prose)
        width = re.sub(r"\s*px$", "", str(width).strip())
        if width and re.fullmatch(r"[\d.]+(%|[a-z]{2,3})?", width):
            if alone or self.flavor.sized_inline:
                return self.flavor.sized(alt, self.taken(src), width)
            self.tell("a picture's width is left out: this flavor shows none in a sentence")
        return f"![{alt}]({self.taken(src)})"

    def taken(self, src: str) -> str:
        """How the post names a picture or a file. Raises PostError when there is none."""
        known = self._found(src)
        return src if known is None else self.keep(*known)

    def embedded(self, src: str) -> str:
        """A file as an address that holds it. Raises PostError when there is none."""
        known = self._found(src)
        if known is None:
            return src
        kind = guess_type(f"x{known[1]}")[0] or "application/octet-stream"
        return f"data:{kind};base64,{b64encode(known[2]).decode()}"

    def _found(self, src: str) -> tuple[str, str, bytes] | None:
        """A file's stem, suffix and bytes; None for an address elsewhere."""
        if src.startswith("attachment:"):
            return self._attachment(unquote(src.removeprefix("attachment:")))
        if src.startswith("data:image/"):
            return self._data(src)
        if src.lower().startswith("file:"):
            raise PostError(f"names {src!r}, a file of one machine: say where from the notebook")
        if external(src):
            return None
        plain = unquote(src)
        for name in (plain, src, re.sub(r"[?#].*", "", plain), plain.replace("\\", "/")):
            path = self.book.page(self.folder, name)
            if path is not None:
                return path.stem, path.suffix, self.allowed(path).read_bytes()
        raise PostError(f"shows the picture {src!r}, which is not there")

    def _attachment(self, name: str) -> tuple[str, str, bytes]:
        bundle = self.attached.get(name) or self.attached.get(name.replace(" ", "%20")) or {}
        for mime, content in bundle.items():
            known = "".join(content)
            svg = "svg" in mime and "<svg" in known
            suffix = SUFFIXES.get(mime) or Path(name).suffix
            return Path(name).stem, suffix, known.encode() if svg else _bytes(known)
        raise PostError(f"shows the attachment {name!r}, which its cell does not hold")

    def _data(self, src: str) -> tuple[str, str, bytes]:
        head, _, body = src.partition(",")
        suffix = SUFFIXES.get(head.removeprefix("data:").partition(";")[0])
        if suffix is None:
            raise PostError(f"shows a picture of {head!r}, a kind that posts do not take")
        data = _bytes(unquote(body)) if head.endswith("base64") else unquote_to_bytes(body)
        return "picture", suffix, data

    def allowed(self, path: Path) -> Path:
        """A file that may come along: one of the notebook's book, checkout or folder, not hidden.

        Raises PostError for any other: it may be nobody's.
        """
        top = self.folder.resolve()
        top = self.book.root or next(
            (up for up in (top, *top.parents) if (up / ".git").exists()), top
        )
        if not path.is_relative_to(top) or any(
            part.startswith(".") for part in path.relative_to(top).parts
        ):
            raise PostError(f"names {path.name!r}, which is outside its folder: copy it there")
        self.read.add(path)
        return path

    def beside(self, path: Path) -> str:
        """A linked file taken along where the book gives it no address; see `allowed`."""
        if self.book.root is not None or path == self.source:
            return ""
        self.allowed(path)
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
        if found.get("src"):
            wide = width_of(found)
            if found.keys() & {"height", "style"} and not wide:
                self.tell("a picture's height or style is left out: this flavor shows none")
            return self.picture(found.get("alt", ""), found["src"], wide, alone=False)
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


def said_of(alt: str, prose: Callable[[str], str] = str) -> str:
    """A picture's words as the text of an image in Markdown: words, and nothing else."""
    words = " ".join(alt.split()).replace("[", "(").replace("]", ")")
    return prose(re.sub(r"([\\`*_])", r"\\\1", words).replace("<", "&lt;").replace('"', "\u201d"))


def width_of(found: Mapping[str, str]) -> str:
    """The width that an <img>'s attributes give it; "" for none."""
    styled = re.search(r"(?:^|;)\s*width\s*:\s*([\d.]+(?:%|[a-z]+))", found.get("style", ""))
    return found.get("width") or (styled[1] if styled else "")


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text)
    except Base64Error as error:
        raise PostError("shows a picture whose data are broken") from error
