"""Proper names in a sentence that the notebook has not: people, products, places, acronyms."""

import re

from ideas_lib.publish.post.summarise.evidence import TOKEN, Evidence
from ideas_lib.publish.post.summarise.lexicon import (
    FUNCTION,
    LEADING,
    NEGATIONS,
    NEUTRAL,
    PIVOTS,
    direction_of,
    hedge_of,
    stem,
)
from ideas_lib.publish.post.summarise.numerals import word_value

__all__ = ["strange_names"]

TITLED = 0.6  # of a title's longer words that are capitals, where all of them would be


def strange_names(sentence: str, evidence: Evidence) -> list[str]:
    """Return the names in a sentence that do not stand in the notebook, as they are written.

    A word is a name if it has a capital where a plain word has none, or figures within. A first
    word, and each in a Title Like This, may be a plain word: it is one if the notebook has it in
    small letters, or if it is one of those that sentences are made of. Names that follow each other
    have to do so in the notebook.
    """
    words = list(TOKEN.finditer(sentence))
    long = [w[0] for w in words[1:] if len(w[0]) > 3]
    titled = bool(long) and sum(word[0].isupper() for word in long) >= TITLED * len(long)
    found: list[str] = []
    run: list[str] = []
    for at, word in enumerate(words):
        text = _bare(word[0])
        if not _is_name(text):
            run = []
            continue
        begins = at == 0 or re.search(r"[.!?:;—–]\s*[\"'“‘(]?$", sentence[: word.start()])
        plain = text[1:] == text[1:].lower() and not any(c.isdigit() for c in text)
        if plain and (begins or titled) and (stem(text) in evidence.small or _common(text)):
            run = []
            continue
        if text not in evidence.written and not (begins and text.lower() in evidence.written):
            found.append(text)
            continue
        run = [*run, text] if run and sentence[: word.start()].endswith(f"{run[-1]} ") else [text]
        if len(run) > 1 and not titled and " ".join(run) not in evidence.text:
            found.append(" ".join(run))
    return found


def _bare(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _is_name(word: str) -> bool:
    figures = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return word != word.lower() or (figures and not re.fullmatch(r"\d+[\w%×]{1,3}", word))


def _common(word: str) -> bool:
    """Whether a word is one of those that any sentence may have."""
    lower = word.lower()
    groups = (FUNCTION, LEADING, NEGATIONS, NEUTRAL, PIVOTS)
    return (
        any(lower in group or stem(lower) in group for group in groups)
        or direction_of(lower) is not None
        or bool(hedge_of(lower))
        or all(word_value(part) is not None for part in lower.split("-"))
        or lower in ("but", "while", "whereas", "though", "although", "yet", "however")
    )
