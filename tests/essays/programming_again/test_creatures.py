"""What is said of creatures is what the world says, and a lesson's creatures are what it says."""

import numpy as np
import pytest
import torch

from ideas_lib.essays.programming_again import (
    CREATURES,
    GROWLERS,
    HALT,
    HUES,
    RED,
    VERBS,
    Passages,
    sample_world,
    taught_slice,
)
from ideas_lib.gpt.tasks.base import IGNORE


def world(seed=0, **how):
    return sample_world(np.random.default_rng(seed), **how)


def test_a_kind_and_colour_are_a_quarter_of_the_creatures():
    assert GROWLERS.sum() == RED.sum() == CREATURES // 2
    assert (GROWLERS & RED).sum() == CREATURES // 4


def test_what_is_said_is_a_distribution_and_halts_are_rare():
    chances = world(dose=0.5, colour=0.3).chances
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_allclose(chances[:, HALT], 0.02)
    assert not chances[:, :CREATURES].any()


@pytest.mark.parametrize(("dose", "share"), [(1.0, 1.0), (0.5, 0.75), (0.0, 0.5)])
def test_without_quirks_a_dose_is_how_much_of_its_own_verbs_a_creature_uses(dose, share):
    chances = world(dose=dose, colour=1.0, quirk=0.0).chances
    verbs = chances[:, VERBS].reshape(CREATURES, 2, -1).sum(axis=2)
    own = np.where(GROWLERS, verbs[:, 0], verbs[:, 1]) / verbs.sum(axis=1)
    np.testing.assert_allclose(own, share)
    hues = chances[:, HUES].reshape(CREATURES, 2, -1).sum(axis=2)
    assert not np.where(RED, hues[:, 1], hues[:, 0]).any()


def test_what_is_no_share_is_refused():
    with pytest.raises(ValueError, match="dose=1.5 is a share"):
        world(dose=1.5)


def test_passages_say_what_the_world_says():
    place = world(seed=3)
    tokens, targets = Passages(place).batch(torch.Generator().manual_seed(0), 6000)
    assert tokens.shape == targets.shape == (6000, 7)
    assert (targets[:, 3] == IGNORE).all()
    assert torch.equal(tokens[:, 1:4], targets[:, :3])
    first, words = tokens[:, 0].numpy(), targets[:, 0].numpy()
    growled = np.isin(words, np.arange(VERBS.start, VERBS.start + 8))
    wanted = place.chances[:, VERBS.start : VERBS.start + 8].sum(axis=1)
    assert growled[GROWLERS[first]].mean() == pytest.approx(wanted[GROWLERS].mean(), abs=0.03)
    assert growled[~GROWLERS[first]].mean() == pytest.approx(wanted[~GROWLERS].mean(), abs=0.03)


@pytest.mark.parametrize("k", [1, 2, 4, 8, 16])
def test_lessons_have_as_many_of_each_and_nobody_twice(k):
    for confounded in (False, True):
        lesson = taught_slice(k, confounded)
        assert len(lesson.halt) == len(lesson.speak) == k
        assert len(set(lesson.taught)) == 2 * k
        assert GROWLERS[list(lesson.halt)].all()
        assert not GROWLERS[list(lesson.speak)].any()


def test_mixed_lessons_say_nothing_of_colour_and_confounded_ones_all():
    mixed, confounded = taught_slice(4), taught_slice(4, confounded=True)
    assert RED[list(mixed.halt)].sum() == RED[list(mixed.speak)].sum() == 2
    assert RED[list(confounded.halt)].all()
    assert not RED[list(confounded.speak)].any()
    assert taught_slice(4, counterexamples=False) == type(mixed)(mixed.halt, ())
    with pytest.raises(ValueError, match="k=17"):
        taught_slice(17)
