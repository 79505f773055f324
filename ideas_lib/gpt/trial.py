"""One run of a study: build a GPT for a task, train it, and report what every run reports."""

from typing import Any

import torch

from ideas_lib.gpt.model import GPT, GPTConfig, Tweak, build
from ideas_lib.gpt.tasks import Task, Text
from ideas_lib.gpt.train import Recipe, flops, loss_of, parameters, train

__all__ = ["held_out_loss", "trial"]


def trial(
    task: Task,
    *tweaks: Tweak,
    seed: int,
    lr: float,
    steps: int,
    batch: int = 64,
    **shape: int,
) -> tuple[GPT, dict[str, Any]]:
    """Train a GPT with tweaks on a task; return it, and `losses`, `params`, `flops` of the run.

    `shape` is d_model, heads and layers, where they are not `GPTConfig`'s own; vocabulary and
    context are the task's. First weights and data depend on `seed` alone.
    """
    config = GPTConfig(vocab_size=task.vocab_size, context=task.context, **shape)
    model = build(config, *tweaks, seed=seed)
    run = train(model, task, Recipe(steps=steps, batch=batch, lr=lr), seed)
    return model, {"losses": run.losses, "params": parameters(model), "flops": flops(model)}


@torch.no_grad()
def held_out_loss(model: GPT, text: Text, batches: int = 4, start: int = 0) -> dict[str, float]:
    """Return the held-out `loss` in nats a token, and `nats per byte`.

    Targets at places before `start` do not count.
    """
    losses = []
    for tokens, targets in text.validation_batches(batches):
        late = targets.clone()
        late[:, :start] = -100
        losses.append(loss_of(model, tokens, late).item())
    loss = sum(losses) / len(losses)
    return {"loss": loss, "nats per byte": loss / text.bytes_per_token}
