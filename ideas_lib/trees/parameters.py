"""What the parameters of trees may be, one refusal for all of them, and what suits the rows."""

from typing import Any, NamedTuple

import numpy as np

__all__ = ["Size", "check_parameters", "real", "size_of", "whole"]

FEW = 5000  # rows up to which a tree is small, and sees them often
STEPS, LARGE = 1000, 512  # of training above that, and rows a step

RANGES = {
    "depth": "None, or a whole number from 1 to 12",
    "splits": "'oblique' or 'axis'",
    "temperature": "None, 'learned', or a number above 0",
    "anneal": "a number from 1 up: by how much gates sharpen from the first epoch to the last",
    "balance": "a number from 0 up",
    "decay": "a number from 0 up",
    "learning_rate": "a number above 0",
    "epochs": "None, or a whole number above 0",
    "batch_size": "None, or a whole number above 0",
    "patience": "None, or a whole number above 0",
    "scale": "'robust' or 'standard'",
    "reach": "a number from 0 up: 0 moves nothing",
    "setter": "a torch module, or None for an MLP",
}


class Size(NamedTuple):
    """How deep a tree is, and how it is trained."""

    depth: int
    epochs: int
    batch_size: int


def size_of(n: int) -> Size:
    """Return what suits n rows where nothing is said: few rows are seen often, many seldom.

    Up to FEW rows it is a tree of depth 4, seen 60 times; above, it grows to depth 7, and epochs
    are as many as take STEPS steps of LARGE rows, five at least.
    """
    if n <= FEW:
        return Size(4, 60, min(256, max(16, n // 8)))
    deeper = min(3, 1 + int(np.log2(n / FEW) / 2))
    return Size(4 + deeper, max(5, min(60, round(STEPS * LARGE / n))), LARGE)


def whole(value: Any, least: int, most: float = float("inf")) -> bool:
    """Say whether a value is an integer, and no bool, in a range."""
    is_int = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_int and least <= value <= most


def real(value: Any, least: float, *, above: bool = False) -> bool:
    """Say whether a value is a finite number from `least` up, or above it."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return is_number and np.isfinite(value) and (value > least if above else value >= least)


def check_parameters(estimator: Any, **good: bool) -> None:
    """Raise ValueError, naming value and range, for the first parameter that is not good."""
    for name, fine in good.items():
        if not fine:
            raise ValueError(f"{name}={getattr(estimator, name)!r} must be {RANGES[name]}")
