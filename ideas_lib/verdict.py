"""The book's one rule: a paired interval and a margin give one of four words.

An effect is idea minus baseline, paired by seed, signed so that the prediction is positive; the
margin is the smallest effect worth having. `paired` serves measured outcomes, `solved` serves
outcomes that are solve-or-fail. Where nothing was predicted, see `measured`.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ideas_lib.formatting import badge, number
from ideas_lib.intervals import HUGE, newcombe, paired_t

__all__ = ["WORDS", "Verdict", "decide", "paired", "solved"]

WORDS = ("supported", "no difference", "refuted", "inconclusive")

_REASONS = {
    "supported": "the whole interval is at or above the margin of {margin}",
    "no difference": "the whole interval is closer to zero than the margin of {margin}",
    "refuted": "the interval stays below the margin of {margin} and reaches {minus_margin} or less",
    "inconclusive": "the interval holds values on both sides of the margin of {margin}",
}
_NO_WORSE = {
    "supported": "the whole interval is above {minus_margin}",
    "refuted": "the whole interval is at or below {minus_margin}",
    "inconclusive": "the interval holds values on both sides of {minus_margin}",
}


@dataclass(frozen=True)
class Verdict:
    """A word, and the numbers that decide it.

    `effect`, its interval [`low`, `high`] and the `margin` are in the outcome's unit; `n` counts
    pairs; `method` names the interval, at level `confidence`; `no_worse` says that no more was
    predicted than that the idea is no worse. Shown in a notebook, it is a badge. Raises ValueError
    for a word that the rule does not give to these numbers.
    """

    word: str
    effect: float
    low: float
    high: float
    margin: float
    n: int
    method: str
    confidence: float = 0.95
    no_worse: bool = False

    def __post_init__(self) -> None:
        word = decide(self.low, self.high, self.margin, self.no_worse)
        if self.word != word:
            raise ValueError(
                f"{self.word!r} is not the word for [{self.low}, {self.high}] with a margin of"
                f" {self.margin}: the rule says {word!r}"
            )

    def sentence(self) -> str:
        """Say in plain English what was found, and why that makes it the word it is."""
        reason = (_NO_WORSE if self.no_worse else _REASONS)[self.word].format(
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
            if decide(low, high, margin, self.no_worse) == self.word:
                return digits
        return first + 12

    def _show(self, value: float, sign: str = "+") -> str:
        return number(value, f"{sign}.{self.digits()}f")

    def _numbers(self) -> str:
        interval = f"{self._show(self.low)} to {self._show(self.high)}"
        predicted = f"; predicted: worse by less than {self._show(self.margin, '')}"
        return (
            f"effect {self._show(self.effect)}, {100 * self.confidence:g} % interval {interval}"
            f" ({self.n} pairs, {self.method}{predicted if self.no_worse else ''})"
        )

    def _repr_markdown_(self) -> str:
        return f"**{self.word.capitalize()}** · {self._numbers()}"

    def _repr_html_(self) -> str:
        return badge(self.word, self._numbers())


def decide(low: float, high: float, margin: float, no_worse: bool = False) -> str:
    """Return the word for an interval [`low`, `high`] and a `margin` above 0.

    Supported if low >= margin; no difference if -margin < low and high < margin; refuted if
    high < margin otherwise; else inconclusive. Of a prediction of `no_worse`: supported if
    low > -margin; refuted if high <= -margin; else inconclusive.
    """
    _check_margin(margin)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"[{low}, {high}] is not an interval: both ends must be finite, in order")
    if no_worse:
        return "supported" if low > -margin else "refuted" if high <= -margin else "inconclusive"
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
    no_worse: bool = False,
) -> Verdict:
    """Compare two arms of equal length n >= 2, one value a seed, by the paired-t interval.

    `higher` says whether more is better; where it is not, the effect is baseline minus idea.
    `overlap` is n_test / n_train where seeds are splits of the same samples, 0 where each seed is
    a fresh draw: see `intervals.paired_t`. Raises ValueError, naming what is wrong.
    """
    ours, theirs = _arms(idea, baseline)
    _check(margin, confidence)
    first, second = (ours, theirs) if higher else (theirs, ours)
    effect, low, high = paired_t(first, second, confidence, overlap)
    word = decide(low, high, margin, no_worse)
    method = "corrected paired t" if overlap else "paired t"
    return Verdict(word, effect, low, high, float(margin), ours.size, method, confidence, no_worse)


def solved(
    idea: ArrayLike,
    baseline: ArrayLike,
    margin: float,
    confidence: float = 0.95,
    no_worse: bool = False,
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
    effect, low, high = newcombe(both, only_idea, only_baseline, neither, confidence)
    word = decide(low, high, margin, no_worse)
    how = ours.size, "Newcombe", confidence, no_worse
    return Verdict(word, effect, low, high, float(margin), *how)


def _arms(idea: ArrayLike, baseline: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    arms = []
    for name, values in (("idea", idea), ("baseline", baseline)):
        arm = np.asarray(values, dtype=float)
        if arm.ndim != 1:
            raise ValueError(f"{name} has shape {arm.shape}: it must be one value a seed")
        bad = arm[~(np.abs(arm) < HUGE)]
        if bad.size:
            raise ValueError(
                f"{name} holds {bad[0]}: every run must end in a finite number below {HUGE:g}"
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
