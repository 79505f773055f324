"""Own or two back: where both the current token and an earlier one have to be known."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range

__all__ = ["OwnOrBack"]


@dataclass(frozen=True)
class OwnOrBack:
    """Tokens of two types: one asks for itself, the other for the token `back` places before.

    Tokens are uniform over the vocabulary. Even ones ask for themselves, odd ones for the token
    `back` before them, which is IGNORE where there is none. Which token is of which type has to be
    learned. For example, two back:

        tokens    4  7  3  6  5  9
        targets   4  .  4  6  3  6

    Every text asks for both types in a mix: a model that loses the current token on the way up
    cannot tell what is asked, nor answer half of it.
    """

    vocab_size: int = 32
    context: int = 24
    back: int = 2
    name: ClassVar[str] = "own-or-back"

    def __post_init__(self) -> None:
        in_range("vocab_size", self.vocab_size, 2)
        in_range("back", self.back, 1)
        in_range("context", self.context, self.back + 1, least_is="back + 1")

    @property
    def chance(self) -> float:
        """The accuracy of naming any one token."""
        return 1 / self.vocab_size

    def guesses(self) -> dict[str, float]:
        """Return the accuracy of answers that know one of the two tokens, for an even vocabulary.

        "the own token" knows the current token, its type too, and nothing else; "the one back"
        always names that one. Both are exact, over the places where `back` tokens came before.
        """
        blind = 1 / self.vocab_size
        return {"the own token": (1 + blind) / 2, "the one back": (1 + blind) / 2}

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        tokens = torch.randint(self.vocab_size, (size, self.context), generator=rng)
        before = torch.full_like(tokens, IGNORE)
        before[:, self.back :] = tokens[:, : -self.back]
        return tokens, before.where(tokens % 2 == 1, tokens)
