"""Office hours before a deadline: whose question is answered in time, and who waits how long.

A week has five days of eight hours, put end to end: 40 hours, at the end of which work is due.
Questions come, and one person answers them in order while the door is open. Who has waited longer
than she has patience for gives up; who has not been answered when the week ends, is not.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOURS_OUTER", "Hours", "answered", "question_times", "sample_hours", "week_of"]

WEEK = 40.0  # hours
DAY = 8.0
LATE = 8.0  # hours before the deadline that moved office hours lie within, at the least

# What may be so; low, high, and whether on a logarithmic scale.
HOURS_OUTER: dict[str, tuple[float, float, bool]] = {
    "questions": (15, 120, True),
    "minutes": (5, 20, True),
    "hours": (4, 16, True),
    "rush": (0, 1, False),  # share of questions that come in the rush
    "rush_hours": (2, 16, True),  # how long before the deadline, on average
    "patience": (2, 40, True),
    "freed": (0.1, 0.6, False),  # more office hours, as a share of those there are
    "no_shows": (0, 0.3, False),
}


@dataclass(frozen=True)
class Hours:
    """A week: `hours` of office hours, how many questions, how long they take, when they come.

    `rush` is the share of questions that come in a rush, `rush_hours` before the deadline on
    average; the others come evenly. `patience` is in hours. `no_shows` is the share that ask for
    nothing in the end. `freed` is what more office hours there could be, as a share of `hours`.
    """

    questions: float = 40.0
    minutes: float = 15.0
    hours: float = 10.0
    rush: float = 0.7
    rush_hours: float = 4.0
    patience: float = 16.0
    freed: float = 0.4
    no_shows: float = 0.0


def sample_hours(rng: np.random.Generator, rush: float | None = None) -> Hours:
    """Draw a week from within `HOURS_OUTER`; `rush` sets that one."""
    drawn = {}
    for name, (low, high, logarithmic) in HOURS_OUTER.items():
        share = rng.random()
        drawn[name] = low * (high / low) ** share if logarithmic else low + (high - low) * share
    return replace(Hours(**drawn), **({} if rush is None else {"rush": rush}))


def week_of(hours: float, late: bool) -> NDArray[np.float64]:
    """Return when the door is open: (sessions, 2), from and to, in hours of the week.

    Evenly: each day as long, in the middle of the day. Late: all of it just before the deadline.
    Raises ValueError for more hours than the week has.
    """
    if not 0 < hours <= WEEK:
        raise ValueError(f"hours={hours} must be above 0, and {WEEK:g} at most")
    if late:
        return np.array([[WEEK - hours, WEEK]])
    middle = DAY * (np.arange(5) + 0.5)
    return np.stack([middle - hours / 10, middle + hours / 10], axis=1)


def question_times(
    week: Hours, rng: np.random.Generator, day_shape: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Draw when questions come, in hours of the week, sorted.

    `day_shape` are counts of a real week, (5, bins): questions that are in no rush come as they do.
    """
    come = rng.poisson(week.questions * (1 - week.no_shows))
    rushed = rng.random(come) < week.rush
    early = rng.exponential(week.rush_hours, come)
    times = np.where(early < WEEK, WEEK - early, WEEK * rng.random(come))
    if day_shape is None:
        calm = WEEK * rng.random(come)
    else:
        shares = day_shape.ravel() / day_shape.sum()
        bins = rng.choice(shares.size, come, p=shares)
        calm = (bins + rng.random(come)) * WEEK / shares.size
    return np.sort(np.where(rushed, times, calm))


def answered(
    times: NDArray[np.float64],
    lengths: NDArray[np.float64],
    sessions: NDArray[np.float64],
    patience: float,
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return who is answered, and how long each waits for it to begin, (questions,), in hours.

    `lengths` are in hours. One who is not answered waits until she gives up, or the week ends. An
    answer that the closing door interrupts goes on when it opens.
    """
    ends = np.cumsum(sessions[:, 1] - sessions[:, 0])  # hours of open door, to each closing
    before = ends - (sessions[:, 1] - sessions[:, 0])

    def opened(t: float) -> float:  # hours of open door before t
        return float(np.clip(t - sessions[:, 0], 0, sessions[:, 1] - sessions[:, 0]).sum())

    def clock(u: float) -> float:  # when so many hours of open door are over, and more is to come
        k = int(np.searchsorted(ends, u, side="right"))
        return float(sessions[k, 0] + u - before[k]) if k < len(ends) else WEEK

    free, got, waits = 0.0, np.zeros(times.size, bool), np.zeros(times.size)
    for k, (t, length) in enumerate(zip(times, lengths, strict=True)):
        start = max(free, opened(t))
        waits[k] = min(clock(start) - t, patience, WEEK - t)
        if clock(start) - t <= patience and start + length <= ends[-1] + 1e-12:
            got[k], free = True, start + length
    return got, waits
