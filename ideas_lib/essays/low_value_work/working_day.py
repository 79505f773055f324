"""One day: small tasks and large ones, a worker who feels some of it, and what she then does.

Time is in hours. Worth is in hours of thinking: a large task of 2 hours is worth 2. What the worker
feels is not what her work is worth: each finished task gives her a `tick` besides, and of a large
task's worth she feels only the share `weight`, for it comes later. She plans by what she feels; the
day is valued by what it is worth.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ROOM", "SHAPES", "DayPlan", "Inbox", "Work", "Worker", "moment_day", "plan_day"]

SHAPES = ("falling", "slowly falling", "even")
ROOM = 1e-9  # hours: what rounding may add to a day
MOST = 20_000  # small tasks that fit a day: more is no day


@dataclass(frozen=True)
class Work:
    """What there is to do, and what it is worth.

    A small task takes `small` hours. The day's first is worth `first`; the later ones less, each
    exp(-1 / `fade`) times the one before, where `shape` is "falling"; the n-th 1 / (1 + n / `fade`)
    times the first, counted from 0, where it is "slowly falling"; as much, where it is "even". A
    large task takes `large` hours and is worth `worth`. Raises ValueError.
    """

    small: float = 0.25
    first: float = 0.5
    fade: float = 10.0
    large: float = 2.0
    worth: float = 2.0
    shape: str = "falling"

    def __post_init__(self) -> None:
        _positive(small=self.small, fade=self.fade, large=self.large)
        _not_negative(first=self.first, worth=self.worth)
        if self.shape not in SHAPES:
            raise ValueError(f"shape={self.shape!r} is none of {', '.join(SHAPES)}")

    def faster(self, small: float, large: float = 1.0) -> "Work":
        """Return the same work where small tasks take 1 / `small` of the time, large 1 / `large`.

        What they are worth stays.
        """
        _positive(small=small, large=large)
        return replace(self, small=self.small / small, large=self.large / large)

    def worths(self, count: int) -> NDArray[np.float64]:
        """Return what the first `count` small tasks of a day are worth, (count,)."""
        n = np.arange(count, dtype=float)
        if self.shape == "even":
            return np.full(count, float(self.first))
        falls = np.exp(-n / self.fade) if self.shape == "falling" else 1 / (1 + n / self.fade)
        return self.first * falls


@dataclass(frozen=True)
class Inbox:
    """Where small tasks come from: `morning` of them, and `replies` new ones for each that is done.

    The share `later` of the `morning` ones comes in evenly over the day. Raises ValueError.
    """

    morning: float = 20.0
    replies: float = 0.0
    later: float = 0.0

    def __post_init__(self) -> None:
        _not_negative(morning=self.morning, replies=self.replies, later=self.later)
        if self.later > 1:
            raise ValueError(f"later={self.later} is a share: it lies between 0 and 1")

    def waiting(self, done: int, passed: float) -> bool:
        """Say whether a small task waits when `done` are done and the share `passed` of the day."""
        come = self.morning * (1 - self.later * (1 - passed)) + self.replies * done
        return come >= done + 1 - ROOM


@dataclass(frozen=True)
class Worker:
    """What a worker feels: `tick`, in hours of thinking, at each task that is done, small or large.

    She feels the share `weight` of a large task's worth. Raises ValueError.
    """

    tick: float = 0.0
    weight: float = 1.0

    def __post_init__(self) -> None:
        _not_negative(tick=self.tick, weight=self.weight)


@dataclass(frozen=True)
class DayPlan:
    """A day: how many tasks of each kind, what they are worth, how they feel, and their `order`.

    `order` has a letter a task, "s" or "L", first to last.
    """

    small: int
    large: int
    value: float
    felt: float
    order: str


def plan_day(work: Work, inbox: Inbox, worker: Worker, hours: float = 8.0) -> DayPlan:
    """Return the day that feels best, of all orders of tasks that there are; exact.

    By dynamic programming over (small tasks done, large tasks done), which together say how late it
    is. She does not wait for post, and a task that would not be finished is not begun. Of days that
    feel alike she takes the one with the large task sooner. Raises ValueError for a day without
    hours or of more than 20,000 small tasks.
    """
    most_small, most_large = _room(work, hours)
    gains = work.worths(most_small) + worker.tick
    large_gain = worker.weight * work.worth + worker.tick
    ahead = np.zeros((most_small + 2, most_large + 2))  # the best that can still be felt
    choice = np.full(ahead.shape, " ", dtype="<U1")
    for n in range(most_small, -1, -1):
        for m in range(most_large, -1, -1):
            best, act = 0.0, " "
            late = n * work.small + m * work.large
            if late + work.small <= hours + ROOM and inbox.waiting(n, late / hours):
                best, act = gains[n] + ahead[n + 1, m], "s"
            if late + work.large <= hours + ROOM:
                found = large_gain + ahead[n, m + 1]
                if found >= best:
                    best, act = found, "L"
            ahead[n, m], choice[n, m] = best, act
    order, n, m = "", 0, 0
    while choice[n, m] != " ":
        order += choice[n, m]
        n, m = n + (order[-1] == "s"), m + (order[-1] == "L")
    return _as_plan(order, work, worker)


def moment_day(work: Work, inbox: Inbox, worker: Worker, hours: float = 8.0) -> DayPlan:
    """Return the day of one who plans nothing: what feels best an hour is what she does next."""
    most_small, _ = _room(work, hours)
    gains = (work.worths(most_small) + worker.tick) / work.small
    rate = (worker.weight * work.worth + worker.tick) / work.large
    order, n, m = "", 0, 0
    while True:
        late = n * work.small + m * work.large
        can_small = late + work.small <= hours + ROOM and inbox.waiting(n, late / hours)
        can_large = late + work.large <= hours + ROOM
        if can_large and not (can_small and gains[n] > rate):
            order, m = order + "L", m + 1
        elif can_small:
            order, n = order + "s", n + 1
        else:
            return _as_plan(order, work, worker)


def _as_plan(order: str, work: Work, worker: Worker) -> DayPlan:
    small, large = order.count("s"), order.count("L")
    little = float(work.worths(small).sum())
    felt = little + large * worker.weight * work.worth + worker.tick * (small + large)
    return DayPlan(small, large, little + large * work.worth, felt, order)


def _room(work: Work, hours: float) -> tuple[int, int]:
    """Return how many small and how many large tasks fit a day."""
    _positive(hours=hours)
    if hours / work.small > MOST:
        raise ValueError(f"small={work.small:g} hours a task: more than {MOST:,} would fit the day")
    return math.floor((hours + ROOM) / work.small), math.floor((hours + ROOM) / work.large)


def _positive(**given: Any) -> None:
    for name, value in _named(given):
        if not 0 < value < math.inf:
            raise ValueError(f"{name}={value} must be a finite number above 0")


def _not_negative(**given: Any) -> None:
    for name, value in _named(given):
        if not 0 <= value < math.inf:
            raise ValueError(f"{name}={value} must be a finite number, 0 or more")


def _named(given: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int | float | np.number):
            raise ValueError(f"{name}={value!r} must be a number")
        yield name, float(value)
