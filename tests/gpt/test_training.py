"""Training: schedule and optimiser by hand, then what must hold of any run, then repetition."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ideas_lib.gpt import GPTConfig, build
from ideas_lib.gpt.tasks import IGNORE, Counting, SelectiveCopy
from ideas_lib.gpt.training import (
    Diverged,
    Recipe,
    flops,
    loss_of,
    optimiser,
    parameters,
    score,
    train,
)

TASK = Counting(vocab_size=20, context=12, most=4, cap=3)
CONFIG = GPTConfig(vocab_size=20, d_model=16, heads=2, layers=1, context=12)


class Fixed(nn.Module):
    """A model that answers the same everywhere."""

    def __init__(self, logits: Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits.expand(*tokens.shape, -1)


# References.


def test_linear_schedule_by_hand() -> None:
    recipe = Recipe(steps=14, lr=1.0, warmup=4, floor=0.5)
    assert [recipe.rate(s) for s in range(4)] == [0.25, 0.5, 0.75, 1.0]
    # From 1 at step 4 down to 0.5 at step 14: 0.05 a step.
    down = [recipe.rate(s) for s in (4, 5, 9, 13, 14)]
    assert down == pytest.approx([1.0, 0.95, 0.75, 0.55, 0.5])


def test_cosine_schedule_by_hand() -> None:
    recipe = Recipe(steps=1000, lr=1e-3, warmup=100, schedule="cosine", floor=0.1)
    assert recipe.rate(0) == pytest.approx(1e-5)
    assert recipe.rate(99) == recipe.rate(100) == 1e-3
    # A third of the way (step 400): (1 + cos 60 deg) / 2 = 0.75, so 0.1 + 0.9 * 0.75 = 0.775.
    assert recipe.rate(400) == pytest.approx(0.775e-3)
    assert recipe.rate(550) == pytest.approx(0.55e-3)
    assert recipe.rate(1000) == pytest.approx(1e-4)


def test_no_warm_up_starts_at_the_full_rate() -> None:
    assert Recipe(steps=2, lr=0.3, warmup=0).rate(0) == 0.3


def test_loss_by_hand_and_what_is_not_asked_is_left_out() -> None:
    # Probabilities 1/2, 1/4, 1/4: ln 2 for class 0, ln 4 for class 1; the mean over the asked.
    model = Fixed(torch.tensor([0.5, 0.25, 0.25]).log())
    tokens = torch.zeros(1, 3, dtype=torch.long)
    targets = torch.tensor([[0, 1, IGNORE]])
    want = torch.tensor((math.log(2) + math.log(4)) / 2)
    torch.testing.assert_close(loss_of(model, tokens, targets), want)


def test_uniform_logits_cost_minus_log_of_one_in_v() -> None:
    tokens = torch.zeros(1, 3, dtype=torch.long)
    for v in (2, 65, 2048):
        loss = loss_of(Fixed(torch.zeros(v)), tokens, tokens)
        assert loss.item() == pytest.approx(-math.log(1 / v))


def test_one_step_of_adamw_by_hand() -> None:
    # At the first step Adam's two averages are g and g^2, each corrected: every weight moves by
    # lr * sign(g). Decoupled decay first takes lr * decay of a matrix, nothing of a vector.
    model = build(CONFIG, seed=1)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    grads: dict[str, Tensor] = {}

    def note(step: int, loss: float) -> None:
        grads.update({n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None})

    train(model, TASK, Recipe(steps=1, batch=4, lr=0.01, warmup=0, decay=0.5), each_step=note)
    for name, p in model.named_parameters():
        g = grads[name]
        decay = 0.5 if p.dim() == 2 else 0
        want = before[name] * (1 - 0.01 * decay) - 0.01 * g / (g.abs() + 1e-8)
        torch.testing.assert_close(p.detach(), want, atol=1e-5, rtol=0)


def test_gradients_are_clipped() -> None:
    model = build(CONFIG)
    norms = []

    def note(step: int, loss: float) -> None:
        norms.append(sum(p.grad.pow(2).sum().item() for p in model.parameters()) ** 0.5)

    train(model, TASK, Recipe(steps=2, batch=4, clip=0.01), each_step=note)
    assert norms == pytest.approx([0.01, 0.01], rel=1e-3)


def test_matrices_decay_and_nothing_else_does() -> None:
    model = nn.ModuleDict({"line": nn.Linear(3, 2), "frozen": nn.Linear(1, 1)})
    model["frozen"].requires_grad_(False)
    decayed, spared = optimiser(model, Recipe(decay=0.3)).param_groups
    assert decayed["weight_decay"] == 0.3
    assert spared["weight_decay"] == 0
    assert decayed["params"] == [model["line"].weight]
    assert [id(p) for p in spared["params"]] == [id(model["line"].bias)]
    assert decayed["betas"] == (0.9, 0.99)


def test_parameters_and_flops_by_hand() -> None:
    # Embedding and head 20 * 16 each; attention 4 * 16^2, MLP 8 * 16^2. A multiply-add is 2 flops:
    # the head 16 * 20, the layer 12 * 16^2, and scores and values 12 columns of 16 each.
    assert parameters(build(CONFIG)) == 2 * 320 + 1 + 12 * 256 == 3713
    assert flops(build(CONFIG)) == 2 * (320 + 12 * 256 + 2 * 12 * 16) == 7552


def test_frozen_parameters_do_not_count() -> None:
    model = build(CONFIG)
    model.vocab.embedding.weight.requires_grad_(False)
    assert parameters(model) == 3713 - 320


# Invariants.


def test_it_learns_what_can_be_learnt() -> None:
    task = Counting(vocab_size=4, context=8, fewest=2, most=4, cap=2)
    model = build(GPTConfig(vocab_size=4, d_model=16, heads=2, layers=2, context=8))
    untrained = score(model, task)
    run = train(model, task, Recipe(steps=150, batch=64, lr=3e-2, warmup=10))
    assert run.losses[-1] < run.losses[0] / 3
    assert run.seconds > 0
    assert score(model, task) > task.guesses()["position and symbols"] + 0.05 > untrained


def test_score_is_the_share_of_right_answers() -> None:
    logits = torch.zeros(20)
    logits[1] = 1
    task = Counting(vocab_size=20, context=12, fewest=1, most=1, cap=3)  # counts 1 2 3 3 3 ...
    assert score(Fixed(logits), task) == pytest.approx(1 / 12)
    assert score(Fixed(logits.roll(2)), task) == pytest.approx(10 / 12)


def test_every_step_is_told() -> None:
    told: list[tuple[int, float]] = []
    run = train(
        build(CONFIG), TASK, Recipe(steps=3, batch=2), each_step=lambda s, x: told.append((s, x))
    )
    assert told == list(enumerate(run.losses))


def test_a_model_that_diverges_is_named_with_its_step_and_rate() -> None:
    model = Fixed(torch.tensor([0.0, math.nan, 0.0, 0.0]))
    with pytest.raises(Diverged, match=r"the loss is nan at step 0, lr=0\.02: lower the lr"):
        train(model, TASK, Recipe(lr=0.02, batch=2))


@pytest.mark.parametrize(
    "bad", [dict(schedule="step"), dict(steps=0), dict(batch=0), dict(lr=0.0), dict(lr=-1e-3)]
)
def test_a_recipe_that_cannot_be_is_named(bad: dict) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(bad))}={next(iter(bad.values()))!r}"):
        Recipe(**bad)


# Repetition.


def test_the_same_seed_gives_the_same_run_and_weights_bit_for_bit() -> None:
    runs, models = [], []
    for noise in (1, 2):
        torch.manual_seed(noise)
        models.append(build(CONFIG, seed=3))
        runs.append(train(models[-1], TASK, Recipe(steps=5, batch=4), seed=3).losses)
    assert runs[0] == runs[1]
    assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))


def test_another_seed_gives_another_run() -> None:
    one, two = (
        train(build(CONFIG, seed=0), TASK, Recipe(steps=2, batch=4), seed=s).losses for s in (0, 1)
    )
    assert one != two


def test_every_model_meets_the_same_data() -> None:
    met: list[list[Tensor]] = [[], []]
    for kept, width in zip(met, (8, 16), strict=True):
        model = build(GPTConfig(vocab_size=20, d_model=width, heads=1, layers=1, context=12))
        model.register_forward_pre_hook(lambda module, args, kept=kept: kept.append(args[0]))
        train(model, TASK, Recipe(steps=3, batch=4), seed=5)
    assert all(map(torch.equal, *met))
    assert not torch.equal(met[0][0], met[0][1])


def test_scores_are_taken_on_the_same_fresh_sequences() -> None:
    model, task = build(CONFIG), TASK
    assert score(model, task) == score(model, task) != score(model, task, seed=1)


def test_where_little_is_asked_only_that_is_scored() -> None:
    task = SelectiveCopy(vocab_size=16, context=24, copies=4)
    model = build(GPTConfig(vocab_size=16, d_model=16, heads=2, layers=1, context=24))
    tokens, targets = task.batch(torch.Generator().manual_seed(10_000), 512)
    right = model(tokens).argmax(-1) == targets
    assert score(model, task) == pytest.approx(right[targets != IGNORE].float().mean().item())
    assert F.cross_entropy(model(tokens)[targets != IGNORE], targets[targets != IGNORE]).item() == (
        pytest.approx(loss_of(model, tokens, targets).item(), rel=1e-4)
    )
