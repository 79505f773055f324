"""Causal counting: the task that a softmax without an anchor finds hard."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Counting"]


@dataclass(frozen=True)
class Counting:
    """Causal counting: how often has this token occurred so far, itself included?

    Every sequence draws its number of symbols k uniformly from `fewest`..`most`, then k distinct
    symbols of the vocabulary, then every token uniformly among them. The target at each position
    is the class min(count, `cap`): class id c of the output vocabulary means "c times", so only
    ids 1..`cap` are ever wanted, and they have nothing to do with the input tokens of those ids.
    For example, with cap 2: tokens 7 9 7 7, targets 1 1 2 2.

    Softmax attention over equal keys averages, and the average of equal values does not depend on
    their number: that is what makes this task hard without a null key or a first token to weigh
    them against.
    """

    vocab_size: int = 64
    context: int = 48
    fewest: int = 2
    most: int = 16
    cap: int = 8
    name: ClassVar[str] = "counting"

    def __post_init__(self) -> None:
        in_range("context", self.context, 1)
        in_range("fewest", self.fewest, 1, self.most, "most")
        in_range("most", self.most, 1, self.vocab_size, "vocab_size")
        in_range("cap", self.cap, 2, self.vocab_size - 1, "vocab_size - 1")

    @property
    def chance(self) -> float:
        """The exact accuracy of always answering the most frequent class."""
        return self.guesses()["constant"]

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and counts, both (size, context) int64."""
        symbols = sample_distinct(rng, size, self.vocab_size, self.most)  # (B, most)
        k = torch.randint(self.fewest, self.most + 1, (size, 1), generator=rng)
        which = (torch.rand(size, self.context, generator=rng) * k).long()  # (B, T), below k
        seen = F.one_hot(which, self.most).cumsum(1)  # (B, T, most)
        counts = seen.gather(2, which[..., None]).squeeze(2)  # (B, T)
        return symbols.gather(1, which), counts.clamp_(max=self.cap)

    def guesses(self) -> dict[str, float]:
        """Return the exact accuracy of the best answers that count nothing.

        "constant" is one class everywhere, "position" knows how many tokens came before,
        "position and symbols" knows in addition how many symbols the sequence uses.
        """
        law = _count_law(self.context, self.fewest, self.most, self.cap)
        return {
            "constant": law.mean((0, 1)).max().item(),
            "position": law.mean(1).amax(1).mean().item(),
            "position and symbols": law.amax(2).mean().item(),
        }


@lru_cache
def _count_law(context: int, fewest: int, most: int, cap: int) -> Tensor:
    """Return P(class c + 1 | position t, number of symbols k): (T, K, cap) float64."""
    hit = 1 / torch.arange(fewest, most + 1, dtype=torch.float64)[:, None]
    p = torch.zeros(most - fewest + 1, cap, dtype=torch.float64)
    p[:, 0] = 1
    rows = []
    for _ in range(context):
        rows.append(p)
        stay, move = p * (1 - hit), p * hit
        stay[:, 1:] += move[:, :-1]
        stay[:, -1] += move[:, -1]
        p = stay
    return torch.stack(rows)
