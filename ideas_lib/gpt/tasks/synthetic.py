"""Four small tasks that separate architectures: counting, recall, copying, averaging on a trigger.

Each is a frozen dataclass whose `batch` draws a whole batch at once, without a Python loop over
sequences or positions.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from ideas_lib.gpt.tasks.base import IGNORE

__all__ = ["MQAR", "Counting", "SelectiveCopy", "Trigger"]


@dataclass(frozen=True)
class Counting:
    """Causal counting: how often has this token occurred so far, itself included?

    Every sequence draws its number of symbols k uniformly from `fewest`..`most`, then k distinct
    symbols of the vocabulary, then every token uniformly among them. The target at each position
    is the class min(count, `cap`): class id c of the output vocabulary means "c times", so only
    ids 1..`cap` are ever wanted, and they have nothing to do with the input tokens of those ids.
    For example, with cap 2: tokens 7 9 7 7, targets 1 1 2 2.

    `chance` is the score of always answering the most frequent class. Softmax attention over
    equal keys averages, and the average of equal values does not depend on their number: that is
    what makes this task hard without a null key or a first token to weigh them against.
    """

    vocab_size: int = 64
    context: int = 48
    fewest: int = 2
    most: int = 16
    cap: int = 8
    name: ClassVar[str] = "counting"

    def __post_init__(self) -> None:
        _in_range("context", self.context, 1)
        _in_range("fewest", self.fewest, 1, self.most, "most")
        _in_range("most", self.most, 1, self.vocab_size, "vocab_size")
        _in_range("cap", self.cap, 2, self.vocab_size - 1, "vocab_size - 1")

    @property
    def chance(self) -> float:
        return self.guesses()["constant"]

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and counts, both (size, context) int64."""
        symbols = _distinct(rng, size, self.vocab_size, self.most)  # (B, most)
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


@dataclass(frozen=True)
class MQAR:
    """Multi-query associative recall, as Zoology defines it (arXiv 2312.04927).

    The sequence opens with `pairs` key-value pairs: distinct keys from 1..V/2-1, distinct values
    from V/2..V-1. Each key is asked once in the rest, at an even distance from its start; the
    distances are drawn without replacement, the i-th with probability proportional to
    i^(power - 1), so that keys tend to come back soon. The target at a query is its value; all
    other positions are IGNORE. They hold token 0, or, with `random_non_queries`, any token of the
    vocabulary: then also keys that are not asked and values that are wrong, after the pairs.
    For example, with 2 pairs and V 12, T 10, no random non-queries:

        tokens    2  8  4  7   4  0   2  0   0  0
        targets   .  .  .  .   7  .   8  .   .  .

    Zoology's settings: vocab_size 8,192 with (context, pairs) = (64, 4), (128, 8), (256, 16).
    Its generator also wants V > T, which nothing here needs. `chance` is naming one of the values
    present, 1/pairs.
    """

    vocab_size: int = 64
    context: int = 48
    pairs: int = 4
    power: float = 0.01
    random_non_queries: bool = True
    name: ClassVar[str] = "mqar"

    def __post_init__(self) -> None:
        _in_range("pairs", self.pairs, 1, self.vocab_size // 2 - 1, "vocab_size // 2 - 1")
        _in_range("context", self.context, 4 * self.pairs, least_is="4 * pairs")
        if self.context % 2:
            raise ValueError(f"context={self.context} must be even: keys stand at even places")
        if not self.power > 0:
            raise ValueError(f"power={self.power} must be above 0 (1 is uniform)")

    @property
    def chance(self) -> float:
        return 1 / self.pairs

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and values at the queries, both (size, context) int64."""
        half, start = self.vocab_size // 2, 2 * self.pairs
        keys = 1 + _distinct(rng, size, half - 1, self.pairs)  # (B, pairs)
        values = half + _distinct(rng, size, self.vocab_size - half, self.pairs)  # (B, pairs)
        places = torch.arange(1, (self.context - start) // 2 + 1, dtype=torch.float32)
        odds = (places ** (self.power - 1)).expand(size, -1)
        gaps = torch.multinomial(odds, self.pairs, generator=rng)  # (B, pairs)
        asked = start + 2 * gaps
        if self.random_non_queries:
            tokens = torch.randint(self.vocab_size, (size, self.context), generator=rng)
        else:
            tokens = torch.zeros(size, self.context, dtype=torch.int64)
        tokens[:, :start] = torch.stack((keys, values), 2).flatten(1)
        tokens.scatter_(1, asked, keys)
        targets = torch.full_like(tokens, IGNORE).scatter_(1, asked, values)
        return tokens, targets


@dataclass(frozen=True)
class SelectiveCopy:
    """Selective copying (Mamba, arXiv 2312.00752; MAD, 2403.17844).

    `copies` content tokens, uniform over 0..V-3, stand at random places among blanks (V-2); then
    comes the copy token (V-1) and `copies` blanks, whose targets are the content tokens in order.
    For example, with V 16, T 9, 2 copies:

        tokens    14   3  14  14   5  14   15  14  14
        targets    .   .   .   .   .   .    .   3   5

    MAD's setting is V 16, context 256, 16 copies. MAD never leaves a blank after the last content
    token; here the places are uniform, as in Mamba. `chance` is any one content token, 1/(V-2).
    """

    vocab_size: int = 16
    context: int = 48
    copies: int = 8
    name: ClassVar[str] = "selective-copy"

    def __post_init__(self) -> None:
        _in_range("vocab_size", self.vocab_size, 3)
        _in_range("copies", self.copies, 1)
        _in_range("context", self.context, 2 * self.copies + 1, least_is="2 * copies + 1")

    @property
    def chance(self) -> float:
        return 1 / (self.vocab_size - 2)

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and the copies wanted at the end, both (size, context) int64."""
        room = self.context - self.copies - 1
        content = torch.randint(self.vocab_size - 2, (size, self.copies), generator=rng)
        places = _distinct(rng, size, room, self.copies).sort(1).values  # (B, copies), ascending
        tokens = torch.full((size, self.context), self.vocab_size - 2)
        tokens.scatter_(1, places, content)
        tokens[:, room] = self.vocab_size - 1
        targets = torch.full_like(tokens, IGNORE)
        targets[:, room + 1 :] = content
        return tokens, targets


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

    `chance` is the best answer that sees its own token only: "nothing", and at a trigger the most
    frequent level; estimated from 4,096 sequences.
    """

    vocab_size: int = 32
    context: int = 48
    triggers: int = 12
    bos: bool = False
    name: ClassVar[str] = "trigger"

    def __post_init__(self) -> None:
        _in_range("vocab_size", self.vocab_size, 5)
        room = self.context - self.bos - 1
        _in_range("triggers", self.triggers, 1, room, "the places with a value before them")

    @property
    def levels(self) -> int:
        """How many value tokens there are."""
        return self.vocab_size - 3

    @property
    def chance(self) -> float:
        _, targets = self.batch(torch.Generator().manual_seed(0), 4096)
        counts = targets.flatten().bincount(minlength=self.vocab_size)
        return (counts[-2] + counts[: self.levels].max()).item() / targets.numel()

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw tokens and nearest levels or "nothing", both (size, context) int64."""
        first = self.bos + 1  # the first place where a trigger may stand
        levels = torch.randint(self.levels, (size, self.context), generator=rng)
        places = first + _distinct(rng, size, self.context - first, self.triggers)
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


def _distinct(rng: torch.Generator, size: int, n: int, k: int) -> Tensor:
    """Draw `size` rows of k distinct numbers below n in random order: (size, k) int64."""
    return torch.rand(size, n, generator=rng).topk(k).indices


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


def _in_range(
    name: str,
    value: int,
    least: int,
    most: int | None = None,
    most_is: str = "",
    least_is: str = "",
) -> None:
    """Raise ValueError, naming field and value, unless least <= value <= most."""
    if value < least:
        raise ValueError(f"{name}={value} must be at least {_bound(least, least_is)}")
    if most is not None and value > most:
        raise ValueError(f"{name}={value} must be at most {_bound(most, most_is)}")


def _bound(value: int, meaning: str) -> str:
    return f"{meaning} = {value}" if meaning else str(value)
