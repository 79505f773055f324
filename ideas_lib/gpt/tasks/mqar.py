"""Multi-query associative recall."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["MQAR"]


@dataclass(frozen=True)
class MQAR:
    """Multi-query associative recall, as Zoology defines it (arXiv 2312.04927).

    The sequence opens with `pairs` key-value pairs: distinct keys from 1..V/2-1, distinct values
    from V/2..V-1. Each key is asked once in the rest, an even distance from where it starts; the
    distances are drawn without replacement, the i-th with probability proportional to
    i^(power - 1), so that keys tend to come back soon. The target at a query is its value; all
    other positions are IGNORE. They hold token 0, or, with `random_non_queries`, any token of the
    vocabulary: then also keys that are not asked and values that are wrong, after the pairs.
    For example, with 2 pairs and V 12, T 10, no random non-queries:

        tokens    2  8  4  7   4  0   2  0   0  0
        targets   .  .  .  .   7  .   8  .   .  .

    Zoology's settings: vocab_size 8,192 with (context, pairs) = (64, 4), (128, 8), (256, 16).
    Its generator also wants V > T, which nothing here needs.
    """

    vocab_size: int = 64
    context: int = 48
    pairs: int = 4
    power: float = 0.01
    random_non_queries: bool = True
    name: ClassVar[str] = "mqar"

    def __post_init__(self) -> None:
        in_range("pairs", self.pairs, 1, self.vocab_size // 2 - 1, "vocab_size // 2 - 1")
        in_range("context", self.context, 4 * self.pairs, least_is="4 * pairs")
        if self.context % 2:
            raise ValueError(f"context={self.context} must be even: keys stand at even places")
        if not self.power > 0:
            raise ValueError(f"power={self.power} must be above 0 (1 is uniform)")

    @property
    def chance(self) -> float:
        """The accuracy of naming any one of the values present."""
        return 1 / self.pairs

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and values at the queries, both (size, context) int64."""
        half, start = self.vocab_size // 2, 2 * self.pairs
        keys = 1 + sample_distinct(rng, size, half - 1, self.pairs)  # (B, pairs)
        values = half + sample_distinct(rng, size, self.vocab_size - half, self.pairs)  # (B, pairs)
        places = torch.arange(1, (self.context - start) // 2 + 1, dtype=torch.float32)
        odds = (places ** (self.power - 1)).expand(size, -1)
        gaps = torch.multinomial(odds, self.pairs, generator=rng)  # (B, pairs)
        asked = start + 2 * gaps
        if self.random_non_queries:
            tokens = torch.randint(self.vocab_size, (size, self.context), generator=rng)
        else:
            tokens = torch.zeros(size, self.context, dtype=torch.int64)
        tokens[:, :start] = torch.stack((keys, values), 2).flatten(1)
        tokens.scatter_(1, asked, keys)
        targets = torch.full_like(tokens, IGNORE).scatter_(1, asked, values)
        return tokens, targets
