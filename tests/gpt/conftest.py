"""What several files of tests ask of a GPT, whatever is in it."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ideas_lib.gpt import GPT, GPTConfig

SMALL = GPTConfig()  # V 50, d 32, 2 heads, 3 layers, T 48: where every variant must train


def some_tokens(batch: int = 2, config: GPTConfig = SMALL, seed: int = 7) -> Tensor:
    """Draw tokens for a config, (B, T)."""
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(config.vocab_size, (batch, config.context), generator=draw)


@torch.no_grad()
def assert_causal(model: GPT) -> None:
    """Move token t: no logit before t may move by more than rounding, some at or after t must.

    The model is first shaken, so that parameters which start at zero cannot hide a leak.
    """
    shake = torch.Generator().manual_seed(3)
    for parameter in filter(lambda p: p.requires_grad, model.parameters()):
        parameter.add_(0.1 * torch.randn(parameter.shape, generator=shake))
    tokens = some_tokens(1, model.config)
    length = tokens.size(1)
    moved = tokens.repeat(length, 1)  # row t: token t moved
    at = torch.arange(length)
    moved[at, at] = (moved[at, at] + 1) % model.config.vocab_size
    change = (model(moved) - model(tokens)).abs().amax(-1)  # (t, T)
    assert change.isfinite().all()
    leak = change.tril(-1)
    t, where = divmod(int(leak.argmax()), length)
    assert leak.max() < 1e-4, f"token {t} moved the logits at {where} by {leak.max():.2g}"
    assert (change.triu().amax(1) > 1e-3).all(), "some token moves no logit at all"


@pytest.fixture
def causal() -> Callable[[GPT], None]:
    return assert_causal


@pytest.fixture
def draw() -> Callable[..., Tensor]:
    return some_tokens
