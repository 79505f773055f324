"""Needles: facts hidden in spans of filler, all asked for at the end."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ideas_lib.gpt.tasks.base import IGNORE
from ideas_lib.gpt.tasks.sampling import in_range, sample_distinct

__all__ = ["Needles"]


@dataclass(frozen=True)
class Needles:
    """Facts, a token each that says a key and its value, lie in spans of filler; then questions.

    The text has `spans` spans of `span` tokens, and a last one of questions. How many facts a span
    has is uniform over 1..`most`, and so is where in it they lie. Keys are distinct, K = spans *
    most of them; a fact's token is key * `values` + value, then come `filler` tokens and K
    questions. Every token of the last span asks for a fact: first a span is drawn, then a fact in
    it, so that every distance is asked alike. The target there is the value; all other positions
    are IGNORE. For example, with 2 spans of 5, most 2, 10 values, 4 filler tokens (40 to 43):

        tokens   41 37 43 40 43    24 42  1 40 42   47 44 47 46 46
        targets   .  .  .  .  .     .  .  .  .  .    7  1  7  4  4
    """

    spans: int = 8
    span: int = 8
    most: int = 3
    values: int = 8
    filler: int = 8
    name: ClassVar[str] = "needles"

    def __post_init__(self) -> None:
        in_range("spans", self.spans, 1)
        in_range("most", self.most, 1, self.span, "span")
        in_range("values", self.values, 2)
        in_range("filler", self.filler, 1)

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return self.spans * self.most

    @property
    def vocab_size(self) -> int:
        """Facts, filler, questions."""
        return self.keys * self.values + self.filler + self.keys

    @property
    def context(self) -> int:
        """The spans, and one of questions."""
        return (self.spans + 1) * self.span

    @property
    def chance(self) -> float:
        """The accuracy of naming any one value."""
        return 1 / self.values

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and answers, both (size, context) int64."""
        return self.asked(rng, size)[:2]

    def asked(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Draw tokens and answers, and of each question how old its fact is and how crowded.

        The last two are (size, span): how many spans back the fact lies, 1 for the last span
        before the questions, and how many facts its span has.
        """
        s, n, most = self.spans, self.span, self.most
        counts = torch.randint(1, most + 1, (size, s), generator=rng)
        keys = sample_distinct(rng, size, self.keys, self.keys).view(size, s, most)
        values = torch.randint(self.values, (size, s, most), generator=rng)
        places = sample_distinct(rng, size * s, n, most).view(size, s, most)
        filler = self.keys * self.values
        tokens = filler + torch.randint(self.filler, (size, s, n), generator=rng)
        real = torch.arange(most) < counts[..., None]
        facts = torch.where(real, keys * self.values + values, tokens.gather(2, places))
        tokens = tokens.scatter(2, places, facts).flatten(1)
        span = torch.randint(s, (size, n), generator=rng)
        crowd = counts.gather(1, span)
        pick = span * most + (torch.rand(size, n, generator=rng) * crowd).long()
        questions = filler + self.filler + keys.flatten(1).gather(1, pick)
        tokens = torch.cat([tokens, questions], 1)
        targets = torch.full_like(tokens, IGNORE)
        targets[:, s * n :] = values.flatten(1).gather(1, pick)
        return tokens, targets, s - span, crowd
