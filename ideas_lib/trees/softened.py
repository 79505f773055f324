"""A control: CART, softened after it was grown.

Same structure, same thresholds, same leaves; only the decision at each node is made soft. What it
gains over CART is owed to soft boundaries alone, and not to learning the tree by gradient.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted, validate_data

from ideas_lib.trees.parameters import check_parameters
from ideas_lib.trees.scale import Scale

__all__ = ["SoftenedCART"]


class SoftenedCART(ClassifierMixin, BaseEstimator):
    """scikit-learn's `DecisionTreeClassifier`, its steps replaced by sigmoids when it predicts.

    A sample x goes right at a split x[f] > t with probability sigmoid((x[f] - t) / (width s)), s
    being the feature's standard deviation in the training data, and its prediction is the mean of
    the leaves, weighted by the probability of reaching them. `width` 0 is CART. With `scale`
    "robust" a feature whose deviation a few far values make is read by the score of its rank, as
    in `SoftTreeClassifier`; with "standard" no feature is. After
    the threshold softening of Geurts, Olaru and Wehenkel (Engineering Intelligent Systems, 2001).
    """

    def __init__(
        self,
        width: float = 0.1,
        max_depth: int | None = None,
        min_samples_leaf: int = 1,
        random_state: int | None = None,
        scale: str = "robust",
    ) -> None:
        self.width = width
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.random_state = random_state
        self.scale = scale

    def fit(self, X: ArrayLike, y: ArrayLike) -> "SoftenedCART":
        """Grow CART. Raises ValueError for a width below 0, and for another scale."""
        if not self.width >= 0:
            raise ValueError(f"width={self.width} must be 0 (CART) or more, in standard deviations")
        check_parameters(self, scale=self.scale in ("robust", "standard"))
        x, y = validate_data(self, X, y)
        self.tree_ = DecisionTreeClassifier(
            max_depth=self.max_depth,
            min_samples_leaf=self.min_samples_leaf,
            random_state=self.random_state,
        ).fit(x, y)
        self.classes_ = self.tree_.classes_
        self.scale_ = x.std(axis=0)
        rows = np.asarray(x, dtype=np.float64)
        self.ranked_ = Scale.of(rows, np.ones(len(rows)), self.scale).ranked
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, (n, classes)."""
        check_is_fitted(self)
        x = np.asarray(validate_data(self, X, reset=False))
        if self.width == 0:
            return self.tree_.predict_proba(x)
        tree = self.tree_.tree_
        reach = np.zeros((len(x), tree.node_count))
        reach[:, 0] = 1.0
        # A node comes before its children. A split feature varies, so its scale is above 0.
        for node in np.flatnonzero(tree.feature >= 0):
            feature = tree.feature[node]
            ranks, spread = self.ranked_.get(int(feature)), self.scale_[feature]
            here, threshold = x[:, feature], tree.threshold[node]
            if ranks:
                here, threshold, spread = ranks.score(here), ranks.score(threshold), 1.0
            right = expit((here - threshold) / (self.width * spread))
            reach[:, tree.children_left[node]] = reach[:, node] * (1 - right)
            reach[:, tree.children_right[node]] = reach[:, node] * right
        leaves = tree.feature < 0
        return reach[:, leaves] @ tree.value[leaves, 0]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each sample, (n,)."""
        chances = self.predict_proba(X)
        return self.classes_[chances.argmax(axis=1)]
