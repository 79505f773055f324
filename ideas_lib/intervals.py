"""Every interval of the book, once. Each returns (estimate, low, high).

`confidence` lies between 0 and 1. Bad input raises ValueError, naming the value. What studies have
of their own, as the bounds of `lm.noise`, builds on these.
"""

import math
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = [
    "clopper_pearson",
    "clopper_pearson_upper",
    "mean_t",
    "newcombe",
    "paired_t",
    "t_ends",
    "wilson",
]

Interval = tuple[float, float, float]

HUGE = 1e100  # squares of what is larger would overflow


def paired_t(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95, overlap: float = 0.0
) -> Interval:
    """Return the t interval of the mean of first minus second, paired, n >= 2 numbers each.

    `overlap` is n_test / n_train where pairs are splits of the same samples, as in repeated
    cross-validation: their training sets overlap, so that the differences vary together, and the
    variance of their mean is taken as (1/n + n_test / n_train) times theirs, not 1/n times
    (Nadeau and Bengio, Machine Learning 52:239, 2003). It is 0 where each pair is a fresh draw.
    Differences that are all equal, up to the rounding of the subtraction, have no spread to
    estimate: their interval is the one point.
    """
    _check_confidence(confidence)
    if not 0 <= overlap < math.inf:
        raise ValueError(f"overlap={overlap} must be n_test / n_train, or 0 for fresh draws")
    ours, theirs = _numbers(first, "first"), _numbers(second, "second")
    if ours.size != theirs.size:
        raise ValueError(f"first has {ours.size} values and second {theirs.size}: pair them")
    return _mean(ours - theirs, max(np.abs(ours).max(), np.abs(theirs).max()), confidence, overlap)


def mean_t(
    values: ArrayLike, units: Sequence[Hashable] | None = None, confidence: float = 0.95
) -> Interval:
    """Return the t interval of a mean, of n >= 2 numbers.

    `units` says which independent unit each value is of, where several are of one: then the mean
    of the units' means is meant, every unit counting once, and the interval is over units.
    """
    _check_confidence(confidence)
    found = _numbers(values, "values", least=2 if units is None else 1)
    if units is not None:
        if len(units) != found.size:
            raise ValueError(f"{found.size} values and {len(units)} units: each value has its unit")
        of: dict[Hashable, list[float]] = {}
        for unit, value in zip(units, found.tolist(), strict=True):
            of.setdefault(unit, []).append(value)
        found = _numbers([float(np.mean(own)) for own in of.values()], "units")
    return _mean(found, np.abs(found).max(), confidence)


def t_ends(values: NDArray[Any], confidence: float = 0.95, overlap: float = 0.0) -> tuple[Any, Any]:
    """Return the ends of the t interval of the mean over the last axis; `overlap` as `paired_t`."""
    found = stats.ttest_1samp(values, 0.0, axis=-1).confidence_interval(confidence)
    if not overlap:
        return found.low, found.high
    # The ends are the mean and t standard errors either side, and the error is sqrt(variance / n).
    mean = values.mean(axis=-1)
    wider = math.sqrt(1 + values.shape[-1] * overlap)
    return mean - (mean - found.low) * wider, mean + (found.high - mean) * wider


def newcombe(
    both: int, only_first: int, only_second: int, neither: int, confidence: float = 0.95
) -> Interval:
    """Return the interval of a difference of two paired shares, first minus second.

    The counts are pairs in which both succeed, the first alone, the second alone, and neither.
    The two Wilson intervals are added in quadrature, less their correlation phi, which is
    corrected for continuity where it is positive (method 10 of Newcombe, Statistics in Medicine
    17:2635, 1998).
    """
    a, b, c, d = both, only_first, only_second, neither
    n = a + b + c + d
    if min(a, b, c, d) < 0 or not n:
        raise ValueError(f"{(a, b, c, d)} must be counts of pairs, at least one in all")
    p1, low1, high1 = wilson(a + b, n, confidence)
    p2, low2, high2 = wilson(a + c, n, confidence)
    covariance = float(a * d - b * c)
    if covariance > 0:
        covariance = max(covariance - n / 2, 0.0)
    spread = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    phi = covariance / spread if spread else 0.0
    effect = (b - c) / n
    below = _add(p1 - low1, high2 - p2, phi)
    above = _add(high1 - p1, p2 - low2, phi)
    return effect, effect - below, effect + above


def wilson(successes: float, n: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's interval of a share, `successes` of `n` above 0 (JASA 22:209, 1927).

    Neither need be whole: `n` may be how many independent trials the trials are worth.
    """
    if n == 0:
        raise ValueError("0 of 0 is no share: there must be a trial")
    _check_share(successes, n, confidence)
    share, z = successes / n, stats.norm.ppf((1 + confidence) / 2)
    # The arithmetic, and its order, are those of scipy's `binomtest`, which takes whole numbers.
    divisor = 2 * (n + z**2)
    centre = (2 * n * share + z**2) / divisor
    reach = z / divisor * math.sqrt(4 * n * share * (1 - share) + z**2)
    low = 0.0 if successes == 0 else float(centre - reach)
    return share, low, 1.0 if successes == n else float(centre + reach)


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the exact interval of a share (Clopper and Pearson, Biometrika 26:404, 1934).

    Of no trials the share is NaN and the interval (0, 1).
    """
    _check_share(successes, n, confidence)
    if not n:
        return math.nan, 0.0, 1.0
    found = stats.binomtest(successes, n).proportion_ci(confidence, method="exact")
    return successes / n, float(found.low), float(found.high)


def clopper_pearson_upper(successes: int, n: int, confidence: float = 0.9) -> float:
    """Return the exact one-sided upper limit of a share (Clopper and Pearson 1934)."""
    _check_share(successes, n, confidence)
    if successes == n:
        return 1.0
    return float(stats.beta.ppf(confidence, successes + 1, n - successes))


def _mean(values: NDArray[Any], scale: float, confidence: float, overlap: float = 0.0) -> Interval:
    """Return the t interval of a mean of values made of numbers up to `scale`."""
    if np.ptp(values) <= 64 * np.finfo(float).eps * scale:
        # 0.3 - 0.2 is not quite 0.1: drop the digits that the subtraction made up.
        point = float(f"{values.mean():.12g}")
        return point, point, point
    low, high = t_ends(values, confidence, overlap)
    return float(values.mean()), float(low), float(high)


def _add(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x + y * y - 2 * phi * x * y))


def _numbers(values: ArrayLike, name: str, least: int = 2) -> NDArray[Any]:
    found = np.asarray(values, dtype=float)
    if found.ndim != 1:
        raise ValueError(f"{name} has shape {found.shape}: it must be a list of numbers")
    bad = found[~(np.abs(found) < HUGE)]
    if bad.size:
        raise ValueError(f"{name} holds {bad[0]}: each must be a finite number below {HUGE:g}")
    if found.size < least:
        raise ValueError(f"n={found.size} {name} give no interval: there must be at least {least}")
    return found


def _check_share(successes: float, n: float, confidence: float) -> None:
    if not 0 <= successes <= n < math.inf:
        raise ValueError(f"{successes} of {n} is no share")
    _check_confidence(confidence)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence} must lie between 0 and 1, as 0.95 does")
