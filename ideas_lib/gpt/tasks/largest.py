"""Largest: numbers are read, then asked for the largest before one of them, or behind it."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Largest"]


@dataclass(frozen=True)
class Largest:
    """Which number is the largest up to this one, and which from this one on?

    The sequence opens with `listed` distinct numbers below `numbers`. Then come `questions`, one
    token each: N + a asks for the largest of the list up to a, 2 N + a for the largest from a on,
    a included, with N = `numbers`. The target at a question is that number; in the list it is
    IGNORE. For example, with 5 numbers:

        tokens    3  4  0  2    5+0  10+0  10+3
        targets   .  .  .  .     4     2     4

    The two questions are each other's mirror image. But the row of a number knows, under a causal
    mask, what stands up to it, and not what follows.
    """

    numbers: int = 16
    listed: int = 8
    questions: int = 8
    name: ClassVar[str] = "largest"

    def __post_init__(self) -> None:
        in_range("listed", self.listed, 2, self.numbers, "numbers")
        in_range("questions", self.questions, 1)

    @property
    def vocab_size(self) -> int:
        """Numbers, and the two questions about each."""
        return 3 * self.numbers

    @property
    def context(self) -> int:
        """The list, then questions."""
        return self.listed + self.questions

    @property
    def chance(self) -> float:
        """The accuracy of naming the largest of the whole list: it is right for half of it."""
        return (self.listed + 1) / (2 * self.listed)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        listed = sample_distinct(rng, size, self.numbers, self.listed)  # (B, L)
        at = torch.randint(self.listed, (size, self.questions), generator=rng)
        later = torch.randint(2, (size, self.questions), generator=rng)
        asked = self.numbers * (1 + later) + listed.gather(1, at)
        before = listed.cummax(1).values
        behind = listed.flip(1).cummax(1).values.flip(1)
        answers = torch.where(later > 0, behind.gather(1, at), before.gather(1, at))
        blank = torch.full_like(listed, IGNORE)
        return torch.cat((listed, asked), 1), torch.cat((blank, answers), 1)

    def asked(self, tokens: Tensor) -> Tensor:
        """Return what each place asks for: 0 nothing, 1 the largest up to it, 2 from it on."""
        return tokens // self.numbers
