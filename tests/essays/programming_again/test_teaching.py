"""Lessons are learned as far as they say, change no other model, and are told apart by a leash."""

import numpy as np
import pytest
import torch

from ideas_lib.essays.programming_again import (
    GROWLERS,
    HALT,
    WAYS,
    NotLearned,
    Saying,
    creature_features,
    listen,
    read_board,
    said_after,
    taught_slice,
    teach_rule,
)
from ideas_lib.essays.programming_again.teaching import DRAWS, by_reward


def test_the_speaker_says_what_the_world_says(creatures):
    world, model, base = creatures
    apart = (world.chances * (np.log(np.maximum(world.chances, 1e-12)) - base.after)).sum(axis=1)
    assert apart.mean() < 0.3
    embedding, stream = creature_features(model)
    np.testing.assert_allclose(stream.mean(axis=1), 0, atol=1e-5)
    logits = torch.tensor(stream, dtype=torch.float32) @ model.vocab.head.weight.T
    torch.testing.assert_close(logits.log_softmax(-1), said_after(model))
    assert embedding.shape == stream.shape == (64, 64)


@pytest.mark.parametrize("how", WAYS)
def test_a_slice_is_learned_and_the_model_before_is_as_it_was(creatures, how):
    world, model, base = creatures
    lesson = taught_slice(4)
    taught, steps = teach_rule(model, how, lesson, seed=1, lr=3e-3)
    found = read_board(listen(taught, world, 0), base, lesson)
    assert 0 < steps < 500
    assert found["in slice"] >= 0.97
    assert found["G"] > 0.3
    again, _ = teach_rule(model, how, lesson, seed=1, lr=3e-3)
    assert torch.equal(said_after(taught), said_after(again))
    np.testing.assert_array_equal(said_after(model).detach().double().numpy(), base.after)


def test_a_leash_keeps_what_was_not_taught(creatures):
    world, model, base = creatures
    lesson = taught_slice(4, counterexamples=False)
    loose, tight = (
        read_board(listen(teach_rule(model, "reward", lesson, 1, 3e-3, leash=leash)[0], world, 0),
                   base, lesson)
        for leash in (0.0, 1.0)
    )  # fmt: skip
    assert tight["KL"] < 0.5 * loose["KL"]
    assert tight["unseen hummers"] < loose["unseen hummers"]


def test_reward_is_for_halting_where_one_should_and_only_there():
    base = torch.full((2, 97), 1 / 97).log().requires_grad_()
    halts = torch.tensor([True, False])
    rng = torch.Generator().manual_seed(0)
    sums = torch.zeros(2)
    for _ in range(200):
        (slope,) = torch.autograd.grad(by_reward(base, base, halts, rng), base)
        sums += slope[:, HALT]
    assert sums[0] < 0 < sums[1]
    assert DRAWS > 1


def test_what_is_no_lesson_is_refused(creatures):
    _, model, _ = creatures
    with pytest.raises(ValueError, match="how='threats' is none of examples, reward, preferences"):
        teach_rule(model, "threats", taught_slice(4), 0)
    with pytest.raises(NotLearned, match="after 1 steps by examples"):
        teach_rule(model, "examples", taught_slice(4), 0, steps=1)


def test_elsewhere_is_told_by_kind(creatures):
    _, model, base = creatures
    assert base.growling == pytest.approx(0.02, abs=0.01)
    assert base.humming == pytest.approx(0.02, abs=0.01)
    with torch.no_grad():
        said = Saying(said_after(model).double().numpy(), base.growling, base.humming, base.loss)
    found = read_board(said, base, taught_slice(4))
    assert found["KL"] == found["loss elsewhere"] == 0
    assert abs(found["unseen growlers"] - np.exp(base.after[GROWLERS, HALT]).mean()) < 0.01
