"""A plain decision tree, as arrays: what a soft tree becomes when every gate says yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array

from ideas_lib.formatting import number
from ideas_lib.trees.explain import Explanation, Step, one_row, split_words
from ideas_lib.trees.scale import Ranks, refuse_overflow, scored

__all__ = ["Complete", "HardTree"]

LEAF, OBLIQUE = -2, -1  # in `feature`: as in scikit-learn, and a node that reads `weights`
Array = NDArray[Any]


class Complete(NamedTuple):
    """A complete tree, breadth-first: yes where weights . x > threshold, or x[feature] is."""

    threshold: Array  # (nodes,), in the user's units
    feature: Array | None = None  # (nodes,)
    weights: Array | None = None  # (nodes, features)

    def reads(self, node: int) -> Any:
        """Return the feature a node reads, or its weights."""
        return self.feature[node] if self.feature is not None else self.weights[node]  # type: ignore[index]


@dataclass(frozen=True, eq=False)
class HardTree:
    """A tree as scikit-learn's arrays: a sample goes left where its value is <= the threshold.

    Nodes are numbered depth-first, the root 0. `children_left` and `children_right` are (nodes,),
    -1 at leaves; `feature` (nodes,) is -2 at leaves, and -1 where a node reads a weighted sum of
    features, whose `weights` are (nodes, features), or None in a tree of one feature a node.
    `threshold` (nodes,), in the user's units, is -2 at leaves. `value` is (nodes, 1, outputs): the
    probability of each of `classes`, or a number where `classes` is None. `n_node_samples`
    (nodes,) counts the samples that reach a node, by weight, rounded. `spread` (features,) is the
    standard deviation of each feature where the tree was fitted, or 1: a sum's terms are named by
    weight times spread; of the features in `ranked` it takes the score. `agreement_`, at most 1,
    says how far it agrees with the soft tree it comes from.
    """

    children_left: Array
    children_right: Array
    feature: Array
    threshold: Array
    value: Array
    n_node_samples: Array
    n_features: int
    weights: Array | None = None
    classes: Array | None = None
    feature_names: tuple[str, ...] = ()
    spread: Array | None = None
    ranked: Mapping[int, Ranks] = field(default_factory=dict)
    agreement_: float = float("nan")

    @classmethod
    def of(
        cls,
        complete: Complete,
        value: Array,
        count: Array,
        n_features: int,
        classes: Array | None = None,
        feature_names: tuple[str, ...] = (),
        spread: Array | None = None,
        ranked: Mapping[int, Ranks] | None = None,
    ) -> "HardTree":
        """Prune a complete tree with values (leaves, outputs) that count (leaves,) samples reach.

        Nodes that only one side of is reached go, and so do splits both sides of which predict
        the same class, or the same number. Where no sample is at all, nothing is pruned.
        """
        count = np.asarray(count)
        grown = _grow(complete, value, count if count.any() else np.ones(len(count)), classes)
        nodes: list[_Node] = []
        left, right = [], []

        def number_from(node: _Node) -> int:
            here = len(nodes)
            nodes.append(node)
            left.append(-1)
            right.append(-1)
            if node.sides:
                left[here], right[here] = (number_from(side) for side in node.sides)
            return here

        number_from(grown)
        split = np.array([node.split for node in nodes])
        inner = split >= 0
        feature = np.full(len(split), OBLIQUE)
        if complete.feature is not None:
            feature = complete.feature[split]
        weights = None
        if complete.weights is not None:
            weights = np.where(inner[:, None], complete.weights[split], 0.0)
        counted = [node.count if count.any() else 0 for node in nodes]
        return cls(
            children_left=np.array(left),
            children_right=np.array(right),
            feature=np.where(inner, feature, LEAF),
            threshold=np.where(inner, complete.threshold[split], float(LEAF)),
            value=np.array([node.value for node in nodes])[:, None, :],
            n_node_samples=np.rint(counted).astype(np.int64),
            n_features=n_features,
            weights=weights,
            classes=classes,
            feature_names=feature_names,
            spread=np.ones(n_features) if spread is None else spread,
            ranked=ranked or {},
        )

    @property
    def node_count(self) -> int:
        """The number of nodes, leaves included."""
        return len(self.feature)

    @property
    def n_leaves(self) -> int:
        """The number of leaves."""
        return int((self.children_left == -1).sum())

    @property
    def max_depth(self) -> int:
        """The number of questions on the longest path."""
        depth = np.zeros(self.node_count, dtype=int)
        for i in np.flatnonzero(self.children_left != -1):  # a parent comes before its children
            depth[[self.children_left[i], self.children_right[i]]] = depth[i] + 1
        return int(depth.max())

    def agreeing(self, share: float) -> "HardTree":
        """Return the same tree with `agreement_` set."""
        return replace(self, agreement_=share)

    def _rows(self, X: ArrayLike) -> Array:
        if isinstance(X, pd.DataFrame) and self.feature_names:
            if tuple(map(str, X.columns)) != self.feature_names:
                raise ValueError(
                    f"columns are {list(X.columns)}, the tree was fitted on "
                    f"{list(self.feature_names)}: give the same columns in the same order"
                )
        x = check_array(X, dtype=np.float64)
        if x.shape[1] != self.n_features:
            raise ValueError(f"X has {x.shape[1]} features, the tree reads {self.n_features}")
        refuse_overflow(x, "X", self.feature_names)
        return x

    def apply(self, X: ArrayLike) -> Array:
        """Return the number of the leaf each sample ends in: (n, features) -> (n,)."""
        x = self._rows(X)
        rows, node = np.arange(len(x)), np.zeros(len(x), dtype=np.int64)
        reads = x if self.weights is None else scored(x, self.ranked) @ self.weights.T
        column = np.arange(self.node_count) if self.weights is not None else self.feature.clip(0)
        for _ in range(self.max_depth):
            below = reads[rows, column[node]] <= self.threshold[node]
            turn = np.where(below, self.children_left[node], self.children_right[node])
            node = np.where(self.children_left[node] == -1, node, turn)
        return node

    def decision_path(self, X: ArrayLike) -> Array:
        """Return which nodes each sample goes through: (n, nodes) of bool."""
        leaf = self.apply(X)
        path = np.eye(self.node_count, dtype=bool)  # path[i]: node i and those above
        for i in range(self.node_count):
            for child in (self.children_left[i], self.children_right[i]):
                if child != -1:
                    path[child] |= path[i]
        return path[leaf]

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the probability of each class: (n, classes). Raises AttributeError without."""
        if self.classes is None:
            raise AttributeError("a regression tree has no predict_proba: call predict")
        return self.value[self.apply(X), 0]

    def predict(self, X: ArrayLike) -> Array:
        """Return the class, or the number, of each sample: (n,)."""
        value = self.value[self.apply(X), 0]
        return value[:, 0] if self.classes is None else self.classes[value.argmax(1)]

    def explain(self, x: ArrayLike) -> Explanation:
        """Explain one sample, (features,): its path in words."""
        path = np.flatnonzero(self.decision_path(one_row(x))[0])
        steps = []
        for node, child in pairwise(path):
            yes = bool(child == self.children_right[node])
            steps.append(Step(int(node), self.words(int(node), yes=yes), yes, 1.0))
        leaf = int(path[-1])
        return Explanation(tuple(steps), leaf, self._says(leaf), 1.0)

    def words(self, node: int, *, yes: bool = True, terms: int = 3) -> str:
        """Return what a node asks (`yes`: the right side) or its negation, in words."""
        reads = self.feature[node] if self.weights is None else self.weights[node]
        return split_words(
            reads, self.threshold[node], self.feature_names, self.spread, self.ranked,
            yes=yes, terms=terms,
        )  # fmt: skip

    def _says(self, node: int) -> Any:
        value = self.value[node, 0]
        return value[0] if self.classes is None else self.classes[value.argmax()]

    def export_text(self, *, terms: int = 3) -> str:
        """Return the tree as rules, a line a node, as scikit-learn's `export_text` writes them.

        A split on a weighted sum shows the `terms` weights that are largest.
        """
        lines: list[str] = []

        def write(node: int, level: int) -> None:
            start = "|   " * level + "|--- "
            if self.children_left[node] == -1:
                if self.classes is None:
                    said = f"value: {number(self.value[node, 0, 0], '.4g')}"
                else:
                    share = self.value[node, 0].max()
                    said = f"class: {self._says(node)} ({share:.0%})"
                n = self.n_node_samples[node]
                lines.append(f"{start}{said}, {n} sample{'s' if n != 1 else ''}")
                return
            for yes, child in enumerate((self.children_left[node], self.children_right[node])):
                lines.append(start + self.words(node, yes=bool(yes), terms=terms))
                write(child, level + 1)

        write(0, 0)
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class _Node:
    value: Array
    count: float
    split: int = -1  # in the complete tree
    sides: tuple["_Node", ...] = ()


def _grow(
    complete: Complete, value: Array, count: Array, classes: Array | None, node: int = 0
) -> _Node:
    inner = len(complete.threshold)
    if node >= inner:
        return _Node(value[node - inner], count[node - inner])
    left, right = (_grow(complete, value, count, classes, 2 * node + side) for side in (1, 2))
    if not left.count or not right.count:
        return left if left.count else right
    total = left.count + right.count
    mean = (left.count * left.value + right.count * right.value) / total
    if not left.sides and not right.sides and _same(left.value, right.value, classes):
        return _Node(mean, total)
    return _Node(mean, total, node, (left, right))


def _same(one: Array, other: Array, classes: Array | None) -> bool:
    """Say whether two leaves predict the same class, or the same number."""
    return np.allclose(one, other) if classes is None else one.argmax() == other.argmax()
