"""Fresh draws from a bank: what one seed gets, no other does."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

__all__ = ["PILOTS", "sample_fresh"]

PILOTS = 7  # one item in so many is kept for pilot seeds
FIRST = 100  # of the seeds that decide

Item = TypeVar("Item")


def sample_fresh(items: Sequence[Item], seed: int, size: int) -> list[Item]:
    """Return `size` of the `items`, which no other seed gets at that size.

    The bank is shuffled once and always alike. Seeds from 100 on take slice after slice of six
    sevenths of it, seeds 0, 1, ... of the rest. Raises ValueError where the bank is used up.
    """
    order = np.random.default_rng(0).permutation(len(items))
    kept = len(items) // PILOTS
    part = order[kept:] if seed >= FIRST else order[:kept]
    start = (seed - FIRST if seed >= FIRST else seed) * size
    chosen = part[start : start + size]
    if start < 0 or len(chosen) < size:
        raise ValueError(
            f"seed {seed}: a bank of {len(items)} has {len(part) // size} draws of {size} for"
            f" seeds {'from 100' if seed >= FIRST else 'below 100'}, and this would be another"
        )
    return [items[index] for index in chosen]
