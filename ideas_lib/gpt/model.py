"""A small GPT that reads downwards: config, parts, attention, block, whole.

Pre-norm with weightless LayerNorm, rotary positions, SiLU, untied embeddings, no dropout and no
biases. Embedding and head are drawn alike, for Adam moves small and large weights equally far; a
learned gain brings the embedding to the stream's size. Tweaks swap or wrap the factories in
`Parts`. Shapes as in `seams`: (B, R, d) is the stream, (B, H, R, h) is in the heads.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt.seams import (
    LayerTrace,
    LayerView,
    Layout,
    append,
    attention_weights,
    rope_phases,
    rotate,
)

__all__ = ["GPT", "GPTConfig", "Parts", "Tweak", "build"]


@dataclass(frozen=True)
class GPTConfig:
    """The shape of a model: vocabulary V, width d, heads H, layers, longest sequence T."""

    vocab_size: int = 50
    d_model: int = 32
    heads: int = 2
    layers: int = 3
    context: int = 48

    def __post_init__(self) -> None:
        for name in ("vocab_size", "d_model", "heads", "context"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)} must be at least 1")
        if self.layers < 0:
            raise ValueError(f"layers={self.layers} must not be negative")
        if self.d_model % (2 * self.heads):
            raise ValueError(
                f"d_model={self.d_model} does not split into heads={self.heads} of even width"
            )

    @property
    def head_dim(self) -> int:
        """Width h of one head."""
        return self.d_model // self.heads


class Weightless(nn.Module):
    """A part that learns nothing, whatever it is made from."""

    def __init__(self, *made_from: Any) -> None:
        super().__init__()


class Vocab(nn.Module):
    """Tokens to vectors, and vectors to logits, both tables in the same units."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.gain = nn.Parameter(torch.tensor(config.d_model**0.5))
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)

    def embed(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, d)."""
        return self.gain * self.embedding(tokens)

    def logits(self, x: Tensor) -> Tensor:
        """(B, T, d) -> (B, T, V)."""
        return self.head(x)


class Start(Weightless):
    """Where the stream begins, and what keys and values read: None for the stream itself."""

    def forward(self, x: Tensor, layout: Layout) -> tuple[Tensor, Tensor | None]:
        """(B, T, d) -> (B, R, d), and (B, R, d) or None."""
        return x, None


class Causal(Weightless):
    """One row a token, each seeing itself and what came before."""

    def forward(self, length: int, device: torch.device) -> Layout:
        """Lay out a text of `length` tokens."""
        mask = torch.ones(length, length, dtype=torch.bool, device=device).tril()
        return Layout(torch.arange(length, device=device), mask, slice(None))


class Norm(Weightless):
    """LayerNorm without weights, as in OLMo (2402.00838): one fused kernel, also on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, R, d) -> (B, R, d), each row of mean 0 and variance 1."""
        return F.layer_norm(x, (x.size(-1),))


class Project(nn.Module):
    """Into the heads and out of them again."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model, bias=False)
        self.output = nn.Linear(config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        """Queries from x, keys and values from the context if there is one: (B, R, 3d)."""
        if context is None:
            return self.qkv(x)
        w_q, w_kv = self.qkv.weight.split([x.size(-1), 2 * x.size(-1)])
        return torch.cat([F.linear(x, w_q), F.linear(context, w_kv)], dim=-1)

    def out(self, y: Tensor, x: Tensor) -> Tensor:
        """What the heads found, (B, H, R, h), and what they read, (B, R, d) -> (B, R, d)."""
        return self.output(y.transpose(1, 2).flatten(-2))


class MLP(nn.Module):
    """Up to four times the width, SiLU, and down again."""

    def __init__(self, config: GPTConfig, layer: int) -> None:
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model, bias=False)
        self.down = nn.Linear(4 * config.d_model, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, R, d) -> (B, R, d)."""
        return self.down(F.silu(self.up(x)))


class Residual(Weightless):
    """How what a sublayer found joins the stream."""

    def forward(self, x: Tensor, fx: Tensor) -> Tensor:
        """The stream and the find, each (B, R, d) -> (B, R, d)."""
        return x + fx


@dataclass(frozen=True)
class Parts:
    """The factories a model is made from: these are the seams.

    Each makes a part from the config, and from the layer's number where it sits in a layer.
    `sources` make modules that take a `LayerView` and return `Columns`, or None for none to add.
    """

    vocab: Callable[[GPTConfig], nn.Module] = Vocab
    start: Callable[[GPTConfig], nn.Module] = Start
    layout: Callable[[GPTConfig], nn.Module] = Causal
    norm: Callable[[GPTConfig], nn.Module] = Norm
    project: Callable[[GPTConfig, int], nn.Module] = Project
    sources: tuple[Callable[[GPTConfig, int], nn.Module], ...] = ()
    mlp: Callable[[GPTConfig, int], nn.Module] = MLP
    residual: Callable[[GPTConfig, int], nn.Module] = Residual

    def swap(self, **factories: Any) -> "Parts":
        """Return the parts with some factories replaced."""
        return replace(self, **factories)


class Tweak(Protocol):
    """An idea: a frozen dataclass that swaps or wraps parts."""

    def apply(self, parts: Parts) -> Parts:
        """Return the parts with the idea in them."""
        ...


class Attention(nn.Module):
    """Heads over the rows, and over whatever columns the sources add."""

    def __init__(self, config: GPTConfig, parts: Parts, layer: int) -> None:
        super().__init__()
        self.heads = config.heads
        self.project: Any = parts.project(config, layer)
        self.sources = nn.ModuleList(make(config, layer) for make in parts.sources)

    def forward(
        self,
        x: Tensor,
        context: Tensor | None,
        layout: Layout,
        phases: Tensor,
        earlier: list[LayerView],
        weights: list[Tensor] | None,
    ) -> Tensor:
        """(B, R, d) -> (B, R, d). Given a list for `weights`, spell softmax out and keep them."""
        qkv = rotate(self.project(x, context), phases).unflatten(-1, (3, self.heads, -1))
        q, k, v = (part.transpose(1, 2) for part in qkv.unbind(2))
        view = LayerView(x if context is None else context, k, v, layout, self.project, earlier[:])
        earlier.append(view)
        mask = layout.mask
        extras = [extra for source in self.sources if (extra := source(view)) is not None]
        if extras:
            k, v, mask = append(k, v, mask, extras)
        if weights is None:
            y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        else:
            weights.append(attention_weights(q, k, mask))
            y = weights[-1] @ v
        return self.project.out(y, x)


class Block(nn.Module):
    """Attention, then an MLP, each reading the normed stream and joining what it found to it."""

    def __init__(self, config: GPTConfig, parts: Parts, layer: int) -> None:
        super().__init__()
        self.norm_attention, self.norm_mlp = parts.norm(config), parts.norm(config)
        self.attention = Attention(config, parts, layer)
        self.mlp = parts.mlp(config, layer)
        self.join_attention = parts.residual(config, layer)
        self.join_mlp = parts.residual(config, layer)

    def forward(self, x: Tensor, context: Tensor | None, *rest: Any) -> Tensor:
        """(B, R, d) -> (B, R, d)."""
        context = None if context is None else self.norm_attention(context)
        x = self.join_attention(x, self.attention(self.norm_attention(x), context, *rest))
        return self.join_mlp(x, self.mlp(self.norm_mlp(x)))


class GPT(nn.Module):
    """Tokens to logits."""

    def __init__(self, config: GPTConfig, parts: Parts) -> None:
        super().__init__()
        self.config = config
        self.vocab: Any = parts.vocab(config)
        self.start = parts.start(config)
        self.layout: nn.Module = parts.layout(config)
        self.planned: tuple[Any, ...] = ()
        self.blocks = nn.ModuleList(Block(config, parts, i) for i in range(config.layers))
        self.norm = parts.norm(config)

    def forward(self, tokens: Tensor, traces: list[LayerTrace] | None = None) -> Tensor:
        """(B, T) int64 -> logits (B, T, V). Given a list, put what each layer did into it."""
        if tokens.size(1) > self.config.context:
            raise ValueError(f"{tokens.size(1)} tokens do not fit context={self.config.context}")
        layout, phases = self.plan(tokens.size(1), tokens.device)
        x, context = self.start(self.vocab.embed(tokens), layout)
        earlier: list[LayerView] = []
        for block in self.blocks:
            weights: list[Tensor] | None = None if traces is None else []
            x = block(x, context, layout, phases, earlier, weights)
            if traces is not None and weights:
                traces.append(LayerTrace(weights[0], x))
        return self.vocab.logits(self.norm(x[:, layout.reads]))

    def plan(self, length: int, device: torch.device) -> tuple[Layout, Tensor]:
        """Lay a text out; the last layout is kept, for it costs as much as a norm."""
        # What inference mode makes cannot be trained with later.
        key = (self.layout, length, device, torch.is_inference_mode_enabled())
        if self.planned[:4] != key:
            layout = self.layout(length, device)
            phases = rope_phases(layout.positions, self.config.heads, self.config.head_dim)
            self.planned = (*key, layout, phases)
        return self.planned[4], self.planned[5]


def build(config: GPTConfig, *tweaks: Tweak, seed: int = 0) -> GPT:
    """Build a model with tweaks, applied from left to right.

    A parameter's first value depends on `seed` and its own name only: what two models share they
    start with alike, whatever else a tweak adds.
    """
    parts = Parts()
    for tweak in tweaks:
        parts = tweak.apply(parts)
    model = GPT(config, parts)
    initialise(model, seed)
    return model


@torch.no_grad()
def initialise(model: nn.Module, seed: int) -> None:
    """Draw matrices with variance 1 / (number of inputs), embeddings with variance 1 / width.

    A module with `reset(generator)` draws its own. Wrapped parts, which a wrapper calls `inner`,
    are named as if they were not.
    """
    for name, module in model.named_modules():
        name = name.replace("inner.", "").removesuffix(".inner")
        # PyTorch's CPU generator reads the lowest 32 bits of a seed only.
        generator = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
        if hasattr(module, "reset"):
            module.reset(generator)
        elif isinstance(module, nn.Linear):
            module.weight.normal_(0, module.in_features**-0.5, generator=generator)
        elif isinstance(module, nn.Embedding):
            module.weight.normal_(0, module.embedding_dim**-0.5, generator=generator)
