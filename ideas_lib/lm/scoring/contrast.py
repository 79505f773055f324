"""The difference between two phrases, paired by context, with bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from ideas_lib.lm.noise.robust import Robust
from ideas_lib.lm.scoring.scores import Score

__all__ = ["Contrast", "contrast"]

LEVEL = 0.95


@dataclass(frozen=True)
class Contrast:
    """Log p(a) - log p(b) in nats: above 0 the model finds `a` the more probable.

    `frame` has a row a context: `difference`, NaN where a score is censored, and `low` and `high`,
    what it is certain to lie between for the model as it is: the numerical floor, and one side
    open where one score is an upper bound. `mean`, `low` and `high` are over contexts as written,
    with a 95 % t interval that the floor widens; infinite with one context, or an open side.
    `robust` is what noise says beside them.
    """

    a: str
    b: str
    frame: pd.DataFrame
    mean: float
    low: float
    high: float
    robust: Robust | None = None

    def __str__(self) -> str:
        said = (
            f"log p({self.a!r}) - log p({self.b!r}) = {self.mean:+.2f} nats "
            f"[{self.low:+.2f}, {self.high:+.2f}], {len(self.frame)} contexts"
        )
        if self.robust is None:
            return said
        noisy = self.robust.variants  # a context that no noise fits has no variants
        return (
            f"{said}; with noise {noisy.mean:+.2f} [{noisy.low:+.2f}, {noisy.high:+.2f}], "
            f"{noisy.n_rows} variants of {noisy.n_contexts} contexts"
        )


def contrast(
    a: str, b: str, contexts: Sequence[str], pairs: Sequence[tuple[Score, Score]], floor: float
) -> Contrast:
    """Contrast pairs of scores, one pair a context; `floor` is in nats a token.

    Errors of single tokens are taken for independent, so that the floor grows with the root of
    their number; but not from context to context, where the same tokens may err alike.
    """
    rows = []
    for one, other in pairs:
        difference = _beyond(one) - _beyond(other)
        give = floor * math.sqrt(len(one.tokens) + len(other.tokens))
        low, high = difference - give, difference + give
        if one.bound is not None:
            low = -math.inf
        if other.bound is not None:
            high = math.inf
        exact = one.bound is None and other.bound is None
        rows.append((difference if exact else math.nan, low, high))
    frame = pd.DataFrame(rows, columns=["difference", "low", "high"])
    frame.insert(0, "context", list(contexts))
    low = _end(frame["low"].to_numpy(), -1)
    high = _end(frame["high"].to_numpy(), 1)
    return Contrast(a, b, frame, float(frame["difference"].mean(skipna=False)), low, high)


def _beyond(score: Score) -> float:
    return score.logprob - (score.tail or 0.0)


def _end(values: np.ndarray, side: int) -> float:
    """The end of the t interval of a mean on one side."""
    if len(values) < 2 or not np.isfinite(values).all():
        return side * math.inf
    t = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1)
    return float(values.mean() + side * t * values.std(ddof=1) / math.sqrt(len(values)))
