"""Controls of the meta-tree: its setter without a tree, and a tree that asks when it is unsure."""

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ideas_lib.trees.fitting import FitRecipe, fit_module
from ideas_lib.trees.meta_tree import MetaTreeClassifier
from ideas_lib.trees.preprocessing import Standardizer
from ideas_lib.trees.setter import default_setter

__all__ = ["AskingTree", "SetterAlone"]

Array = NDArray[Any]


class SetterAlone:
    """The default setter as a classifier: the same MLP, trained alike, and no tree."""

    def __init__(
        self, epochs: int, batch_size: int, learning_rate: float, random_state: int
    ) -> None:
        self.recipe = FitRecipe(epochs, batch_size, learning_rate)
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit X (n, features) to labels y (n,)."""
        x, generator = np.asarray(X, dtype=float), torch.Generator().manual_seed(self.random_state)
        self.classes_, codes = np.unique(y, return_inverse=True)
        self.scale_ = Standardizer.of(x, np.ones(len(x)))
        self.module_ = default_setter(x.shape[1], len(self.classes_), generator)
        rows = self.scale_.standard(x).float(), torch.as_tensor(codes)

        def loss(x: Tensor, codes: Tensor) -> Tensor:
            return nn.functional.cross_entropy(self.module_(x), codes)

        fit_module(self.module_, rows, loss, self.recipe, generator=generator)
        return self

    @torch.no_grad()
    def predict(self, X: ArrayLike) -> Array:
        """Return the likeliest class: (n,)."""
        x = self.scale_.standard(np.asarray(X, dtype=float)).float()
        return self.classes_[self.module_(x).argmax(1).numpy()]


class AskingTree:
    """A tree of fixed thresholds that answers what is settled, and asks a classifier the rest.

    If a meta-tree only let its setter answer near the boundaries, this would do as well.
    """

    def __init__(self, tree: MetaTreeClassifier, asked: Any, reach: float) -> None:
        self.tree, self.asked, self.reach = tree, asked, reach

    def predict(self, X: ArrayLike) -> Array:
        """Return the class: (n,)."""
        settled = self.tree.settled(X, self.reach)
        return np.where(settled, self.tree.predict(X), self.asked.predict(X))
