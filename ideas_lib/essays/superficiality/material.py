"""What is to be learned: digits of 64 pixels, and sentences that raters found for or against."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from ideas_lib.datasets.rated_sentences import load_rated
from ideas_lib.datasets.tables import load_table

__all__ = ["Material", "clear_sentences", "digit_images", "split_material"]

CLEAR = 0.5  # of a mean rating, at least: so far from 0 that a sentence is for or against


@dataclass(frozen=True)
class Material:
    """One split of one data set: content (n, d) and classes (n,), to learn from and to be asked.

    `spare` samples are neither, and may be given to a learner later.
    """

    classes: int
    train: NDArray[np.float64]
    y_train: NDArray[np.int64]
    test: NDArray[np.float64]
    y_test: NDArray[np.int64]
    spare: NDArray[np.float64]
    y_spare: NDArray[np.int64]


def split_material(
    X: NDArray[np.float64], y: NDArray[np.int64], seed: int, train: int, test: int
) -> Material:
    """Draw `train` samples to learn from and `test` to be asked, classes in proportion."""
    left, asked, y_left, y_asked = train_test_split(
        X, y, test_size=test, random_state=seed, stratify=y
    )
    learned, spare = (left[:train], y_left[:train]), (left[train:], y_left[train:])
    return Material(int(y.max()) + 1, *learned, asked, y_asked, *spare)


def digit_images() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return scikit-learn's 1,797 digits: pixels (1797, 64) from 0 to 1, and which digit it is."""
    table = load_table("digits")
    return table.X.to_numpy() / 16, table.y.astype(np.int64)


def clear_sentences(source: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return a source's sentences that its raters found for (1) or against (0), not between."""
    rated = load_rated(source)
    clear = np.abs(rated.ratings) >= CLEAR
    return np.array(rated.texts, dtype=object)[clear], (rated.ratings[clear] > 0).astype(np.int64)
