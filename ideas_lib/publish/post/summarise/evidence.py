"""What a notebook says of itself: its sentences, with the glued values filled in.

What stands in a quote or a list, below a heading on predictions, other people's work or what to
try, or after a colon, is no finding of the notebook's: it is read, and bears nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown_it.token import Token

from ideas_lib.publish.post.myst import parse
from ideas_lib.publish.post.summarise.quoting import (
    Tokens,
    forms_of,
    leans,
    sentences_in,
    takes_back,
    tokens_of,
)

__all__ = ["Evidence", "Said", "evidence_in"]

ELSEWHERE = re.compile(
    r"\b(predict|hypothes|expect|prior|related|references|steal|further|exercise|to try|future)",
    re.I,
)
VERDICT = re.compile(r"(supported|refuted|inconclusive|no difference|measured)\b", re.I)
ENDED = re.compile(r"[.!?…][\"'”’)]*$")  # a formula may go on with the sentence
NESTED = ("blockquote", "bullet_list", "ordered_list", "dl", "table")
HIDDEN = "\ufffc"  # stands for what is no words, a formula for instance


@dataclass(frozen=True)
class Said:
    """A sentence of a notebook.

    `finds` says whether the notebook stands by it; `after` and `before`, whether it cannot stand
    without the sentence that it comes after, or before.
    """

    text: str
    finds: bool = True
    after: bool = False
    before: bool = False


@dataclass(frozen=True)
class Evidence:
    """A notebook's title, headings, summary of its own, verdict sentence, and all sentences.

    `stated` says that the summary is the author's, and not the first paragraph.
    """

    title: str
    headings: tuple[str, ...]
    summary: str
    verdict: str
    sentences: tuple[Said, ...]
    stated: bool = False

    @cached_property
    def forms(self) -> dict[Tokens, list[int]]:
        """What may be said for each sentence that bears anything, and which one that is."""
        found: dict[Tokens, list[int]] = {}
        for at, said in enumerate(self.sentences):
            for form in forms_of(said.text) if said.finds else ():
                found.setdefault(form, []).append(at)
        return found

    @cached_property
    def titles(self) -> set[Tokens]:
        """What a post may be called."""
        return {tokens_of(text) for text in (self.title, *self.headings)}

    @cached_property
    def words(self) -> set[str]:
        """All its words, numbers and marks."""
        texts = (self.title, *self.headings, *(said.text for said in self.sentences))
        return {token for text in texts for token in tokens_of(text)}


def evidence_in(
    markdown: str, title: str = "", summary: str = "", verdict: str = "", stated: bool = False
) -> Evidence:
    """Return the evidence in Markdown whose values are filled in.

    Without a `verdict`, it is the first paragraph that begins with one.
    """
    parts: list[tuple[str, bool]] = []
    heads = []
    for text, finds, heading in _paragraphs(markdown):
        if heading:
            heads += [text] if finds else []
            continue
        parts += _sentences(text, finds)
        verdict = verdict or (_verdict(text) if finds else "")
    for text in (summary if stated else "", verdict):
        parts += _sentences(text, True)
    said = []
    for at, (text, finds) in enumerate(parts):
        short = len(text.split()) < 3
        back = at + 1 < len(parts) and takes_back(parts[at + 1][0])
        said.append(Said(text, finds, leans(text) or (short and at > 0), back or short))
    return Evidence(title, tuple(heads), summary, verdict, tuple(said), stated)


def _verdict(paragraph: str) -> str:
    """The verdict and the sentence that it is on, where a paragraph begins with one."""
    if not VERDICT.match(paragraph):
        return ""
    first, *rest = sentences_in(paragraph)
    return " ".join([first, *rest[:1]]) if len(first.split()) < 3 else first


def _sentences(paragraph: str, finds: bool) -> Iterator[tuple[str, bool]]:
    """The sentences of a paragraph; one that is cut off, or in quotes that go on, bears nothing."""
    deep = 0
    for text in sentences_in(paragraph):
        began = deep
        deep += sum(map(text.count, "(“")) - sum(map(text.count, ")”"))
        whole = ENDED.search(text) and HIDDEN not in text and not text.count('"') % 2
        yield text, bool(finds and whole and not (began or deep))


def _paragraphs(markdown: str) -> Iterator[tuple[str, bool, bool]]:
    """Paragraphs and headings in plain words, whether the notebook stands by each, and which is."""
    elsewhere, nested, level, led = 0, 0, 0, False
    for token in parse(markdown):
        name, _, end = token.type.rpartition("_")
        step = (end == "open") - (end == "close")
        nested += step * (name in NESTED)
        level = int(token.tag[1]) * (step > 0) if name == "heading" else level
        text = _plain(token) if token.type == "inline" else ""
        if level and text and (not elsewhere or level <= elsewhere):
            elsewhere = level if ELSEWHERE.search(text) else 0
        if text:
            yield text, not (elsewhere or nested or (led and not level)), bool(level)
            led = led if nested else text.endswith(":")


def _plain(token: Token) -> str:
    """The words of a paragraph, without marks of Markdown."""
    said = []
    for part in token.children or []:
        if part.type in ("text", "text_special", "code_inline"):
            said.append(part.content)
        elif part.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif not part.type.endswith(("_open", "_close")) and part.type != "html_inline":
            said.append(HIDDEN)
    return " ".join("".join(said).split())
