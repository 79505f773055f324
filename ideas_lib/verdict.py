"""The book's one rule: a paired interval and a margin give one of four words.

An effect is idea minus baseline, paired by seed, signed so that the prediction is positive; the
margin is the smallest effect worth having. `paired` serves measured outcomes, `solved` serves
outcomes that are solve-or-fail. Where nothing was predicted, `measured` gives a quantity and its
interval.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ideas_lib.formatting import number
from ideas_lib.intervals import HUGE, clopper_pearson, mean_t, newcombe, paired_t, wilson

__all__ = ["WORDS", "Measured", "Verdict", "decide", "measured", "paired", "solved"]

WORDS = ("supported", "no difference", "refuted", "inconclusive")

# White text on each of these has a contrast above 4.5, and the badge brings its own background,
# so it reads the same on a light and on a dark page. The word carries the meaning, not the colour.
_COLOURS = {
    "supported": "#00684a",
    "no difference": "#4d5966",
    "refuted": "#a33b00",
    "inconclusive": "#6a4a8c",
    "measured": "#1f5a8c",
}
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
_METHODS = {"t": "t", "wilson": "Wilson", "clopper-pearson": "Clopper-Pearson"}


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
        return _badge(self.word, self._numbers())


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
        return _badge(self.word, self._numbers())


def _badge(word: str, numbers: str) -> str:
    style = (
        f"background:{_COLOURS[word]};color:#fff;border-radius:0.3em;"
        "padding:0.15em 0.55em;font-weight:600;white-space:nowrap"
    )
    return f'<p><span class="verdict-word" style="{style}">{word.capitalize()}</span> {numbers}</p>'


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


def measured(
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
