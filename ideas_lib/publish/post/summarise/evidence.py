"""What a notebook says: its sentences with the glued values filled in, as its page has them.

Sentences that quote somebody, predict, tell of other people's work or say what to try are read for
their numbers and names alone: no finding of the notebook's stands there.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from markdown_it.token import Token

from ideas_lib.publish.post.myst import parse
from ideas_lib.publish.post.summarise.clauses import Clause, clauses_of, sentences_in
from ideas_lib.publish.post.summarise.lexicon import stem

__all__ = ["TOKEN", "VERDICT", "Evidence", "Said", "evidence_in", "paragraphs_of"]

ELSEWHERE = re.compile(
    r"\b(predict|hypothes|expect|prior|related|references|steal|further|exercise|to try|future)",
    re.I,
)
VERDICT = re.compile(r"(supported|refuted|inconclusive|no difference|measured)\b", re.I)
TOKEN = re.compile(r"[^\W_](?:[\w'’&+]|[-.](?=[^\W_]))*")
REACH = 60  # characters before a year that its names stand in


@dataclass(frozen=True)
class Said:
    """A sentence of a notebook; `finds` says whether it may bear a claim."""

    text: str
    finds: bool = True

    @cached_property
    def clauses(self) -> list[Clause]:
        """The things that it says."""
        return clauses_of(self.text)

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip("\"'”’) ").endswith("?")


@dataclass(frozen=True)
class Evidence:
    """A notebook's words: title, first paragraph, the sentence with its verdict, all sentences."""

    title: str
    first: str
    verdict: str
    sentences: tuple[Said, ...]
    names: frozenset[str] = field(default=frozenset())  # people's: they stand beside a year

    @cached_property
    def text(self) -> str:
        """All of it, in one line."""
        return " ".join([self.title, *(said.text for said in self.sentences)])

    @cached_property
    def written(self) -> frozenset[str]:
        """Its words as they are written, large letters and small."""
        return frozenset(TOKEN.findall(self.text))

    @cached_property
    def small(self) -> frozenset[str]:
        """The stems of those of its words that have no capital anywhere."""
        return frozenset(stem(word) for word in self.written if word == word.lower())

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its words."""
        return frozenset(stem(word) for word in re.findall(r"[^\W_](?:[\w'’-]*\w)?", self.text))

    @cached_property
    def clauses(self) -> list[tuple[Said, Clause]]:
        """All that it says, each with its sentence."""
        return [(said, clause) for said in self.sentences for clause in said.clauses]


def evidence_in(markdown: str, title: str = "", first: str = "", verdict: str = "") -> Evidence:
    """Return the evidence in Markdown whose values are filled in.

    `first` and `verdict` are what else the notebook says of itself, and stand for a post's summary.
    """
    said = [Said(title, False)] if title else []
    said += [Said(sentence) for sentence in sentences_in(first)]
    for paragraph, finds in paragraphs_of(markdown):
        waiting = ""
        for sentence in sentences_in(paragraph):
            if len(sentence.split()) == 1 and VERDICT.match(sentence):
                waiting = sentence.rstrip(".") + ": "  # a verdict belongs to what it is of
                continue
            said.append(Said(waiting + sentence, finds))
            waiting = ""
        if waiting:
            said.append(Said(waiting.rstrip(": "), finds))
    if verdict:
        said.append(Said(verdict))
    whole = " ".join(s.text for s in said)
    return Evidence(title, first, verdict, tuple(said), frozenset(_people(whole)))


def _people(text: str) -> set[str]:
    """The names beside a year, as citations have them."""
    found: set[str] = set()
    for year in re.finditer(r"\b(?:1[89]|20)\d\d\b", text):
        words = text[max(0, year.start() - REACH) : year.start()].rstrip(" (,").split()
        for word in reversed(words):
            name = re.fullmatch(r"\(?([A-Z][\w'’-]+)[,.]?", word)
            if name:
                found.add(name[1])
            elif word.strip(".,") not in ("and", "et", "al", "al.,"):
                break
    return found


def paragraphs_of(markdown: str) -> list[tuple[str, bool]]:
    """The paragraphs, headings and items in plain words, and whether each may bear a claim."""
    found: list[tuple[str, bool]] = []
    tokens = parse(markdown)
    level, quotes = 0, 0  # the level of a heading that speaks of elsewhere, 0 outside
    for before, token in zip([None, *tokens], tokens, strict=False):
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type != "inline":
            continue
        text = _plain(token)
        if before is not None and before.type == "heading_open":
            depth = int(before.tag[1])
            if not level or depth <= level:
                level = depth if ELSEWHERE.search(text) else 0
            found += [(text, False)] if text else []
        elif text:
            found.append((text, not level and not quotes))
    return found


def _plain(token: Token) -> str:
    """The words of a paragraph: no maths, no pictures, no marks of Markdown."""
    said = []
    for part in token.children or []:
        if part.type in ("text", "text_special", "code_inline"):
            said.append(part.content)
        elif part.type in ("softbreak", "hardbreak"):
            said.append(" ")
        elif part.type.startswith("math"):
            said.append(" ; ")  # what stands on its two sides is not one
    return " ".join("".join(said).split())
