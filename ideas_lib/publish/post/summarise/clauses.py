"""Sentences, and the clauses of them that each say one thing.

"With a null column, it is right on 98 %; without it, on 75 %" has two: each number, direction or
negation stands with the words that it is about, and with no other's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from ideas_lib.publish.post.summarise import lexicon
from ideas_lib.publish.post.summarise.numerals import (
    Numeral,
    numeral_at,
    spelled_at,
    word_value,
)

__all__ = ["WORD", "Clause", "Mark", "clauses_of", "sentences_in"]

WORD = re.compile(r"[^\W_](?:[\w'’]|[-.](?=[^\W_]))*")
STRONG = re.compile(r"[;:—–()\[\]…/\"“”]|--|\s-\s")
CUTS = {"but", "while", "whereas", "though", "although", "yet", "however", "nor"}
BEFORE_NUMBERS = {"about": "about", "around": "about"}
BEFORE_SHARES = {"over": "over", "under": "under"}  # "over 98 %" is more, "over 8 seeds" is not
ABBREVIATIONS = re.compile(r"(?:\b(?:e\.g|i\.e|et al|vs|cf|Fig|Eq|Dr|Mr|Mrs|ca|approx|[A-Z]))\.$")
END = re.compile(r"[.!?]+[\"'”’)]*(?=\s+[\"'“‘(]?[^\Wa-z_]|\s*$)")


@dataclass(frozen=True)
class Mark:
    """A word or a number of a sentence: what it is, its stem or value, and the word itself.

    `kind` is number, direction, negation, hedge, contrast, pivot, pronoun, function, content,
    comma or strong; the last two are where clauses may end.
    """

    kind: str
    value: object
    text: str


@dataclass(frozen=True)
class Clause:
    """One thing that a sentence says.

    `carried` are hedges of the sentence that hold for it too; its first `lead` marks are of a
    phrase that a comma ends, "On noisy tables, …".
    """

    marks: tuple[Mark, ...]
    carried: tuple[Mark, ...] = ()
    lead: int = 0

    def of(self, *kinds: str) -> list[Mark]:
        """The marks of these kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    @cached_property
    def content(self) -> list[str]:
        """The stems of what it speaks of, in order."""
        return [str(mark.value) for mark in self.of("content")]

    @cached_property
    def numbers(self) -> list[tuple[Numeral, list[str]]]:
        """Its numbers, each with up to two words that follow it and say of what it is."""
        found = []
        for at, mark in enumerate(self.marks):
            if isinstance(mark.value, Numeral):
                nouns: list[str] = []
                for after in self.marks[at + 1 : at + 3]:
                    if after.kind != "content":
                        break
                    nouns.append(str(after.value))
                found.append((mark.value, nouns))
        return found

    @cached_property
    def directions(self) -> Counter[tuple[str, int]]:
        """Its directions: axis and side, negations not counted in."""
        return Counter(mark.value for mark in self.of("direction"))  # type: ignore[misc]

    @cached_property
    def denials(self) -> int:
        """How many negations it has, those carried over from before included."""
        return sum(mark.kind == "negation" for mark in (*self.marks, *self.carried))

    @cached_property
    def hedges(self) -> Counter[str]:
        """What limits or stretches it, by kind."""
        both = (*self.marks, *self.carried)
        return Counter(str(mark.value) for mark in both if mark.kind == "hedge")

    @cached_property
    def bound(self) -> set[tuple[str, str]]:
        """With, without, than and their kin, each with the word after it; "" for a pronoun."""
        found = set()
        for at, mark in enumerate(self.marks):
            if mark.kind in ("contrast", "pivot"):
                rest = (m for m in self.marks[at + 1 :] if m.kind in ("content", "pronoun"))
                after = next(rest, None)
                word = str(after.value) if after and after.kind == "content" else ""
                found.add((mark.text.casefold(), word))
        return found

    def claims(self) -> bool:
        """Whether it says what could be turned: a number, a direction, a negation, a contrast."""
        firm = any(m.kind == "hedge" and m.value in ("all", "only", "very") for m in self.marks)
        contrast = any(m.kind == "contrast" and m.text.casefold() != "with" for m in self.marks)
        return firm or contrast or bool(self.of("number", "direction", "negation", "pivot"))


def sentences_in(text: str) -> list[str]:
    """The sentences of a text in one line, each with its full stop."""
    found, start = [], 0
    for end in END.finditer(text):
        if ABBREVIATIONS.search(text[start : end.start() + 1]) and end.end() < len(text):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [sentence for sentence in (*found, text[start:].strip()) if sentence]


def marks_of(sentence: str) -> list[Mark]:
    """Every word, number and boundary of a sentence."""
    found, at = [], 0
    while at < len(sentence):
        mark, at = _mark_at(sentence, at)
        found += mark
    return found


def _mark_at(text: str, at: int) -> tuple[list[Mark], int]:
    number = None if _inside_word(text, at) else numeral_at(text, at)
    if number and not re.match(r"[^\W\d_]", text[number[1] : number[1] + 1]):
        return [Mark("number", number[0], number[0].text)], number[1]
    word = WORD.match(text, at)
    if word:
        value = word_value(word[0])
        if value is not None:
            spelled, end = spelled_at(text, at, word.end(), value)
            return [Mark("number", spelled, spelled.text)], end
        return _marks_of_word(word[0], text[word.end() :]), word.end()
    strong = STRONG.match(text, at)
    if strong:
        return [Mark("strong", "", strong[0])], strong.end()
    return [Mark("comma", "", ",")] if text[at] == "," else [], at + 1


def _inside_word(text: str, at: int) -> bool:
    """Whether a sign there would be a hyphen."""
    return text[at] in "+-−" and at > 0 and (text[at - 1].isalnum() or text[at - 1] in ")%")


def _marks_of_word(word: str, after: str) -> list[Mark]:
    lower = word.casefold().replace("’", "'")
    said = lambda kind, value="": Mark(kind, value or lexicon.stem(lower), word)  # noqa: E731
    number = numeral_at(after.lstrip(), 0) if lower in (BEFORE_NUMBERS | BEFORE_SHARES) else None
    if not number and lower in BEFORE_NUMBERS | BEFORE_SHARES:
        first = WORD.match(after.lstrip())
        number = (Numeral(""), 0) if first and word_value(first[0]) is not None else None
    if number and (lower in BEFORE_NUMBERS or number[0].unit):
        return [said("hedge", (BEFORE_NUMBERS | BEFORE_SHARES)[lower])]
    if number:
        return [said("function", lower)]
    if lower.endswith("n't") or lower == "cannot":
        more = [said("hedge", "may")] if lower in ("cannot", "can't", "couldn't") else []
        return [said("negation", "not"), *more]
    if lower in lexicon.NEGATIONS:
        return [said("negation", "not")]
    if lower in CUTS:
        return [said("strong")]
    if hedge := lexicon.hedge_of(lower):
        return [said("hedge", hedge)]
    if direction := lexicon.direction_of(lower):
        return [said("direction", direction)]
    for kind, known in (("contrast", lexicon.CONTRASTS), ("pivot", lexicon.PIVOTS)):
        if lower in known:
            return [said(kind)]
    if lower in lexicon.PRONOUNS:
        return [said("pronoun")]
    if lower in lexicon.FUNCTION:
        return [said("comma" if lower == "and" else "function", lower)]
    return [said("content")]


def clauses_of(sentence: str) -> list[Clause]:
    """The clauses of a sentence, in order."""
    found: list[Clause] = []
    carried: tuple[Mark, ...] = ()
    for part in _parted(marks_of(sentence), "strong"):
        mine: list[list[Mark]] = []
        ahead: list[int] = []
        waiting: list[Mark] = []
        lead = 0
        chunks = list(_parted(part, "comma"))
        for n, chunk in enumerate(chunks):
            leads = chunk[0].text.casefold() in lexicon.LEADING and n + 1 < len(chunks)
            waiting += chunk
            lead = len(waiting) if leads and lead == len(waiting) - len(chunk) else lead
            if not leads and any(m.kind in ("number", "direction", "negation") for m in waiting):
                mine.append(waiting)
                ahead.append(lead)
                waiting, lead = [], 0
        if waiting and mine:
            mine[-1] += waiting
        elif waiting:
            mine.append(waiting)
            ahead.append(0)
        for marks, length in zip(mine, ahead, strict=True):
            found.append(Clause(tuple(marks), carried, length))
            if any(m.kind == "hedge" and m.value in ("said", "if") for m in marks):
                carried += tuple(m for m in marks if m.kind in ("hedge", "negation"))
    return found


def _parted(marks: Sequence[Mark], kind: str) -> Iterator[list[Mark]]:
    """The marks between those of a kind; nothing empty."""
    part: list[Mark] = []
    for mark in marks:
        if mark.kind == kind:
            if part:
                yield part
            part = []
        else:
            part.append(mark)
    if part:
        yield part
