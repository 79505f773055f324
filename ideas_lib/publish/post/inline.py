"""What stands in a sentence of MyST Markdown, as plain Markdown: roles, maths, links, pictures."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ideas_lib.publish.post.cite import Citations
from ideas_lib.publish.post.flavors import Flavor, PostError
from ideas_lib.publish.post.links import Book, Label

__all__ = ["Inline", "slugify"]

INLINE = re.compile(
    r"(?P<role>\{(?P<name>[A-Za-z][\w:.+-]*)\}(?P<rt>`+)(?P<target>.+?)(?P=rt)(?!`))"
    r"|(?P<code>(?P<ct>`+)(?!`).+?(?<!`)(?P=ct)(?!`))"
    r"|(?P<display>(?:^[ \t]+)?\$\$(?P<dtex>.+?)\$\$(?:[ \t]*\((?P<eq>[\w:.-]+)\))?)"
    r"|(?P<math>(?<![\\$\w])\$(?![\s$])(?P<tex>(?:\\.|[^$\\])+?)(?<!\s)\$(?![\d$]))"
    r"|(?P<image>!\[(?P<alt>[^\]]*)\]\((?P<src>[^)\s]+)(?:\s+\"[^\"]*\")?\)(?:\{[^}]*\})?)"
    r"|(?P<link>\[(?P<text>(?:[^\[\]]|!?\[[^\]]*\](?:\([^)]*\))?)*)\]"
    r"\((?P<href>[^)\s]+)(?:\s+\"[^\"]*\")?\))"
    r"|(?P<html><!--.*?-->|</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>)"
    r"|(?P<escape>\\[^\w\s])",
    re.S | re.M,
)
LITERAL = {"kbd", "file", "samp", "code", "command", "program", "option", "envvar", "guilabel"}


def slugify(text: str) -> str:
    """Lower case, hyphens between words, as GitHub and most blogs make anchors."""
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower()).strip("-")


@dataclass
class Inline:
    """Converts sentences of one notebook.

    `glued(key, inline)` gives Markdown for a glued value; `labels` are the post's own, `folder`
    is the notebook's, `image(path)` takes in a picture and returns how the post names it.
    """

    flavor: Flavor
    book: Book
    folder: Path
    source: Path
    glued: Callable[[str, str], str]
    image: Callable[[Path], str]
    citations: Citations
    labels: Mapping[str, Label] = field(default_factory=dict)
    elsewhere: Mapping[str, Label] = field(default_factory=dict)
    anchors: frozenset[str] = frozenset()
    maths: bool = False

    def inline(self, text: str) -> str:
        """One paragraph's roles, maths, links, pictures and tags as plain Markdown."""
        anchor = r"<a\s[^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>"
        picture = r"<img\s[^>]*?>"
        text = re.sub(picture, _img, re.sub(anchor, r"[\2](\1)", text, flags=re.S))
        text = re.sub(r"<br\s*/?>", " ", text)
        return INLINE.sub(self._piece, text)

    def _piece(self, m: re.Match[str]) -> str:
        match m.lastgroup if m.lastgroup in ("escape", "html") else _kind(m):
            case "role":
                return self._role(m["name"].rstrip(":"), m["target"].strip())
            case "display":
                block = self.display(m["dtex"], m["eq"] or "")
                indent = re.match(r"[ \t]*", m[0])
                pad = indent[0] if indent else ""
                block = "\n".join(pad + line for line in block.split("\n"))
                return block if m[0] == m.string.strip("\n") else f"\n\n{block}\n\n"
            case "math":
                return self._math(m["tex"])
            case "image":
                return self.picture(m["alt"], m["src"])
            case "link":
                return self._link(m["text"], m["href"])
            case "html":
                return ""
        return m[0]

    def _math(self, tex: str) -> str:
        self.maths = True
        before, after = self.flavor.inline
        return before + self.flavor.tex(tex).strip() + after

    def display(self, tex: str, label: str) -> str:
        """A formula by itself, with its number when the label is the post's."""
        self.maths = True
        known = self.labels.get(label)
        tag = f" \\tag{{{known.number}}}" if known else ""
        return "$$\n" + self.flavor.tex(tex).strip("\n") + tag + "\n$$"

    def picture(self, alt: str, src: str) -> str:
        """An image, its file taken into the post. Raises PostError when there is none."""
        alt = " ".join(alt.split()).replace("[", "(").replace("]", ")")
        if src.startswith("attachment:") or re.match(r"^(\w+:)?//|^data:", src):
            return f"![{alt}]({src})"
        path = self.book.page(self.folder, src)
        if path is None:
            raise PostError(f"shows the picture {src!r}, which is not there")
        return f"![{alt}]({self.image(path)})"

    def _link(self, text: str, href: str) -> str:
        badge = re.fullmatch(r"\s*!\[([^\]]*)\]\((https?:)?//[^)]*\)\s*", text)
        text = badge[1] if badge else self.inline(text)
        if re.match(r"^([a-z][a-z0-9+.-]*:|//)", href, re.I):
            return f"[{text}]({href})"
        path, _, anchor = href.partition("#")
        if not path:
            return self._ref(anchor, text)
        known = path in self.labels or path in self.elsewhere or path in self.book.labels
        if known and not anchor and self.book.page(self.folder, path) is None:
            return self._ref(path, text)
        return self._page(path, anchor, text)

    def _page(self, path: str, anchor: str, text: str) -> str:
        found = self.book.page(self.folder, path)
        if found is None:
            raise PostError(f"links to {path!r}, which is not there")
        url = self.book.url(found, anchor)
        text = text or found.stem.replace("-", " ").capitalize()
        return f"[{text}]({url})" if url else text

    def _ref(self, name: str, text: str = "") -> str:
        """A link to a label: in this post, in the rest of its notebook, elsewhere in the book."""
        here = self.labels.get(name)
        if here:
            text = text or _words(here)
            linked = self.flavor.ids and here.kind == "heading" and here.title
            return f"[{self.inline(text)}](#{slugify(name)})" if linked else self.inline(text)
        if name in self.anchors and text:
            return f"[{text}](#{name})"
        page, label = (self.source, self.elsewhere.get(name))
        if label is None:
            page, label = self.book.labels.get(name, (self.source, None))
        if label is None:
            if text:
                return text
            raise PostError(f"refers to {name!r}, a label that is nowhere in the book")
        anchor = name if self.book.inside else re.sub(r"[^a-z0-9]+", "-", name.lower())
        url = self.book.url(page, "" if self.book.inside else anchor)
        text = self.inline(text or _words(label) or name)
        return f"[{text}]({url})" if url else text

    def _role(self, name: str, target: str) -> str:
        titled = re.match(r"^(.*?)\s*<([^<>]+)>$", target, re.S)
        text, target = (titled[1], titled[2]) if titled else ("", target)
        kind = name.rpartition(":")[2]
        if name == "glue" or name.startswith("glue:"):
            return self.glued(target, "inline")
        if name == "cite" or name.startswith("cite:"):
            return self.citations.text(name, [key.strip() for key in target.split(",")])
        if kind in ("ref", "numref", "eq", "any"):
            return self._ref(target, self._numbered(text, target))
        if kind in ("doc", "download"):
            return self._page(target, "", text)
        if kind == "math":
            return self._math(target)
        if kind in ("sub", "sup", "subscript", "superscript"):
            return self._math(("_" if kind.startswith("sub") else "^") + f"{{{target}}}")
        if name.startswith("bdg"):
            return f"**{target}**"
        if kind in ("octicon", "fas", "fab", "far", "index"):
            return ""
        if kind in LITERAL or name.startswith("py:") or kind in ("func", "class", "meth", "mod"):
            return f"`{(text or target).lstrip('~')}`"
        return text or target

    def _numbered(self, text: str, name: str) -> str:
        """`{numref}`'s own text: %s and {number} stand for the number, {name} for the caption."""
        label = self.labels.get(name) or self.elsewhere.get(name)
        if not label or not re.search(r"%s|\{number\}|\{name\}", text):
            return text
        number = str(label.number)
        return text.replace("%s", number).replace("{number}", number).replace("{name}", label.title)


def _kind(m: re.Match[str]) -> str:
    names = ("role", "code", "display", "math", "image", "link", "html", "escape")
    return next(name for name in names if m[name] is not None)


def _words(label: Label) -> str:
    if label.kind == "equation":
        return f"({label.number})"
    if label.kind == "heading":
        return label.title or label.name.replace("-", " ")
    return f"{label.kind} {label.number}"


def _img(m: re.Match[str]) -> str:
    found = dict(re.findall(r"(\w+)=\"([^\"]*)\"", m[0]))
    return f"![{found.get('alt', '')}]({found['src']})" if found.get("src") else ""
