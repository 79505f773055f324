"""A context's parts: its sentences, its words, and the ending that no noise may touch."""

import re
from collections import Counter

__all__ = ["Dropped", "NoRoom", "ending", "gaps", "lost", "split_sentences", "untouchable"]

KEPT = 3  # words at the end, or half of a line with fewer than six
# What a full stop after it does not end a sentence.
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|cf|No|Fig|approx)|\b[A-Z])\.$"
)
END = re.compile(r"[.!?…][\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9])|\n+")
NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|hardly|scarcely"
    r"|barely|seldom|rarely|unless|except)\b|n['’]t\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\d+(?:[.,:]\d+)*|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty"
    r"|hundred|thousand|million|billion|dozen|half|once|twice|first|second|third)s?\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|(?<!\w)'([^'\n]+)'(?!\w)|(?<!\w)‘([^’\n]+)’(?!\w)")
NAME = re.compile(r"(?<=[\w,;] )[A-Z][\w'’-]*")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Dropped(ValueError):
    """Raised by a family of noise for a candidate that it made and does not believe, and why."""


class NoRoom(ValueError):
    """Raised by a family of noise where a context gives it nothing to change, and says why."""


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences and lines, each with the white space after it.

    Together they are the text again.
    """
    parts, start = [], 0
    for found in END.finditer(text):
        kept = text[start : found.end()].rstrip()
        if "\n" in found.group() or not ABBREVIATION.search(kept):
            parts.append(text[start : found.end()])
            start = found.end()
    return [*parts, text[start:]] if start < len(text) else parts


def ending(text: str) -> str:
    """Return the end that stays word for word, so that a phrase still fits after it.

    It is the last three words, or half of the words where the last line has fewer than six.
    """
    kept = text.rstrip()
    line = kept.rfind("\n") + 1
    words = list(re.finditer(r"\S+", kept[line:]))
    if not words:
        return text
    return text[line + words[-min(KEPT, (len(words) + 1) // 2)].start() :]


def gaps(text: str) -> list[re.Match[str]]:
    """Return the single spaces between words before the ending."""
    return list(re.finditer(r"(?<=\S) (?=\S)", text[: len(text) - len(ending(text))]))


def untouchable(text: str) -> list[tuple[int, int]]:
    """Return where the numbers, negations, quotations, field names and the ending stand."""
    patterns = (NUMBER, NEGATION, QUOTED, re.compile(r"(?m)^[^\n:]{1,40}:"))
    spans = [found.span() for each in patterns for found in each.finditer(text)]
    return [*spans, (len(text) - len(ending(text)), len(text))]


def lost(context: str, text: str) -> str:
    """Say what a variant lost or gained that it must not; empty where it did neither.

    Its ending, its numbers, how often it negates, what it quotes, and its names: words with a
    capital letter inside a sentence.
    """
    if not text.endswith(ending(context)):
        return "the ending changed"
    if Counter(_found(NUMBER, context)) != Counter(_found(NUMBER, text)):
        return "a number changed"
    if len(NEGATION.findall(context)) != len(NEGATION.findall(text)):
        return "a negation changed"
    if sorted(_quoted(context)) != sorted(_quoted(text)):
        return "a quotation changed"
    for one, other in ((context, text), (text, context)):
        words = set(re.findall(r"[\w'’-]+", other))
        for name in NAME.findall(one):
            if name not in words and name != "I":
                return "a name changed"
    return ""


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [each.lower() for each in pattern.findall(text)]


def _quoted(text: str) -> list[str]:
    return [" ".join("".join(parts).split()) for parts in QUOTED.findall(text)]
