"""Selective copying."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["SelectiveCopy"]


@dataclass(frozen=True)
class SelectiveCopy:
    """Selective copying (Mamba, arXiv 2312.00752; MAD, 2403.17844).

    `copies` content tokens, uniform over 0..V-3, stand at random places among blanks (V-2); then
    comes the copy token (V-1) and `copies` blanks, whose targets are the content tokens in order.
    For example, with V 16, T 9, 2 copies:

        tokens    14   3  14  14   5  14   15  14  14
        targets    .   .   .   .   .   .    .   3   5

    MAD's setting is V 16, context 256, 16 copies. MAD never leaves a blank after the last content
    token; here the places are uniform, as in Mamba.
    """

    vocab_size: int = 16
    context: int = 48
    copies: int = 8
    name: ClassVar[str] = "selective-copy"

    def __post_init__(self) -> None:
        in_range("vocab_size", self.vocab_size, 3)
        in_range("copies", self.copies, 1)
        in_range("context", self.context, 2 * self.copies + 1, least_is="2 * copies + 1")

    @property
    def chance(self) -> float:
        """The accuracy of naming any one content token."""
        return 1 / (self.vocab_size - 2)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and the copies wanted at the end, both (size, context) int64."""
        room = self.context - self.copies - 1
        content = torch.randint(self.vocab_size - 2, (size, self.copies), generator=rng)
        places = (
            sample_distinct(rng, size, room, self.copies).sort(1).values
        )  # (B, copies), ascending
        tokens = torch.full((size, self.context), self.vocab_size - 2)
        tokens.scatter_(1, places, content)
        tokens[:, room] = self.vocab_size - 1
        targets = torch.full_like(tokens, IGNORE)
        targets[:, room + 1 :] = content
        return tokens, targets
