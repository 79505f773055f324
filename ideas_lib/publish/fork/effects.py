"""What the idea does in a fork, the same in its original, and how far apart the two effects are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
from scipy import stats

from ideas_lib import verdict
from ideas_lib.intervals import mean_t, paired_t
from ideas_lib.measured import Measured, measure_units
from ideas_lib.publish.fork.readers import Incomparable, Reading
from ideas_lib.study.finding import Finding, Measurement, Prediction
from ideas_lib.verdict import Verdict

__all__ = ["Side", "difference", "sides"]

Runs = Mapping[str, Mapping[int, Reading]]  # arm -> seed -> reading
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Side:
    """What one of two studies found.

    `arms` are idea and baseline, or the one arm where it stands alone. `found` is the idea's
    effect, or the one arm's outcome; `values` holds each seed's or unit's, signed as `found` is.
    `means` has the mean outcome of each arm, `costs` its parameters and FLOPs, None where a run
    reports none.
    """

    slug: str
    arms: tuple[str, ...]
    found: Verdict | Measured
    values: Mapping[Any, float]
    means: Mapping[str, float]
    costs: Mapping[str, tuple[int | None, float | None]]


def sides(
    slugs: tuple[str, str], runs: tuple[Runs, Runs], asked: Finding, overlap: float
) -> tuple[Side, Side]:
    """Return fork and original, judged by what the original's study asked.

    `overlap` is its deciding experiment's. Raises Incomparable where a measurement's runs have no
    two units in common.
    """
    if isinstance(asked, Measurement):
        columns = [_units(asked, slug, own) for slug, own in zip(slugs, runs, strict=True)]
        both = [unit for unit in columns[0] if unit in columns[1]]
        if asked.by_seed:  # where seeds are not the same, the two are not paired
            wanted = [list(column) for column in columns]
        elif len(both) < 2:
            raise Incomparable(
                f"the runs have {len(both)} {asked.independent} in common: pairs need 2 at least"
            )
        else:
            wanted = [both, both]
        made = []
        for slug, own, column, keys in zip(slugs, runs, columns, wanted, strict=True):
            units = {unit: column[unit] for unit in keys}
            found = measure_units(units, asked.unit, asked.independent, asked.interval)
            values = {unit: fmean(each) for unit, each in units.items()}
            made.append(_side(slug, own, found, values))
        return made[0], made[1]
    first, second = (_effect(s, own, asked, overlap) for s, own in zip(slugs, runs, strict=True))
    return first, second


def difference(
    ours: Side, theirs: Side, asked: Finding, overlap: float, same: bool
) -> tuple[Verdict | Measured, str]:
    """Return the fork's effect minus the original's, and in words how its interval came about.

    Paired where both have the same seeds or units; else Welch's interval, which takes the two for
    independent. Of outcomes that are solved or not it is made of the two effects' own intervals,
    for differences that happen to be equal would make it a point. Runs that are the `same`
    throughout differ by exactly nothing.
    """
    solved = isinstance(asked, Prediction) and asked.solved
    independent = asked.independent if isinstance(asked, Measurement) else "seed"
    a, b = list(ours.values.values()), list(theirs.values.values())
    pairs = ours.values.keys() == theirs.values.keys()
    if solved and not same and isinstance(ours.found, Verdict):
        found, how = _squared_and_added(ours.found, theirs.found), "Newcombe's, squared and added"
    elif pairs:
        b = [theirs.values[key] for key in ours.values]
        found, how = paired_t(a, b, CONFIDENCE, overlap), f"paired t over {len(a)} {independent}s"
        if overlap and not same:
            how = f"corrected {how}"
    else:
        found, how = _welch(a, b, overlap), f"Welch, {len(a)} and {len(b)} other {independent}s"
    n = min(len(a), len(b))
    if isinstance(asked, Measurement):
        return Measured(*found, asked.unit, n, how, independent=independent), how
    word = verdict.weigh(found[1], found[2], asked.margin)
    return Verdict(word, *found, asked.margin, n, how), how


def _side(slug: str, runs: Runs, found: Verdict | Measured, values: Mapping[Any, float]) -> Side:
    means, costs = {}, {}
    for arm, own in runs.items():
        outcomes = [reading.outcome for reading in own.values()]
        if all(isinstance(outcome, int | float) for outcome in outcomes):
            means[arm] = fmean(outcomes)
        first = next(iter(own.values()))
        costs[arm] = (first.params, first.flops)
    return Side(slug, tuple(runs), found, values, means, costs)


def _effect(slug: str, runs: Runs, asked: Prediction, overlap: float) -> Side:
    """Return idea minus baseline by the study's own rule; or, of an arm alone, its mean."""
    sign = 1.0 if asked.higher else -1.0
    columns = [[float(each.outcome) for each in own.values()] for own in runs.values()]
    seeds = next(iter(runs.values()))
    if len(columns) == 1:
        values = {seed: sign * value for seed, value in zip(seeds, columns[0], strict=True)}
        found = Measured(*mean_t(columns[0]), "", len(seeds), "t")
        return _side(slug, runs, found, values)
    idea, other = columns
    values = {seed: sign * (a - b) for seed, a, b in zip(seeds, idea, other, strict=True)}
    # A reader that measures fresh draws gets a wider interval than it need, never a narrower one.
    judged = verdict.compared(idea, other, asked.margin, asked.higher, asked.solved, overlap)
    return _side(slug, runs, judged, values)


def _units(asked: Measurement, slug: str, runs: Runs) -> dict[str, list[float]]:
    (own,) = runs.values()
    try:
        return asked.units({seed: reading.outcome for seed, reading in own.items()})
    except (TypeError, ValueError) as error:
        raise Incomparable(f"{slug}: {error}") from error


def _welch(ours: list[float], theirs: list[float], overlap: float) -> tuple[float, float, float]:
    """Return Welch's interval of the difference of two means, of 2 or more numbers each.

    `overlap` corrects each mean's variance as `intervals.paired_t` does.
    """
    effect = fmean(ours) - fmean(theirs)
    parts = [
        (float(np.var(own, ddof=1)) * (1 / len(own) + overlap), len(own) - 1)
        for own in (ours, theirs)
    ]
    error = math.sqrt(sum(variance for variance, _ in parts))
    if not error:
        return effect, effect, effect
    freedom = error**4 / sum(variance**2 / n for variance, n in parts)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * error
    return effect, effect - reach, effect + reach


def _squared_and_added(
    ours: Verdict | Measured, theirs: Verdict | Measured
) -> tuple[float, float, float]:
    """Return the interval of a difference, of the intervals of both (Zou and Donner, 2008)."""
    effect = ours.effect - theirs.effect
    below = math.hypot(ours.effect - ours.low, theirs.high - theirs.effect)
    above = math.hypot(ours.high - ours.effect, theirs.effect - theirs.low)
    return effect, effect - below, effect + above
