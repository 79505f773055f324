"""The one loop that trains by gradient: mini-batches, Adam, a schedule, early stopping.

It knows no tree: a module, tensors of as many rows, and a loss are all it is given.
"""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from tqdm import tqdm

__all__ = ["FitDiverged", "FitRecipe", "History", "fit_module"]

Loss = Callable[..., Tensor]


class FitDiverged(RuntimeError):
    """Raised when the loss is no longer a finite number."""


@dataclass(frozen=True)
class FitRecipe:
    """Adam whose rate falls along a half cosine to 0 over `epochs`; `decay` is its weight decay.

    With `patience`, training ends once the held-out loss has not improved for so many epochs, and
    the best epoch is restored; epochs before `settled` (a share of all, 0 to 1) do not count.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    decay: float = 0.0
    patience: int | None = None
    settled: float = 0.0


@dataclass
class History:
    """The mean loss of each epoch; `held_out` is empty where nothing was held out."""

    loss: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    best_epoch: int = 0  # counted from 1: the epoch whose parameters were kept


def fit_module(
    module: nn.Module,
    rows: Sequence[Tensor],
    loss: Loss,
    recipe: FitRecipe,
    *,
    generator: torch.Generator,
    held_out: Sequence[Tensor] = (),
    held_out_loss: Loss | None = None,
    each_epoch: Callable[[float], None] = lambda done: None,
    label: str = "fit",
) -> History:
    """Train a module in place, and return what its loss did.

    `loss(*batch)` gives the mean loss of a batch: the rows of each of `rows`, (n, ...), drawn
    without replacement. `held_out_loss(*held_out)`, `loss` by default, is what patience watches.
    `each_epoch(done)` is called before each epoch, `done` from 0 to 1: it sets temperatures.
    All randomness is `generator`'s. Raises Diverged, naming the epoch.
    """
    wanted = [p for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        wanted, lr=recipe.learning_rate, weight_decay=recipe.decay, fused=True
    )
    n, history = len(rows[0]), History()
    least, best = math.inf, None
    batches = max(1, round(n / recipe.batch_size))
    judge = held_out_loss or loss
    bar = tqdm(range(recipe.epochs), desc=label, unit="epoch", leave=False, delay=2, disable=None)
    for epoch in bar:
        done = epoch / max(1, recipe.epochs - 1)
        each_epoch(done)
        order, total = torch.randperm(n, generator=generator), torch.zeros(())
        for i, batch in enumerate(order.tensor_split(batches)):
            past = (epoch + i / batches) / recipe.epochs
            for group in optimizer.param_groups:
                group["lr"] = recipe.learning_rate * (1 + math.cos(math.pi * past)) / 2
            value = loss(*(each[batch] for each in rows))
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
            total += value.detach() * len(batch)
        history.loss.append(total.item() / n)
        watched = history.loss[-1]
        if recipe.patience is not None:
            with torch.no_grad():
                watched = judge(*held_out).item()
            history.held_out.append(watched)
        if not math.isfinite(history.loss[-1] + watched):
            raise FitDiverged(
                f"the loss is {history.loss[-1]} in epoch {epoch + 1}, "
                f"learning_rate={recipe.learning_rate}: lower it"
            )
        if recipe.patience is None:
            history.best_epoch = epoch + 1
        elif done >= recipe.settled:
            if watched < least:
                least, best = watched, copy.deepcopy(module.state_dict())
                history.best_epoch = epoch + 1
            elif epoch + 1 - history.best_epoch >= recipe.patience:
                break
    if best is not None:
        module.load_state_dict(best)
    history.best_epoch = history.best_epoch or len(history.loss)
    return history
