"""A complete binary tree as tensors: every node at once, in breadth-first order.

Node i has the children 2 i + 1 (its gate says no) and 2 i + 2 (yes); a tree of depth D has 2^D - 1
inner nodes and 2^D leaves. A gate is the probability of yes, between 0 and 1.
"""

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor, nn

__all__ = [
    "AxisSplits",
    "Balance",
    "ClassLeaves",
    "ObliqueSplits",
    "Slopes",
    "SoftTree",
    "Splits",
    "ValueLeaves",
    "arrivals",
    "hard_leaves",
]


def depth_of(nodes: int) -> int:
    """Return the depth of a complete tree with so many inner nodes. Raises ValueError."""
    depth = (nodes + 1).bit_length() - 1
    if nodes < 0 or 2**depth - 1 != nodes:
        raise ValueError(f"a complete tree has 2^depth - 1 inner nodes, not {nodes}")
    return depth


def arrivals(gates: Tensor) -> Tensor:
    """Return the probability of reaching each node: (..., 2^D - 1) -> (..., 2^(D+1) - 1).

    The last 2^D columns are the leaves. Plain products are safe: the leaves of a row add up to 1,
    so a mixture of positive leaves is never 0, and no logarithm of a single path is ever taken.
    """
    here = torch.ones_like(gates[..., :1])
    levels = [here]
    for level in range(depth_of(gates.shape[-1])):
        yes = here * gates[..., 2**level - 1 : 2 ** (level + 1) - 1]
        here = torch.stack((here - yes, yes), -1).flatten(-2)
        levels.append(here)
    return torch.cat(levels, -1)


def hard_leaves(logits: Tensor) -> Tensor:
    """Return the leaf of the one path that takes yes where a logit is above 0.

    (..., 2^D - 1) -> (...), counted from 0 at the left.
    """
    node = torch.zeros_like(logits[..., :1], dtype=torch.long)
    for _ in range(depth_of(logits.shape[-1])):
        node = 2 * node + 1 + (logits.gather(-1, node) > 0).long()
    return node.squeeze(-1) - logits.shape[-1]


class Slopes(nn.Module):
    """How steep each gate is: 1 / temperature, learned per node or fixed, times `sharper`.

    `sharper` is what annealing raises; it is no parameter.
    """

    sharper: Tensor

    def __init__(self, nodes: int, temperature: float, learned: bool) -> None:
        super().__init__()
        start = torch.full((nodes,), -math.log(temperature))
        self.log = nn.Parameter(start, requires_grad=learned)
        self.register_buffer("sharper", torch.ones(()))

    def forward(self) -> Tensor:
        return self.log.exp() * self.sharper


class ObliqueSplits(nn.Module):
    """A hyperplane at each node: logits (B, nodes) of x (B, features)."""

    def __init__(self, weight: Tensor, bias: Tensor, slopes: Slopes) -> None:
        super().__init__()
        self.weight, self.bias, self.slopes = nn.Parameter(weight), nn.Parameter(bias), slopes

    def forward(self, x: Tensor) -> Tensor:
        slope = self.slopes()
        return torch.addmm(self.bias * slope, x, (self.weight * slope[:, None]).T)


class AxisSplits(nn.Module):
    """One feature and one threshold at each node: logits (B, nodes) of x (B, features).

    Each node has a score and a threshold for every feature. Forward, only the feature with the
    best score counts; backward, the softmax of the scores passes gradients to all of them (a
    straight-through choice, as in GradTree, arXiv 2305.03515).
    """

    def __init__(self, score: Tensor, threshold: Tensor, slopes: Slopes) -> None:
        super().__init__()
        self.score, self.threshold = nn.Parameter(score), nn.Parameter(threshold)
        self.slopes = slopes

    def choice(self) -> Tensor:
        """Return which feature each node reads: (nodes, features), one 1 in each row."""
        soft = self.score.softmax(-1)
        hard = torch.zeros_like(soft).scatter_(-1, soft.argmax(-1, keepdim=True), 1.0)
        return hard + soft - soft.detach() if torch.is_grad_enabled() else hard

    def forward(self, x: Tensor) -> Tensor:
        slope, choice = self.slopes(), self.choice()
        offset = (choice * self.threshold).sum(-1)
        return torch.addmm(-offset * slope, x, (choice * slope[:, None]).T)


class ClassLeaves(nn.Module):
    """A distribution over classes at each leaf: (leaves, classes), positive, rows add up to 1."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self) -> Tensor:
        return self.logits.softmax(-1)


class ValueLeaves(nn.Module):
    """A number at each leaf: (leaves, 1)."""

    def __init__(self, values: Tensor) -> None:
        super().__init__()
        self.values = nn.Parameter(values)

    def forward(self) -> Tensor:
        return self.values


class Splits(Protocol):
    """What a tree asks at each node: logits (B, nodes) of x (B, features), yes above 0."""

    slopes: Slopes

    def __call__(self, x: Tensor) -> Tensor: ...


class SoftTree(nn.Module):
    """Leaves mixed by the probability of their paths: x (B, features) -> (B, outputs)."""

    splits: Splits
    leaves: Callable[[], Tensor]

    def __init__(self, splits: Splits, leaves: Callable[[], Tensor]) -> None:
        super().__init__()
        self.splits, self.leaves = splits, leaves

    def gates(self, x: Tensor) -> Tensor:
        """Return the probability of yes at each inner node: (B, nodes)."""
        return torch.sigmoid(self.splits(x))

    def forward(self, x: Tensor) -> Tensor:
        leaves = self.leaves()
        return arrivals(self.gates(x))[:, -len(leaves) :] @ leaves


class Balance(nn.Module):
    """Frosst and Hinton's penalty on nodes that send all samples one way (arXiv 1711.09784).

    Of node i at level d, with a the share of yes among what arrives: -(log a + log(1 - a)) / 2,
    times 2^-d. a is a ratio of moving averages over batches, whose window is 2^d batches: deep
    nodes see few samples. It is log 2 per level at its least.
    """

    weight: Tensor
    keep: Tensor
    averages: Tensor

    def __init__(self, depth: int) -> None:
        super().__init__()
        level = torch.tensor([d for d in range(depth) for _ in range(2**d)])
        self.register_buffer("weight", 0.5**level)
        self.register_buffer("keep", 1 - 0.5**level)
        self.register_buffer("averages", torch.zeros(2, len(level)))

    def forward(self, gates: Tensor, reached: Tensor, weight: Tensor) -> Tensor:
        """Return the penalty of a batch: gates (B, nodes), arrivals (B, >= nodes), weight (B,)."""
        mass = reached[:, : gates.shape[1]] * weight[:, None]
        batch = torch.stack(((mass * gates).sum(0), mass.sum(0))) / len(gates)
        averages = self.keep * self.averages + (1 - self.keep) * batch
        self.averages = averages.detach()
        share = (averages[0] / averages[1].clamp_min(1e-12)).clamp(1e-6, 1 - 1e-6)
        return -0.5 * (self.weight * (share.log() + torch.log1p(-share))).sum()
