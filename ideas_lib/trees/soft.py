"""Decision trees with soft boundaries, trained by gradient, behind scikit-learn's contract."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_array
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data
from torch import Tensor

from ideas_lib.trees.base import BaseSoftTree
from ideas_lib.trees.hard import HardTree
from ideas_lib.trees.nodes import ClassLeaves, ValueLeaves
from ideas_lib.trees.preprocessing import Standardizer
from ideas_lib.trees.scale import bounded, refuse_overflow

__all__ = ["SoftTreeClassifier", "SoftTreeRegressor"]

Array = NDArray[Any]


def cross_entropy(mixed: Tensor, target: Tensor) -> Tensor:
    """Return - target . log mixed of each row, in nats: (n, classes), (n, classes) -> (n,)."""
    return -(target * mixed.log()).sum(1)


def squared(mixed: Tensor, target: Tensor) -> Tensor:
    """Return half the squared error of each row: (n, 1), (n, 1) -> (n,)."""
    return 0.5 * (mixed - target).square().sum(1)


class SoftTreeClassifier(ClassifierMixin, BaseSoftTree):
    """A tree whose nodes say yes with a probability, and whose leaves hold class probabilities.

    A prediction is the mean of the leaves, weighted by the probability of their paths (Jordan and
    Jacobs, 1994; Irsoy, Yildiz and Alpaydin, ICPR 2012; Frosst and Hinton, arXiv 1711.09784).

    With `scale` "robust" a feature counts in standard deviations, unless a few far values make
    those: then by its rank (see `trees.scale`; a sum of such features has no plain units, and
    says `rank(age)`). "standard" is standard deviations for all. `depth`, `epochs` and
    `batch_size` of None suit the rows: up to 5,000 depth 4, 60 epochs; above, deeper and in fewer.

    Do not use it where nobody reads it: on more than a few thousand rows gradient boosting takes
    a fraction of the time, and is to be tried first. Nor where most of many features say nothing,
    on raw text, or with fewer rows than leaves.
    """

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        teacher: Any = None,
    ) -> Self:
        """Fit X (n, features) to labels y (n,).

        A weight of 2 is a row given twice. `teacher`, a fitted classifier or probabilities
        (n, classes), replaces the labels by what it says. Raises ValueError for input that
        scikit-learn's contract forbids, and for a teacher of other classes or rows.
        """
        self._check_parameters()
        x, labels = validate_data(self, X, y, dtype=np.float64)
        refuse_overflow(x, "X", self._names())
        check_classification_targets(labels)
        weight = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        target = np.eye(len(self.classes_))[codes]
        if teacher is not None:
            target = self._taught(teacher, X, target.shape)
        self._fit(
            x,
            target,
            weight,
            leaves=lambda mean: ClassLeaves(mean.clamp_min(1e-4).log()),
            losses=cross_entropy,
            codes=lambda target: target.argmax(1).numpy(),
        )
        self._reach(x, target, weight)
        return self

    def _taught(self, teacher: Any, X: ArrayLike, shape: tuple[int, ...]) -> Array:
        if hasattr(teacher, "predict_proba"):
            if not np.array_equal(teacher.classes_, self.classes_):
                raise ValueError(
                    f"the teacher knows the classes {list(teacher.classes_)}, y has "
                    f"{list(self.classes_)}: fit it on the same labels"
                )
            teacher = teacher.predict_proba(X)
        target = check_array(teacher, dtype=np.float64)
        if target.shape != shape:
            raise ValueError(f"teacher is {target.shape}, it must be (rows, classes) = {shape}")
        if (target < 0).any() or not np.allclose(target.sum(1), 1, atol=1e-4):
            raise ValueError("teacher must hold probabilities: each row 0 or above, adding up to 1")
        return target

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each of `classes_`: (n, classes)."""
        return self._in_chunks(self._inputs(X), self.module_)

    def predict(self, X: ArrayLike) -> Array:
        """Return the likeliest class: (n,)."""
        return self._said(self._inputs(X))

    def _said(self, x: Array) -> Array:
        return self.classes_[self._in_chunks(x, self.module_).argmax(1)]

    def harden(self, X: ArrayLike | None = None) -> HardTree:
        """Return the plain tree of the likelier turns, pruned of what no row of X reaches.

        Without X: of what no training row reaches. A leaf holds the mean of what the training
        rows that end in it were to be, the soft leaf counting as one more row. `agreement_` is
        the share of X, or of the training rows, to which both trees give the same class.
        """
        return self._hardened(X)

    def _agreement(self, soft: Array, hard: Array) -> float:
        return float(np.mean(soft == hard))


class SoftTreeRegressor(RegressorMixin, BaseSoftTree):
    """A tree whose nodes say yes with a probability, and whose leaves hold a number.

    Parameters are `SoftTreeClassifier`'s, and what not to use it for. It is fitted by squares: with
    `scale` "robust" numbers y that would hide all others by their distance count as at most five
    robust spreads from the median, with a warning; "standard" takes them as they are.
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit X (n, features) to numbers y (n,); a weight of 2 is a row given twice.

        Raises ValueError for input that scikit-learn's contract forbids, and beyond float32.
        """
        self._check_parameters()
        x, numbers = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        weight = _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
        refuse_overflow(x, "X", self._names())
        target = np.asarray(numbers, dtype=np.float64)[:, None]
        refuse_overflow(target, "y")
        if self.scale == "robust":
            target = bounded(target[:, 0], weight)[:, None]
        scale = Standardizer.of(target, weight)
        self._fit(x, scale.standard(target).numpy(), weight, ValueLeaves, squared)
        with torch.no_grad():  # from here on in the units of y
            values = self.module_.leaves()
            values.mul_(float(scale.spread[0])).add_(float(scale.centre[0]))
        self._reach(x, target, weight)
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Return the mean of the leaves, weighted by their paths: (n,)."""
        return self._said(self._inputs(X))

    def _said(self, x: Array) -> Array:
        return self._in_chunks(x, self.module_)[:, 0]

    def harden(self, X: ArrayLike | None = None) -> HardTree:
        """Return the plain tree of the likelier turns, pruned of what no row of X reaches.

        Without X: of what no training row reaches. A leaf holds the mean of the training rows
        that end in it, the soft leaf counting as one more row. `agreement_` is 1 minus the mean
        squared difference between both trees over the variance of the soft one, on X or on the
        training rows; below 0 the plain tree says less than a constant would.
        """
        return self._hardened(X)

    def _agreement(self, soft: Array, hard: Array) -> float:
        spread = np.var(soft)
        return float(1 - np.mean((soft - hard) ** 2) / spread) if spread else 1.0
