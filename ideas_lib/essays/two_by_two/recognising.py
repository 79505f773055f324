"""How many bits of what somebody meant a reader recovers from what arrived.

A reader has N sentences before her, one of which was meant, and says how probable each is, by how
like it is to what arrived. Bits recovered are log2 N + log2 p(the one that was meant): log2 N where
she is sure and right, 0 where she knows nothing, less than 0 where she is misled. Where each of the
N is as likely to be meant, their expectation is at most the mutual information of sentence and
outcome, whoever reads (Gibbs' inequality).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

__all__ = ["Recogniser", "fit_recogniser", "recovered_bits", "run_likeness"]

LONGEST = 4  # words of a run
STRENGTHS = (-4.0, 6.0)  # of weights, as natural logarithms
DOUBTS = (-9.0, 3.0)  # in log-odds


@dataclass(frozen=True)
class Recogniser:
    """A reader: `weights` (kinds,) of kinds of likeness, and the share `doubt` of belief.

    That share goes to all sentences alike, so that nothing is ever ruled out.
    """

    weights: NDArray[np.float64]
    doubt: float

    def log2_beliefs(self, likeness: ArrayLike) -> NDArray[np.float64]:
        """Return log2 of how probable each sentence is, (outcomes, N), by (outcomes, N, kinds).

        Raises ValueError for a likeness of another shape.
        """
        shown = np.asarray(likeness, dtype=float)
        if shown.ndim != 3 or shown.shape[2] != len(self.weights):
            raise ValueError(
                f"likeness has shape {shown.shape}: it must be (outcomes, sentences,"
                f" {len(self.weights)})"
            )
        sure = log_softmax(shown @ self.weights, axis=1)
        alike = np.full_like(sure, -np.log(sure.shape[1]))
        with np.errstate(divide="ignore"):
            mixed = np.logaddexp(np.log1p(-self.doubt) + sure, np.log(self.doubt) + alike)
        return mixed / np.log(2)


def recovered_bits(
    reader: Recogniser, likeness: ArrayLike, meant: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the bits recovered of each outcome, (outcomes,); `meant` are places of sentences."""
    beliefs = reader.log2_beliefs(likeness)
    return np.log2(beliefs.shape[1]) + beliefs[np.arange(len(beliefs)), np.asarray(meant)]


def fit_recogniser(likeness: ArrayLike, meant: Sequence[int] | NDArray[np.int64]) -> Recogniser:
    """Return the reader who recovers most bits of these outcomes; weights are above 0.

    A tool whose outcomes say little makes her careful, and one that misleads makes her doubt: she
    knows the tool, though not what it did to this sentence.
    """
    shown = np.asarray(likeness, dtype=float)

    def lost(knobs: NDArray[np.float64]) -> float:
        return -float(recovered_bits(_with(knobs), shown, meant).mean())

    kinds = shown.shape[2]
    bounds = [STRENGTHS] * kinds + [DOUBTS]
    # There are several valleys: it begins with all kinds and with each alone, weak and strong.
    begun = {(True,) * kinds, *(tuple(k == own for k in range(kinds)) for own in range(kinds))}
    found = [
        minimize(lost, [*np.where(on, np.log(first), STRENGTHS[0]), -4.0], bounds=bounds)
        for on in sorted(begun)
        for first in (3.0, 20.0)
    ]
    return _with(min(found, key=lambda each: each.fun).x)


def _with(knobs: NDArray[np.float64]) -> Recogniser:
    return Recogniser(np.exp(knobs[:-1]), float(1 / (1 + np.exp(-knobs[-1]))))


def run_likeness(outcomes: Sequence[str], sentences: Sequence[str]) -> NDArray[np.float64]:
    """Return how like outcomes are to sentences by their words alone, (outcomes, sentences).

    It is the cosine of weighted counts (tf-idf) of words and of runs of up to four of them: high
    where a sentence's own words stand together, and blind to what they mean.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    counts = TfidfVectorizer(ngram_range=(1, LONGEST), token_pattern=r"[^\s.,;:!?\"()]+")
    known = counts.fit_transform(sentences)
    return np.asarray((counts.transform(outcomes) @ known.T).todense())
