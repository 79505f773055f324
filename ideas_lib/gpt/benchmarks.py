"""What studies measure alike: a GPT trained on a task, scored, or as a tiny language model.

A trial is one run of a study. It returns the model, for what only that study looks into, and a
report, which becomes the run's metrics.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from ideas_lib.gpt.model import GPT, GPTConfig, Tweak, build
from ideas_lib.gpt.tasks.base import IGNORE, Task
from ideas_lib.gpt.tasks.language import Text
from ideas_lib.gpt.training import Recipe, flops, loss_of, parameters, score, train

__all__ = [
    "LANGUAGE",
    "held_out_loss",
    "language_trial",
    "scored_trial",
    "trial",
    "trial_settings",
]

# The tiny language model of every study that has one.
LANGUAGE: dict[str, int] = dict(d_model=64, heads=2, layers=2, steps=1000, batch=16)


def trial_settings(settings: Mapping[str, int], **own: int) -> dict[str, int]:
    """Return what a trial takes of a study's SETTINGS, and what an experiment has of its own."""
    return {name: settings[name] for name in LANGUAGE if name in settings} | own


def trial(
    task: Task,
    *tweaks: Tweak,
    seed: int,
    lr: float,
    steps: int,
    batch: int = 64,
    watch: Callable[[GPT, int], None] | None = None,
    **shape: int,
) -> tuple[GPT, dict[str, Any]]:
    """Train a GPT with tweaks on a task; return it, and `losses`, `params`, `flops` of the run.

    `shape` is d_model, heads and layers, where they are not `GPTConfig`'s own; vocabulary and
    context are the task's. First weights and data depend on `seed` alone. `watch(model, done)` is
    called before the first step and after each, with the number of steps done.
    """
    config = GPTConfig(vocab_size=task.vocab_size, context=task.context, **shape)
    model = build(config, *tweaks, seed=seed)

    def each_step(step: int, loss: float) -> None:
        if watch:
            watch(model, step + 1)

    if watch:
        watch(model, 0)
    run = train(model, task, Recipe(steps=steps, batch=batch, lr=lr), seed, each_step)
    return model, {"losses": run.losses, "params": parameters(model), "flops": flops(model)}


def scored_trial(task: Task, *tweaks: Tweak, **settings: Any) -> tuple[GPT, dict[str, Any]]:
    """Make a trial and report its `accuracy`, the share of right answers on fresh sequences.

    `settings` are `trial`'s.
    """
    model, report = trial(task, *tweaks, **settings)
    return model, report | {"accuracy": score(model, task)}


def language_trial(text: Text, *tweaks: Tweak, **settings: Any) -> tuple[GPT, dict[str, Any]]:
    """Make a trial of the tiny language model; report its held-out `loss` and `nats per byte`.

    `settings` are `trial`'s, where they are not `LANGUAGE`.
    """
    model, report = trial(text, *tweaks, **LANGUAGE | settings)
    return model, report | held_out_loss(model, text)


@torch.no_grad()
def held_out_loss(model: GPT, text: Text, batches: int = 4, start: int = 0) -> dict[str, float]:
    """Return the held-out `loss` in nats a token, and `nats per byte`.

    Targets at places before `start` do not count.
    """
    losses = []
    for tokens, targets in text.validation_batches(batches):
        late = targets.clone()
        late[:, :start] = IGNORE
        losses.append(loss_of(model, tokens, late).item())
    loss = sum(losses) / len(losses)
    return {"loss": loss, "nats per byte": loss / text.bytes_per_token}
