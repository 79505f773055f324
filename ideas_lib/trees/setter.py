"""What is inside a meta-tree: the setter, the splits it moves, and the tree they start from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor, nn
from torch.nn.utils import skip_init

from ideas_lib.trees.nodes import Slopes

__all__ = ["MetaSplits", "completed", "default_setter"]

HIDDEN = 32  # units in the default setter's one hidden layer
Array = NDArray[Any]


class MetaSplits(nn.Module):
    """One feature a node and a threshold a sample: logits (B, nodes) of x (B, features).

    threshold = base + reach * tanh(setter(x[:, context])), in standard deviations.
    """

    feature: Tensor
    context: Tensor

    def __init__(
        self,
        feature: Tensor,
        base: Tensor,
        setter: nn.Module,
        context: Sequence[int],
        reach: float,
        slopes: Slopes,
    ) -> None:
        super().__init__()
        self.register_buffer("feature", feature)
        self.register_buffer("context", torch.as_tensor(context))
        self.base, self.setter, self.slopes = nn.Parameter(base), setter, slopes
        self.reach = reach

    def thresholds(self, x: Tensor) -> Tensor:
        """Return each sample's thresholds, standardised: (B, nodes)."""
        return self.base + self.reach * torch.tanh(self.setter(x[:, self.context]))

    def forward(self, x: Tensor) -> Tensor:
        return (x[:, self.feature] - self.thresholds(x)) * self.slopes()


def default_setter(inputs: int, nodes: int, generator: torch.Generator) -> nn.Sequential:
    """Return an MLP (B, inputs) -> (B, nodes) that moves no threshold before it is trained."""
    # Empty at first, for nn.Linear would draw its weights from the global generator.
    first, last = (skip_init(nn.Linear, *shape) for shape in ((inputs, HIDDEN), (HIDDEN, nodes)))
    bound = inputs**-0.5
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.copy_(bound * (2 * torch.rand(parameter.shape, generator=generator) - 1))
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(first, nn.ReLU(), last)


def completed(cart: DecisionTreeClassifier, depth: int) -> tuple[Array, Array]:
    """Return the features and thresholds of a complete tree, (nodes,) each, breadth-first.

    Below a leaf of CART, nodes repeat their parent's split, which sends all one way.
    """
    tree, nodes = cart.tree_, 2**depth - 1
    feature, base = np.zeros(nodes, dtype=np.int64), np.zeros(nodes)
    at = np.zeros(2 * nodes + 1, dtype=np.int64)  # the node of CART that stands here, or -1
    for node in range(nodes):
        here = at[node]
        left, right = 2 * node + 1, 2 * node + 2
        if here >= 0 and tree.children_left[here] >= 0:
            feature[node], base[node] = tree.feature[here], tree.threshold[here]
            at[left], at[right] = tree.children_left[here], tree.children_right[here]
        else:
            parent = (node - 1) // 2 if node else 0
            feature[node], base[node] = feature[parent], base[parent]
            at[left] = at[right] = -1
    return feature, base
