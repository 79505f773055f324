"""Typos and synonyms: single words, never those of the ending, and none that carries a fact."""

import random
import re
from collections.abc import Iterable, Sequence

from ideas_lib.lm.noise.protection import spans_of
from ideas_lib.lm.noise.text import WORD, NoRoom, untouchable
from ideas_lib.lm.noise.vocabulary import SYNONYMS

__all__ = ["synonyms", "typos"]

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORTEST = 4  # letters of a word that may get a typo
PER = 12  # words of which one gets it
VOWELS = "aeiouAEIOU"
BEGINNING = re.compile(r"(?:^|[.!?:\n]\s*)[\"'“‘(]?$")


def typos(context: str, chance: random.Random, kept: Sequence[str] = ()) -> tuple[str, str]:
    """Mistype inner letters of one word in twelve, at most three words, as hands do on a keyboard.

    First and last letters stay, and words with a capital letter, numbers, negations, quotations,
    names of fields, the ending, and the words that are `kept`. A typo may by chance be another
    word.
    """
    words = _outside(context, WORD.finditer(context), kept)
    words = [each for each in words if re.fullmatch(rf"[a-z]{{{SHORTEST},}}", each[0])]
    if not words:
        raise NoRoom(f"no word before the ending may be mistyped{_besides(kept)}")
    wanted = min(3, len(words), 1 + len(context.split()) // PER)
    edits: list[str] = []
    for found in sorted(chance.sample(words, wanted), key=lambda each: -each.start()):
        wrong = _mistyped(found[0], chance)
        context = context[: found.start()] + wrong + context[found.end() :]
        edits.insert(0, f"{found[0]!r} mistyped {wrong!r}")
    return context, ", ".join(edits)


def synonyms(context: str, chance: random.Random, kept: Sequence[str] = ()) -> tuple[str, str]:
    """Replace one to three words by words of the same meaning, from a small table.

    A word with a capital letter may be a name, unless it begins the text or a sentence. Words that
    are `kept` stay.
    """
    pattern = "|".join(sorted(map(re.escape, SYNONYMS), key=len, reverse=True))
    known = [
        found
        for found in _outside(context, re.finditer(rf"(?i)\b(?:{pattern})\b", context), kept)
        if found[0][0].islower() or BEGINNING.search(context[: found.start()])
    ]
    if not known:
        raise NoRoom(f"no word before the ending has a synonym in the table{_besides(kept)}")
    edits: list[str] = []
    chosen = chance.sample(known, min(len(known), chance.choice((1, 2, 3))))
    for found in sorted(chosen, key=lambda each: -each.start()):
        new = chance.choice(SYNONYMS[found[0].lower()])
        if found[0][0].isupper():
            new = new[0].upper() + new[1:]
        before, said = context[: found.start()], ""
        article = re.search(r"(?i)\b(an?)( +)$", before)
        if article and (found[0][0] in VOWELS) != (new[0] in VOWELS):
            right = article[1][0] + ("n" if new[0] in VOWELS else "")
            before, said = before[: article.start()] + right + article[2], f", after {right!r}"
        context = before + new + context[found.end() :]
        edits.insert(0, f"{new!r} instead of {found[0]!r}{said}")
    return context, ", ".join(edits)


def _besides(kept: Sequence[str]) -> str:
    if not kept:
        return ""
    return ", besides those the contrast may hang on (protect= says which; () for none)"


def _outside(
    context: str, found: Iterable[re.Match[str]], kept: Sequence[str]
) -> list[re.Match[str]]:
    spans = [*untouchable(context), *spans_of(context, kept)]
    return [
        each
        for each in found
        if not any(start < each.end() and each.start() < stop for start, stop in spans)
    ]


def _mistyped(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("swapped", "neighbour", "dropped", "doubled"))
    before, letter, after = word[:place], word[place], word[place + 1 :]
    if kind == "swapped" and place < len(word) - 2 and letter != after[0]:
        return before + after[0] + letter + after[1:]
    if kind == "dropped" and len(word) > SHORTEST and letter not in (word[place - 1], after[0]):
        return before + after
    if kind == "doubled":
        return before + letter + letter + after
    row = next(each for each in ROWS if letter in each)
    at = row.index(letter)
    return before + chance.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2]) + after
