"""MyST Markdown, read by markdown-it: its blocks, what stands in its sentences, its directives.

markdown-it says on which lines a block stands, but not where in a sentence a role or a link is.
Its rules for sentences are wrapped here: what they find says so in `meta["span"]`, and links,
images and spans say in `meta["label"]` where their text is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from ideas_lib.publish.post.markup import slugify

__all__ = [
    "CODE",
    "DEEPEST",
    "LANGUAGES",
    "SILENT",
    "Directive",
    "Heading",
    "anchors_of",
    "directive",
    "headings",
    "leaves",
    "links_of",
    "own_id",
    "parse",
    "sentence",
    "starts_with",
    "walk",
    "words",
]  # fmt: skip

SILENT = {
    "bibliography", "contents", "eval-rst", "index", "only", "postlist", "post", "raw",
    "scoreboard", "tableofcontents", "toctree", "update", "meta", "comment",
}  # fmt: skip
CODE = {"code", "code-block", "code-cell", "sourcecode", "mermaid", "prompt"}
LANGUAGES = {"python", "r", "julia", "bash", "sh", "sql", "js", "ojs", "javascript", "mermaid",
             "dot", "console", "yaml", "json", "c", "cpp", "rust", "go", "java"}  # fmt: skip
NO_MARKDOWN = SILENT | CODE | LANGUAGES | {"math", "literalinclude"}
DEEPEST = 20  # markdown-it's own limit of nesting: what lies deeper stays as it is
EQUATION = re.compile(r"[ \t]*\(([\w:.-]+)\)")  # the label behind a display in a paragraph

Rule = Callable[[StateInline, bool], bool]


@cache
def _reader() -> MarkdownIt:
    md = MarkdownIt("commonmark").enable("table").disable("text_join")
    md.use(myst_block_plugin).use(myst_role_plugin).use(footnote_plugin)
    md.disable(["footnote_inline", "footnote_tail"])
    # a dollar beside a space or a digit is money
    md.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    md.use(colon_fence_plugin).use(amsmath_plugin).use(deflist_plugin)
    md.use(attrs_plugin, spans=True, span_after="footnote_ref")
    rules = md.inline.ruler
    for name, rule in zip(md.get_active_rules()["inline"], rules.getRules(""), strict=True):
        rules.at(name, _spanned(name, rule))
    return md


def _spanned(name: str, rule: Rule) -> Rule:
    """The rule, and what it finds says where it stands."""

    def run(state: StateInline, silent: bool) -> bool:
        start, count = state.pos, len(state.tokens)
        deep = state.env.get("images", 0)
        if silent or (name == "image" and deep >= DEEPEST):
            return silent and rule(state, silent)
        state.env["images"] = deep + (name == "image")  # an image's text is parsed by itself
        found = rule(state, silent)
        state.env["images"] = deep
        if not found:
            return False
        if name == "attr":
            state.push("attrs", "", 0)
        new = [t for t in state.tokens[count:] if t.type != "text" and t.nesting >= 0]
        if new and new[0].type == "math_inline_double":
            label = EQUATION.match(state.src, state.pos, state.posMax)
            if label:
                new[0].info, state.pos = label[1], label.end()
        for token in new:
            token.meta.setdefault("span", (start, state.pos))
        if new and name in ("link", "span", "image"):
            text = start + (2 if name == "image" else 1)
            end = state.md.helpers.parseLinkLabel(state, text - 1, name == "link")
            new[0].meta["label"] = (text, end)
        return True

    return run


def links_of(texts: Iterable[str]) -> dict[str, Any]:
    """The link definitions (`[name]: target`) of all texts, as `parse` takes them."""
    env: dict[str, Any] = {}
    for text in texts:
        _reader().parse(text, env)
    return dict(env.get("references", {}))


def parse(text: str, links: Mapping[str, Any] | None = None) -> list[Token]:
    """The blocks of a text; `links` are definitions that stand elsewhere."""
    return _reader().parse(text, {"references": dict(links or {})})


def sentence(text: str, links: Mapping[str, Any] | None = None) -> list[Token]:
    """What stands in a sentence (a title, a caption, a cell of a table)."""
    return _reader().parseInline(text, {"references": dict(links or {})})[0].children or []


@dataclass(frozen=True)
class Directive:
    """A directive: `name`, what stands behind it, its options, and the text inside."""

    name: str
    arg: str
    options: Mapping[str, str]
    body: str


def directive(token: Token) -> Directive | None:
    """The directive that a fence is, or None."""
    info = token.info.strip() if token.type in ("fence", "colon_fence") else ""
    name, closed, arg = info.removeprefix("{").partition("}")
    if not info.startswith("{") or not closed or not name[:1].isalnum() or " " in name:
        return None
    options, body = _options(token.content.split("\n"))
    return Directive(name, arg.strip(), options, "\n".join(body).strip("\n"))


def _options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """A directive's options (`:key: value` lines or a YAML block) and the rest of its lines."""
    if lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
        try:
            found = yaml.safe_load("\n".join(lines[1:end])) if end else None
        except yaml.YAMLError:
            found = None
        if end and isinstance(found, dict):
            return {str(k): str(v) for k, v in found.items()}, lines[end + 1 :]
    options: dict[str, str] = {}
    for n, line in enumerate(lines):
        option = re.match(r"^\s*:([\w-]+):(?:\s+(.*))?$", line)
        if option is None:
            return options, lines[n:]
        options[option[1]] = option[2] or ""
    return options, []


def walk(text: str, deep: int = 0) -> Iterator[Token]:
    """Every block of a text in order, those inside directives too."""
    for token in parse(text):
        yield token
        found = directive(token)
        if deep == DEEPEST or (found and found.name in NO_MARKDOWN):
            continue
        if found:
            yield Token("inline", "", 0, content=found.arg, children=sentence(found.arg))
        if found or token.type == "colon_fence":
            yield from walk(found.body if found else token.content, deep + 1)


def leaves(tokens: Iterable[Token]) -> Iterator[Token]:
    """All that stands in sentences, pictures' texts too."""
    for token in tokens:
        yield token
        yield from leaves(token.children or [])


def words(tokens: Iterable[Token]) -> str:
    """What sentences say without their markup, on one line; maths keeps its dollars."""
    said = []
    for token in tokens:
        if token.type in ("text", "text_special", "code_inline"):
            said.append(token.content)
        elif token.type.startswith("math_inline"):
            said.append(f"{token.markup}{token.content}{token.markup}")
        elif token.type == "myst_role":
            said.append(token.content.rpartition("<")[0] or token.content)
        elif token.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif token.children:
            said.append(words(token.children))
    return " ".join("".join(said).split())


@dataclass(frozen=True)
class Heading:
    """A heading of a text: level 1 to 6, its source, its words, and its lines."""

    level: int
    source: str
    title: str
    lines: tuple[int, int]
    own: str = ""  # the id that it names itself


def headings(text: str) -> list[Heading]:
    """The headings of a text, those in quotes and lists left out."""
    tokens = parse(text)
    found = []
    for t, inside in pairwise(tokens):
        if t.type == "heading_open" and t.level == 0 and t.map:
            source, own = own_id(inside.content)
            title = words(sentence(source) if own else inside.children or [])
            found.append(Heading(int(t.tag[1]), source, title, (t.map[0], t.map[1]), own))
    return found


OWN = re.compile(r"\s*\{(?:#([\w:.-]+)|[.]unnumbered|-)[^{}]*\}\s*\Z")


def own_id(heading: str) -> tuple[str, str]:
    """A heading's words without the id that it gives itself (`## Words {#id}`), and that id."""
    found = OWN.search(heading)
    return (heading[: found.start()], found[1] or "") if found else (heading, "")


def anchors_of(texts: Iterable[str]) -> dict[str, Heading]:
    """The headings of all texts by the anchor that a notebook gives them, the second as x-1."""
    found: dict[str, Heading] = {}
    for heading in (h for text in texts for h in headings(text)):
        name = slug = slugify(heading.title)
        n = 0
        while name in found:
            n += 1
            name = f"{slug}-{n}"
        found[name] = heading
    return found


def starts_with(text: str) -> int:
    """The level of the heading that a text begins with; 0 when it begins with none."""
    first = next((t for t in parse(text) if not t.type.startswith("myst_")), None)
    return int(first.tag[1]) if first and first.type == "heading_open" else 0
