"""The ceiling of the causal mask: every answer reads all of its own past again, both ways.

That is encoder-only next-token prediction (ENTP, 2410.01600). Nothing is kept from one answer to
the next, and an answer at t costs as much as t answers.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from ideas_lib.gpt.model import Parts
from ideas_lib.gpt.seams import Layout
from ideas_lib.gpt.tweaks.causal_mask import rearranged

__all__ = ["EveryToken"]


@dataclass(frozen=True)
class EveryToken:
    """From the place `start` on, each answer gets rows of its own for all that came before it.

    Those rows see each other both ways, and no other answer's. Before `start` all is causal.
    """

    start: int = 44

    def arrange(self, layout: Layout) -> tuple[Layout, Tensor]:
        """Put each late answer's copy of its past behind the rows that answer."""
        positions, mask, reads = layout
        n, device = len(positions), positions.device
        places = torch.arange(n, device=device)
        answers = places[reads][self.start :]  # (A,)
        before = positions <= positions[answers][:, None]  # (A, n)
        before &= places != answers[:, None]
        whose, copied = before.nonzero().unbind(1)
        none = places.new_full((n,), -1)
        none[answers] = torch.arange(len(answers), device=device)
        whose, rows = torch.cat([none, whose]), torch.cat([places, copied])
        found = (whose[:, None] == whose) & (whose >= 0) & mask.any(0)[rows]
        found[:n, :n] |= mask & (none < 0)[:, None]
        return Layout(positions[rows], found, slice(*reads.indices(n))), rows

    def apply(self, parts: Parts) -> Parts:
        """Copy rows in layout and start."""
        return rearranged(parts, self.arrange)
