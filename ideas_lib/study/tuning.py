"""Tuning: which settings pilot runs ask for, and which an arm then gets.

A grid is a guess at where the best rate lies. Where an arm's best lies at the grid's edge, a better
one may lie beyond it, and the verdict would be on arms that were not tuned alike. So a grid that is
a ladder, one number that grows by a constant factor, goes on for that arm, a step at a time.
"""

import itertools
import math
import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from ideas_lib.study.study import Experiment, Run

__all__ = ["BEYOND", "beyond", "choose_settings"]

BEYOND = 2  # steps that an arm may go past its grid, on either side
Settings = Mapping[str, Any]


def choose_settings(experiment: Experiment, done: Mapping[str, Any]) -> dict[str, Settings]:
    """Return each arm's settings with the best mean score over the pilot seeds.

    `done` holds the pilots' records, by the run's id, those beyond the grid among them. Of equals
    the first in the grid is taken, and the grid before what lies beyond it.
    """
    if len(experiment.grid) == 1:
        return dict.fromkeys(experiment.arms, experiment.grid[0])
    sign = 1 if experiment.score_higher else -1
    rungs, chosen = _rungs(experiment), {}
    for arm in experiment.arms:
        means = {
            rung: sign * statistics.fmean(scores)
            for rung, settings in rungs.items()
            if (scores := _scores(experiment, arm, settings, done))
        }
        chosen[arm] = rungs[max(means, key=means.__getitem__)]
    return chosen


def beyond(experiment: Experiment, done: Mapping[str, Any]) -> Iterator[Run]:
    """Yield the pilot runs that are missing where an arm's best lies at the edge of what it tried.

    None where the grid is no ladder of three or more, and none once an arm is `BEYOND` steps past.
    """
    rungs = _rungs(experiment)
    if len(rungs) == len(experiment.grid):
        return
    place = {_key(settings): rung for rung, settings in rungs.items()}
    for arm, best in choose_settings(experiment, done).items():
        rung = place[_key(best)]
        for settings in (rungs.get(rung - 1), rungs.get(rung + 1)):
            if settings and not _scores(experiment, arm, settings, done):
                yield from _pilots(experiment, arm, settings)


def _rungs(experiment: Experiment) -> dict[int, Settings]:
    """Return all settings that an arm may come to try: the grid's from 0, then those beyond it."""
    grid = experiment.grid
    rungs: dict[int, Settings] = dict(enumerate(grid))
    moved = [name for name in grid[0] if any(each.get(name) != grid[0][name] for each in grid)]
    if len(grid) < 3 or len(moved) != 1 or any(each.keys() != grid[0].keys() for each in grid):
        return rungs
    (name,) = moved
    values = [each[name] for each in grid]
    if not all(isinstance(value, float) and 0 < value < math.inf for value in values):
        return rungs
    ratios = [after / before for before, after in itertools.pairwise(values)]
    if ratios[0] == 1 or not all(math.isclose(ratio, ratios[0], rel_tol=0.2) for ratio in ratios):
        return rungs
    for step in range(1, BEYOND + 1):
        for rung, edge, ratio in (
            (-step, values[0], 1 / ratios[0]),
            (len(grid) - 1 + step, values[-1], ratios[-1]),
        ):
            rungs[rung] = {**grid[0], name: float(f"{edge * ratio**step:.2g}")}
    return rungs


def _scores(
    experiment: Experiment, arm: str, settings: Settings, done: Mapping[str, Any]
) -> list[float]:
    """Return an arm's scores on the pilot seeds, none of them where one is missing."""
    runs = list(_pilots(experiment, arm, settings))
    if any(run.id not in done for run in runs):
        return []
    return [done[run.id]["metrics"][experiment.score] for run in runs]


def _pilots(experiment: Experiment, arm: str, settings: Settings) -> Iterator[Run]:
    for seed in experiment.pilot_seeds:
        yield Run(experiment.name, "pilot", arm, seed, _key(settings))


def _key(settings: Settings) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(settings.items()))
