"""The loop: what it reaches, when it stops, what it keeps, and that a seed fixes all of it."""

import pytest
import torch
from torch import nn

from ideas_lib.trees.fitting import FitDiverged, FitRecipe, History, fit_module

X = torch.linspace(-1, 1, 40)[:, None]
Y = 3 * X + 1


def line() -> nn.Linear:
    module = nn.Linear(1, 1)
    nn.init.zeros_(module.weight)
    nn.init.zeros_(module.bias)
    return module


def fit(module: nn.Module, recipe: FitRecipe, seed: int = 0, y=Y, **options) -> History:
    def loss(x, target):
        return (module(x) - target).square().mean()

    draw = torch.Generator().manual_seed(seed)
    return fit_module(module, (X, y), loss, recipe, generator=draw, **options)


def test_a_line_is_found() -> None:
    module = line()
    history = fit(module, FitRecipe(epochs=200, batch_size=10, learning_rate=0.1))
    assert module.weight.item() == pytest.approx(3, abs=1e-3)
    assert module.bias.item() == pytest.approx(1, abs=1e-3)
    assert history.loss[-1] < 1e-4 < history.loss[0]
    assert history.best_epoch == len(history.loss) == 200
    assert history.held_out == []


def test_one_step_is_adams() -> None:
    module, twin = line(), line()
    fit(module, FitRecipe(epochs=1, batch_size=40, learning_rate=0.1))
    adam = torch.optim.AdamW(twin.parameters(), lr=0.1, weight_decay=0)
    (twin(X) - Y).square().mean().backward()
    adam.step()
    for ours, theirs in zip(module.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_seed_fixes_the_fit_and_the_global_generator_is_left_alone() -> None:
    recipe = FitRecipe(epochs=3, batch_size=10, learning_rate=0.1)
    weights = []
    for seed in (0, 0, 1):
        module = line()
        before = torch.get_rng_state()
        fit(module, recipe, seed)
        assert torch.equal(torch.get_rng_state(), before)
        weights.append(module.weight.item())
    assert weights[0] == weights[1] != weights[2]


def test_batches_hold_each_row_once_an_epoch() -> None:
    seen: list[torch.Tensor] = []
    module = line()

    def loss(x, row):
        seen.append(row)
        return module(x).square().mean()

    recipe = FitRecipe(epochs=2, batch_size=12, learning_rate=0.1)
    fit_module(module, (X, torch.arange(40)), loss, recipe, generator=torch.Generator())
    assert [len(rows) for rows in seen] == [14, 13, 13] * 2
    for epoch in (seen[:3], seen[3:]):
        assert torch.cat(epoch).sort().values.tolist() == list(range(40))
    assert torch.cat(seen[:3]).tolist() != torch.cat(seen[3:]).tolist()


def test_done_goes_from_0_to_1() -> None:
    told: list[float] = []
    fit(line(), FitRecipe(epochs=5, batch_size=40, learning_rate=0.1), each_epoch=told.append)
    assert told == [0, 0.25, 0.5, 0.75, 1]


def watched(values: list[float], recipe: FitRecipe) -> tuple[History, list[float], float]:
    """Train while the held-out loss takes these values; return also what weights there were."""
    module, weights = line(), []

    def held_out_loss(x):
        weights.append(module.weight.item())
        return torch.tensor(values[len(weights) - 1])

    history = fit(module, recipe, held_out=(X,), held_out_loss=held_out_loss)
    return history, weights, module.weight.item()


def test_patience_stops_and_restores_the_best_epoch() -> None:
    recipe = FitRecipe(epochs=9, batch_size=40, learning_rate=0.1, patience=2)
    history, weights, kept = watched([5, 3, 4, 3, 1, 1, 1, 1, 1], recipe)
    assert history.held_out == [5, 3, 4, 3]
    assert history.best_epoch == 2
    assert kept == weights[1] != weights[3]


def test_epochs_before_settled_do_not_count() -> None:
    recipe = FitRecipe(epochs=5, batch_size=40, learning_rate=0.1, patience=1, settled=0.5)
    history, weights, kept = watched([0, 1, 5, 4, 6], recipe)
    assert len(history.held_out) == 5
    assert history.best_epoch == 4
    assert kept == weights[3]


def test_what_is_no_number_is_named() -> None:
    recipe = FitRecipe(epochs=3, batch_size=40, learning_rate=0.25)
    with pytest.raises(FitDiverged, match=r"nan in epoch 1, learning_rate=0.25"):
        fit(line(), recipe, y=Y * float("nan"))


def test_decay_shrinks() -> None:
    plain, decayed = line(), line()
    fit(plain, FitRecipe(epochs=100, batch_size=40, learning_rate=0.1))
    fit(decayed, FitRecipe(epochs=100, batch_size=40, learning_rate=0.1, decay=1.0))
    assert 0 < decayed.weight.item() < plain.weight.item() - 0.1


def test_what_needs_no_gradient_stays() -> None:
    module = line()
    module.bias.requires_grad_(False)
    fit(module, FitRecipe(epochs=3, batch_size=40, learning_rate=0.1))
    assert module.bias.item() == 0
    assert module.weight.item() != 0
