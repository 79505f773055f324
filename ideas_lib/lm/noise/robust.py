"""All that noise says about the difference between two phrases, in one place."""

from dataclasses import dataclass

import pandas as pd

from ideas_lib.lm.noise.bounds import LEVEL, Bounds, noise_bounds
from ideas_lib.lm.noise.stability import Stability, sign_stability
from ideas_lib.lm.noise.variance import variance_of_difference

__all__ = ["Robust", "robust"]


@dataclass(frozen=True)
class Robust:
    """A difference under noise, in nats: `rows`, one a variant, and what they add up to.

    `variants` holds for other contexts under the same families of noise, `families` for the mean
    over families, `new_family` for one family that was not tried; `stability` is of the sign;
    `variance` says where the differences come from.
    """

    rows: pd.DataFrame
    variants: Bounds
    families: Bounds
    new_family: Bounds
    stability: Stability
    variance: pd.DataFrame


def robust(rows: pd.DataFrame, *, level: float = LEVEL, seed: int = 0) -> Robust:
    """Sum up a difference under noise. `rows`, `level`, `seed` and errors as in `noise_bounds`."""
    if not len(rows):
        raise ValueError("noise made no variant of these contexts; `tallies` say why")

    def over(what: str) -> Bounds:
        return noise_bounds(rows, over=what, level=level, seed=seed)

    return Robust(
        rows,
        over("variants"),
        over("families"),
        over("new family"),
        sign_stability(rows, level=level),
        variance_of_difference(rows),
    )
