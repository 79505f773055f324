"""Lookup: what was shown is asked for by key, where its value stands further on, and by place."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Lookup"]


@dataclass(frozen=True)
class Lookup:
    """Keys, each with its value `on` places further on, then questions by key and by place.

    The text opens with `pairs` distinct keys below `symbols` and as many distinct values below 2 *
    `symbols`: `on` keys, their values, the next `on` keys, and so on. As many questions follow, in
    random order. Half of them are the keys, each once: the target is its value. The other half are
    tokens 2 * `symbols` + k - 1, which ask for whatever stands k places before themselves; where it
    stands in the opening part is uniform. For example, with 10 symbols, 2 pairs and `on` 2:

        tokens    7  2 14 11    2 21 24  7
        targets   .  .  .  .   11 11  2 14

    The second question, 21, asks for what stands two back from place 5; 24, five back from place 6.
    """

    symbols: int = 32
    pairs: int = 4
    on: int = 2
    name: ClassVar[str] = "lookup"

    def __post_init__(self) -> None:
        in_range("on", self.on, 1)
        in_range("pairs", self.pairs, self.on, self.symbols, "symbols", "on")
        if self.pairs % self.on:
            raise ValueError(f"pairs={self.pairs} must be a multiple of on={self.on}")

    @property
    def shown(self) -> int:
        """How many tokens come before the questions."""
        return 2 * self.pairs

    @property
    def vocab_size(self) -> int:
        """Keys, values, and the distances that are asked."""
        return 2 * self.symbols + self.context - 1

    @property
    def context(self) -> int:
        """What is shown, and as many questions."""
        return 2 * self.shown

    @property
    def chance(self) -> float:
        """The accuracy of naming any one of the values, and any one token where place is asked."""
        return (1 / self.pairs + 1 / self.shown) / 2

    def by_place(self, tokens: Tensor) -> Tensor:
        """Say of each token whether it asks by place: (B, T) -> (B, T) bool."""
        return tokens >= 2 * self.symbols

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        keys = sample_distinct(rng, size, self.symbols, self.pairs)  # (B, pairs)
        values = self.symbols + sample_distinct(rng, size, self.symbols, self.pairs)
        groups = [each.view(size, -1, self.on) for each in (keys, values)]
        shown = torch.stack(groups, 2).flatten(1)  # (B, 2 pairs)
        order = sample_distinct(rng, size, self.shown, self.shown)
        by_key, which = order < self.pairs, order.clamp(max=self.pairs - 1)
        places = torch.randint(self.shown, shown.shape, generator=rng)
        back = torch.arange(self.shown, self.context) - places
        questions = keys.gather(1, which).where(by_key, 2 * self.symbols + back - 1)
        answers = values.gather(1, which).where(by_key, shown.gather(1, places))
        nothing = torch.full_like(shown, IGNORE)
        return torch.cat([shown, questions], 1), torch.cat([nothing, answers], 1)
