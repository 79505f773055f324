"""Hints beside the content: ten lamps next to a digit, a word next to a sentence."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "BLANK",
    "RELIABILITIES",
    "doses",
    "estimated_reliability",
    "other_classes",
    "sample_hints",
    "with_hints",
]

BLANK = -1  # no hint
RELIABILITIES = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


def doses(reliability: float) -> tuple[float, ...]:
    """Return the reliabilities that are tried, in order, a study's own among them."""
    return tuple(sorted({*RELIABILITIES, reliability}))


def sample_hints(
    rng: np.random.Generator,
    labels: ArrayLike,
    reliability: float,
    classes: int,
    blank: float = 0.05,
) -> NDArray[np.int64]:
    """Return a hint for each label, (n,): the label with probability `reliability`, or another.

    A share `blank` has no hint, so that none is nothing new. Raises ValueError for a reliability
    that is no probability.
    """
    if not 0 <= reliability <= 1:
        raise ValueError(f"reliability={reliability} must lie between 0 and 1")
    truth = np.asarray(labels, dtype=np.int64)
    right = rng.random(truth.size) < reliability
    hints = np.where(right, truth, other_classes(rng, truth, classes))
    return np.where(rng.random(truth.size) < blank, BLANK, hints)


def other_classes(rng: np.random.Generator, labels: ArrayLike, classes: int) -> NDArray[np.int64]:
    """Return a class for each label, (n,), that is another one, each as likely."""
    truth = np.asarray(labels, dtype=np.int64)
    return (truth + rng.integers(1, classes, truth.size)) % classes


def with_hints(
    content: NDArray[np.float64], hints: ArrayLike, classes: int, loudness: float = 1.0
) -> NDArray[np.float64]:
    """Return the content (n, d) with a strip of lamps beside it, (n, d + classes).

    The lamp of the hint has the value `loudness`, all others 0; with no hint all are 0.
    """
    shown = np.asarray(hints)
    strip = (shown[:, None] == np.arange(classes)) * float(loudness)
    return np.hstack([content, strip])


def estimated_reliability(labels: ArrayLike, hints: ArrayLike) -> float:
    """Return how often hints were right, blanks left out, by Laplace's rule of succession."""
    truth, shown = np.asarray(labels), np.asarray(hints)
    lit = shown != BLANK
    return float(((truth == shown)[lit].sum() + 1) / (lit.sum() + 2))
