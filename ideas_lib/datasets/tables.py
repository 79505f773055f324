"""Data for trees that needs no download: tables by name, and shapes with a known boundary."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets

__all__ = ["SHAPES", "TABLES", "Table", "bayes_error", "chance", "load_table", "sample_shape"]

Array = NDArray[Any]

TABLES = ("iris", "wine", "breast cancer", "digits", "mnist1d", "diabetes")

_MNIST1D = 2000  # samples, 200 of each digit
_SPLIT = 1 / 3


@dataclass(frozen=True)
class Table:
    """One set of samples, with names a person can read.

    `X` is a frame (samples, features) of floats in the features' own units; `y` (samples,) holds
    the names of classes, or floats where the target is a number. Rows are in no useful order.
    """

    name: str
    X: pd.DataFrame
    y: Array

    @property
    def regression(self) -> bool:
        """Whether the target is a number."""
        return self.y.dtype.kind == "f"


def load_table(name: str) -> Table:
    """Return a data set by its name in `TABLES`, the same on every call.

    All but one are scikit-learn's bundled sets; "mnist1d" (Greydanus and Kobak, arXiv:2011.14439)
    is generated, 2,000 signals of 40 points. Raises ValueError, naming those there are.
    """
    if name not in TABLES:
        raise ValueError(f"no table {name!r}; there are {', '.join(TABLES)}")
    if name == "mnist1d":
        X, y = _mnist1d()
        frame = pd.DataFrame(X.copy(), columns=[f"point {i + 1}" for i in range(X.shape[1])])
        return Table(name, frame, y.copy())
    if name == "diabetes":
        found = datasets.load_diabetes(as_frame=True, scaled=False)
        return Table(name, found.data, found.target.to_numpy(float))
    load = getattr(datasets, f"load_{name.replace(' ', '_')}")
    found = load(as_frame=True)
    frame = found.data.astype(float)
    if name == "digits":
        frame.columns = [f"row {i // 8 + 1}, column {i % 8 + 1}" for i in range(64)]
    classes = np.array([str(label).replace("_", " ") for label in found.target_names])
    return Table(name, frame, classes[found.target])


@cache
def _mnist1d() -> tuple[Array, Array]:
    # Its import pulls in matplotlib and requests, and its seed is that of the global generators.
    from mnist1d.data import get_dataset_args, make_dataset

    args = get_dataset_args()
    args.num_samples, args.train_split, args.seed = _MNIST1D, 1.0, 0
    before, before_numpy = random.getstate(), np.random.get_state()
    try:
        found = make_dataset(args)
    finally:
        random.setstate(before)
        np.random.set_state(before_numpy)
    return found["x"], found["y"].astype(str)


def _line(X: Array) -> Array:
    return (X @ _NORMAL > 0).astype(float)


def _slope(X: Array) -> Array:
    return 1 / (1 + np.exp(-4 * (X @ _NORMAL)))


def _circle(X: Array) -> Array:
    return ((X**2).sum(axis=1) < 2 / np.pi).astype(float)  # half of the square's area


def _stairs(X: Array) -> Array:
    height = 0.5 * ((X[:, 0] > _SPLIT).astype(float) - (X[:, 0] < -_SPLIT))
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
