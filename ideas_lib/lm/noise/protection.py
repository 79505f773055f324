"""Words that a contrast may hang on, which no noise changes.

Nothing here parses. A verb agrees with a word of its own sentence, so all of the sentence that the
phrases go on with is spared; a pronoun stands for a word anywhere, so with pronouns all words are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ideas_lib.lm.noise.layout import FIELD
from ideas_lib.lm.noise.text import WORD, split_sentences

__all__ = ["carriers", "differing", "lost_word", "spans_of"]

LEAST = 4  # words that the spared end of a context has
HOLE = 3  # words in which two contexts may differ, and say the same otherwise
STEM = 4  # letters that a word shares with a phrase's
PRONOUN = re.compile(
    r"(?i)\b(?:he|she|it|they|him|her|them|his|hers|its|theirs?|himself|herself|itself"
    r"|themselves|who|whom|whose|which)\b"
)


def carriers(context: str, phrases: Sequence[str] = (), apart: Iterable[str] = ()) -> list[str]:
    """Return the words of a context that the contrast of some phrases may hang on.

    They are all words of its last sentence (with the ones before, while there are fewer than
    four), or of the last paragraph of a prompt with fields; words that a phrase has as well, in
    another form too; the words in `apart`; and every word where a phrase has a pronoun.
    """
    words = [found[0] for found in WORD.finditer(context)]
    if any(PRONOUN.search(phrase) for phrase in phrases):
        return list(dict.fromkeys(words))
    known = {each.lower() for each in apart}
    said = [each.lower() for phrase in phrases for each in WORD.findall(phrase)]
    kept = [*WORD.findall(_tail(context))]
    kept += [each for each in words if each.lower() in known or _akin(each.lower(), said)]
    return list(dict.fromkeys(kept))


def differing(contexts: Sequence[str]) -> dict[str, set[str]]:
    """Return, for each context, the words by which it differs from one that is else the same.

    The two differ in at most three words in one place, and share at least as many, and two.
    """
    filled: dict[tuple[tuple[str, ...], tuple[str, ...]], list[tuple[str, tuple[str, ...]]]]
    filled = defaultdict(list)
    for context in contexts:
        words = tuple(each.lower() for each in WORD.findall(context))
        for start in range(len(words) + 1):
            for stop in range(start, min(start + HOLE, len(words)) + 1):
                if len(words) - (stop - start) >= max(stop - start, 2):
                    place = words[:start], words[stop:]
                    filled[place].append((context, words[start:stop]))
    found: dict[str, set[str]] = {context: set() for context in contexts}
    for those in filled.values():
        shared = set.intersection(*(set(words) for _, words in those))
        for context, words in those:
            found[context].update(set(words) - shared)
    return found


def spans_of(context: str, kept: Iterable[str]) -> list[tuple[int, int]]:
    """Return where the words of `kept` stand, whatever their case."""
    return [found.span() for each in kept for found in _pattern(each).finditer(context)]


def lost_word(context: str, text: str, kept: Iterable[str]) -> str:
    """Return the first word of `kept` that a variant has less often than its context, or ""."""
    for each in kept:
        pattern = _pattern(each)
        if len(pattern.findall(text)) < len(pattern.findall(context)):
            return each
    return ""


def _tail(context: str) -> str:
    if FIELD.search(context):
        return re.split(r"\n\s*\n", context.rstrip())[-1]
    parts, tail = split_sentences(context), ""
    while parts and len(WORD.findall(tail)) < LEAST:
        tail = parts.pop() + tail
    return tail


def _akin(word: str, said: Sequence[str]) -> bool:
    """Whether a phrase has the word, or one that begins with it, or that it begins with."""
    return any(
        word == each or (min(len(word), len(each)) >= STEM and _begins(word, each)) for each in said
    )


def _begins(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _pattern(words: str) -> re.Pattern[str]:
    """Match whole words, with any space between them, and either apostrophe."""
    said = r"\s+".join(re.sub("['’]", "['’]", re.escape(each)) for each in words.split())
    return re.compile(rf"(?i)(?<!\w){said}(?!\w)")
