"""The book's one rule: a paired interval and a margin give one word, of four.

An effect is idea minus baseline, paired by seed, signed so that the prediction is positive; the
margin is the smallest effect worth having. `paired` serves measured outcomes, `solved` serves
outcomes that are solve-or-fail. What they return is a comparison, in the words `COMPARISONS`; the
words `WORDS` are for the registered prediction alone, which `decided` turns a comparison into.
Where nothing was predicted, see `measured`.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ideas_lib.formatting import badge, number
from ideas_lib.intervals import HUGE, newcombe, paired_t

__all__ = ["COMPARISONS", "WORDS", "Verdict", "compared", "decide", "paired", "solved", "weigh"]

WORDS = ("supported", "no difference", "refuted", "inconclusive")
COMPARISONS = ("better", "within the margin", "worse", "unclear")

_REASONS = {
    "supported": "the whole interval is at or above the margin of {margin}",
    "no difference": "the whole interval is closer to zero than the margin of {margin}",
    "refuted": "the interval stays below the margin of {margin} and reaches {minus_margin} or less",
    "inconclusive": "the interval holds values on both sides of the margin of {margin}",
}
_COMPARED = {
    "better": _REASONS["supported"],
    "within the margin": _REASONS["no difference"],
    "worse": "the whole interval is at or below {minus_margin}",
    "unclear": "the interval holds values on both sides of {unclear}",
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
    predicted than that the idea is no worse. The word says what it is: one of `WORDS` is of the
    registered prediction, which a notebook shows as a badge; one of `COMPARISONS` is of any other
    comparison, shown without colour. Raises ValueError for a word that neither rule gives to these
    numbers.
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
        if self.word not in (word, self.comparison):
            raise ValueError(
                f"{self.word!r} is not the word for [{self.low}, {self.high}] with a margin of"
                f" {self.margin}: the rule says {word!r}, or {self.comparison!r} where it was not"
                " predicted"
            )

    @property
    def registered(self) -> bool:
        """Whether it is of the registered prediction."""
        return self.word in WORDS

    @property
    def comparison(self) -> str:
        """The word of `COMPARISONS` for these numbers, whether they were predicted or not."""
        return weigh(self.low, self.high, self.margin)

    def decided(self, no_worse: bool = False) -> "Verdict":
        """Return it as the verdict on a registered prediction, that the idea is better.

        Or, by `no_worse`, that it is no worse.
        """
        word = decide(self.low, self.high, self.margin, no_worse)
        return replace(self, word=word, no_worse=no_worse)

    def sentence(self) -> str:
        """Say in plain English what was found, and why that makes it the word it is."""
        reasons = _COMPARED if not self.registered else _NO_WORSE if self.no_worse else _REASONS
        margin, minus = self._show(self.margin, ""), self._show(-self.margin)
        inside = self.low < self.margin <= self.high
        reason = reasons[self.word].format(
            margin=margin,
            minus_margin=minus,
            unclear=f"the margin of {margin}" if inside else minus,
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
            said = decide(low, high, margin, self.no_worse), weigh(low, high, margin)
            if self.word in said:
                return digits
        return first + 12

    def _show(self, value: float, sign: str = "+") -> str:
        return number(value, f"{sign}.{self.digits()}f")

    def _numbers(self) -> str:
        interval = f"{self._show(self.low)} to {self._show(self.high)}"
        predicted = f"; predicted: worse by less than {self._show(self.margin, '')}"
        return (
            f"effect {self._show(self.effect)}, {100 * self.confidence:g} % interval {interval}"
            f" ({self.n} pairs, {self.method}"
            f"{predicted if self.registered and self.no_worse else ''})"
        )

    def _repr_markdown_(self) -> str:
        return f"**{self.word.capitalize()}** · {self._numbers()}"

    def _repr_html_(self) -> str:
        if self.registered:
            return badge(self.word, self._numbers())
        return f"<p><strong>{self.word.capitalize()}</strong> · {self._numbers()}</p>"


def decide(low: float, high: float, margin: float, no_worse: bool = False) -> str:
    """Return the word for an interval [`low`, `high`] and a `margin` above 0.

    Supported if low >= margin; no difference if -margin < low and high < margin; refuted if
    high < margin otherwise; else inconclusive. Of a prediction of `no_worse`: supported if
    low > -margin; refuted if high <= -margin; else inconclusive.
    """
    _check_interval(low, high, margin)
    if no_worse:
        return "supported" if low > -margin else "refuted" if high <= -margin else "inconclusive"
    if low >= margin:
        return "supported"
    if high < margin:
        return "no difference" if -margin < low else "refuted"
    return "inconclusive"


def weigh(low: float, high: float, margin: float) -> str:
    """Return the word of a comparison that nobody registered, for [`low`, `high`] and a `margin`.

    Better if low >= margin; worse if high <= -margin; within the margin if -margin < low and
    high < margin; else unclear.
    """
    _check_interval(low, high, margin)
    if low >= margin:
        return "better"
    if high <= -margin:
        return "worse"
    return "within the margin" if -margin < low and high < margin else "unclear"


def compared(
    idea: ArrayLike,
    baseline: ArrayLike,
    margin: float,
    higher: bool = True,
    solve_or_fail: bool = False,
    overlap: float = 0.0,
) -> Verdict:
    """Compare two arms as `paired` does, or, of an outcome that is `solve_or_fail`, as `solved`.

    `higher` says whether more, or more solved, is better. Raises ValueError where seeds that
    overlap solve or fail: there is no correction for it.
    """
    if not solve_or_fail:
        return paired(idea, baseline, margin, higher=higher, overlap=overlap)
    if overlap:
        raise ValueError("seeds that overlap: compare the outcome without solve_or_fail")
    return solved(idea, baseline, margin) if higher else solved(baseline, idea, margin)


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
    `overlap` is n_test / n_train where seeds are splits of the same samples, 0 where each seed is
    a fresh draw: see `intervals.paired_t`. Raises ValueError, naming what is wrong.
    """
    ours, theirs = _arms(idea, baseline)
    _check(margin, confidence)
    first, second = (ours, theirs) if higher else (theirs, ours)
    effect, low, high = paired_t(first, second, confidence, overlap)
    word = weigh(low, high, margin)
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
    effect, low, high = newcombe(both, only_idea, only_baseline, neither, confidence)
    word = weigh(low, high, margin)
    return Verdict(word, effect, low, high, float(margin), ours.size, "Newcombe", confidence)


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


def _check_interval(low: float, high: float, margin: float) -> None:
    _check_margin(margin)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ValueError(f"[{low}, {high}] is not an interval: both ends must be finite, in order")


def _check_margin(margin: float) -> None:
    if not (math.isfinite(margin) and margin > 0):
        raise ValueError(f"margin={margin} must be a finite number above 0")
