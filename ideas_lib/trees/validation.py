"""How trees are compared: splits by seed, tuning inside a fold, and whether two fits agree.

Two trees that were fitted on different samples of one population should tell a person the same.
`agreement` measures that in two ways, for a tree may say the same thing in other words:

- *groups*: do they put the same samples together? Samples that end in one leaf share one
  explanation. The adjusted Rand index of the two groupings (Hubert and Arabie, Journal of
  Classification 2:193, 1985) is 1 for equal groups and 0 for what chance gives. Leaves have no
  names here, the order of the splits is free, a feature may stand in for its twin, and leaves
  count as one where the split between them changes no class.
- *words*: do they name the same features on a sample's path? The share of the features named by
  either tree that both name. It punishes synonyms, and is shown beside groups for that reason.

Neither says that an explanation is right, or how far a threshold has moved beyond the samples it
moved. A tree with one leaf agrees with itself about everything, and two trees that are always right
agree wherever their leaves are the classes: read both beside the accuracy and the number of leaves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, train_test_split

__all__ = ["Agreement", "agreement", "explanations", "features_used", "halves", "split", "tuned"]


def split(y: ArrayLike, seed: int, folds: int = 5) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the training and the test rows of one split of repeated K-fold cross-validation.

    Seed s is fold s % `folds` of repetition s // `folds`, and a repetition shuffles by its own
    number, so that `folds` seeds in a row from a multiple of it test every row once. Folds keep
    the shares of classes; targets that are floats are numbers, and get plain folds. n_test /
    n_train, the overlap that `verdict.paired` asks for, is 1 / (folds - 1).
    """
    repetition, fold = divmod(seed, folds)
    target = np.asarray(y)
    parts = list(_folds(target, folds, repetition).split(np.zeros((len(target), 1)), target))
    return parts[fold]


def halves(y: ArrayLike, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return two disjoint halves of the rows, with the same shares of classes."""
    target = np.asarray(y)
    one, other = train_test_split(
        np.arange(len(target)),
        test_size=0.5,
        random_state=seed,
        stratify=None if target.dtype.kind == "f" else target,
    )
    return one, other


def tuned(
    estimator: BaseEstimator,
    candidates: Sequence[Mapping[str, Any]],
    X: Any,
    y: ArrayLike,
    seed: int,
    folds: int = 3,
    **fit: Any,
) -> Any:
    """Return `estimator` with the best of the `candidates`' parameters, fitted on all of X and y.

    The candidates are compared by their score in K-fold cross-validation on X and y alone, on the
    same folds for every estimator; of equals the first is taken. One candidate needs no comparison.
    `fit` goes to `estimator.fit`; what has a row for each sample is split with them.
    """
    grid = [{name: [value] for name, value in candidate.items()} for candidate in candidates]
    if len(grid) == 1:
        return clone(estimator).set_params(**candidates[0]).fit(X, y, **fit)
    search = GridSearchCV(estimator, grid, cv=_folds(np.asarray(y), folds, seed))
    return search.fit(X, y, **fit).best_estimator_


def _folds(y: NDArray[Any], folds: int, seed: int) -> Any:
    kind = KFold if y.dtype.kind == "f" else StratifiedKFold
    return kind(folds, shuffle=True, random_state=seed)


@dataclass(frozen=True)
class Agreement:
    """How far two fitted trees tell the same: `answers`, `groups` and `words`, 1 at best.

    `answers` is the share of samples that get the same class; for `groups` and `words` see the
    module. `words` is None where a tree's splits are oblique, and name every feature.
    """

    answers: float
    groups: float
    words: float | None


def agreement(one: Any, other: Any, X: Any) -> Agreement:
    """Compare two fitted trees on samples X (n, features) that neither was fitted on.

    Trees are scikit-learn's classifiers, or a `HardTree` with classes.
    """
    answers = float(np.mean(one.predict(X) == other.predict(X)))
    groups = float(adjusted_rand_score(explanations(one, X), explanations(other, X)))
    used = [features_used(tree, X) for tree in (one, other)]
    if used[0] is None or used[1] is None:
        return Agreement(answers, groups, None)
    both, either = (used[0] & used[1]).sum(axis=1), (used[0] | used[1]).sum(axis=1)
    # Two paths that name nothing, of trees that are one leaf, say the same.
    shares = np.where(either > 0, both / np.maximum(either, 1), 1.0)
    return Agreement(answers, groups, float(shares.mean()))


def explanations(tree: Any, X: Any) -> NDArray[Any]:
    """Return the node at which each sample's class is settled, (n,): all below it say the same.

    CART also splits where both sides get the same class; such a split explains nothing.
    """
    return _settled(tree)[tree.apply(X)]


def features_used(tree: Any, X: Any) -> NDArray[np.bool_] | None:
    """Return which features settle each sample's class, (n, features); None for oblique splits."""
    inner = getattr(tree, "tree_", tree)
    if getattr(inner, "weights", None) is not None:
        return None
    settled = _settled(tree)
    asks = (inner.feature >= 0) & (settled != settled[inner.children_left])
    named = np.zeros((inner.node_count, inner.n_features), dtype=int)
    named[asks, inner.feature[asks]] = 1
    return np.asarray(tree.decision_path(X) @ named) > 0


def _settled(tree: Any) -> NDArray[Any]:
    """Return, for each node, the highest node on its path below which all leaves say the same."""
    inner = getattr(tree, "tree_", tree)
    says = inner.value[:, 0].argmax(axis=1)
    inside = np.flatnonzero(inner.children_left != -1)
    for node in inside[::-1]:  # a node comes before its children
        sides = says[inner.children_left[node]], says[inner.children_right[node]]
        says[node] = sides[0] if sides[0] == sides[1] else -1  # -1: not settled
    found = np.arange(inner.node_count)
    for node in inside:
        if says[node] != -1:
            found[[inner.children_left[node], inner.children_right[node]]] = found[node]
    return found
