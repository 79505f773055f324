"""The meta-tree: one model sets the thresholds of a simple tree, and the tree decides.

Which feature stands at which node is learned once, by CART, and is the same for every sample. The
threshold at a node is a base plus what the *setter*, a small network that reads the sample, adds:
at most `reach` standard deviations of the feature. The decision is one hard path.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ideas_lib.formatting import number
from ideas_lib.trees.explain import Explanation, Step, name_of, one_row
from ideas_lib.trees.hard import Complete, HardTree
from ideas_lib.trees.nodes import Slopes, arrivals, hard_leaves
from ideas_lib.trees.parameters import check_parameters, real, whole
from ideas_lib.trees.preprocessing import Rows
from ideas_lib.trees.setter import MetaSplits, completed, default_setter
from ideas_lib.trees.soft import SoftTreeClassifier

__all__ = ["MetaExplanation", "MetaTreeClassifier"]

Array = NDArray[Any]


@dataclass(frozen=True)
class MetaExplanation(Explanation):
    """A path to a leaf, told in one sentence; `remark` says what the setter had to do with it."""

    remark: str = ""

    def __str__(self) -> str:
        words = " and ".join(step.words for step in self.steps)
        return f"{self.prediction}, because {words}; {self.remark}."


class MetaTreeClassifier(SoftTreeClassifier):
    """A tree of fixed structure whose thresholds a setter moves from sample to sample.

    `setter` is any module (B, columns) -> (B, 2^depth - 1) that reads standardised columns, copied
    before it is trained; None is an MLP with one hidden layer. `context` names the columns it
    reads, and the tree then tests only the others; None gives all columns to both. `reach`, in
    standard deviations, bounds how far a threshold moves; at 0 it is one tree for all. Training is
    soft and sharpens `anneal`-fold; prediction is hard. `scale` is SoftTreeClassifier's: of a
    feature read by rank, standard deviations are those of its scores. Fitted: `spread_` (nodes,),
    the standard deviation of each threshold over the training rows that come to it, in those of
    its feature.
    """

    balance = 0.0

    def __init__(
        self,
        depth: int = 3,
        *,
        setter: nn.Module | None = None,
        context: Sequence[int | str] | None = None,
        reach: float = 0.25,
        anneal: float = 20.0,
        decay: float = 0.0,
        learning_rate: float = 0.01,
        epochs: int = 100,
        batch_size: int = 64,
        patience: int | None = None,
        scale: str = "robust",
        random_state: Any = None,
    ) -> None:
        self.depth = depth
        self.setter = setter
        self.context = context
        self.reach = reach
        self.anneal = anneal
        self.decay = decay
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.patience = patience
        self.scale = scale
        self.random_state = random_state

    def _check_parameters(self) -> None:
        check_parameters(
            self,
            depth=whole(self.depth, 1, 12),
            anneal=real(self.anneal, 1),
            decay=real(self.decay, 0),
            learning_rate=real(self.learning_rate, 0, above=True),
            epochs=whole(self.epochs, 1),
            batch_size=whole(self.batch_size, 1),
            patience=self.patience is None or whole(self.patience, 1),
            reach=real(self.reach, 0),
            setter=self.setter is None or isinstance(self.setter, nn.Module),
            scale=self.scale in ("robust", "standard"),
        )

    def _first_splits(self, data: Rows, generator: torch.Generator) -> MetaSplits:
        columns = self._columns()
        tested = [i for i in range(self.n_features_in_) if i not in columns]
        if self.context is None:
            tested = columns
        elif not tested or not columns:
            raise ValueError(
                f"context={list(self.context)!r}: the setter and the tree both need a column"
            )
        cart = DecisionTreeClassifier(max_depth=self.depth_, random_state=0)
        cart.fit(data.x[:, tested].numpy(), data.target.argmax(1).numpy(), data.weight.numpy())
        feature, base = completed(cart, self.depth_)
        setter = copy.deepcopy(self.setter)
        if setter is None:
            setter = default_setter(len(columns), len(base), generator)
        with torch.no_grad():
            shape = tuple(setter(data.x[:2, columns]).shape)
        if shape != (len(data.x[:2]), len(base)):
            raise ValueError(
                f"the setter gives {shape} for {len(data.x[:2])} samples: it must give a number"
                f" for each of the {len(base)} nodes"
            )
        slopes = Slopes(len(base), 1.0, False)
        where = torch.as_tensor(tested)[torch.as_tensor(feature)]
        return MetaSplits(
            where, torch.as_tensor(base, dtype=torch.float32), setter, columns, self.reach, slopes
        )

    def _columns(self) -> list[int]:
        """Return which columns the setter reads. Raises ValueError for one that is not there."""
        if self.context is None:
            return list(range(self.n_features_in_))
        names = list(getattr(self, "feature_names_in_", ()))
        found = []
        for column in self.context:
            if isinstance(column, str) and column in names:
                found.append(names.index(column))
            elif whole(column, 0, self.n_features_in_ - 1):
                found.append(int(column))
            else:
                raise ValueError(f"context has {column!r}, which is no column of X")
        return found

    @property
    def _splits(self) -> MetaSplits:
        splits = self.module_.splits
        assert isinstance(splits, MetaSplits)
        return splits

    def _reach(self, x: Array, target: Array, weight: Array) -> None:
        x, target, weight = (each[weight > 0] for each in (x, target, weight))
        moved = self._in_chunks(x, self._splits.thresholds)
        mass = self._paths(x)[:, : moved.shape[1]] * weight[:, None]
        total = mass.sum(0)
        # What nothing comes to keeps its base.
        base = self._splits.base.numpy()
        mean = (mass * moved).sum(0) / np.maximum(total, 1e-12)
        self._mean = np.where(total > 0, mean, base)
        variance = (mass * (moved - self._mean) ** 2).sum(0) / np.maximum(total, 1e-12)
        self.spread_, self.feature_ = np.sqrt(variance), self._splits.feature.numpy()
        super()._reach(x, target, weight)
        self._count = np.bincount(self._same(x), minlength=len(self._values))  # type: ignore[assignment]

    def _path(self, x: Tensor) -> Tensor:
        return arrivals((self._splits(x) > 0).double())

    def _same(self, x: Array) -> Array:
        """Return the leaf of each sample with the mean thresholds, the same for all."""
        feature, mean = self._splits.feature, torch.as_tensor(self._mean)
        return self._in_chunks(x, lambda x: hard_leaves(x[:, feature] - mean))

    def _complete(self) -> Complete:
        feature = self._splits.feature.numpy()
        return Complete(self._units(self._mean), feature)

    def _units(self, standard: Array) -> Array:
        return self.scale_.units(self._splits.feature.numpy(), standard)

    def _paths(self, x: Array) -> Array:
        """Return 1 for each node on a sample's path, the one it takes."""
        return self._in_chunks(x, self._path)

    def predict_proba(self, X: ArrayLike) -> Array:
        """Return the shares of `classes_` in the leaf each sample ends in: (n, classes)."""
        x = self._inputs(X)
        return self._values[self._leaf(x)]

    def _said(self, x: Array) -> Array:
        return self.classes_[self._values[self._leaf(x)].argmax(1)]

    def thresholds(self, X: ArrayLike) -> Array:
        """Return the thresholds set for each sample, in the features' units: (n, nodes)."""
        return self._units(self._in_chunks(self._inputs(X), self._splits.thresholds))

    def typical_spread(self, X: ArrayLike) -> float:
        """Return how far thresholds lie from their means, over all nodes on all paths of X.

        The root of the mean square, in standard deviations of the features.
        """
        x = self._inputs(X)
        away = self._in_chunks(x, self._splits.thresholds) - self._mean
        on = self._paths(x)[:, : away.shape[1]]
        return float(np.sqrt((on * away**2).sum() / on.sum()))

    def predict_with(self, X: ArrayLike, thresholds: ArrayLike) -> Array:
        """Return the class of each sample with other thresholds: (n,).

        `thresholds` are (n, nodes), or (nodes,) for all, in the features' units: those of other
        samples, say. Raises ValueError where their shape does not fit.
        """
        x = self._inputs(X)
        given = np.asarray(thresholds, dtype=float)
        if given.shape not in ((len(x), len(self.spread_)), self.spread_.shape):
            raise ValueError(
                f"thresholds are {given.shape}, they must be (samples, nodes) ="
                f" {(len(x), len(self.spread_))}"
            )
        leaf = hard_leaves(torch.as_tensor(x[:, self._splits.feature.numpy()] - given))
        return self.classes_[self._values[leaf.numpy()].argmax(1)]

    def settled(self, X: ArrayLike, reach: float | None = None) -> Array:
        """Return whether no thresholds within `reach` could change a sample's class: (n,) of bool.

        Every node may move by itself, whatever the setter would do: this is a certificate. `reach`
        is the tree's own, or another, in standard deviations.
        """
        return self._settled(self._inputs(X), self.reach if reach is None else reach)

    def _settled(self, x: Array, reach: float) -> Array:
        splits, says = self._splits, torch.as_tensor(self._values.argmax(1))

        def certain(x: Tensor) -> Tensor:
            over = x[:, splits.feature] - splits.base
            can = torch.ones(len(x), 1, dtype=torch.bool)
            for level in range(self.depth_):
                here = over[:, 2**level - 1 : 2 ** (level + 1) - 1]
                turns = (can & (here <= reach), can & (here > -reach))
                can = torch.stack(turns, -1).flatten(1)
            least = torch.where(can, says, says.max() + 1).amin(1)
            return least == torch.where(can, says, -1).amax(1)

        return self._in_chunks(x, certain)

    def global_tree(self, X: ArrayLike | None = None) -> HardTree:
        """Return the same tree with one threshold a node for all, the mean of those set.

        The mean is over the training rows that come to the node. Nodes that no row of X (or of the
        training data, without X) comes to are pruned; `agreement_` is the share of those rows to
        which it gives the class that the meta-tree gives.
        """
        return self._hardened(X)

    def harden(self, X: ArrayLike | None = None) -> HardTree:
        """Return `global_tree(X)`: the meta-tree is hard, and only its thresholds are not fixed."""
        return self.global_tree(X)

    def _hardened(self, X: ArrayLike | None) -> HardTree:
        if X is None:
            return super()._hardened(None)
        check_is_fitted(self)
        x = self._inputs(X)
        tree = self._plain(np.bincount(self._same(x), minlength=len(self._values)))
        return tree.agreeing(self._agreement(self._said(x), tree.predict(x)))

    def explain(self, x: ArrayLike) -> MetaExplanation:
        """Explain one sample, (features,) or (1, features), in one sentence.

        Raises ValueError for more than one sample.
        """
        one = self._inputs(one_row(x))
        moved = self._units(self._in_chunks(one, self._splits.thresholds))[0]
        mean, names = self._complete().threshold, self._names()
        feature, path = self._splits.feature.numpy(), self._paths(one)[0]
        says = self._values.argmax(1)
        steps, node, below = [], 0, np.arange(len(says))
        while node < len(moved) and len(set(says[below])) > 1:  # further down nothing is decided
            yes = bool(path[2 * node + 2])
            words = f"{name_of(feature[node], names)} {'>' if yes else '<='} "
            words += f"{number(moved[node], '.4g')} (threshold for cases like this; "
            words += f"{number(mean[node], '.4g')} on average)"
            steps.append(Step(node, words, yes, 1.0))
            node, below = 2 * node + 1 + yes, np.array_split(below, 2)[yes]
        said, same = self._said(one)[0], self.classes_[self._values[self._same(one)].argmax(1)][0]
        remark = "no threshold within reach would change that"
        if not self._settled(one, self.reach)[0]:
            remark = "so say the average thresholds"
            if said != same:
                remark = f"by the average thresholds it would be {same}"
        return MetaExplanation(tuple(steps), int(self._leaf(one)[0]), said, 1.0, remark)
