"""Copy and map: repeat the token before, or name the one that follows on a hidden cycle."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.sampling import in_range

__all__ = ["CopyAndMap"]


@dataclass(frozen=True)
class CopyAndMap:
    """Two jobs that want opposite things of an embedding: copying a token, and mapping it.

    The tokens 0..V-2 stand in a random order on one cycle, fixed by `cycle`. At a token the target
    is the next one on the cycle; at the copy token (V-1) it is the token before. A place that
    follows a token asks for a copy with probability `copies`; no two copies follow each other, and
    none stands first. Tokens are drawn log-uniformly, token r with probability proportional to
    log((r + 2) / (r + 1)), so that a few are frequent and most are rare; `uniform` draws all
    alike. For example, with V 5 and the cycle 0 -> 2 -> 3 -> 1 -> 0:

        tokens    2  4  0  3  4
        targets   3  2  2  1  3

    The map is as asymmetric as can be: on a cycle of three or more, no token leads to itself, nor
    back. Copying needs a token's input vector to find its own output vector.
    """

    vocab_size: int = 1025
    context: int = 32
    copies: float = 0.4
    uniform: bool = False
    cycle: int = 0
    name: ClassVar[str] = "copy-and-map"

    def __post_init__(self) -> None:
        in_range("vocab_size", self.vocab_size, 4)
        in_range("context", self.context, 1)
        if not 0 <= self.copies <= 1:
            raise ValueError(f"copies={self.copies} must be a probability, from 0 to 1")

    @property
    def chance(self) -> float:
        """The accuracy, at tokens, of always naming what follows the most frequent one."""
        return self._ends[0].item()

    @cached_property
    def following(self) -> Tensor:
        """What follows each token on the cycle, (V-1,) int64."""
        draw = torch.Generator().manual_seed(self.cycle)
        order = torch.randperm(self.vocab_size - 1, generator=draw)
        after = torch.empty_like(order)
        after[order] = order.roll(-1)
        return after

    @cached_property
    def _ends(self) -> Tensor:
        """How likely a token is at most each one, (V-1,) float64."""
        n = self.vocab_size - 1
        ranks = torch.arange(1, n + 1, dtype=torch.float64)
        return ranks / n if self.uniform else (ranks + 1).log() / torch.tensor(n + 1.0).log()

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        shape = (size, self.context)
        drawn = torch.rand(shape, generator=rng, dtype=torch.float64)
        tokens = torch.searchsorted(self._ends, drawn).clamp_(max=self.vocab_size - 2)
        wanted = torch.rand(shape, generator=rng) < self.copies
        copy = torch.zeros(size, dtype=torch.bool)
        for place in range(1, self.context):
            copy = wanted[:, place] & ~copy
            tokens[copy, place] = self.vocab_size - 1
        before = tokens.roll(1, 1)
        asked = tokens == self.vocab_size - 1
        targets = torch.where(asked, before, self.following[tokens.where(~asked, 0)])
        return tokens, targets
