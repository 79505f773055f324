"""What a task is, and how an answer to one is scored."""

from typing import Protocol

import torch
from torch import Tensor

__all__ = ["IGNORE", "Task", "accuracy", "sample_batch"]

# PyTorch's own `ignore_index`: no answer is asked for at this position.
IGNORE = -100


class Task(Protocol):
    """An endless supply of sequences with the answers wanted."""

    @property
    def name(self) -> str:
        """The task's label in results."""
        ...

    @property
    def vocab_size(self) -> int:
        """Tokens and targets are below it."""
        ...

    @property
    def context(self) -> int:
        """How many tokens a sequence has."""
        ...

    @property
    def chance(self) -> float:
        """The accuracy of a guess that has not learned the task: each task says which."""
        ...

    def batch(self, rng: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """Draw `size` sequences: tokens and targets, both (size, context) int64, on the CPU.

        A target is the class wanted at its own position, already shifted where the task is to
        predict the next token, and IGNORE where nothing is asked. `rng` is a CPU generator; the
        same state gives the same batch, bit for bit.
        """
        ...


def sample_batch(task: Task, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draw `size` sequences with a seed of their own: tokens and targets, (size, context) int64."""
    return task.batch(torch.Generator().manual_seed(seed), size)


def accuracy(logits: Tensor, targets: Tensor) -> float:
    """Return the share of asked positions whose largest logit is the target, in 0..1.

    `logits` is (..., V), `targets` (...) with IGNORE where nothing is asked. Raises ValueError
    when nothing is asked at all.
    """
    if logits.shape[:-1] != targets.shape:
        raise ValueError(
            f"logits {tuple(logits.shape)} do not fit targets {tuple(targets.shape)}: they need "
            f"the targets' shape and one more axis"
        )
    asked = targets != IGNORE
    count = int(asked.sum())
    if count == 0:
        raise ValueError(f"all {targets.numel()} targets are {IGNORE}: there is nothing to score")
    return int(((logits.argmax(-1) == targets) & asked).sum()) / count
