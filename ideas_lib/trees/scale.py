"""How features are put on one scale: by mean and standard deviation, or where they fail by ranks.

A mean and a standard deviation describe a feature unless a few values lie far from all others:
then those others lie close together in standard deviations, and a soft split, whose width is
measured in them, cannot tell them apart. *Squeezed* is a feature where that holds for more than one
in ten pairs of different values: it is less for normal, uniform, exponential and lognormal values,
for counts and for yes or no, and more for Cauchy's, and where one row of a thousand says 1e4.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import ndtri
from torch import Tensor

from ideas_lib.trees.preprocessing import Standardizer

__all__ = ["Ranks", "Scale", "bounded", "refuse_overflow", "scored", "shares", "squeezed"]

NEAR = 0.05  # standard deviations: values closer than that are told apart by no soft split
SQUEEZED = 0.1  # the share of pairs of different values that may be near each other
KNOTS = 256  # values whose ranks are remembered, at most
FAR = 5.0  # robust spreads from the median at which a number to predict ends
LARGEST = float(np.finfo(np.float32).max)
Array = NDArray[Any]


class Ranks(NamedTuple):
    """A feature's values, rising, and their scores: what a normal value of that rank would be.

    Scores have mean 0 and standard deviation 1 over the training rows. Between values they are
    interpolated, and beyond them they rise by as much as they do on average.
    """

    values: Array
    scores: Array

    @classmethod
    def of(cls, values: Array, weight: Array) -> "Ranks":
        """Rank different values in rising order, (n,), two at least; weights add up to 1."""
        scores = ndtri(np.cumsum(weight) - weight / 2)
        centre = weight @ scores
        scores = (scores - centre) / np.sqrt(weight @ (scores - centre) ** 2)
        places = np.linspace(0, 1, KNOTS)
        at = np.searchsorted(np.cumsum(weight), places).clip(0, len(values) - 1)
        at = np.unique(np.r_[0, at, len(values) - 1])
        if len(values) <= KNOTS:
            at = np.arange(len(values))
        return cls(values[at], scores[at])

    @property
    def _rise(self) -> float:
        return float((self.scores[-1] - self.scores[0]) / (self.values[-1] - self.values[0]))

    def score(self, x: Array) -> Array:
        """Return the scores of values of any shape."""
        beyond = np.minimum(x - self.values[0], 0) + np.maximum(x - self.values[-1], 0)
        return np.interp(x, self.values, self.scores) + self._rise * beyond

    def value(self, score: Array) -> Array:
        """Return the values of scores of any shape."""
        beyond = np.minimum(score - self.scores[0], 0) + np.maximum(score - self.scores[-1], 0)
        return np.interp(score, self.scores, self.values) + beyond / self._rise


@dataclass(frozen=True, eq=False)
class Scale:
    """The centre and spread of each feature, (features,) each, and the ranks of those squeezed.

    Both are in the user's units; a feature in `ranked` has those of its scores, 0 and 1.
    """

    centre: Array
    spread: Array
    ranked: Mapping[int, Ranks] = field(default_factory=dict)

    @classmethod
    def of(cls, x: Array, weight: Array, how: str, names: Sequence[str] = ()) -> "Scale":
        """Measure x (n, features) with weights (n,); `how` is "robust" or "standard".

        Warns of features that vary by less than their numbers can say, and with "standard" of
        those squeezed: neither can be split on.
        """
        centre, spread = Standardizer.of(x, weight)
        finest = 10 * np.finfo(float).eps * np.abs(x).max(axis=0)
        ranked: dict[int, Ranks] = {}
        lost, pressed = [], []
        for i, column in enumerate(x.T):
            values, share = shares(column, weight)
            if len(values) > 1 and _deviation(values, share) <= finest[i]:
                lost.append(i)
            elif squeezed(values, share):
                pressed.append(i)
                ranked[i] = Ranks.of(values, share)
        if lost:
            warnings.warn(
                f"{_named(lost, names)}: numbers so large are rounded by more than they vary, and"
                " count as constant; subtract what they have in common",
                stacklevel=4,
            )
        if how == "standard":
            ranked = {}
            if pressed:
                warnings.warn(
                    f"{_named(pressed, names)}: a few values lie so far out that most others are"
                    ' one to a split of this scale; scale="robust" splits on ranks there',
                    stacklevel=4,
                )
        centre[list(ranked)], spread[list(ranked)] = 0.0, 1.0
        return cls(centre, spread, ranked)

    def knots(self) -> list[dict[str, Array] | None]:
        """Return the ranks of each feature, or None, as a figure's script reads them."""
        return [
            self.ranked[i]._asdict() if i in self.ranked else None for i in range(len(self.centre))
        ]

    def scored(self, x: Array) -> Array:
        """Return x (n, features) with scores in place of the features that are ranked."""
        return scored(x, self.ranked)

    def standard(self, x: Array) -> Tensor:
        """Return x (n, features) on one scale, in float64."""
        return torch.as_tensor((self.scored(x) - self.centre) / self.spread)

    def units(self, feature: Array, standard: Array) -> Array:
        """Return values of features (k,) on one scale, (..., k), in the user's units."""
        found = self.centre[feature] + self.spread[feature] * standard
        for i, ranks in self.ranked.items():
            here = feature == i
            found[..., here] = ranks.value(found[..., here])
        return found


def scored(x: Array, ranked: Mapping[int, Ranks]) -> Array:
    """Return x (n, features) with scores in place of the features that are ranked."""
    if not ranked:
        return x
    x = x.copy()
    for i, ranks in ranked.items():
        x[:, i] = ranks.score(x[:, i])
    return x


def shares(column: Array, weight: Array) -> tuple[Array, Array]:
    """Return the different values of a column (n,), rising, and the share of the weight of each."""
    values, where = np.unique(column, return_inverse=True)
    share = np.bincount(where, weights=weight / weight.sum())
    return values, share


def _deviation(values: Array, share: Array) -> float:
    return float(np.sqrt(share @ (values - share @ values) ** 2))


def squeezed(values: Array, share: Array) -> bool:
    """Say whether different values, rising, lie too close in standard deviations: see above."""
    if len(values) < 3:
        return False
    until = np.cumsum(share)
    last = np.searchsorted(values, values + NEAR * _deviation(values, share), side="right") - 1
    near, pairs = share @ (until[last] - until), (1 - share @ share) / 2
    return bool(near > SQUEEZED * pairs)


def bounded(y: Array, weight: Array) -> Array:
    """Return numbers (n,), and where they are squeezed, none more than FAR from their median.

    FAR is in robust spreads: that of the middle half, or where all of it is one number, the median
    distance of the others. Warns of what it moves.
    """
    values, share = shares(y, weight)
    if not squeezed(values, share):
        return y
    low, middle, high = values[np.searchsorted(np.cumsum(share), (0.25, 0.5, 0.75))]
    spread = (high - low) / (2 * ndtri(0.75)) or float(np.median(np.abs(values - middle)))
    ends = middle - FAR * spread, middle + FAR * spread
    moved = int(((y < ends[0]) | (y > ends[1])).sum())
    if not moved:
        return y
    warnings.warn(
        f"{moved} of {len(y)} values of y lie beyond {ends[0]:.4g} to {ends[1]:.4g}, and count as"
        ' those: squared, they would hide the others; scale="standard" takes them as they are',
        stacklevel=4,
    )
    return np.clip(y, *ends)


def refuse_overflow(x: Array, what: str, names: Sequence[str] = ()) -> None:
    """Raise ValueError for x (n, features) with a number that is too large for float32."""
    over = np.abs(x) > LARGEST
    if over.any():
        row, column = np.argwhere(over)[0]
        raise ValueError(
            f"{what} has {x[row, column]:.3g} in {_named([int(column)], names)}, row {row}: numbers"
            f" lie within {LARGEST:.3g}, so divide by a power of 10 or drop the row"
        )


def _named(columns: Sequence[int], names: Sequence[str]) -> str:
    """Name a few columns: `column 3`, or `columns age, dose and 2 more`."""
    said = [names[i] if len(names) else str(i) for i in columns[:3]]
    rest = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
    return f"column{'s' * (len(columns) > 1)} {', '.join(said)}{rest}"
