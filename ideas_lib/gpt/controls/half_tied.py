"""The controls of half-tied embeddings: other units, a gain, a map before a tied head, no MLP.

An embedding in the stream's units and a gain on the logits ask whether the size of what is shared
decides. A square matrix before a tied head, near the projection of 1608.05859, asks
whether a tied model lacks more than one asymmetric map.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.model import GPTConfig, Parts
from ideas_lib.gpt.tweaks.half_tied import PartlyTied, bare, wrapped

__all__ = ["Gain", "NoMLP", "StreamUnits", "TiedMap"]


class LargeEmbedding(nn.Module):
    """An embedding kept at the stream's size, variance 1, and used times d^-0.5."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.scale = config.d_model**-0.5
        self.large = nn.Parameter(torch.empty(config.vocab_size, config.d_model))

    def reset(self, generator: torch.Generator) -> None:
        """Draw what is, times the scale, the baseline's embedding."""
        self.large.normal_(0, 1, generator=generator)

    @property
    def weight(self) -> Tensor:
        """The embedding as it is used: (V, d)."""
        return self.large * self.scale

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, d)."""
        return F.embedding(tokens, self.large) * self.scale


@dataclass(frozen=True)
class StreamUnits:
    """The embedding in the stream's units: the same function at first, but other steps in training.

    Adam moves every weight by about the learning rate, whatever its size. The baseline's embedding
    moves as fast, for its size, as the head does; here it moves slower by d^0.5, and so does what
    a head shares of it. The baseline's learned gain stays.
    """

    def apply(self, parts: Parts) -> Parts:
        """Put another embedding into the vocabulary."""

        def make(config: GPTConfig) -> nn.Module:
            vocab = parts.vocab(config)
            bare(vocab).embedding = LargeEmbedding(config)
            return vocab

        return parts.swap(vocab=make)


class Louder(nn.Module):
    """A vocabulary whose logits are all times one learned number, which starts at 1."""

    def __init__(self, inner: Any) -> None:
        super().__init__()
        self.inner = inner
        self.gain = nn.Parameter(torch.ones(()))

    def embed(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, d)."""
        return self.inner.embed(tokens)

    def logits(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, V)."""
        return self.inner.logits(self.gain * x)


@dataclass(frozen=True)
class Gain:
    """A learned gain on the logits: no arm should lose for want of a temperature."""

    def apply(self, parts: Parts) -> Parts:
        """Wrap the vocabulary."""
        return parts.swap(vocab=lambda config: Louder(parts.vocab(config)))


class Mapped(PartlyTied):
    """All tied, and a square matrix before the head."""

    def __init__(self, config: GPTConfig, inner: Any) -> None:
        super().__init__(config, inner, config.d_model)
        self.map = nn.Linear(config.d_model, config.d_model, bias=False)

    def logits(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, V)."""
        return super().logits(self.map(x))


@dataclass(frozen=True)
class TiedMap:
    """All tied, with d^2 weights between: the cheapest way to an asymmetric direct path."""

    def apply(self, parts: Parts) -> Parts:
        """Wrap the vocabulary."""

        def make(config: GPTConfig) -> nn.Module:
            return wrapped(parts.vocab(config), lambda part: Mapped(config, part))

        return parts.swap(vocab=make)


class Nothing(nn.Module):
    """Finds nothing, whatever the stream holds."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, R, d) -> (B, R, d)."""
        return torch.zeros_like(x)


@dataclass(frozen=True)
class NoMLP:
    """Attention alone: the direct path from token to logits maps a token, or attention does."""

    def apply(self, parts: Parts) -> Parts:
        """Leave the MLPs out."""
        return parts.swap(mlp=lambda config, layer: Nothing())
