"""Many days at once, drawn from a box of what is plausible; and what their change hangs on.

Nobody knows how much a finished task pleases, or how many replies an answer brings. So a box has a
range for each, and ranges are drawn too, from within `OUTER`: a seed is one reader's idea of what
is plausible. All days here have their post in the morning, so that counts of tasks are all there
is to plan, and one look at every count is exact; `plan_day` says the same of each.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from ideas_lib.essays.low_value_work.working_day import ROOM, SHAPES

__all__ = [
    "HOURS",
    "OUTER",
    "PAIRS",
    "change",
    "planned",
    "sample_box",
    "sample_days",
    "variance_share",
]

HOURS = 8.0
# name -> least, most, and whether each doubling in between is as likely as any other.
OUTER: Mapping[str, tuple[float, float, bool]] = {
    "small": (5 / 60, 30 / 60, True),  # hours a small task takes, before
    "large": (1.0, 4.0, True),  # hours a large task takes
    "rate": (0.5, 8.0, True),  # worth an hour of the day's first small task; of thinking: 1
    "fade": (3.0, 30.0, True),  # small tasks until one is worth 1 / e of the first
    "morning": (5.0, 80.0, True),  # small tasks in the morning
    "replies": (0.0, 1.1, False),  # new small tasks for each that is done
    "tick": (0.1 / 60, 10 / 60, True),  # hours of thinking that a finished task feels like
    "impatience": (0.01, 1.0, True),  # a day: worth in D days feels like 1 / (1 + impatience D)
    "gap": (0.5, 60.0, True),  # days until a large task's worth is felt
}
PAIRS: Mapping[str, tuple[str, ...]] = {
    "tick and replies": ("tick", "replies"),
    "impatience and gap": ("impatience", "gap"),
    "the work itself": ("small", "large", "rate", "fade", "morning"),
}
NARROWEST = 0.4  # of the outer range
Days = Mapping[str, NDArray[np.float64]]
Box = Mapping[str, tuple[float, float, bool]]


def sample_box(rng: np.random.Generator, outer: Box = OUTER) -> Box:
    """Draw one reader's box: a range for each quantity, two fifths of the outer one or wider."""
    box = {}
    for name, (low, high, doubling) in outer.items():
        width = rng.uniform(NARROWEST, 1.0)
        start = rng.uniform(0.0, 1.0 - width)
        ends = _between(np.array([start, start + width]), low, high, doubling)
        box[name] = (float(ends[0]), float(ends[1]), doubling)
    return box


def sample_days(rng: np.random.Generator, box: Box, count: int) -> dict[str, NDArray[np.float64]]:
    """Draw days from a box, each quantity on its own: name -> (count,)."""
    return {name: _between(rng.random(count), *ends) for name, ends in box.items()}


def planned(
    days: Days, faster: float = 1.0, large: float = 1.0, shape: str = SHAPES[0]
) -> dict[str, NDArray[np.float64]]:
    """Return the day that feels best of each: `small`, `large`, `value` and `felt`, (days,) each.

    Small tasks take 1 / `faster` of their time, large ones 1 / `large`; `shape` is one of `SHAPES`.
    No small task feels bad, so that beside m large ones she does all that there are, or that fit:
    a look at each m is exact.
    """
    day = {name: values[:, None] for name, values in days.items()}
    took, thinking = day["small"] / faster, day["large"] / large
    m = np.arange(math.floor((HOURS + ROOM) / thinking.min()) + 1.0)
    left = HOURS + ROOM - m * thinking
    n = np.minimum(np.floor(np.maximum(left, 0) / took), _reached(day["morning"], day["replies"]))
    little = _sums(day["rate"] * day["small"], day["fade"], n, shape)
    weight = 1 / (1 + day["impatience"] * day["gap"])
    felt = little + m * weight * day["large"] + day["tick"] * (n + m)
    felt = np.where(left >= 0, felt, -np.inf)
    best = felt.shape[1] - 1 - felt[:, ::-1].argmax(axis=1)  # of equals, the most large tasks
    found = {"small": n, "large": m + 0 * n, "value": little + m * day["large"], "felt": felt}
    return {name: values[np.arange(len(best)), best] for name, values in found.items()}


def change(
    days: Days, faster: float, large: float = 1.0, shape: str = SHAPES[0]
) -> NDArray[np.float64]:
    """Return by how much a speed-up changes what a day is worth, as a share of the day, (days,).

    `faster` and `large` are the speed-ups of small and large tasks.
    """
    after, before = planned(days, faster, large, shape), planned(days, shape=shape)
    return (after["value"] - before["value"]) / HOURS


def variance_share(
    rng: np.random.Generator,
    box: Box,
    names: tuple[str, ...],
    count: int,
    faster: float,
    **how: Any,
) -> float:
    """Return the share of the variance of `change` that some quantities explain, together.

    It is their closed Sobol index, by Jansen's estimator on `count` days: half the mean square
    between days that have these quantities in common and nothing else, taken from the variance.
    `how` goes to `change`.
    """
    first, second = sample_days(rng, box, count), sample_days(rng, box, count)
    mixed = {name: (first if name in names else second)[name] for name in box}
    a, b, c = (change(days, faster, **how) for days in (first, second, mixed))
    return 1 - float(np.mean((a - c) ** 2)) / 2 / float(np.var(np.concatenate([a, b])))


def _between(u: NDArray[np.float64], low: float, high: float, doubling: bool) -> NDArray[Any]:
    if doubling:
        return np.exp(math.log(low) + u * math.log(high / low))
    return low + u * (high - low)


def _reached(morning: Any, replies: Any) -> NDArray[np.float64]:
    """Return how many small tasks can be done until none is left, infinity where some always is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.floor((morning - replies) / (1 - replies) + ROOM)
    return np.where(morning < 1 - ROOM, 0.0, np.where(replies < 1, found, np.inf))


def _sums(first: Any, fade: Any, n: Any, shape: str) -> NDArray[np.float64]:
    """Return what the first n small tasks are worth together."""
    if shape == "even":
        return first * n
    if shape == "falling":
        return first * np.expm1(-n / fade) / np.expm1(-1 / fade)
    return first * fade * (digamma(n + fade) - digamma(fade))
