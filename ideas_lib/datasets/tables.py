"""Tables by name that need no download, with names of features and classes that people can read."""

import random
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets

__all__ = ["TABLES", "Table", "load_table"]

Array = NDArray[Any]

TABLES = ("iris", "wine", "breast cancer", "digits", "mnist1d", "diabetes")

_MNIST1D = 2000  # samples, 200 of each digit


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
