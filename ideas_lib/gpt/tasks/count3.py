"""Count3: how many pairs of what was read so far add up to nothing with the last token?"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range

__all__ = ["Count3"]


@dataclass(frozen=True)
class Count3:
    """Count3, after Ewer et al. (arXiv 2410.01600): pairs that add up to 0 with the last token.

    Tokens are uniform below `values`. The paper's target behind x_1 .. x_n is

        |{(i, j) in {1 .. n}^2 : x_i + x_j + x_n = 0 mod m}| mod m

    with m = n, which is what `modulus` 0 stands for. A fixed `modulus` asks the same without a new
    arithmetic at every place, and without `reduced` the answer is the number of pairs itself, at
    most V - 1: the last reduction is a parity in disguise, which small models do not learn. The
    first `prefix` tokens are only read: their targets are IGNORE. For example, with modulus 4 and
    prefix 2, tokens 0 1 3 0 have the targets . . 2 6 (by 0, 1 and 1, 0; then by the four pairs of
    zeros, 1, 3 and 3, 1).
    """

    vocab_size: int = 64
    context: int = 12
    prefix: int = 8
    values: int = 4
    modulus: int = 4
    reduced: bool = False
    name: ClassVar[str] = "count3"

    def __post_init__(self) -> None:
        in_range("prefix", self.prefix, 0, self.context - 1, "context - 1")
        in_range("values", self.values, 1, self.vocab_size, "vocab_size")
        in_range("modulus", self.modulus, 0, self.vocab_size, "vocab_size")

    @property
    def chance(self) -> float:
        """The accuracy of the most frequent answer of each place, on 8,192 sequences."""
        return _constant(self)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and counts, both (size, context) int64."""
        tokens = torch.randint(self.values, (size, self.context), generator=rng)
        targets = torch.full_like(tokens, IGNORE)
        for t in range(self.prefix, self.context):
            m = self.modulus or t + 1
            seen = F.one_hot(tokens[:, : t + 1] % m, m).sum(1)  # (B, m) how often each residue
            wanted = (-tokens[:, t, None] - torch.arange(m)) % m  # what each residue still needs
            pairs = (seen * seen.gather(1, wanted)).sum(1)
            targets[:, t] = pairs % m if self.reduced else pairs.clamp(max=self.vocab_size - 1)
        return tokens, targets


@lru_cache
def _constant(task: Count3) -> float:
    _, targets = task.batch(torch.Generator().manual_seed(0), 8192)
    asked = targets[:, task.prefix :]
    return (asked == asked.mode(0).values).float().mean().item()
