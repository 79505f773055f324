"""Questions drawn from a bank, to try bounds on: two phrases, and contexts as many as one likes.

    question = draw(seed=0, contexts=24)
    question.phrases                  # (" coffee", " tea")
    question.contexts[0].text         # "There was snow ... After lunch Anna asked for a cup of"
    question.contexts[0].reworded     # the same, said in other words by hand

`bank.py` is the population: contexts are independent draws from it, so that the
mean over all contexts of a question exists, and an interval for it can be right or wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ideas_lib.datasets.stems import BACKGROUNDS, KINDS, OPENINGS, WORDS

__all__ = ["Context", "Question", "nonce_words", "sample_question"]

ONSETS = ("b", "bl", "d", "dr", "f", "fl", "g", "k", "kl", "m", "n", "p", "pl", "s", "sn", "t", "v")
VOWELS = ("a", "e", "i", "o", "u", "oo", "ee")
CODAS = ("b", "ck", "d", "ff", "g", "lp", "m", "nd", "p", "sk", "t", "x", "zz")
NONCE = "nonce"
T = TypeVar("T")
MOST = 1000  # contexts; the bank has more, and near its end distinct ones are long in coming


@dataclass(frozen=True)
class Context:
    """A text that breaks off before the phrase, and the same in a second wording."""

    text: str
    reworded: str


@dataclass(frozen=True)
class Question:
    """Two `phrases`, each with the space it begins with, and distinct `contexts` for them."""

    kind: str
    phrases: tuple[str, str]
    contexts: tuple[Context, ...]


def sample_question(seed: int, contexts: int, kind: str | None = None) -> Question:
    """Draw a question: a kind, a pair of phrases in an order of chance, and its contexts.

    `contexts` is how many, up to 1000. With the kind "nonce" the phrases are two made-up words that
    were drawn alike, so that neither is the likelier one except by luck; no other draw gives it.
    Raises ValueError for another number of contexts, and KeyError for a kind that is not there.
    """
    if not 1 <= contexts <= MOST:
        raise ValueError(f"contexts={contexts} must lie between 1 and {MOST}")
    rng = np.random.default_rng(seed)
    kinds = [name for name in KINDS if name != NONCE]
    kind = kind or _one(kinds, rng)
    if kind not in KINDS:
        raise KeyError(f"no kind {kind!r} of question; there are {', '.join(KINDS)}")
    pairs, stems = KINDS[kind]
    first, second = rng.permutation(_one(pairs or (nonce_words(rng, 2),), rng))
    found: dict[str, Context] = {}
    while len(found) < contexts:
        context = _context(stems, rng)
        found.setdefault(context.text, context)
    return Question(kind, (f" {first}", f" {second}"), tuple(found.values()))


def nonce_words(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """Return made-up words of one syllable, distinct, drawn alike."""
    words: dict[str, None] = {}
    while len(words) < count:
        words["".join(str(rng.choice(part)) for part in (ONSETS, VOWELS, CODAS))] = None
    return tuple(words)


def _context(stems: Sequence[tuple[str, str]], rng: np.random.Generator) -> Context:
    parts = [_one(OPENINGS, rng), _one(BACKGROUNDS, rng), _one(stems, rng)]
    fill = {word: _one(choices, rng) for word, choices in WORDS.items()}
    text, reworded = (" ".join(wordings).format(**fill) for wordings in zip(*parts, strict=True))
    return Context(text, reworded)


def _one(items: Sequence[T], rng: np.random.Generator) -> T:
    return items[int(rng.integers(len(items)))]
