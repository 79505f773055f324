"""Samples of two classes in a square, whose boundary and best possible error are known."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "bayes_error", "chance", "sample_shape"]

Array = NDArray[Any]

_STEP = 1 / 3  # where the stairs rise, left and right of the middle


def _line(X: Array) -> Array:
    return (X @ _NORMAL > 0).astype(float)


def _slope(X: Array) -> Array:
    return 1 / (1 + np.exp(-4 * (X @ _NORMAL)))


def _circle(X: Array) -> Array:
    return ((X**2).sum(axis=1) < 2 / np.pi).astype(float)  # half of the square's area


def _stairs(X: Array) -> Array:
    height = 0.5 * ((X[:, 0] > _STEP).astype(float) - (X[:, 0] < -_STEP))
    return (X[:, 1] > height).astype(float)


_NORMAL = np.array([-1.0, 2.0]) / np.sqrt(5.0)  # of a line that rises by 1 in 2

# Each gives P(y = 1 | x) for points (n, 2) of the square from -1 to 1, and is 1 on half of it.
# `slope` is `line` with a boundary that is smooth: the same side is right, less and less surely.
SHAPES: dict[str, Callable[[Array], Array]] = {
    "line": _line,
    "slope": _slope,
    "circle": _circle,
    "stairs": _stairs,
}


def chance(shape: str, X: Array, noise: float = 0.0) -> Array:
    """Return P(y = 1 | x), shape (n,), for points X (n, 2) in the square from -1 to 1.

    `noise` in [0, 0.5) is the probability that a label is turned around. Raises ValueError.
    """
    if shape not in SHAPES:
        raise ValueError(f"no shape {shape!r}; there are {', '.join(SHAPES)}")
    if not 0 <= noise < 0.5:
        raise ValueError(
            f"noise={noise} must be at least 0 and below 0.5, where labels say nothing"
        )
    return noise + (1 - 2 * noise) * SHAPES[shape](np.asarray(X, dtype=float))


def sample_shape(shape: str, samples: int, seed: int, noise: float = 0.0) -> tuple[Array, Array]:
    """Return a fresh draw: X (samples, 2), uniform in the square, and y (samples,) of 0 and 1.

    Equal seeds give the same points and luck whatever the shape and noise, and a larger draw
    begins with the smaller one. Raises ValueError.
    """
    if samples < 1:
        raise ValueError(f"samples={samples} must be at least 1")
    luck = np.random.default_rng(seed).uniform(size=(samples, 3))
    X = 2 * luck[:, :2] - 1
    return X, (luck[:, 2] < chance(shape, X, noise)).astype(int)


@cache
def bayes_error(shape: str, noise: float = 0.0) -> float:
    """Return the error of the best possible answers: the mean of min(p, 1 - p) over the square.

    By the midpoint rule on 1,000 x 1,000 points, good to about four digits. Raises ValueError.
    """
    middle = (np.arange(1000) + 0.5) / 500 - 1
    points = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
    p = chance(shape, points, noise)
    return float(np.minimum(p, 1 - p).mean())
