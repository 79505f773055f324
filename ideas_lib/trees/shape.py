"""A tree as nested nodes: what a picture of it needs, whatever kind of tree it was."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ideas_lib.formatting import number
from ideas_lib.trees.explain import name_of, one_row, split_words

__all__ = ["Node", "followed", "merged_leaf", "nodes_of", "truncated"]

_TERMS = 2  # of a weighted sum, in words: a box has room for no more


@dataclass(frozen=True)
class Node:
    """A split with its two branches, or a leaf, which has none.

    `share` is how much of the samples arrives, 0 to 1, and `value` what the tree says of them:
    probabilities (classes,), or one number (1,). `words` are the split's, true on the branch
    `yes`; `weights` are its filter, where the picture shows one. `sure` is given on the path of
    one sample: how probable the branch that it takes is, 1 at the leaf. `hidden` counts the
    splits beneath that are left out.
    """

    share: float
    value: NDArray[np.float64]
    words: str = ""
    weights: NDArray[np.float64] | None = None
    no: "Node | None" = None
    yes: "Node | None" = None
    sure: float | None = None
    hidden: int = 0

    @property
    def branches(self) -> "tuple[Node, ...]":
        """Both branches, no first; none at a leaf."""
        return (self.no, self.yes) if self.no and self.yes else ()

    @property
    def splits(self) -> int:
        """How many splits there are from here down, shown or not."""
        return self.hidden + bool(self.branches) + sum(node.splits for node in self.branches)

    @property
    def depth(self) -> int:
        """How many splits the longest path shows."""
        return 1 + max(node.depth for node in self.branches) if self.branches else 0

    def leaves(self) -> "Iterator[Node]":
        """Every leaf, that of all noes first."""
        if not self.branches:
            yield self
        for node in self.branches:
            yield from node.leaves()

    def nodes(self) -> "Iterator[Node]":
        """Every split, each before those beneath it."""
        if self.branches:
            yield self
        for node in self.branches:
            yield from node.nodes()


def merged_leaf(node: Node) -> Node:
    """Return a leaf in place of all from here down, which counts the splits that it hides."""
    return replace(node, words="", weights=None, no=None, yes=None, hidden=node.splits)


def truncated(node: Node, depth: int) -> Node:
    """Return the tree's first `depth` levels; what lies deeper is merged into leaves."""
    if not node.branches:
        return node
    if depth == 0:
        return merged_leaf(node)
    no, yes = (truncated(branch, depth - 1) for branch in node.branches)
    return replace(node, no=no, yes=yes)


def followed(node: Node) -> list[Node]:
    """Return the path that one sample takes, the leaf last; empty where there is no sample."""
    path = [node] if node.sure is not None else []
    while path and path[-1].branches:
        path.append(next(branch for branch in path[-1].branches if branch.sure is not None))
    return path


def nodes_of(tree: Any, names: Sequence[str] | None = None, x: ArrayLike | None = None) -> Node:
    """Return a fitted tree as nodes: a soft tree, a HardTree, or one of scikit-learn's.

    `names` of features replace the tree's own; the path of a sample `x` (features,) is marked.
    """
    own = getattr(tree, "feature_names_in_", getattr(tree, "feature_names", ()))
    names = tuple(map(str, own if names is None else names))
    if hasattr(tree, "module_"):
        return _of_soft(tree, names, x)
    if hasattr(tree, "tree_"):
        if x is None:
            return _of_arrays(tree.tree_, names, None)
        single = np.asarray(one_row(x), dtype=np.float32)  # as scikit-learn reads it
        return _of_arrays(tree.tree_, names, tree.tree_.decision_path(single).toarray()[0])
    passed = None if x is None else tree.decision_path(np.asarray(one_row(x), dtype=float))[0]
    return _of_arrays(tree, names, passed)


def _of_arrays(tree: Any, names: Sequence[str], passed: NDArray[Any] | None) -> Node:
    """Return the nodes of scikit-learn's arrays; `passed` (nodes,) marks those of a path."""
    weights, spread = getattr(tree, "weights", None), getattr(tree, "spread", None)
    ranked = getattr(tree, "ranked", ())

    def grow(i: int) -> Node:
        share = float(tree.n_node_samples[i] / max(tree.n_node_samples[0], 1))
        sure = 1.0 if passed is not None and passed[i] else None
        if tree.children_left[i] == -1:
            return Node(share, tree.value[i, 0], sure=sure)
        reads = tree.feature[i] if weights is None else weights[i]
        return Node(
            share,
            tree.value[i, 0],
            split_words(reads, tree.threshold[i], names, spread, ranked, terms=_TERMS),
            None if weights is None else weights[i] * spread,
            grow(tree.children_left[i]),
            grow(tree.children_right[i]),
            sure,
        )

    return grow(0)


def _of_soft(tree: Any, names: Sequence[str], x: ArrayLike | None) -> Node:
    """Return the nodes of a soft tree, or of a meta-tree; a path takes the likelier turns.

    Shares are those of the training rows that arrive. Weights are how much the log odds of yes
    rise with a standard deviation of each feature.
    """
    module, plain, shares = tree.module_, tree._complete(), tree.arrivals_
    inner, spread, gates, weights = len(plain.threshold), tree.scale_.spread, None, None
    words = [
        split_words(
            plain.reads(i), plain.threshold[i], names, spread, tree.scale_.ranked, terms=_TERMS
        )
        for i in range(inner)
    ]
    if plain.weights is not None:
        weights = (module.splits.weight * module.splits.slopes()[:, None]).numpy()
    if x is not None:
        row = np.asarray(one_row(x), dtype=float)
        gates = module.gates(tree.scale_.standard(row))[0].numpy()
    leaves = module.leaves().numpy()
    if hasattr(tree, "thresholds"):  # a meta-tree: its path is hard, its thresholds move
        leaves, words = tree._values, _set_words(tree, plain, names, x)
        gates = None if gates is None else (gates > 0.5).astype(float)

    def grow(i: int, on: bool) -> Node:
        if i >= inner:
            return Node(float(shares[i]), leaves[i - inner], sure=1.0 if on else None)
        yes = 0.0 if gates is None else float(gates[i])
        sides = (grow(2 * i + 1, on and yes <= 0.5), grow(2 * i + 2, on and yes > 0.5))
        part = float(shares[2 * i + 2] / shares[i]) if shares[i] else 0.5
        value = (1 - part) * sides[0].value + part * sides[1].value
        filters = None if weights is None else weights[i]
        sure = max(yes, 1 - yes) if on else None
        return Node(float(shares[i]), value, words[i], filters, *sides, sure)

    return grow(0, gates is not None)


def _set_words(tree: Any, plain: Any, names: Sequence[str], x: ArrayLike | None) -> list[str]:
    """Return a meta-tree's splits in words: thresholds set for a sample, or how far they vary."""
    mean = [number(value, ".4g") for value in plain.threshold]
    if x is None:
        low, high = (tree._units(tree._mean + side * tree.spread_) for side in (-1, 1))
        away = (high - low) / 2
        said = [f"{m} ± {number(value, '.2g')}" for m, value in zip(mean, away, strict=True)]
    else:
        now = tree.thresholds(one_row(x))[0]
        said = [f"{number(t, '.4g')} ({m} on average)" for t, m in zip(now, mean, strict=True)]
    return [f"{name_of(k, names)} > {text}" for k, text in zip(plain.feature, said, strict=True)]
