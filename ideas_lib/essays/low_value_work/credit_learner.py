"""A worker who is not impatient and feels no tick: she only does what has paid lately.

What pays comes when it comes: a small task's worth at once, a large one's `gap` hours of work after
it is done. She cannot see what a payment is for, and gives the credit to what she did lately.
"""

from collections import deque

import numpy as np

from ideas_lib.essays.low_value_work.working_day import ROOM, Inbox, Work

__all__ = ["learned_day"]

KINDS = ("s", "L")


def learned_day(
    work: Work,
    inbox: Inbox,
    rng: np.random.Generator,
    gap: float = 8.0,
    memory: float = 0.5,
    explore: float = 0.1,
    days: int = 60,
    hours: float = 8.0,
) -> dict[str, float]:
    """Let her learn for some days, and return the mean `value` and `small` and `large` of the last.

    A payment is shared out among kinds of work by the time she spent on each, which counts
    exp(-t / `memory`) if it was t hours ago. She does what has paid best an hour, and with the
    chance `explore` either; what is old counts a tenth less each day. The last third of the `days`
    is averaged, each with the worth of what was done in it.
    """
    paid, spent, trace = np.ones(2), np.ones(2), np.zeros(2)
    coming: deque[tuple[float, float]] = deque()  # (when, how much) of large tasks, first to last
    gains = work.worths(int((hours + ROOM) / work.small) + 1)
    took, seen = np.array([work.small, work.large]), []
    clock = 0.0
    for _ in range(days):
        late, done = 0.0, np.zeros(2, dtype=int)
        while True:
            can = late + took <= hours + ROOM
            can[0] &= inbox.waiting(int(done[0]), late / hours)
            if not can.any():
                break
            kind = int(np.argmax(np.where(can, paid / spent, -1.0)))
            if can.all() and rng.random() < explore:
                kind = int(rng.integers(2))
            clock, late = clock + took[kind], late + took[kind]
            trace *= np.exp(-took[kind] / memory)
            trace[kind] += memory * -np.expm1(-took[kind] / memory)
            spent[kind] += took[kind]
            if kind:
                coming.append((clock + gap, work.worth))
            else:
                paid += gains[done[0]] * trace / trace.sum()
            while coming and coming[0][0] <= clock:
                paid += coming.popleft()[1] * trace / trace.sum()
            done[kind] += 1
        clock += hours - late
        paid, spent = 0.9 * paid, 0.9 * spent
        seen.append([gains[: done[0]].sum() + done[1] * work.worth, *done])
    value, small, large = np.mean(seen[-(days // 3) :], axis=0)
    return {"value": float(value), "small": float(small), "large": float(large)}
