"""Half-tied embeddings: the language-model head shares only some columns of the embedding.

"What if only half of the embedding weights are tied between input and LM head? wte = concat(A, B),
lm_head = concat(A, C)". Tying all of them is Press and Wolf (1608.05859); sharing some columns
between source and target words is shared-private embeddings (1906.03100).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts


class OwnColumns(nn.Module):
    """What the head does not share: the last `own` columns of the baseline's head, if any."""

    def __init__(self, config: GPTConfig, own: int) -> None:
        super().__init__()
        self.width = config.d_model
        self.weight = nn.Parameter(torch.empty(config.vocab_size, own)) if own else None

    def reset(self, generator: torch.Generator) -> None:
        """Draw the baseline's whole head, and keep these columns of it."""
        if self.weight is not None:
            tokens, own = self.weight.shape
            whole = torch.empty(tokens, self.width)
            whole.normal_(0, self.width**-0.5, generator=generator)
            self.weight.copy_(whole[:, self.width - own :])


class PartlyTied(nn.Module):
    """A vocabulary whose head is concat(A, C), where its embedding is concat(A, B)."""

    def __init__(self, config: GPTConfig, inner: Any, shared: int) -> None:
        super().__init__()
        self.inner, self.shared = inner, shared
        if hasattr(inner, "head"):
            del inner.head  # the one below takes its place, and its name
        self.head = OwnColumns(config, config.d_model - shared)

    def embed(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, d)."""
        return self.inner.embed(tokens)

    def logits(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, V)."""
        a = self.inner.embedding.weight[:, : self.shared]
        c = self.head.weight
        return F.linear(x, a if c is None else torch.cat([a, c], dim=-1))


def bare(vocab: Any) -> Any:
    """Return the part that holds the embedding, however often it is wrapped."""
    while hasattr(vocab, "inner"):
        vocab = vocab.inner
    return vocab


def wrapped(vocab: Any, wrap: Callable[[Any], nn.Module]) -> Any:
    """Wrap the part that holds the embedding, inside all else; the last wrapped head wins."""
    if isinstance(vocab, PartlyTied):
        return wrapped(vocab.inner, wrap)
    if hasattr(vocab, "inner"):
        vocab.inner = wrapped(vocab.inner, wrap)
        return vocab
    return wrap(vocab)


@dataclass(frozen=True)
class HalfTied:
    """The idea: the first `fraction` of the columns is tied; 0 ties nothing, 1 everything."""

    fraction: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.fraction <= 1:
            raise ValueError(f"fraction={self.fraction} must lie between 0 and 1")

    def apply(self, parts: Parts) -> Parts:
        """Wrap the vocabulary."""

        def make(config: GPTConfig) -> nn.Module:
            shared = round(self.fraction * config.d_model)
            return wrapped(parts.vocab(config), lambda part: PartlyTied(config, part, shared))

        return parts.swap(vocab=make)


TWEAK = HalfTied()
NEUTRAL = HalfTied(fraction=0)
