"""People whose reading is high or not *for their age*: data whose threshold moves, and is known."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["COLUMNS", "age_norm", "sample_people"]

COLUMNS = ("age", "weight", "sleep", "reading", "pulse", "dose")
SPREAD = 10.0  # of the reading between people of one age, in its own units
_NOISE = 0.05  # the share of labels that are turned round


def age_norm(age: NDArray[Any], moves: float) -> NDArray[Any]:
    """Return the reading above which a person of that age, 20 to 80 years, is high: (n,) -> (n,).

    It is 120 on average; from 20 to 50 it rises and then falls back, by `moves` spreads in all.
    """
    return 120 + SPREAD * moves * (np.sin(np.pi * (age - 20) / 60) - 2 / np.pi)


def sample_people(samples: int, seed: int, moves: float = 1.5) -> tuple[pd.DataFrame, NDArray[Any]]:
    """Return a fresh draw: X (samples, 6), and y (samples,) of "high" and "normal".

    A person is high whose reading is above `norm` of the age and who takes no large dose, which is
    the same for all; one label in twenty is turned round, so no answer is right more often than
    0.95. All columns are independent, age is uniform, and weight, sleep and pulse say nothing.
    """
    rng = np.random.default_rng(seed)
    age, dose = rng.uniform(20, 80, samples), rng.uniform(0, 10, samples)
    weight, sleep, reading, pulse = (
        rng.normal(mean, spread, samples)
        for mean, spread in ((70, 12), (7, 1), (120, SPREAD), (65, 8))
    )
    X = pd.DataFrame(dict(zip(COLUMNS, (age, weight, sleep, reading, pulse, dose), strict=True)))
    high = (reading > age_norm(age, moves)) & (dose < 8)
    return X, np.where(high ^ (rng.random(samples) < _NOISE), "high", "normal")
