"""MyST Markdown in, plain Markdown out: directives, labels and HTML become what any blog renders.

Only what needs it is changed, where it stands; `ideas_lib.publish.post.inline` does sentences.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from textwrap import dedent

from bs4 import BeautifulSoup
from markdown_it.token import Token

from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.inline import Inline
from ideas_lib.publish.post.markup import barred, fence, html, literal, plain_id, slugify
from ideas_lib.publish.post.myst import (
    CODE,
    DEEPEST,
    SILENT,
    Directive,
    directive,
    parse,
    sentence,
    words,
)  # fmt: skip
from ideas_lib.publish.post.rich import cleaned, name_lost, rich
from ideas_lib.publish.post.source import Source, changed

__all__ = ["Plain"]

BARE = {"container", "div", "grid", "tab-set", "card-carousel", "epigraph", "figure-md", "table"}
NOTES = {"note", "warning", "tip", "important", "seealso", "hint"}
GONE = {"myst_target": "(", "myst_line_comment": "%", "myst_block_break": "+"}
ALIGNED = {
    "align": "aligned", "alignat": "alignedat", "eqnarray": "aligned", "flalign": "aligned",
    "gather": "gathered",
}  # fmt: skip


class Plain(Inline):
    """Converts the cells of one notebook."""

    _deep = 0  # how many directives we are in

    @cached_property
    def _headings(self) -> Counter[str]:
        return Counter()

    def convert(self, text: str) -> str:
        """Plain Markdown for MyST Markdown, without blank lines around it."""
        source = Source(text.replace("\r\n", "\n").replace("\r", "\n"))
        if self._deep > DEEPEST:
            return source.text
        self._deep += 1
        tokens = parse(source.text, self.definitions)
        target, line, column = "", -1, 0
        for n, (before, token) in enumerate(zip([None, *tokens], tokens, strict=False)):
            if token.type == "inline" and token.map:
                changes = self.changes(token.content, token.children or [])
                if before and before.type in ("th_open", "td_open"):
                    line, column = token.map[0], column if line == token.map[0] else 0
                    after = changed(token.content, changes)
                    column = source.cell(line, column, token.content, after)
                else:
                    source.sentence(token, changes, _marks(source, before))
            elif token.map:
                self._block(source, token, token.map)
            if token.type == "heading_open" and token.map and not token.level:
                self._identify(source, token, target, tokens[n + 1])
            if token.type != "myst_line_comment":
                target = token.content if token.type == "myst_target" else ""
        self._deep -= 1
        return source.result()

    def _identify(self, source: Source, token: Token, target: str, inside: Token) -> None:
        """Give a heading the id that links of the post mean."""
        start, end = token.map or (0, 0)
        slug = slugify(words(inside.children or []))
        self._headings[slug] += 1
        if self._headings[slug] > 1:
            slug = f"{slug}-{self._headings[slug] - 1}"
        name = plain_id(target) if target else self.wanted.get(slug, "")
        if target and slug in self.wanted:
            self.wanted[slug] = name
        if not name or (self.book.inside and not self.flavor.ids):
            return  # a label in the book already
        if self.flavor.ids:
            # the line of === or --- is no place for it
            source.append(end - (1 if token.markup.startswith("#") else 2), f" {{#{name}}}")
        else:
            source.before(start, f"({name})=\n")

    def _block(self, source: Source, token: Token, lines: Sequence[int]) -> None:
        """Change a block that is no paragraph, if it is one of MyST's, or HTML."""
        start, end = lines
        match token.type:
            case "fence" | "colon_fence":
                found = directive(token)
                if found or token.type == "colon_fence":
                    text = self._directive(found) if found else self.convert(token.content)
                    source.block(start, end, token.markup + token.info, text)
            case "math_block" | "math_block_label":
                source.block(start, end, "$$", self.display(_dedented(token), token.info))
            case "amsmath":
                end = start + token.content.count("\n") + 1  # its `map` is a line short
                source.block(start, end, "\\begin", self.display(_aligned(token), ""))
            case "html_block":
                first = token.content.split("\n")[0].strip()
                source.block(start, end, first, self._html(token.content))
            case "myst_target" | "myst_line_comment" | "myst_block_break":
                source.block(start, end, GONE[token.type], None)

    def _html(self, text: str) -> str:
        """A block of HTML: as it is where the flavor shows it, else as Markdown."""
        if self.flavor.raw is None:
            name_lost(text, self.tell)
            return html(text, self)
        if not re.sub(r"<!--.*?-->", "", text, flags=re.S).strip():
            return ""
        bare = BeautifulSoup(text, "html.parser")
        if not rich(text) and not re.search(r"</?(details|div|center|summary|section|p)\b", text):
            return html(text, self)
        if bare.find("style") and not re.search(r"<(?!/?style)", text):
            return self.flavor.raw(cleaned(text, self.tell, self))
        return cleaned(text, self.tell, self, self.flavor.name == "jekyll").rstrip("\n")

    def _directive(self, found: Directive) -> str:
        name, arg, options, text = found.name, found.arg, found.options, found.body
        if name in SILENT:
            return ""
        if name == "literalinclude":
            return self._included(arg, options.get("language", "text"))
        if name in CODE:
            return fence(text, "mermaid" if name == "mermaid" else arg or "text")
        if name == "math":
            tex = "\n".join(part for part in (arg, text) if part)
            return self.display(tex, options.get("label") or options.get("name", ""))
        if name in ("figure", "image"):
            return self._figure(found)
        if name.startswith("glue"):
            value = self.glued(arg, "block")
            if "math" in name:
                return self.display(value.strip().strip("$"), options.get("label", ""))
            return _blocks(value, f"*{self.convert(text)}*" if text else "")
        if name in ("list-table", "csv-table"):
            return self._table(found)
        content = self.convert(text)
        title = self.inline(arg)
        if name in BARE:
            return _blocks(f"**{title}**" if title else "", content)
        if name in NOTES and title:
            content, title = _blocks(title, content), ""
        quoted = _blocks(f"**{title or name.replace('-', ' ').capitalize()}**", content)
        return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))

    def _included(self, name: str, language: str) -> str:
        path = self.book.page(self.folder, name)
        if path is None:
            raise PostError(f"includes {name!r}, which is not there")
        return fence(path.read_text("utf-8"), language)

    def _figure(self, found: Directive) -> str:
        first, _, rest = self.convert(found.body).partition("\n\n")
        label = self.labels.get(found.options.get("name", ""))
        number = f"{label.kind} {label.number}. " if label else ""
        alt = found.options.get("alt") or words(sentence(first)) or number
        caption = f"*{number}{first}*" if first else ""
        return _blocks(self.picture(alt, found.arg), caption, rest)

    def _table(self, found: Directive) -> str:
        if found.name == "csv-table":
            head = [found.options["header"]] if "header" in found.options else []
            lines = csv.reader([*head, *found.body.splitlines()], skipinitialspace=True)
            rows = [[self.inline(cell) for cell in line] for line in lines if line]
        else:
            rows = self._listed(found.body)
        if not rows:
            raise PostError(f"has a {found.name} without rows: write them inside it")
        if not found.options.keys() & {"header-rows", "header"}:
            rows.insert(0, [])  # a table in Markdown has a header
        width = max(map(len, rows))
        cells = [[*map(barred, row), *[""] * (width - len(row))] for row in rows]
        table = ["| " + " | ".join(row) + " |" for row in cells]
        table.insert(1, "|" + " --- |" * width)
        return _blocks(f"**{self.inline(found.arg)}**" if found.arg else "", "\n".join(table))

    def _listed(self, body: str) -> list[list[str]]:
        """The cells of a list of lists, each on one line."""
        rows: list[list[str]] = []
        for token in parse(body, self.definitions):
            if token.type == "list_item_open" and token.level == 1:
                rows.append([])
            elif token.type == "list_item_open" and token.level == 3 and rows:
                rows[-1].append("")
            elif rows and rows[-1]:
                rows[-1][-1] = f"{rows[-1][-1]} {self._flat(token)}".strip()
        return rows

    def _flat(self, token: Token) -> str:
        match token.type:
            case "inline":
                return self.inline(token.content)
            case "fence" | "code_block":
                return literal(" ".join(token.content.split()))
            case "math_block" | "math_block_label":
                return self._math(" ".join(token.content.split()))
            case "html_block":
                return html(token.content, self)
        return ""


def _blocks(*blocks: str) -> str:
    return "\n\n".join(block for block in blocks if block)


def _marks(source: Source, opened: Token | None) -> int:
    """Where the marks of a heading (`##`) end in its line; 0 for what has none."""
    if opened is None or not opened.markup.startswith("#") or not opened.map:
        return 0
    return source.lines[opened.map[0]].find(opened.markup) + len(opened.markup)


def _dedented(token: Token) -> str:
    return dedent(token.content).strip()


def _aligned(token: Token) -> str:
    """An amsmath environment as what a display may hold."""
    name, star = token.meta["environment"], token.meta["numbered"]
    whole = token.content.strip()
    inner = whole.removeprefix(f"\\begin{{{name}{star}}}").removesuffix(f"\\end{{{name}{star}}}")
    if name in ("equation", "multline"):
        return inner.strip()
    if name not in ALIGNED:
        return whole
    return f"\\begin{{{ALIGNED[name]}}}\n{inner.strip()}\n\\end{{{ALIGNED[name]}}}"
