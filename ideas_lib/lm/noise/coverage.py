"""Are bounds any good? How often they hold what was held out, and how often they cry wolf.

    hold_out_families(rows, interval, others)  # each in turn: the interval from the other families,
                                               # and what this family gives on other contexts
    false_alarms(rows, interval)               # of pairs built to be equal

An interval is whatever takes rows and gives an object with `low` and `high`; `noise_bounds` is one.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

import numpy as np
import pandas as pd
from scipy import stats

__all__ = [
    "AS_WRITTEN",
    "Held",
    "MeanInterval",
    "against",
    "false_alarms",
    "here",
    "hold_out_families",
]

AS_WRITTEN = "as written"
LEVEL = 0.95
MOST = 12  # units whose labels are swapped in every possible way
DRAWN = 500  # ways of more units


class MeanInterval(Protocol):
    """A mean and two ends, in nats."""

    @property
    def mean(self) -> float:
        """The estimate."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""


@dataclass(frozen=True)
class Held:
    """A mean with its interval [`low`, `high`], and what it was to hold, all in nats.

    `truth` is measured as well, with the standard error `error` on `n` contexts.
    """

    family: str
    mean: float
    low: float
    high: float
    truth: float
    error: float
    n: int

    @property
    def reach(self) -> tuple[float, float]:
        """The interval with the truth's own error added to either side, in quadrature.

        Two samples differ by the errors of both: without this, an interval that is right 95 % of
        the time about the true mean would seem to be right less often.
        """
        own = stats.t.ppf((1 + LEVEL) / 2, max(self.n - 1, 1)) * self.error
        below, above = self.mean - self.low, self.high - self.mean
        return self.mean - math.hypot(below, own), self.mean + math.hypot(above, own)

    @property
    def covered(self) -> bool:
        """Whether the truth lies within reach."""
        low, high = self.reach
        return low <= self.truth <= high

    @property
    def score(self) -> float:
        """The interval score in nats, lower is better: width, and 2/alpha times what it misses by.

        A proper score: neither narrowness nor caution alone can win (Gneiting and Raftery,
        Strictly Proper Scoring Rules, Prediction, and Estimation, JASA 102:359, 2007, eq. 43).
        """
        low, high = self.reach
        missed = max(0.0, low - self.truth, self.truth - high)
        return high - low + 2 / (1 - LEVEL) * missed

    @property
    def claim(self) -> int:
        """The sign that the interval claims, 0 where it holds zero."""
        return int(self.low > 0) - int(self.high < 0)


def against(interval: MeanInterval, others: pd.DataFrame, family: str) -> Held:
    """Set an interval against the mean that a family has over other contexts.

    `others` has a row a variant: context, family, difference (nats). Contexts that are there as
    written, and not in this family, help as well: the truth is the mean of all of them as
    written, plus the mean change from there to the family (a difference estimator), with the
    error of both. Raises ValueError where no context has the family, or some not as written.
    """
    mine = others[others["family"] == family].groupby("context")["difference"].mean()
    plain = others[others["family"] == AS_WRITTEN].groupby("context")["difference"].mean()
    if mine.empty or not mine.index.isin(plain.index).all():
        raise ValueError(f"family {family!r}: needs contexts that have it, and are as written too")
    rest = plain.drop(mine.index)
    part = len(mine) / len(plain)
    changed = mine - (1 - part) * plain[mine.index]  # the mean change, and its share of the rest
    truth = changed.mean() + ((1 - part) * rest.mean() if len(rest) else 0.0)
    error = math.sqrt(_squared(changed) + ((1 - part) ** 2 * _squared(rest) if len(rest) else 0.0))
    return Held(family, interval.mean, interval.low, interval.high, float(truth), error, len(mine))


def _squared(values: pd.Series) -> float:
    return float(values.var(ddof=1)) / len(values) if len(values) > 1 else math.inf


def here(interval: MeanInterval, rows: pd.DataFrame, family: str) -> Held:
    """Set an interval against the mean of a family over the very contexts that it was made of."""
    mine = rows[rows["family"] == family].groupby("context")["difference"].mean()
    truth = float(mine.mean())
    return Held(family, interval.mean, interval.low, interval.high, truth, 0.0, len(mine))


def hold_out_families(
    rows: pd.DataFrame,
    interval: Callable[[pd.DataFrame], MeanInterval],
    others: pd.DataFrame | None = None,
) -> list[Held]:
    """Hold out each family of noise in turn: the interval is made of `rows` without it.

    Rows are variants: context, family, difference (nats); the family "as written" is no noise
    and always stays. The interval is set against `others`, contexts drawn as those of `rows`
    were, or, without them, against the family on the very same contexts.
    """
    found = []
    for family in (each for each in rows["family"].unique() if each != AS_WRITTEN):
        made = interval(rows[rows["family"] != family])
        found.append(here(made, rows, family) if others is None else against(made, others, family))
    return found


def false_alarms(
    rows: pd.DataFrame, interval: Callable[[pd.DataFrame], MeanInterval], unit: str = "context"
) -> float:
    """Return how often an interval excludes zero where the two phrases are exchangeable.

    Which of a unit's two phrases is called `a` is then a fair coin, and all ways the coins can
    fall are equally probable: with n units, 2^n of them, each tried (mirror images give the same
    answer, so half of them). Of more than 12 units, 500 ways are drawn, always the same ones.
    `unit` is the column within which the labels stick together.
    """
    code, units = pd.factorize(rows[unit])
    alarms = []
    for coins in _ways(len(units)):
        sign = np.array(coins)[code]
        made = interval(rows.assign(difference=rows["difference"] * sign))
        alarms.append(made.low > 0 or made.high < 0)
    return float(np.mean(alarms))


def _ways(units: int) -> Iterable[Sequence[float]]:
    """Return how the coins may fall: all ways but mirror images, or some of very many."""
    if units > MOST:
        return np.random.default_rng(units).choice((1.0, -1.0), (DRAWN, units)).tolist()
    return ((1.0, *coins) for coins in product((1.0, -1.0), repeat=units - 1))
