"""The exchange rate between truth and fame: what a bigger city is worth against the right one.

A model's log-odds of a capital against another city are taken as a line in the logarithm of how
many times more people live in the capital:

    log p(capital) - log p(other) = truth + fame * log(inhabitants of capital / of other)

`truth` is what the capital is ahead by where both are of one size, `fame` what each e-fold of
inhabitants adds. At even odds the other city is exp(truth / fame) times bigger.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ideas_lib.figures.settling import finite

__all__ = ["Exchange", "exchange_rate"]


@dataclass(frozen=True)
class Exchange:
    """A line's `truth` and `fame`, in nats and nats per e-fold, and the rate between them.

    `times` is how many times bigger the other city is at even odds, within [`low`, `high`]; where
    fame cannot be told from nothing, no size is certain to be enough: the interval is [0, inf].
    """

    truth: float
    fame: float
    times: float
    low: float
    high: float


def exchange_rate(log_ratios: ArrayLike, log_odds: ArrayLike, confidence: float = 0.95) -> Exchange:
    """Fit the line to (places,) log ratios and log-odds, by least squares, a place a unit.

    The interval is Fieller's, of a ratio of two estimates that vary together, by a covariance that
    lets the scatter differ from place to place (HC3). Raises ValueError for fewer than 4 places,
    for others than as many log-odds, and where all ratios are one, which no line tells apart.
    """
    x, y = finite("log_ratios", log_ratios, 1), finite("log_odds", log_odds, 1)
    if x.size != y.size:
        raise ValueError(f"{x.size} log ratios and {y.size} log-odds: a place has one of each")
    if x.size < 4:
        raise ValueError(f"{x.size} places: a line with an interval needs at least 4")
    if np.ptp(x) == 0:
        raise ValueError(f"all log ratios are {x[0]:g}: fame is told by cities that differ in size")
    (truth, fame), covariance = _line(x, y)
    low, high = _fieller(truth, fame, covariance, stats.t.ppf((1 + confidence) / 2, x.size - 2))
    return Exchange(truth, fame, _exp(truth / fame) if fame else math.inf, low, high)


def _line(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[tuple[float, float], NDArray[np.float64]]:
    """Return intercept and slope, and their covariance (2, 2), HC3 of MacKinnon and White 1985."""
    design = np.column_stack([np.ones_like(x), x])
    inverse = np.linalg.inv(design.T @ design)
    intercept, slope = inverse @ design.T @ y
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    error = (y - design @ [intercept, slope]) / np.maximum(1 - leverage, 1e-12)
    meat = design.T @ (design * error[:, None] ** 2)
    return (float(intercept), float(slope)), inverse @ meat @ inverse


def _fieller(
    truth: float, fame: float, covariance: NDArray[np.float64], t: float
) -> tuple[float, float]:
    """Return exp of the ends of all r with |truth - r fame| within t of its standard error."""
    a = fame**2 - t**2 * covariance[1, 1]
    b = truth * fame - t**2 * covariance[0, 1]
    c = truth**2 - t**2 * covariance[0, 0]
    if a <= 0:  # the slope may be 0, and the ratio anything
        return 0.0, math.inf
    reach = math.sqrt(max(b**2 - a * c, 0.0))
    return _exp((b - reach) / a), _exp((b + reach) / a)


def _exp(power: float) -> float:
    return math.exp(min(power, 700.0))
