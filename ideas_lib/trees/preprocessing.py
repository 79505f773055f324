"""Rows made ready for training: each different row once, standardised, and some held out."""

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from torch import Tensor

__all__ = ["HELD_OUT", "Rows", "Standardizer", "hold_out", "merge_equal_rows"]

HELD_OUT = 0.1  # the share of rows that early stopping watches
Array = NDArray[Any]


class Rows(NamedTuple):
    """What training sees: float32, weights that average 1."""

    x: Tensor  # (n, features), standardised
    target: Tensor  # (n, outputs)
    weight: Tensor  # (n,)


class Standardizer(NamedTuple):
    """The centre and spread of each feature, (features,) each, in the user's units."""

    centre: Array
    spread: Array

    @classmethod
    def of(cls, x: Array, weight: Array) -> "Standardizer":
        """Measure weighted mean and standard deviation of x (n, features); constants spread 1."""
        centre = np.average(x, axis=0, weights=weight)
        spread = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=weight))
        constant = spread <= 10 * np.finfo(float).eps * np.abs(x).max(axis=0)
        return cls(centre, np.where(constant, 1.0, spread))

    def standard(self, x: Array) -> Tensor:
        """Return x (n, features) standardised, in float64."""
        return torch.as_tensor((x - self.centre) / self.spread)


def merge_equal_rows(x: Array, target: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Sort rows (n, features) with targets (n, outputs); add up the weights (n,) of equal ones.

    So a weight of 2 is the same as a row given twice, to the bit, whatever the batches; the order
    of rows does not matter, and no row is both trained on and held out. Rows of weight 0 go.
    Raises ValueError if no weight is above 0.
    """
    keep = weight > 0
    if not keep.any():
        raise ValueError("sample_weight is 0 everywhere: give some row a weight above 0")
    both = np.hstack((x, target))[keep] + 0.0  # turns -0.0 into 0.0
    rows, where = np.unique(both, axis=0, return_inverse=True)
    total = np.bincount(where.ravel(), weights=weight[keep], minlength=len(rows))
    return rows[:, : x.shape[1]], rows[:, x.shape[1] :], total


def hold_out(rows: Rows, codes: Array | None, seed: int) -> tuple[Rows, Rows]:
    """Split off HELD_OUT of the rows, stratified by codes (n,) where every code can be.

    Raises ValueError if there are too few rows.
    """
    if codes is not None:
        counts = np.bincount(codes)
        counts = counts[counts > 0]
        few = counts.min() < 2 or round(HELD_OUT * len(codes)) < len(counts)
        codes = None if few else codes
    kept, held = train_test_split(
        np.arange(len(rows.x)), test_size=HELD_OUT, random_state=seed, stratify=codes
    )
    return Rows(*(each[kept] for each in rows)), Rows(*(each[held] for each in rows))
