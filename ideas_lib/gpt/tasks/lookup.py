"""Lookup: a list is asked by what stands in it, and by place."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Lookup"]


@dataclass(frozen=True)
class Lookup:
    """A list of distinct symbols, then questions of two kinds: two on from this one, and k back.

    The first `listed` tokens are distinct symbols below `symbols`. `asked` questions follow, each
    of either kind with even odds. One kind is a symbol of the list, no place asked twice: the
    target is the symbol `on` places behind it in the list. The other kind is the token `symbols`
    + k - 1 and asks for the token k places before itself, which is in the list. For example, with
    10 symbols, 4 listed, 2 asked and `on` 2:

        tokens    7  2  9  4    2 12
        targets   .  .  .  .    4  9

    2 stands at place 1, and two on from it stands 4; 12 asks for what stands three back.
    """

    symbols: int = 32
    listed: int = 12
    asked: int = 8
    on: int = 2
    name: ClassVar[str] = "lookup"

    def __post_init__(self) -> None:
        in_range("on", self.on, 1)
        in_range("listed", self.listed, self.on + 1, self.symbols, "symbols", "on + 1")
        in_range("asked", self.asked, 1, self.listed - self.on, "listed - on")

    @property
    def vocab_size(self) -> int:
        """Symbols, and the distances that are asked."""
        return self.symbols + self.context - 1

    @property
    def context(self) -> int:
        """The list and the questions."""
        return self.listed + self.asked

    @property
    def chance(self) -> float:
        """The accuracy of naming any one symbol of the list."""
        return 1 / self.listed

    def by_place(self, tokens: Tensor) -> Tensor:
        """Say of each token whether it asks by place: (B, T) -> (B, T) bool."""
        return tokens >= self.symbols

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        n = self.listed
        row = sample_distinct(rng, size, self.symbols, n)  # (B, n)
        keys = sample_distinct(rng, size, n - self.on, self.asked)  # (B, asked), places
        places = torch.randint(n, (size, self.asked), generator=rng)
        place_asked = torch.rand(size, self.asked, generator=rng) < 0.5
        back = torch.arange(n, self.context) - places
        questions = (self.symbols + back - 1).where(place_asked, row.gather(1, keys))
        answers = row.gather(1, places.where(place_asked, keys + self.on))
        tokens = torch.cat([row, questions], 1)
        return tokens, torch.cat([torch.full_like(row, IGNORE), answers], 1)
