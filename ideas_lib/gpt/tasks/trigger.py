"""Average the past at a trigger, else answer nothing."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Trigger"]


@dataclass(frozen=True)
class Trigger:
    """Average the past at a trigger, else answer nothing (after Ran-Milo, arXiv 2603.11487).

    Tokens 0..L-1, with L = V - 3, stand for L values spaced evenly over [-1, 1] and are drawn
    uniformly; `triggers` distinct places, uniform over those with a value before them, hold the
    trigger token V-3. The target at a trigger is the value token nearest to the mean of all
    values before it (of two equally near ones the higher); at every other position it is the
    class "nothing", V-2. Token V-1 opens the sequence if `bos`, and its target is "nothing".
    For example, with L 5 (values -1, -0.5, 0, 0.5, 1), so V 8 (trigger 5, nothing 6):

        tokens    4  2  5  0  5         means   0.5 at the first trigger, 0 at the second
        targets   6  6  3  6  2

    The paper proves that one layer of softmax attention must put its weight on a fixed first
    token to do this, and that ReLU attention need not. Its task differs: tokens are vectors with
    indicator coordinates for the first token, the trigger and the rest, and n - 3 coordinates
    uniform over [-1, 1], in the trigger too; the output is the mean vector, over all tokens after
    the first up to and including the trigger, and the zero vector elsewhere, scored by squared
    error; there is always a first token, exactly one trigger, and in its one-layer experiments
    neither residual nor MLP. Here tokens are discrete, a trigger carries no value, the mean is
    one number, rounded to a class, zero is a class of its own, and several triggers a sequence
    make training cheaper (`triggers=1, bos=True` is nearest to the paper). `squared_error` gives
    the paper's reading of the same logits.
    """

    vocab_size: int = 32
    context: int = 48
    triggers: int = 12
    bos: bool = False
    name: ClassVar[str] = "trigger"

    def __post_init__(self) -> None:
        in_range("vocab_size", self.vocab_size, 5)
        room = self.context - self.bos - 1
        in_range("triggers", self.triggers, 1, room, "the places with a value before them")

    @property
    def levels(self) -> int:
        """How many value tokens there are."""
        return self.vocab_size - 3

    @property
    def chance(self) -> float:
        """The accuracy of "nothing", and the most frequent level at a trigger.

        That is the best answer that sees its own token only; estimated from 4,096 sequences.
        """
        _, targets = self.batch(torch.Generator().manual_seed(0), 4096)
        counts = targets.flatten().bincount(minlength=self.vocab_size)
        return (counts[-2] + counts[: self.levels].max()).item() / targets.numel()

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and nearest levels or "nothing", both (size, context) int64."""
        first = self.bos + 1  # the first place where a trigger may stand
        levels = torch.randint(self.levels, (size, self.context), generator=rng)
        places = first + sample_distinct(rng, size, self.context - first, self.triggers)
        fired = torch.zeros(size, self.context, dtype=torch.bool).scatter_(1, places, True)
        counted = ~fired
        counted[:, : self.bos] = False
        total = (levels * counted).cumsum(1)
        number = counted.cumsum(1).clamp_(min=1)
        # In whole numbers, so that a tie is a tie on every machine: floor(total / number + 1/2).
        nearest = (2 * total + number) // (2 * number)
        tokens = torch.where(fired, self.vocab_size - 3, levels)
        tokens[:, : self.bos] = self.vocab_size - 1
        return tokens, torch.where(fired, nearest, self.vocab_size - 2)

    def squared_error(self, logits: Tensor, targets: Tensor) -> float:
        """Return the mean squared error of the expected value, "nothing" counting as 0.

        `logits` (B, T, V) give every position the mean of the levels' values under its softmax;
        `targets` (B, T) come from `batch`. Rounding to a level adds at most (1/(levels-1))^2.
        """
        values = torch.zeros(self.vocab_size, dtype=logits.dtype, device=logits.device)
        values[: self.levels] = torch.linspace(-1, 1, self.levels, dtype=logits.dtype)
        return F.mse_loss(logits.softmax(-1) @ values, values[targets]).item()
