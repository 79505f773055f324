"""What a language model must beat: n-gram tables, smoothed as well as such tables are.

Interpolated Kneser-Ney with one discount for each order (Chen and Goodman 1999, Computer Speech
and Language 13:359): a table of pairs, or of triples, leans on the next shorter one where it has
seen little.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from ideas_lib.gpt.tasks.language import Text

__all__ = ["NAMES", "Ngram", "floors", "read_tokens"]

NAMES = ("unigram", "bigram", "trigram")
Ids = NDArray[np.int64]


class Level(NamedTuple):
    """Grams of one length, sorted, and their contexts: all tokens but the last."""

    grams: Ids  # (G,) each gram as one number in base V
    counts: Ids  # (G,)
    contexts: Ids  # (C,)
    totals: Ids  # (C,) the counts behind a context
    kinds: Ids  # (C,) how many different tokens were seen behind it
    discount: float


@dataclass(frozen=True)
class Ngram:
    """A table of n-grams, n = 1 to 3: probabilities of a token after the n - 1 before it."""

    levels: tuple[Level, ...]  # shortest grams first
    vocab_size: int

    @classmethod
    def fit(cls, rows: Ids, order: int, vocab_size: int) -> "Ngram":
        """Count in rows of tokens (R, T); grams do not reach over the ends of rows.

        Raises ValueError for an order that is not 1, 2 or 3, or rows shorter than it.
        """
        if not 1 <= order <= len(NAMES):
            raise ValueError(f"order={order} must be 1 to {len(NAMES)}")
        if rows.ndim != 2 or rows.shape[1] < order:
            raise ValueError(f"rows of shape {rows.shape} hold no {order}-grams")
        grams, counts = np.unique(_grams(rows, order, vocab_size), return_counts=True)
        levels = [_level(grams, counts, vocab_size)]
        for shorter in range(order - 1, 0, -1):
            # A shorter gram counts once for each token that was seen before it.
            grams, counts = np.unique(grams % vocab_size**shorter, return_counts=True)
            levels.insert(0, _level(grams, counts, vocab_size))
        return cls(tuple(levels), vocab_size)

    def probabilities(self, rows: Ids) -> NDArray[np.float64]:
        """Return the probability of the last token of each row (R, order), after the others."""
        found = np.full(len(rows), 1 / self.vocab_size)
        for length, level in enumerate(self.levels, start=1):
            gram = _grams(rows[:, -length:], length, self.vocab_size)[:, 0]
            at, known = _places(level.contexts, gram // self.vocab_size)
            total, kinds = level.totals[at], level.kinds[at]
            seen, there = _places(level.grams, gram)
            count = np.where(there, level.counts[seen], 0)
            left = level.discount * kinds * found
            leaned = (np.maximum(count - level.discount, 0) + left) / total
            found = np.where(known, leaned, found)
        return found

    def loss(self, text: Text, batches: int = 4) -> float:
        """Return the loss in nats a token on the held-out windows that models are judged by.

        The first target of a window has one token before it, where a trigram leans on pairs.
        """
        nats = []
        for tokens, targets in text.validation_batches(batches):
            rows = torch.cat([tokens, targets[:, -1:]], dim=1).numpy()  # (B, T + 1)
            for end in range(2, rows.shape[1] + 1):
                length = min(len(self.levels), end)
                table = Ngram(self.levels[:length], self.vocab_size)
                nats.append(-np.log(table.probabilities(rows[:, end - length : end])))
        return float(np.concatenate(nats).mean())


def read_tokens(text: Text, steps: int, batch: int, seed: int) -> Ids:
    """Return what a model reads that is trained with this seed: (steps * batch, T + 1)."""
    draw = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(steps):
        tokens, targets = text.batch(draw, batch)
        rows.append(torch.cat([tokens, targets[:, -1:]], dim=1))
    return torch.cat(rows).numpy()


@lru_cache(maxsize=4)
def floors(text: Text, steps: int, batch: int, seed: int = 0) -> Mapping[str, Mapping[str, float]]:
    """Return the held-out loss of unigram, bigram and trigram, in nats a token.

    Under "all of the text" they are fitted on the whole training part, under "what a run reads" on
    the windows that a model of so many steps and so large a batch is shown.
    """
    whole = text.tokens.train.astype(np.int64)[None]
    fitted = {
        "all of the text": whole,
        "what a run reads": read_tokens(text, steps, batch, seed),
    }
    return {
        name: {
            kind: Ngram.fit(rows, order, text.vocab_size).loss(text)
            for order, kind in enumerate(NAMES, start=1)
        }
        for name, rows in fitted.items()
    }


def _grams(rows: Ids, length: int, vocab_size: int) -> Ids:
    """Number the grams of each row: (R, T) -> (R, T - length + 1)."""
    places = rows.shape[1] - length + 1
    numbers = np.zeros((len(rows), places), np.int64)
    for i in range(length):
        numbers = numbers * vocab_size + rows[:, i : i + places]
    return numbers


def _level(grams: Ids, counts: Ids, vocab_size: int) -> Level:
    contexts, first, kinds = np.unique(grams // vocab_size, return_index=True, return_counts=True)
    once, twice = (int((counts == n).sum()) for n in (1, 2))
    # The usual estimate; a text too small to have both is discounted by a half.
    discount = once / (once + 2 * twice) if once and twice else 0.5
    return Level(grams, counts, contexts, np.add.reduceat(counts, first), kinds, discount)


def _places(known: Ids, wanted: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """Return where each wanted number stands among the known ones, and whether it does."""
    at = np.searchsorted(known, wanted).clip(max=len(known) - 1)
    return at, known[at] == wanted
