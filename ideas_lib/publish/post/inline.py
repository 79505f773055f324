"""What stands in a sentence of MyST Markdown, as plain Markdown: roles, maths, links, pictures."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markdown_it.token import Token

from ideas_lib.publish.post.cite import Citations
from ideas_lib.publish.post.flavors import Flavor, PostError
from ideas_lib.publish.post.links import Book, Label
from ideas_lib.publish.post.local_files import Files
from ideas_lib.publish.post.markup import (
    attributes,
    external,
    linked,
    literal,
    plain_id,
    slugify,
    titled,
)  # fmt: skip
from ideas_lib.publish.post.myst import Heading, leaves, sentence, walk
from ideas_lib.publish.post.pairs import link_inside, links_closed
from ideas_lib.publish.post.rich import acts
from ideas_lib.publish.post.source import Change, changed

__all__ = ["Inline"]

EQUATION = re.compile(r"\\(eqref|ref)\{([\w:.-]+)\}")
LITERAL = {"kbd", "file", "samp", "code", "command", "program", "option", "envvar", "guilabel"}


@dataclass
class Inline(Files):
    """Converts sentences of one notebook.

    `glued(key, inline)` gives Markdown for a glued value; `labels` are the post's own, `folder`
    is the notebook's, `keep(stem, suffix, data)` takes in a file and returns how the post names it;
    `definitions` are those of the links that are defined in another cell; `anchors` are the
    headings that `#anchor` may mean, `wanted` those that are meant, with their ids; `attached`
    are the attachments of the cell being read; `tell` hears what the flavor cannot show.
    """

    flavor: Flavor
    book: Book
    folder: Path
    source: Path
    glued: Callable[[str, str], str]
    keep: Callable[[str, str, bytes], str]
    citations: Citations
    labels: Mapping[str, Label] = field(default_factory=dict)
    elsewhere: Mapping[str, Label] = field(default_factory=dict)
    anchors: Mapping[str, Heading] = field(default_factory=dict)
    wanted: dict[str, str] = field(default_factory=dict)
    attached: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tell: Callable[[str], None] = print
    definitions: Mapping[str, Any] = field(default_factory=dict)
    maths: bool = False
    to_top: bool = False  # whether a link leads to the title
    ids: str = ""  # what the names of headings begin with, where they are a whole blog's
    title_ids: frozenset[str] = frozenset()  # anchors of the title, which is the page's top
    read: set[Path] = field(default_factory=set)  # the files that came along
    _reading: list[str] = field(default_factory=list)  # the links whose words are being read

    def inline(self, text: str) -> str:
        """One sentence's roles, maths, links, pictures and tags as plain Markdown."""
        return changed(text, self.changes(text, sentence(text, self.definitions)))

    def pointed_at(self, texts: Iterable[str]) -> dict[str, str]:
        """The headings that links of the texts mean by their anchor, and the ids they get."""
        found = {}
        for token in (t for text in texts for t in leaves(walk(text))):
            href = str(token.attrs.get("href", "")) if token.type == "link_open" else ""
            if token.type in ("html_inline", "html_block"):
                inside = re.search(r"""href\s*=\s*["']?(#[^"'>\s]*)""", token.content)
                href = inside[1] if inside else ""
            name = slugify(unquote(href.removeprefix("#")))
            if href.startswith("#") and name in self.anchors and not self.book.inside:
                found[name] = self.id_of(name)
        return found

    def id_of(self, name: str) -> str:
        """A heading's id."""
        return plain_id(f"{self.ids}-{plain_id(name)}" if self.ids else name)

    def changes(
        self, text: str, tokens: Sequence[Token], start: int = 0, end: int | None = None
    ) -> list[Change]:
        """What changes in a stretch of a sentence, whose tokens these are."""
        closing = links_closed(tokens)
        found: list[Change] = []
        at = start
        for n, token in enumerate(tokens):
            low, high = token.meta.get("span", (-1, -1))
            if low < at:
                continue  # words, or part of what has been seen
            found += self._words(text, at, low)
            at = high
            if n in closing:
                inner = tokens[n + 1 : closing[n]]
                close, at = tokens[closing[n]].meta["span"]
                words = changed(text, self._label(text, inner, high, close), high, close)
                found.append((low, at, self.link(words, attributes(token.content)["href"])))
            elif token.type in ("link_open", "span_open"):
                found += self._link(text, token, link_inside(tokens, n))
            elif token.type == "image":
                found += self._image(token)
            elif paired := self.paired(text, token, high):
                found.append((low, paired[0], paired[1]))
                at = paired[0]
            else:
                new = self._piece(token)
                if token.type == "math_inline_double" and text.strip() != text[low:high]:
                    new = f"\n\n{new}\n\n"
                if new is not None and new != text[low:high]:
                    found.append((low, high, new))
        return found + self._words(text, at, len(text) if end is None else end)

    def _words(self, text: str, start: int, end: int) -> list[Change]:
        """Words between what has a meaning of its own: safe from the engine."""
        safe = self.flavor.prose(EQUATION.sub(self._equation, text[start:end]))
        return [(start, end, safe)] if safe != text[start:end] else []

    def _equation(self, found: re.Match[str]) -> str:
        """LaTeX's own reference to an equation, as its number."""
        label = self.labels.get(found[2]) or self.elsewhere.get(found[2])
        number = str(label.number) if label else ""
        return f"({number})" if number and found[1] == "eqref" else number or found[0]

    def _piece(self, token: Token) -> str | None:
        """What stands for a token of one piece; None when it stays."""
        match token.type:
            case "myst_role":
                return self._role(token.meta["name"].rstrip(":"), token.content.strip())
            case "math_inline":
                return self._math(token.content)
            case "math_inline_double":
                return self.display(token.content, token.info)
            case "html_inline":
                return self.tag(token.content)
            case "attrs":
                return ""
        return None

    def _math(self, tex: str) -> str:
        self.maths = True
        before, after = self.flavor.inline
        if len(tex) > 2 and tex[0] == tex[-1] == "`":  # GitHub's own way
            tex = tex[1:-1]
        return before + self.flavor.tex(tex).strip() + after

    def display(self, tex: str, label: str) -> str:
        """A formula by itself, with its number when the label is the post's."""
        self.maths = True
        known = self.labels.get(label)
        tag = f" \\tag{{{known.number}}}" if known else ""
        return "$$\n" + self.flavor.tex(tex).strip("\n") + tag + "\n$$"

    def _image(self, token: Token) -> list[Change]:
        start, end = token.meta["span"]
        low, _ = token.meta["label"]
        src = str(token.attrs["src"])
        name = self.taken(src)
        inside = self.changes(token.content, token.children or [])
        if name == src:
            return [(low + begin, low + stop, new) for begin, stop, new in inside]
        alt = changed(token.content, inside)
        return [(start, end, "!" + linked(alt, name, str(token.attrs.get("title", ""))))]

    def _link(self, text: str, token: Token, inner: Sequence[Token]) -> list[Change]:
        """A link, or a span, of which the words stay."""
        if token.markup == "autolink":
            return []
        start, end = token.meta["span"]
        low, high = token.meta["label"]
        inside = self._label(text, inner, low, high)
        href, title = (str(token.attrs.get(name, "")) for name in ("href", "title"))
        if token.type == "link_open" and external(href) and not self._reading:
            return inside
        words = changed(text, inside, low, high)
        return [(start, end, self.link(words, href, title) if token.type == "link_open" else words)]

    def _label(self, text: str, inner: Sequence[Token], start: int, end: int) -> list[Change]:
        """What changes in a link's text; of a badge's picture the words are enough."""
        only = next((t for t in inner if t.meta.get("span") == (start, end)), None)
        if only and only.type == "image" and external(str(only.attrs["src"])):
            return [(start, end, only.content)]
        self._reading.append("")
        found = self.changes(text, inner, start, end)
        self._reading.pop()
        return found

    def _linked(self, words: str, url: str, title: str = "") -> str:
        """A link, or its words alone where they have no address or are in a link already."""
        return linked(words, url, title) if url and not self._reading else words

    def link(self, words: str, href: str, title: str = "") -> str:
        """A link, or its words alone where the book has no address for its target."""
        if acts("href", href):
            self.tell("a link that is a script is words alone: posts carry none")
            return words
        if external(href) or href.startswith("?"):
            href = self.taken(href) if href.startswith("attachment:") else href
            return self._linked(words, href, title)
        path, _, anchor = (unquote(part) for part in href.partition("#"))
        if href.startswith("/") and self.book.root is None:
            return self._linked(words, href, title)  # a place on the blog
        if not path:
            return self._ref(anchor, words)
        if not anchor and self.book.page(self.folder, path) is None:
            if path in self.labels or path in self.elsewhere or path in self.book.labels:
                return self._ref(path, words)
        return self._page(path, anchor, words, title)

    def _page(self, path: str, anchor: str, words: str, title: str = "") -> str:
        found = self.book.page(self.folder, path)
        if found is None:
            if not (self.folder / path).is_dir():
                raise PostError(f"links to {path!r}, which is not there")
            self.tell(f"the link to {path} is words alone: a folder does not come along")
            return words or path
        url = self.book.url(found, anchor) or self.beside(found)
        words = words or found.stem.replace("-", " ").capitalize()
        return self._linked(words, url, title)

    def _ref(self, name: str, words: str = "") -> str:
        """A link to a label: in this post, in the rest of its notebook, elsewhere in the book."""
        here = self.labels.get(name)
        if here:
            words = words or self._title(here)
            known = here.kind == "heading" and here.title and not self.book.inside
            return self._linked(words, f"#{self.id_of(here.name)}" if known else "")
        if words and slugify(name) in self.title_ids and not self.book.inside:
            self.to_top = True
            return self._linked(words, "#" if self.flavor.ids else f"#{self.id_of('top')}")
        if words and slugify(name) in self.wanted:
            return self._linked(words, f"#{self.wanted[slugify(name)]}")
        page, label = (self.source, self.elsewhere.get(name))
        if label is None:
            page, label = self.book.labels.get(name, (self.source, None))
        if label is None:
            if words:
                self.tell(f"the link to #{name} is words alone: no heading is called so")
                return words
            raise PostError(f"refers to {name!r}, a label that is nowhere in the book")
        anchor = name if self.book.inside else re.sub(r"[^a-z0-9]+", "-", name.lower())
        url = self.book.url(page, "" if self.book.inside else anchor)
        return self._linked(words or self._title(label), url)

    def _title(self, label: Label) -> str:
        if label.kind == "equation":
            return f"({label.number})"
        if label.kind != "heading":
            return f"{label.kind} {label.number}"
        if not label.title or label.name in self._reading:  # a heading that refers to itself
            return label.name.replace("-", " ")
        self._reading.append(label.name)
        title = self.inline(label.title)
        self._reading.pop()
        return title

    def _role(self, name: str, content: str) -> str:
        kind = name.rpartition(":")[2]
        if name.startswith("bdg"):
            return f"**{content}**"
        if kind in ("octicon", "fas", "fab", "far", "index"):
            return ""
        if kind in LITERAL:
            return literal(content)
        if kind == "math":
            return self._math(content)
        if kind in ("sub", "sup", "subscript", "superscript"):
            return self._math(("_" if kind.startswith("sub") else "^") + f"{{{content}}}")
        if name == "glue" or name.startswith("glue:"):
            return self._said(self.glued(content, "inline"))
        if name == "cite" or name.startswith("cite:"):
            return self._said(self.citations.text(name, [k.strip() for k in content.split(",")]))
        text, target = titled(content)
        if kind in ("ref", "numref", "eq", "any"):
            return self._ref(target, self.inline(self._numbered(text, target)))
        if kind in ("doc", "download"):
            return self._page(target, "", self.inline(text))
        if name.startswith("py:") or kind in ("func", "class", "meth", "mod"):
            return literal((text or target).lstrip("~"))
        return self._said(text or target)

    def _said(self, text: str) -> str:
        """A role's words, safe from the engine unless they are more than words."""
        return text if any(mark in text for mark in ("`", "$", "](")) else self.flavor.prose(text)

    def _numbered(self, text: str, name: str) -> str:
        """`{numref}`'s own text: %s and {number} stand for the number, {name} for the caption."""
        label = self.labels.get(name) or self.elsewhere.get(name)
        if not label or not re.search(r"%s|\{number\}|\{name\}", text):
            return text
        number = str(label.number)
        return text.replace("%s", number).replace("{number}", number).replace("{name}", label.title)
