"""What soft trees share, whatever they predict: parameters, training, mixing, hardening."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from ideas_lib.trees.explain import Explanation, Step, one_row, split_words
from ideas_lib.trees.fitting import FitRecipe, fit_module
from ideas_lib.trees.hard import Complete, HardTree
from ideas_lib.trees.nodes import (
    AxisSplits,
    Balance,
    ObliqueSplits,
    Slopes,
    SoftTree,
    Splits,
    arrivals,
    hard_leaves,
)
from ideas_lib.trees.parameters import check_parameters, real, size_of, whole
from ideas_lib.trees.preprocessing import Rows, hold_out, merge_equal_rows
from ideas_lib.trees.scale import Scale, refuse_overflow

__all__ = ["BaseSoftTree"]

ANNEALED = 0.75  # the share of epochs after which gates are as sharp as they get
CHUNK = 4096  # rows that are predicted at once
MILD = {"oblique": 2.0, "axis": 0.3}  # temperatures that did well on pilot data
Array = NDArray[Any]


class BaseSoftTree(BaseEstimator):
    """A complete tree of soft splits; subclasses say what its leaves hold, and the loss.

    `depth`, `epochs` and `batch_size` are by default those of `parameters.size_of` the rows.
    """

    def __init__(
        self,
        depth: int | None = None,
        *,
        splits: str = "oblique",
        temperature: float | str | None = None,
        anneal: float = 1.0,
        balance: float = 0.1,
        decay: float = 0.0,
        learning_rate: float = 0.05,
        epochs: int | None = None,
        batch_size: int | None = None,
        patience: int | None = None,
        scale: str = "robust",
        random_state: Any = None,
    ) -> None:
        self.depth = depth
        self.splits = splits
        self.temperature = temperature
        self.anneal = anneal
        self.balance = balance
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
            depth=self.depth is None or whole(self.depth, 1, 12),
            splits=self.splits in ("oblique", "axis"),
            temperature=self.temperature is None
            or self.temperature == "learned"
            or real(self.temperature, 0, above=True),
            anneal=real(self.anneal, 1),
            balance=real(self.balance, 0),
            decay=real(self.decay, 0),
            learning_rate=real(self.learning_rate, 0, above=True),
            epochs=self.epochs is None or whole(self.epochs, 1),
            batch_size=self.batch_size is None or whole(self.batch_size, 1),
            patience=self.patience is None or whole(self.patience, 1),
            scale=self.scale in ("robust", "standard"),
        )

    def _fit(
        self,
        x: Array,
        target: Array,
        weight: Array,
        leaves: Callable[[Tensor], Callable[[], Tensor]],
        losses: Callable[[Tensor, Tensor], Tensor],
        codes: Callable[[Tensor], Array] | None = None,
    ) -> None:
        """Train on rows (n, features), targets (n, outputs) and weights (n,).

        `leaves(mean)` makes the leaves of the mean target, `losses(mixed, target)` gives (n,),
        and `codes(target)` the classes to stratify a held-out part by.
        """
        seed = int(check_random_state(self.random_state).randint(2**31))
        generator = torch.Generator().manual_seed(seed)
        rows, targets, weights = merge_equal_rows(x, target, weight)
        self.scale_ = Scale.of(rows, weights, self.scale, self._names())
        self.depth_ = size_of(len(rows)).depth if self.depth is None else self.depth
        data = Rows(
            self.scale_.standard(rows).float(),
            torch.as_tensor(targets, dtype=torch.float32),
            torch.as_tensor(weights / weights.mean(), dtype=torch.float32),
        )
        mean = (data.target * data.weight[:, None]).mean(0).repeat(2**self.depth_, 1)
        module = SoftTree(self._first_splits(data, generator), leaves(mean))
        kept, held = data, None
        if self.patience is not None:
            kept, held = hold_out(data, codes(data.target) if codes else None, seed)
        balance = Balance(self.depth_)

        def loss(x: Tensor, target: Tensor, weight: Tensor) -> Tensor:
            gates, values = module.gates(x), module.leaves()
            reached = arrivals(gates)
            mean = (losses(reached[:, -len(values) :] @ values, target) * weight).mean()
            return mean + self.balance * balance(gates, reached, weight) if self.balance else mean

        def held_out_loss(x: Tensor, target: Tensor, weight: Tensor) -> Tensor:
            return (losses(module(x), target) * weight).sum() / weight.sum()

        def each_epoch(done: float) -> None:
            module.splits.slopes.sharper.fill_(self.anneal ** min(1.0, done / ANNEALED))

        self.history_ = fit_module(
            module,
            kept,
            loss,
            self._recipe(len(kept.x)),
            generator=generator,
            held_out=held or (),
            held_out_loss=held_out_loss,
            each_epoch=each_epoch,
            label=type(self).__name__,
        )
        self.n_iter_ = len(self.history_.loss)
        self.module_ = module.double().requires_grad_(False)

    def _recipe(self, n: int) -> FitRecipe:
        mild = size_of(n)
        epochs, size = self.epochs or mild.epochs, self.batch_size or mild.batch_size
        settled = 0.0 if self.anneal == 1 else ANNEALED
        return FitRecipe(epochs, size, self.learning_rate, self.decay, self.patience, settled)

    def _first_splits(self, data: Rows, generator: torch.Generator) -> Splits:
        n, features = data.x.shape
        nodes, learned = 2**self.depth_ - 1, self.temperature == "learned"
        mild = learned or self.temperature is None
        first = MILD[self.splits] if mild else float(self.temperature)  # type: ignore[arg-type]
        slopes = Slopes(nodes, first, learned)
        if self.splits == "oblique":
            weight = torch.randn(nodes, features, generator=generator) / features**0.5
            return ObliqueSplits(weight, torch.zeros(nodes), slopes)
        score = 0.01 * torch.randn(nodes, features, generator=generator)
        middle = 0.2 + 0.6 * torch.rand(nodes, features, generator=generator)
        threshold = data.x.sort(0).values.gather(0, (middle * (n - 1)).long())
        return AxisSplits(score, threshold, slopes)

    def _said(self, x: Array) -> Array:
        raise NotImplementedError

    def _agreement(self, soft: Array, hard: Array) -> float:
        raise NotImplementedError

    def _inputs(self, X: ArrayLike) -> Array:
        check_is_fitted(self)
        x = validate_data(self, X, dtype=np.float64, reset=False)
        refuse_overflow(x, "X", self._names())
        return x

    @torch.no_grad()
    def _in_chunks(self, x: Array, what: Callable[[Tensor], Tensor]) -> Array:
        starts = range(0, len(x), CHUNK)
        parts = [what(self.scale_.standard(x[i : i + CHUNK])) for i in starts]
        return torch.cat(parts).numpy()

    def decision_path(self, X: ArrayLike) -> Array:
        """Return the probability that a sample reaches a node: (n, 2^(depth+1) - 1).

        Breadth-first: node i has the children 2 i + 1 and 2 i + 2; the last 2^depth are leaves.
        """
        return self._paths(self._inputs(X))

    def _paths(self, x: Array) -> Array:
        return self._in_chunks(x, lambda x: arrivals(self.module_.gates(x)))

    def apply(self, X: ArrayLike) -> Array:
        """Return the leaf at the end of the path of likelier turns: (n,), counted from 0."""
        return self._leaf(self._inputs(X))

    def _reach(self, x: Array, target: Array, weight: Array) -> None:
        """Remember where training rows end, and what they were to be: what hardening needs."""
        x, target, weight = (each[weight > 0] for each in (x, target, weight))
        leaf = self._leaf(x)
        leaves = self.module_.leaves().numpy()
        sums, mass = leaves.copy(), np.ones(len(leaves))
        np.add.at(sums, leaf, target * weight[:, None])
        np.add.at(mass, leaf, weight)
        self._values, self._count = sums / mass[:, None], mass - 1
        self.arrivals_ = np.average(self._paths(x), axis=0, weights=weight)
        tree = self._plain(self._count)
        self._training_agreement = self._agreement(self._said(x), tree.predict(x))

    def _plain(self, count: Array) -> HardTree:
        return HardTree.of(
            self._complete(),
            self._values,
            count,
            self.n_features_in_,
            getattr(self, "classes_", None),
            self._names(),
            self.scale_.spread,
            self.scale_.ranked,
        )

    def _hardened(self, X: ArrayLike | None) -> HardTree:
        if X is None:
            check_is_fitted(self)
            return self._plain(self._count).agreeing(self._training_agreement)
        x = self._inputs(X)
        tree = self._plain(np.bincount(self._leaf(x), minlength=len(self._count)))
        return tree.agreeing(self._agreement(self._said(x), tree.predict(x)))

    def _leaf(self, x: Array) -> Array:
        return self._in_chunks(x, lambda x: hard_leaves(self.module_.splits(x)))

    def _complete(self) -> Complete:
        """Return the splits in the user's units."""
        splits = self.module_.splits
        if isinstance(splits, AxisSplits):
            feature = splits.choice().argmax(1).numpy()
            chosen = splits.threshold.numpy()[np.arange(len(feature)), feature]
            return Complete(self.scale_.units(feature, chosen), feature)
        if isinstance(splits, ObliqueSplits):
            weights = splits.weight.numpy() / self.scale_.spread
            return Complete(weights @ self.scale_.centre - splits.bias.numpy(), None, weights)
        raise NotImplementedError(f"{type(self).__name__} has splits of its own")

    def _names(self) -> tuple[str, ...]:
        return tuple(map(str, getattr(self, "feature_names_in_", ())))

    def words(self, node: int, *, yes: bool = True, terms: int = 3) -> str:
        """Return what a node asks, or with `yes` False its negation, in words and user's units."""
        check_is_fitted(self)
        tree = self._complete()
        return split_words(
            tree.reads(node), tree.threshold[node], self._names(), self.scale_.spread,
            self.scale_.ranked, yes=yes, terms=terms,
        )  # fmt: skip

    def explain(self, x: ArrayLike) -> Explanation:
        """Explain one sample, (features,) or (1, features): the path of likelier turns.

        Raises ValueError for more than one sample.
        """
        one = self._inputs(one_row(x))
        with torch.no_grad():
            yes = self.module_.gates(self.scale_.standard(one))[0].numpy()
        node, steps = 0, []
        while node < len(yes):
            turn = bool(yes[node] > 0.5)
            words = self.words(node, yes=turn)
            steps.append(Step(node, words, turn, float(yes[node] if turn else 1 - yes[node])))
            node = 2 * node + 1 + turn
        path = float(np.prod([step.probability for step in steps]))
        return Explanation(tuple(steps), node - len(yes), self._said(one)[0], path)

    def plot(self, **options: Any) -> Any:
        """Draw the tree, and return (figure, alt text): see `tree_plot.plot_tree`."""
        from ideas_lib.trees.tree_plot import plot_tree

        return plot_tree(self, **options)
