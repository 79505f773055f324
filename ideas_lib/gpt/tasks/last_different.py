"""The last different token: where the current token is the one wrong answer."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range

__all__ = ["LastDifferent"]


@dataclass(frozen=True)
class LastDifferent:
    """Runs of repeats; which token came before the run that is under way?

    The first token is uniform over the vocabulary. Every other token repeats the one before it
    with probability `repeat`, else it is uniform over all others. The target at each position is
    the last token so far that is not the current one, and IGNORE while there is none.
    For example:

        tokens    7  7  3  3  3  9  3
        targets   .  .  7  7  7  3  9

    The current token is never the answer, but it has to be known: it says what to look past.
    """

    vocab_size: int = 32
    context: int = 24
    repeat: float = 0.5
    name: ClassVar[str] = "last-different"

    def __post_init__(self) -> None:
        in_range("vocab_size", self.vocab_size, 2)
        in_range("context", self.context, 2)
        if not 0 <= self.repeat < 1:
            raise ValueError(f"repeat={self.repeat} must be at least 0 and below 1")

    @property
    def chance(self) -> float:
        """The accuracy of naming any one token but the current."""
        return 1 / (self.vocab_size - 1)

    def guesses(self) -> dict[str, float]:
        """Return the accuracy of answers that take no notice of where the run began.

        "another" is any token but the current one; "the one before" is right wherever a run
        begins. Both are exact: wrong and right answers in expectation, then divided.
        """
        places = range(1, self.context)
        asked = sum(1 - self.repeat**t for t in places)
        return {
            "another": self.chance,
            "the one before": (1 - self.repeat) * len(places) / asked,
        }

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and the last different ones, both (size, context) int64."""
        shape = (size, self.context)
        again = torch.rand(shape, generator=rng) < self.repeat
        again[:, 0] = False
        steps = torch.randint(1, self.vocab_size, shape, generator=rng)  # on to another token
        steps[:, 0] = torch.randint(self.vocab_size, (size,), generator=rng)
        tokens = steps.masked_fill(again, 0).cumsum(1) % self.vocab_size
        places = torch.arange(self.context).expand(shape)
        began = places.masked_fill(again, 0).cummax(1).values  # where the run under way began
        last = tokens.gather(1, (began - 1).clamp_(min=0))
        return tokens, last.masked_fill_(began == 0, IGNORE)
