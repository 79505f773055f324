"""What arrives of a sentence by each tool: some need no model, others are written by a small one.

Sentences are drawn once, in lots that share none: the first three for readers to learn on, then one
for each verdict seed. What models write is kept beside the study's other work, a file a tool and
lot.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ideas_lib.essays.two_by_two.kept_words import first_words, rarest_words, words_of

__all__ = [
    "LEARNT",
    "TARGETS",
    "Lot",
    "followed_by",
    "given",
    "known_words",
    "lot_of",
    "mended",
    "mistyped",
    "openings",
    "picked",
    "written",
]

LEARNT = (0, 1, 2)  # lots that readers learn on
FIRST = 300  # the first verdict seed
LOTS = 15
CANDIDATES, TARGETS = 512, 20  # sentences of a lot, and those of them that are meant in turn
SHORTEST, LONGEST = 10, 30  # words of a sentence
SMALL, LARGER = "smollm2-135m-instruct", "gemma-3-270m"
STARS = ("one", "two", "three", "four", "five")
OPENING = 'A critic wrote about the film: "{}'
ALONE = "Answer with the sentence alone."
ASKED = {  # what a model is told, and how many tokens it may take
    "professional": ("Rewrite this sentence so that it sounds more professional. " + ALONE, 56),
    "six words": ("Say this in six words.", 16),
    "sentence": ("Write one sentence of a film review that has these words in it. " + ALONE, 48),
    "review": (
        "Write one sentence of a film review that gives so many of five stars. " + ALONE,
        48,
    ),
}
GOES_ON = {"goes on": (SMALL, 1), "three": (SMALL, 3), "larger": (LARGER, 1)}  # how many samples
TOKENS = 20  # of what is written on


@dataclass(frozen=True)
class Lot:
    """Sentences (CANDIDATES,) and their mean ratings; the first TARGETS are meant in turn."""

    texts: tuple[str, ...]
    ratings: Any

    @property
    def meant(self) -> tuple[str, ...]:
        return self.texts[:TARGETS]


@cache
def lot_of(seed: int) -> Lot:
    """Return a seed's lot. Raises ValueError for a seed that has none."""
    texts, ratings = _drawn()[0]
    first = CANDIDATES * _place(seed)
    rows = slice(first, first + CANDIDATES)
    return Lot(tuple(texts[rows]), ratings[rows])


def _place(seed: int) -> int:
    place = seed if seed in LEARNT else len(LEARNT) + seed - FIRST
    if seed not in LEARNT and not len(LEARNT) <= place < LOTS:
        last = FIRST + LOTS - len(LEARNT) - 1
        raise ValueError(f"seed={seed}: there are lots for 0 to 2 and for {FIRST} to {last}")
    return place


@cache
def known_words() -> Counter[str]:
    """Return how often each word occurs in sentences that are in no lot."""
    return Counter(word for text in _drawn()[1] for word in words_of(text))


@cache
def _strangers() -> list[str]:
    """Return long sentences that are in no lot."""
    return [text for text in _drawn()[1] if len(text.split()) > LONGEST]


@cache
def _drawn() -> tuple[tuple[Any, Any], list[str]]:
    """Return sentences and ratings in the order of their drawing, and those that no lot has."""
    from ideas_lib.datasets.rated_sentences import load_rated

    films = load_rated("films")
    texts = np.array([" ".join(text.split()) for text in films.texts], dtype=object)
    fits = np.array([SHORTEST <= len(text.split()) <= LONGEST for text in texts])
    order = np.random.default_rng(FIRST).permutation(np.flatnonzero(fits))
    order, rest = order[: LOTS * CANDIDATES], order[LOTS * CANDIDATES :]
    return (texts[order], films.ratings[order]), [*texts[~fits], *texts[rest]]


def openings(seed: int, count: int) -> list[str]:
    """Return the first words of each sentence that is meant."""
    return [first_words(text, count) for text in lot_of(seed).meant]


def given(tool: str, seed: int, count: int) -> list[str]:
    """Return what a person gives to a tool, and no more."""
    lot = lot_of(seed)
    if tool in ("stars", "review"):
        cuts = np.quantile(
            np.concatenate([lot_of(s).ratings for s in LEARNT]), (0.2, 0.4, 0.6, 0.8)
        )
        stars = np.searchsorted(cuts, lot.ratings[:TARGETS])
        return [f"{STARS[k]} of five stars" for k in stars]
    if tool in ("rarest", "sentence"):
        return [", ".join(rarest_words(text, count, known_words())) for text in lot.meant]
    return list(lot.meant)


def mistyped(seed: int, times: int) -> list[str]:
    """Return each sentence that is meant with slips of the keys, `times` rounds of one to three."""
    from ideas_lib.lm.noise.text import NoRoom
    from ideas_lib.lm.noise.wording import typos

    found, chance = [], random.Random(f"slips {seed}")
    for text in lot_of(seed).meant:
        for _ in range(times):
            try:
                text = typos(text, chance)[0]
            except NoRoom:  # a short sentence in capitals
                break
        found.append(text)
    return found


def mended(texts: list[str]) -> list[str]:
    """Put for each word in small letters that is nowhere else the nearest that is."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    known = [word for word, _ in known_words().most_common()]
    there = set(known)

    def mend(word: str) -> str:
        bare = word.strip(".,;:!?\"'()")
        if not (bare.isalpha() and bare.islower()) or bare in there:
            return word
        nearest = process.extractOne(bare, known, scorer=OSA.distance, score_cutoff=2)
        return word.replace(bare, nearest[0]) if nearest else word

    return [" ".join(map(mend, text.split())) for text in texts]


def written(tool: str, seed: int, count: int) -> list[list[str]]:
    """Return what a model wrote for each sentence that is meant, one text or several.

    What goes on begins with her words. A model that says nothing leaves what it was given.
    """
    from ideas_lib.study import shared_file
    from studies.two_by_two import STUDY

    def make(file: Path) -> None:
        file.write_text(json.dumps(_write(tool, seed, count)), encoding="utf-8")

    name = f"{tool.replace(' ', '-')}-{count}-{seed}.json"
    return json.loads(shared_file(STUDY, name, make).read_text("utf-8"))


def _write(tool: str, seed: int, count: int) -> list[list[str]]:
    from ideas_lib.lm.generate import Generator
    from ideas_lib.lm.request import Decoding

    if tool in GOES_ON:
        (model, samples), starts = GOES_ON[tool], openings(seed, count)
        prompts: list[Any] = [OPENING.format(start) for start in starts]
        heat = 0.8 if samples > 1 else 0.0
        how = Decoding(heat, max_tokens=TOKENS, stop=('"', "\n"))
    else:
        (told, tokens), (model, samples) = ASKED[tool], (SMALL, 1)
        starts = given(tool, seed, count)
        prompts = [[{"role": "user", "content": f"{told}\n\n{text}"}] for text in starts]
        how = Decoding(0.0, max_tokens=tokens, stop=("\n",))
    with Generator(model, fresh=True) as generator:
        replies = generator.generate(prompts, samples, decoding=how)
    found = []
    for start, some in zip(starts, replies, strict=True):
        texts = [f"{start}{x.text}" if tool in GOES_ON else x.text.strip(' "') for x in some]
        found.append([" ".join(text.split()) or start for text in texts])
    return found


def picked(seed: int, count: int) -> list[str]:
    """Return of three ways to go on the one whose words are most like those of what is meant.

    Who picks compares words; who reads, elsewhere, compares meanings.
    """
    from ideas_lib.essays.two_by_two.recognising import run_likeness

    choices = written("three", seed, count)
    like = run_likeness([text for three in choices for text in three], lot_of(seed).texts)
    found, start = [], 0
    for k, three in enumerate(choices):
        found.append(three[int(like[start : start + len(three), k].argmax())])
        start += len(three)
    return found


def followed_by(seed: int, count: int, hers: bool) -> list[str]:
    """Return her first words and as many more as the model wrote: her own next, or a stranger's.

    The stranger's are from the same places of a sentence that is in no lot, so that nobody can
    take it for the one that was meant.
    """
    lot, found = lot_of(seed), []
    for k, text in enumerate(text[0] for text in written("goes on", seed, count)):
        stranger = _strangers()[TARGETS * _place(seed) + k]
        own, whose = lot.texts[k].split(), (lot.texts[k] if hers else stranger).split()
        found.append(" ".join(own[:count] + whose[count : len(text.split())]))
    return found
