"""What the tasks share: drawing without replacement, and checking fields."""

import torch
from torch import Tensor

__all__ = ["in_range", "sample_distinct"]


def sample_distinct(rng: torch.Generator, size: int, n: int, k: int) -> Tensor:
    """Draw `size` rows of k distinct numbers below n in random order: (size, k) int64."""
    return torch.rand(size, n, generator=rng).topk(k).indices


def in_range(
    name: str,
    value: int,
    least: int,
    most: int | None = None,
    most_is: str = "",
    least_is: str = "",
) -> None:
    """Raise ValueError, naming field and value, unless least <= value <= most."""
    if value < least:
        raise ValueError(f"{name}={value} must be at least {_bound(least, least_is)}")
    if most is not None and value > most:
        raise ValueError(f"{name}={value} must be at most {_bound(most, most_is)}")


def _bound(value: int, meaning: str) -> str:
    return f"{meaning} = {value}" if meaning else str(value)
