"""Following a chain: associative recall, one hop or more."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Hops"]


@dataclass(frozen=True)
class Hops:
    """Associative recall where a question may ask for the value of the value.

    `symbols` distinct tokens of 1..S, with S = V - 1 - `most`, stand in a ring in random order.
    The sequence opens with their pairs, each symbol and its successor, in random order; then come
    questions, a hop token and a symbol. The hop token V - most - 1 + n asks for the n-th
    successor, n uniform over 1..`most`; the target at the symbol is the answer, all other
    positions are IGNORE. One hop is associative recall; learning it is the way to learn two.
    For example, with 3 symbols in the ring 4 7 2 (4), V 10, T 10, most 2 (8 one hop, 9 two):

        tokens    7  2  4  7  2  4   9  4   8  7
        targets   .  .  .  .  .  .   .  2   .  2
    """

    vocab_size: int = 19
    context: int = 24
    symbols: int = 4
    most: int = 2
    name: ClassVar[str] = "hops"

    def __post_init__(self) -> None:
        in_range("most", self.most, 1)
        in_range("symbols", self.symbols, self.most + 1, least_is="most + 1")
        in_range(
            "vocab_size",
            self.vocab_size,
            self.symbols + self.most + 1,
            least_is="symbols + most + 1",
        )
        in_range("context", self.context, 2 * self.symbols + 2, least_is="2 * symbols + 2")
        if self.context % 2:
            raise ValueError(f"context={self.context} must be even: all comes in twos")

    @property
    def chance(self) -> float:
        """The accuracy of naming any symbol of the ring but the one asked about."""
        return 1 / (self.symbols - 1)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        n, first = self.symbols, self.vocab_size - self.most
        ring = 1 + sample_distinct(
            rng, size, first - 1, n
        )  # (B, n), the successor one to the right
        order = sample_distinct(rng, size, n, n)
        pairs = torch.stack((ring.gather(1, order), ring.gather(1, (order + 1) % n)), 2)
        asked = (size, (self.context - 2 * n) // 2)
        at = torch.randint(n, asked, generator=rng)
        hops = torch.randint(1, self.most + 1, asked, generator=rng)
        questions = torch.stack((first + hops - 1, ring.gather(1, at)), 2)
        tokens = torch.cat((pairs, questions), 1).flatten(1)
        targets = torch.full_like(tokens, IGNORE)
        targets[:, 2 * n + 1 :: 2] = ring.gather(1, (at + hops) % n)
        return tokens, targets

    def hops(self, tokens: Tensor) -> Tensor:
        """Return how many hops each position is asked for, 0 where nothing is: (B, T) to same."""
        asked = torch.zeros_like(tokens)
        start = 2 * self.symbols
        asked[:, start + 1 :: 2] = tokens[:, start::2] - (self.vocab_size - self.most) + 1
        return asked
