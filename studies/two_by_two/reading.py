"""Readers of what arrived: one by meaning, one by words, and one who asks if she liked the film."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from studies.two_by_two.writing import LEARNT, TARGETS, lot_of

__all__ = ["by_meaning", "by_words", "felt_bits", "rests_of", "vectors_of"]


def vectors_of(texts: Sequence[str]) -> Any:
    """Return MiniLM's vectors of texts, (texts, dimensions)."""
    from ideas_lib.lm.maps.vectors import embed
    from ideas_lib.study import shared_file
    from studies.two_by_two import STUDY

    store = shared_file(STUDY, "vectors.sqlite")
    return embed(list(texts), model="all-minilm-l6-v2", store=store).astype(np.float64)


@cache
def _vectors_of_lot(seed: int, rests: int) -> Any:
    texts = rests_of(seed, rests) if rests else lot_of(seed).texts
    return vectors_of(texts)


def rests_of(seed: int, count: int) -> list[str]:
    """Return of each sentence of a lot what follows its first words."""
    return [" ".join(text.split()[count:]) for text in lot_of(seed).texts]


def by_meaning(texts: Sequence[str], seed: int, rests: int = 0) -> Any:
    """Return how like texts are to a lot's sentences, (texts, sentences, 1), by their vectors.

    With `rests`, to what follows the first so many words of each.
    """
    return (vectors_of(texts) @ _vectors_of_lot(seed, rests).T)[:, :, None]


def by_words(texts: Sequence[str], seed: int) -> Any:
    """Return how like texts are to a lot's sentences by words and runs of words, as above."""
    from ideas_lib.essays.two_by_two.recognising import run_likeness

    return run_likeness(texts, lot_of(seed).texts)[:, :, None]


def felt_bits(learnt: Sequence[Sequence[str]], texts: Sequence[str], seed: int) -> Any:
    """Return the bits by which texts tell whether raters found for the film, one for each.

    A line through vectors of whole sentences says how far a text is for it; how far that is to be
    believed of this tool, and how often anybody is for a film, is learnt on its texts of the lots
    to learn on, in their order.
    """
    from sklearn.linear_model import LogisticRegression

    whole = np.vstack([_vectors_of_lot(lot, 0) for lot in LEARNT])
    line = LogisticRegression(max_iter=500).fit(
        whole, np.concatenate([_liked(lot, None) for lot in LEARNT])
    )
    told = np.concatenate([line.decision_function(vectors_of(each)) for each in learnt])
    truth = np.concatenate([_liked(lot) for lot in LEARNT])
    trust = LogisticRegression().fit(told[:, None], truth)
    base = np.log2([1 - truth.mean(), truth.mean()])
    asked = line.decision_function(vectors_of(texts))[:, None]
    liked = _liked(seed).astype(int)
    beliefs = trust.predict_log_proba(asked) / np.log(2)
    return beliefs[np.arange(len(liked)), liked] - base[liked]


def _liked(seed: int, count: int | None = TARGETS) -> Any:
    return (lot_of(seed).ratings > 0)[:count]
