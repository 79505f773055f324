"""A quantity with its interval, where nothing was predicted: what tools and essays may have.

The word for it is `measured`, which stands where a verdict would.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ideas_lib.formatting import badge, number
from ideas_lib.intervals import clopper_pearson, mean_t, wilson

__all__ = ["Measured", "measure_units"]

_METHODS = {"t": "t", "wilson": "Wilson", "clopper-pearson": "Clopper-Pearson"}


@dataclass(frozen=True)
class Measured:
    """A quantity, where nothing was predicted, and its interval [`low`, `high`].

    `unit` is the text that follows its number. `n` counts what is `independent`, "seed" for
    instance; `method` names the interval, at level `confidence`. Shown in a notebook, it is a
    badge. `word` and `effect` are there so that it can stand where a `Verdict` can.
    """

    value: float
    low: float
    high: float
    unit: str
    n: int
    method: str
    confidence: float = 0.95
    independent: str = "seed"
    word: ClassVar[str] = "measured"

    @property
    def effect(self) -> float:
        """The value."""
        return self.value

    def sentence(self) -> str:
        """Say in plain English what was measured, and how surely."""
        return f"Measured: {self._numbers()}."

    def digits(self) -> int:
        """Return how many decimals to show: two digits of how far the interval reaches.

        Where it is one point, it is three digits of the value.
        """
        reach = max(self.value - self.low, self.high - self.value)
        size, shown = (reach, 2) if reach else (abs(self.value), 3)
        return max(0, shown - 1 - math.floor(math.log10(size))) if size else 0

    def _numbers(self) -> str:
        value, low, high = (
            number(each, f".{self.digits()}f") for each in (self.value, self.low, self.high)
        )
        return (
            f"{value} {self.unit}".strip()
            + f", {100 * self.confidence:g} % interval {low} to {high}"
            f" (n = {self.n} by {self.independent}, {self.method})"
        )

    def _repr_markdown_(self) -> str:
        return f"**Measured** · {self._numbers()}"

    def _repr_html_(self) -> str:
        return badge(self.word, self._numbers())


def measure_units(
    units: Mapping[str, Sequence[float]],
    unit: str = "",
    independent: str = "seed",
    interval: str = "t",
    confidence: float = 0.95,
) -> Measured:
    """Return the mean over independent units, of the mean of each one's values, as Measured.

    `interval` is "t", of 2 units or more; or, for shares, whose values are 0 or 1, "wilson", or
    "clopper-pearson", which takes units whose values are all alone. Where they are not, Wilson's
    counts them by their means: too wide rather than too narrow. Raises ValueError.
    """
    if interval not in _METHODS:
        raise ValueError(f"interval={interval!r} is none of {', '.join(_METHODS)}")
    means = {name: float(np.mean(values)) for name, values in units.items()}
    n = len(means)
    if interval == "t":
        found = mean_t(list(means.values()), confidence=confidence)
    else:
        for name, values in units.items():
            odd = [value for value in values if value not in (0, 1)]
            if odd:
                raise ValueError(f"{independent} {name} holds {odd[0]:g}: a share's are 0 or 1")
        if interval == "wilson":
            found = wilson(sum(means.values()), n, confidence)
        else:
            mixed = [name for name, mean in means.items() if mean not in (0, 1)]
            if mixed:
                raise ValueError(
                    f"{independent} {mixed[0]} is 0 and 1: Clopper-Pearson counts whole units, so"
                    " take interval='wilson'"
                )
            found = clopper_pearson(int(sum(means.values())), n, confidence)
    return Measured(*found, unit, n, _METHODS[interval], confidence, independent)
