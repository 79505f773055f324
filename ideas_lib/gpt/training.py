"""Train a GPT on a task: one recipe, one loop, the same data for the same seed."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ideas_lib.gpt.model import GPT
from ideas_lib.gpt.tasks.base import IGNORE, Task, accuracy, sample_batch

__all__ = ["Diverged", "Recipe", "Trained", "flops", "loss_of", "parameters", "score", "train"]


class Diverged(RuntimeError):
    """Raised when the loss is no longer a finite number."""


@dataclass(frozen=True)
class Recipe:
    """AdamW with a linear warm-up, then a decay (`linear` or `cosine`) to `floor` times the rate.

    `decay` is the weight decay of matrices; `clip` bounds the gradient's norm.
    """

    steps: int = 1200
    batch: int = 64
    lr: float = 3e-3
    warmup: int = 50
    schedule: str = "linear"
    floor: float = 0.0
    decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float = 1.0

    def __post_init__(self) -> None:
        if self.schedule not in ("linear", "cosine"):
            raise ValueError(f"schedule={self.schedule!r} is neither 'linear' nor 'cosine'")
        if self.steps < 1 or self.batch < 1 or self.lr <= 0:
            raise ValueError(f"steps, batch and lr must be above 0, got {self}")

    def rate(self, step: int) -> float:
        """Return the learning rate at a step, counted from 0."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        left = 1 - done if self.schedule == "linear" else (1 + math.cos(math.pi * done)) / 2
        return self.lr * (self.floor + (1 - self.floor) * left)


class Trained(NamedTuple):
    """What training left behind: the loss of every step, and the seconds it took."""

    losses: list[float]
    seconds: float


def loss_of(model: nn.Module, tokens: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats over the targets that are not IGNORE: (B, T), (B, T) -> ()."""
    logits = model(tokens)
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORE)


def optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW that decays matrices, and leaves all else alone."""
    wanted = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in wanted if p.dim() == 2], "weight_decay": recipe.decay},
        {"params": [p for p in wanted if p.dim() != 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.lr, betas=recipe.betas, fused=True)


def train(
    model: nn.Module,
    task: Task,
    recipe: Recipe,
    seed: int = 0,
    each_step: Callable[[int, float], None] | None = None,
) -> Trained:
    """Train in place on batches drawn with `seed`, which are the same for every model.

    `each_step(step, loss)` is called after every step. Raises Diverged, naming the step.
    """
    draw = torch.Generator().manual_seed(seed)
    device = next(model.parameters()).device
    optimizer = optimiser(model, recipe)
    losses: list[float] = []
    began = time.perf_counter()
    model.train()
    for step in range(recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate(step)
        tokens, targets = task.batch(draw, recipe.batch)
        loss = loss_of(model, tokens.to(device), targets.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        losses.append(loss.item())
        if not math.isfinite(losses[-1]):
            raise Diverged(f"the loss is {losses[-1]} at step {step}, lr={recipe.lr}: lower the lr")
        if each_step:
            each_step(step, losses[-1])
    return Trained(losses, time.perf_counter() - began)


@torch.no_grad()
def score(model: nn.Module, task: Task, size: int = 512, seed: int = 10_000) -> float:
    """Return the share of answers the model gets right on `size` fresh sequences, 0 to 1."""
    tokens, targets = sample_batch(task, size, seed)
    device = next(model.parameters()).device
    model.eval()
    logits = torch.cat([model(part.to(device)).cpu() for part in tokens.split(64)])
    return accuracy(logits, targets)


def parameters(model: nn.Module) -> int:
    """Count the trainable numbers."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def flops(model: GPT) -> int:
    """Count the floating-point operations of a forward pass per token, at full context.

    Matrix products only, attention's spelt out and unmasked: 2 for a multiply-add.
    """
    tokens = torch.zeros(1, model.config.context, dtype=torch.long)
    tokens = tokens.to(next(model.parameters()).device)
    with FlopCounterMode(display=False) as counter:
        model(tokens, traces=[])
    return counter.get_total_flops() // model.config.context
