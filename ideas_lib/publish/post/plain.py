"""MyST Markdown in, plain Markdown out: directives, labels and HTML become what any blog renders.

Only what needs it is changed, where it stands; `ideas_lib.publish.post.inline` does sentences.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from bs4 import BeautifulSoup
from markdown_it.token import Token

from ideas_lib.publish.post.blocks import (
    ALERT,
    alerted,
    aligned,
    dedented,
    joined,
    only_picture,
    quoted,
)
from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.inline import Inline
from ideas_lib.publish.post.local_files import width_of
from ideas_lib.publish.post.markup import fence, html, literal, slugify
from ideas_lib.publish.post.myst import (
    CODE,
    DEEPEST,
    LANGUAGES,
    SILENT,
    Directive,
    directive,
    own_id,
    parse,
    sentence,
    words,
)  # fmt: skip
from ideas_lib.publish.post.rich import cleaned, name_lost, rich
from ideas_lib.publish.post.source import Source, changed

__all__ = ["Embedded", "Plain"]

BARE = {"container", "div", "grid", "tab-set", "card-carousel", "epigraph", "figure-md", "table"}
NOTES = {"note", "warning", "tip", "important", "seealso", "hint"}
GONE = {"myst_target": "(", "myst_line_comment": "%", "myst_block_break": "+"}


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
                words_ = token.content
                if before and before.type == "heading_open" and not before.level:
                    words_ = own_id(token.content)[0]
                changes = self.changes(token.content, token.children or [], 0, len(words_))
                if words_ != token.content:
                    changes.append((len(words_), len(token.content), ""))
                if before and before.type in ("th_open", "td_open"):
                    line, column = token.map[0], column if line == token.map[0] else 0
                    after = self.flavor.cell(changed(token.content, changes))
                    column = source.cell(line, column, token.content, after)
                else:
                    if ALERT.match(token.content) and tokens[n - 2].type == "blockquote_open":
                        changes = alerted(token.content, changes)
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
        title, own = own_id(inside.content)
        target = own or target
        slug = slugify(words(sentence(title) if own else inside.children or []))
        self._headings[slug] += 1
        if self._headings[slug] > 1:
            slug = f"{slug}-{self._headings[slug] - 1}"
        name = self.id_of(target) if target else self.wanted.get(slug, "")
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
                info = token.info.strip()
                language = re.match(r"\{\s*\.(\w[\w+-]*)", info)
                mark = token.markup + token.info
                if found:
                    source.block(start, end, mark, self._directive(found))
                elif token.type == "colon_fence":
                    source.block(start, end, mark, self._division(token, info))
                elif info == "math":
                    source.block(start, end, mark, self.display(token.content.strip(), ""))
                elif language and not self.flavor.divs:
                    source.block(start, end, mark, fence(token.content, language[1]))
            case "math_block" | "math_block_label":
                source.block(start, end, "$$", self.display(dedented(token), token.info))
            case "amsmath":
                end = start + token.content.count("\n") + 1  # its `map` is a line short
                source.block(start, end, "\\begin", self.display(aligned(token), ""))
            case "html_block":
                first = token.content.split("\n")[0].strip()
                source.block(start, end, first, self._html(token.content))
            case "myst_target" | "myst_line_comment" | "myst_block_break":
                source.block(start, end, GONE[token.type], None)

    def _html(self, text: str) -> str:
        """A block of HTML: as it is where the flavor shows it, else as Markdown."""
        alone = only_picture(text)
        if alone is not None:
            found = {name: str(value) for name, value in alone.attrs.items()}
            return self.picture(found.get("alt", ""), found["src"], width_of(found))
        if self.flavor.raw is None:
            name_lost(text, self.tell)
            return html(text, self)
        if not re.sub(r"<!--.*?-->", "", text, flags=re.S).strip():
            return ""
        bare = BeautifulSoup(text, "html.parser")
        places = self if self.flavor.beside else Embedded(self)
        if not rich(text) and not re.search(r"</?(details|div|center|summary|section|p)\b", text):
            return html(text, self)
        if bare.find("style") and not re.search(r"<(?!/?style)", text):
            return self.flavor.raw(cleaned(text, self.tell, places))
        return cleaned(text, self.tell, places, self.flavor.name == "jekyll").rstrip("\n")

    def _division(self, token: Token, info: str) -> str:
        """Pandoc's division: Quarto's callout is a quote where it is not understood."""
        content = self.convert(token.content)
        if self.flavor.divs:
            return f"{token.markup} {info}\n{content}\n{token.markup}"
        kind = re.search(r"\.callout-(\w+)", info)
        if not kind:
            return content
        title = re.search(r"""title\s*=\s*["']([^"']*)["']""", info)
        first, _, rest = content.partition("\n\n")
        named = re.match(r"#+\s+(.*?)(?:\s*\{#[^}]*\})?\Z", first)
        name = self.inline(title[1]) if title else named[1] if named else kind[1].capitalize()
        return quoted(f"**{name}**", content if title or not named else rest)

    def _directive(self, found: Directive) -> str:
        name, arg, options, text = found.name, found.arg, found.options, found.body
        if name in SILENT:
            return ""
        if name == "literalinclude":
            return self._included(arg, options.get("language", "text"))
        if name in LANGUAGES and name not in CODE:
            return fence(text, name)
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
            return joined(value, f"*{self.convert(text)}*" if text else "")
        if name in ("list-table", "csv-table"):
            return self._table(found)
        content = self.convert(text)
        title = self.inline(arg)
        if name in BARE:
            return joined(f"**{title}**" if title else "", content)
        if name in NOTES and title:
            content, title = joined(title, content), ""
        return quoted(f"**{title or name.replace('-', ' ').capitalize()}**", content)

    def _included(self, name: str, language: str) -> str:
        path = self.book.page(self.folder, name)
        if path is None:
            raise PostError(f"includes {name!r}, which is not there")
        return fence(self.allowed(path).read_text("utf-8"), language)

    def _figure(self, found: Directive) -> str:
        first, _, rest = self.convert(found.body).partition("\n\n")
        label = self.labels.get(found.options.get("name", ""))
        number = f"{label.kind} {label.number}. " if label else ""
        alt = found.options.get("alt") or words(sentence(first)) or number
        caption = f"*{number}{first}*" if first else ""
        return joined(self.picture(alt, found.arg, found.options.get("width", "")), caption, rest)

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
        cells = [[*map(self.flavor.cell, row), *[""] * (width - len(row))] for row in rows]
        table = ["| " + " | ".join(row) + " |" for row in cells]
        table.insert(1, "|" + " --- |" * width)
        return joined(f"**{self.inline(found.arg)}**" if found.arg else "", "\n".join(table))

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


class Embedded:
    """Where HTML's pictures and links lead when no file beside the page comes along."""

    def __init__(self, places: Inline) -> None:
        self.taken = places.embedded
        self.address = places.address
        self.link = places.link


def _marks(source: Source, opened: Token | None) -> int:
    """Where the marks of a heading (`##`) end in its line; 0 for what has none."""
    if opened is None or not opened.markup.startswith("#") or not opened.map:
        return 0
    return source.lines[opened.map[0]].find(opened.markup) + len(opened.markup)
