"""How symmetric attention is, and how much of it goes one row back.

With q = k the scores before the softmax are inner products of one set of vectors with itself: a
Gram matrix. RoPE turns each vector by its own row, which keeps that so.
"""

from typing import Any

import torch
from torch import Tensor

from ideas_lib.gpt.model import GPT
from ideas_lib.gpt.probe import trace_layers
from ideas_lib.gpt.seams import rotate

__all__ = ["asymmetry", "previous", "scores"]


@torch.no_grad()
def scores(model: GPT, tokens: Tensor) -> list[Tensor]:
    """Return each layer's scores before mask and softmax, (B, H, R, R): row i asks column j."""
    _, by = model.plan(tokens.size(1), tokens.device)
    found = []

    def note(attention: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        qkv = rotate(attention.project(*inputs[:2]), by).unflatten(-1, (3, attention.heads, -1))
        q, k, _ = (part.transpose(1, 2) for part in qkv.unbind(2))
        found.append(q @ k.transpose(-2, -1) * q.size(-1) ** -0.5)

    layers: list[Any] = [block.attention for block in list[Any](model.blocks)]
    hooks = [attention.register_forward_hook(note) for attention in layers]
    try:
        model(tokens)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def asymmetry(model: GPT, tokens: Tensor) -> Tensor:
    """Return |S - S'| / |S| of the scores S, Frobenius norms, by layer and head: (layers, H).

    0 is symmetric, the root of 2 is what unrelated entries give, 2 is antisymmetric.
    """
    every = torch.stack(scores(model, tokens))  # (layers, B, H, R, R)
    apart = (every - every.transpose(-2, -1)).square().sum((1, 3, 4))
    return (apart / every.square().sum((1, 3, 4))).sqrt()


def previous(model: GPT, tokens: Tensor) -> Tensor:
    """Return the mean attention of a row on the row before it, by layer and head: (layers, H)."""
    weights = torch.stack([look.weights for look in trace_layers(model, tokens)])
    rows = weights.size(-2)
    return weights[..., :rows].diagonal(-1, -2, -1).mean((1, 3))
