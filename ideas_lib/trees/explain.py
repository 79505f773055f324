"""Why a tree says what it says about one sample: its path, a sentence a split."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ideas_lib.formatting import number

__all__ = ["Explanation", "Step", "one_row", "split_words"]


@dataclass(frozen=True)
class Step:
    """One turn: at which node, in words, whether it was yes, and how probable, 0 to 1."""

    node: int
    words: str
    yes: bool
    probability: float


@dataclass(frozen=True)
class Explanation:
    """A path to a leaf. `probability` is that of the whole path, the product of its steps'."""

    steps: tuple[Step, ...]
    leaf: int
    prediction: Any
    probability: float

    def __str__(self) -> str:
        lines = [
            f"{i}. {step.words}"
            + ("" if step.probability == 1 else f" ({share(step.probability)})")
            for i, step in enumerate(self.steps, 1)
        ]
        said = self.prediction
        end = f"so {number(said, '.4g') if isinstance(said, float) else said}"
        if self.probability != 1:
            end += f": this path has {share(self.probability)} of the say"
        return "\n".join([*lines, end])


def share(probability: float) -> str:
    """Write a probability below 1 as a percentage that never claims certainty."""
    return "> 99%" if probability > 0.995 else f"{probability:.0%}"


def one_row(x: ArrayLike) -> ArrayLike:
    """Return one sample, (features,), a pandas row, or (1, features), as (1, features).

    Raises ValueError for more than one sample.
    """
    if isinstance(x, pd.Series):
        return x.to_frame().T
    row = x if isinstance(x, pd.DataFrame) else np.asarray(x)
    if row.ndim == 1:
        return row.reshape(1, -1)
    if len(row) != 1:
        raise ValueError(f"explain takes one sample, not {len(row)}: give X[i]")
    return row


def name_of(feature: int, names: Sequence[str]) -> str:
    """Return a feature's name, or x and its number."""
    return names[feature] if names else f"x{feature}"


def split_words(
    reads: Any,
    threshold: float,
    names: Sequence[str] = (),
    spread: NDArray[Any] | None = None,
    ranked: Container[int] = (),
    *,
    yes: bool = True,
    terms: int = 3,
) -> str:
    """Write a split in words: `petal length (cm) > 2.45`.

    `reads` is a feature's number, or weights (features,), of which the `terms` that matter most,
    weight times spread (features,), are named and the others counted; of those in `ranked` a sum
    takes the score of the rank. `yes` is the side above.
    """
    sign = ">" if yes else "<="
    if np.ndim(reads) == 0:
        return f"{name_of(int(reads), names)} {sign} {number(threshold, '.4g')}"
    matters = np.abs(reads) * (1 if spread is None else spread)
    told = [name_of(i, names) for i in range(len(matters))]
    told = [f"rank({name})" if i in ranked else name for i, name in enumerate(told)]
    return f"{sum_words(np.asarray(reads), matters, told, terms)} {sign} {number(threshold, '.4g')}"


def sum_words(
    weights: NDArray[Any], matters: NDArray[Any], names: Sequence[str], terms: int
) -> str:
    """Write a weighted sum: `0.8 a − 0.3 b + 12 more`."""
    largest = [i for i in np.argsort(-matters, kind="stable")[:terms] if weights[i]]
    text = ""
    for i in largest:
        size = f"{abs(weights[i]):.3g} {name_of(int(i), names)}"
        negative = weights[i] < 0
        if text:
            text += (" − " if negative else " + ") + size
        else:
            text = ("−" if negative else "") + size
    rest = int((weights != 0).sum()) - len(largest)
    return (text or "0") + (f" + {rest} more" if rest else "")
