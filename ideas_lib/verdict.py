"""The book's one rule: a paired interval and a margin give one of four words.

An effect is idea minus baseline, paired by seed, signed so that the prediction is positive; the
margin is the smallest effect worth having. `paired` serves measured outcomes, `solved` serves
outcomes that are solve-or-fail.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ideas_lib.formatting import number

__all__ = ["WORDS", "Verdict", "decide", "paired", "solved"]

# Squares of what is larger would overflow in the interval.
_HUGE = 1e100

WORDS = ("supported", "no difference", "refuted", "inconclusive")

# White text on each of these has a contrast above 4.5, and the badge brings its own background,
# so it reads the same on a light and on a dark page. The word carries the meaning, not the colour.
_COLOURS = {
    "supported": "#00684a",
    "no difference": "#4d5966",
    "refuted": "#a33b00",
    "inconclusive": "#6a4a8c",
}
_REASONS = {
    "supported": "the whole interval is at or above the margin of {margin}",
    "no difference": "the whole interval is closer to zero than the margin of {margin}",
    "refuted": "the interval stays below the margin of {margin} and reaches {minus_margin} or less",
    "inconclusive": "the interval holds values on both sides of the margin of {margin}",
}


@dataclass(frozen=True)
class Verdict:
    """A word, and the numbers that decide it.

    `effect`, its interval [`low`, `high`] and the `margin` are in the outcome's unit; `n` counts
    pairs; `method` names the interval, at level `confidence`. Shown in a notebook, it is a badge.
    Raises ValueError for a word that the rule does not give to these numbers.
    """

    word: str
    effect: float
    low: float
    high: float
    margin: float
    n: int
    method: str
    confidence: float = 0.95

    def __post_init__(self) -> None:
        word = decide(self.low, self.high, self.margin)
        if self.word != word:
            raise ValueError(
                f"{self.word!r} is not the word for [{self.low}, {self.high}] with a margin of"
                f" {self.margin}: the rule says {word!r}"
            )

    def sentence(self) -> str:
        """Say in plain English what was found, and why that makes it the word it is."""
        reason = _REASONS[self.word].format(
            margin=self._show(self.margin, ""), minus_margin=self._show(-self.margin)
        )
        return f"{self.word.capitalize()}: {self._numbers()}; {reason}."

    def digits(self) -> int:
        """Return how many decimals to show.

        The margin gets two significant digits, and more are added while rounding would change the
        word, so that a reader who applies the rule to the printed numbers gets the printed word.
        """
        first = max(0, 1 - math.floor(math.log10(self.margin)))
        for digits in range(first, first + 12):
            low, high, margin = (round(x, digits) for x in (self.low, self.high, self.margin))
            if decide(low, high, margin) == self.word:
                return digits
        return first + 12

    def _show(self, value: float, sign: str = "+") -> str:
        return number(value, f"{sign}.{self.digits()}f")

    def _numbers(self) -> str:
        interval = f"{self._show(self.low)} to {self._show(self.high)}"
        return (
            f"effect {self._show(self.effect)}, {100 * self.confidence:g} % interval {interval}"
            f" ({self.n} pairs, {self.method})"
        )

    def _repr_markdown_(self) -> str:
        return f"**{self.word.capitalize()}** · {self._numbers()}"

    def _repr_html_(self) -> str:
        badge = (
            f"background:{_COLOURS[self.word]};color:#fff;border-radius:0.3em;"
            "padding:0.15em 0.55em;font-weight:600;white-space:nowrap"
        )
        return (
            f'<p><span class="verdict-word" style="{badge}">'
            f"{self.word.capitalize()}</span> {self._numbers()}</p>"
        )


def decide(low: float, high: float, margin: float) -> str:
    """Return the word for an interval [`low`, `high`] and a `margin` above 0.

    Supported if low >= margin; no difference if -margin < low and high < margin; refuted if
    high < margin otherwise; else inconclusive.
    """
    _check_margin(margin)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"[{low}, {high}] is not an interval: both ends must be finite, in order")
    if low >= margin:
        return "supported"
    if high < margin:
        return "no difference" if -margin < low else "refuted"
    return "inconclusive"


def paired(
    idea: ArrayLike,
    baseline: ArrayLike,
    margin: float,
    higher: bool = True,
    confidence: float = 0.95,
    overlap: float = 0.0,
) -> Verdict:
    """Compare two arms of equal length n >= 2, one value a seed, by the paired-t interval.

    `higher` says whether more is better; where it is not, the effect is baseline minus idea.
    `overlap` is n_test / n_train where seeds are splits of the same samples, as in repeated
    cross-validation: their training sets overlap, so that the differences vary together, and the
    variance of their mean is taken as (1/n + n_test / n_train) times theirs, not 1/n times
    (Nadeau and Bengio, Machine Learning 52:239, 2003). It is 0 where each seed is a fresh draw.
    Differences that are all equal, up to the rounding of the subtraction, have no spread to
    estimate: their interval is the one point. Raises ValueError, naming what is wrong.
    """
    ours, theirs = _arms(idea, baseline)
    _check(margin, confidence)
    if not 0 <= overlap < math.inf:
        raise ValueError(f"overlap={overlap} must be n_test / n_train, or 0 for fresh draws")
    differences = ours - theirs if higher else theirs - ours
    scale = max(np.abs(ours).max(), np.abs(theirs).max())
    if np.ptp(differences) <= 64 * np.finfo(float).eps * scale:
        # 0.3 - 0.2 is not quite 0.1: drop the digits that the subtraction made up.
        effect = low = high = float(f"{differences.mean():.12g}")
    else:
        effect = float(differences.mean())
        low, high = (float(end) for end in _t_interval(differences, confidence, overlap))
    word = decide(low, high, margin)
    method = "corrected paired t" if overlap else "paired t"
    return Verdict(word, effect, low, high, float(margin), ours.size, method, confidence)


def solved(
    idea: ArrayLike, baseline: ArrayLike, margin: float, confidence: float = 0.95
) -> Verdict:
    """Compare two arms of equal length n >= 2 that solve (1, True) or fail (0, False) each seed.

    The effect is the difference of the shares solved, the `margin` a share in (0, 1]. The interval
    is method 10 of Newcombe, Statistics in Medicine 17:2635 (1998). Raises ValueError, naming what
    is wrong.
    """
    ours, theirs = _arms(idea, baseline)
    for name, arm in (("idea", ours), ("baseline", theirs)):
        odd = arm[(arm != 0) & (arm != 1)]
        if odd.size:
            raise ValueError(f"{name} holds {odd[0]:g}: each run must be solved (1) or not (0)")
    _check(margin, confidence)
    if margin > 1:
        raise ValueError(f"margin={margin} must be at most 1: it is a difference of two shares")
    both = int((ours * theirs).sum())
    only_idea, only_baseline = int(ours.sum()) - both, int(theirs.sum()) - both
    neither = ours.size - both - only_idea - only_baseline
    effect, low, high = _newcombe((both, only_idea, only_baseline, neither), confidence)
    word = decide(low, high, margin)
    return Verdict(word, effect, low, high, float(margin), ours.size, "Newcombe", confidence)


def _t_interval(
    differences: NDArray[Any], confidence: float, overlap: float = 0.0
) -> tuple[Any, Any]:
    """Return the ends of the t interval of the mean over the last axis, of length n."""
    test = stats.ttest_1samp(differences, 0.0, axis=-1)
    found = test.confidence_interval(confidence)
    if not overlap:
        return found.low, found.high
    # The ends are the mean and t standard errors either side, and the error is sqrt(variance / n).
    mean = differences.mean(axis=-1)
    wider = math.sqrt(1 + differences.shape[-1] * overlap)
    return mean - (mean - found.low) * wider, mean + (found.high - mean) * wider


def _newcombe(counts: Sequence[int], confidence: float) -> tuple[float, float, float]:
    """Return the effect and its interval from a paired 2 x 2 table.

    `counts` are pairs solved by both, by the idea alone, by the baseline alone, by neither. The
    two Wilson intervals are added in quadrature, less their correlation phi, which is corrected
    for continuity where it is positive (method 10 of Newcombe, 1998).
    """
    a, b, c, d = counts
    n = a + b + c + d
    p1, p2 = (a + b) / n, (a + c) / n
    low1, high1 = _wilson(a + b, n, confidence)
    low2, high2 = _wilson(a + c, n, confidence)
    covariance = float(a * d - b * c)
    if covariance > 0:
        covariance = max(covariance - n / 2, 0.0)
    spread = math.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    phi = covariance / spread if spread else 0.0
    effect = (b - c) / n
    below = _add(p1 - low1, high2 - p2, phi)
    above = _add(high1 - p1, p2 - low2, phi)
    return effect, effect - below, effect + above


def _wilson(successes: int, n: int, confidence: float) -> tuple[float, float]:
    found = stats.binomtest(successes, n).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def _add(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x + y * y - 2 * phi * x * y))


def _arms(idea: ArrayLike, baseline: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    arms = []
    for name, values in (("idea", idea), ("baseline", baseline)):
        arm = np.asarray(values, dtype=float)
        if arm.ndim != 1:
            raise ValueError(f"{name} has shape {arm.shape}: it must be one value a seed")
        bad = arm[~(np.abs(arm) < _HUGE)]
        if bad.size:
            raise ValueError(
                f"{name} holds {bad[0]}: every run must end in a finite number below {_HUGE:g}"
            )
        arms.append(arm)
    ours, theirs = arms
    if ours.size != theirs.size:
        raise ValueError(
            f"idea has {ours.size} values and baseline {theirs.size}: pair them by seed"
        )
    if ours.size < 2:
        raise ValueError(f"n={ours.size} pairs give no interval: run at least 2 seeds")
    return ours, theirs


def _check(margin: float, confidence: float) -> None:
    _check_margin(margin)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence} must lie between 0 and 1, as 0.95 does")


def _check_margin(margin: float) -> None:
    if not (math.isfinite(margin) and margin > 0):
        raise ValueError(f"margin={margin} must be a finite number above 0")
