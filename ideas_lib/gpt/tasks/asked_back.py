"""Asked back: every token asks for what stands one, two or three places before it."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range

__all__ = ["AskedBack"]


@dataclass(frozen=True)
class AskedBack:
    """Tokens of `far` types: each asks for the token 1, 2, ... or `far` places before it.

    Tokens are uniform over the vocabulary. A token t asks for what stands 1 + t % `far` before it,
    and the target is IGNORE where there is nothing. Which token asks how far has to be learned.
    For example, with `far` 3:

        tokens    4  7  3  6  5  9
        targets   .  .  7  3  3  5

    4 asks two back, 3 and 6 and 9 one back, 5 three back. Every token asks, and is asked for.
    """

    vocab_size: int = 64
    context: int = 24
    far: int = 3
    name: ClassVar[str] = "asked-back"

    def __post_init__(self) -> None:
        in_range("far", self.far, 1, self.vocab_size, "vocab_size")
        in_range("context", self.context, self.far + 1, least_is="far + 1")

    @property
    def chance(self) -> float:
        """The accuracy of naming any one token."""
        return 1 / self.vocab_size

    def back(self, tokens: Tensor) -> Tensor:
        """Return how far back each token asks: (B, T) -> (B, T) int64, 1 to `far`."""
        return 1 + tokens % self.far

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        tokens = torch.randint(self.vocab_size, (size, self.context), generator=rng)
        places = torch.arange(self.context) - self.back(tokens)
        targets = tokens.gather(1, places.clamp(min=0))
        return tokens, targets.masked_fill(places < 0, IGNORE)
