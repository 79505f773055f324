"""Bits recovered are those of the formula, and readers learn how far likeness is to be believed."""

import numpy as np
import pytest

from ideas_lib.essays.two_by_two.recognising import (
    Recogniser,
    fit_recogniser,
    recovered_bits,
    run_likeness,
)

N = 16


def shown(rng: np.random.Generator, outcomes: int, clear: float) -> tuple[np.ndarray, np.ndarray]:
    """Likenesses (outcomes, N, 1) that stand out by `clear` at what was meant."""
    meant = rng.integers(0, N, outcomes)
    likeness = rng.normal(size=(outcomes, N, 1))
    likeness[np.arange(outcomes), meant] += clear
    return likeness, meant


def test_the_bits_are_those_of_the_formula():
    likeness, meant = shown(np.random.default_rng(0), 5, 1.0)
    reader = Recogniser(np.array([0.7]), 0.1)
    for k, found in enumerate(recovered_bits(reader, likeness, meant)):
        share = np.exp(0.7 * likeness[k, :, 0])
        p = 0.9 * share[meant[k]] / share.sum() + 0.1 / N
        assert found == pytest.approx(np.log2(N * p))


def test_who_is_sure_and_right_has_all_and_who_knows_nothing_none():
    likeness = np.eye(N)[:, :, None]
    assert recovered_bits(Recogniser(np.array([300.0]), 0.0), likeness, range(N)) == pytest.approx(
        4
    )
    for reader in (Recogniser(np.array([0.0]), 0.0), Recogniser(np.array([9.0]), 1.0)):
        assert recovered_bits(reader, likeness, range(N)) == pytest.approx(0)


def test_beliefs_add_up_to_one():
    likeness, _ = shown(np.random.default_rng(1), 5, 1.0)
    beliefs = Recogniser(np.array([2.0]), 0.2).log2_beliefs(likeness)
    assert (2**beliefs).sum(axis=1) == pytest.approx(1)


def test_a_reader_learns_how_far_likeness_is_to_be_believed():
    rng = np.random.default_rng(2)
    gained = []
    for clear in (0.0, 1.0, 3.0):
        who = fit_recogniser(*shown(rng, 200, clear))
        gained.append(recovered_bits(who, *shown(rng, 400, clear)).mean())
    assert abs(gained[0]) < 0.05
    # Of normal scores apart by a shift the best that can be done is that shift as the weight.
    best = recovered_bits(Recogniser(np.array([3.0]), 0.0), *shown(rng, 4000, 3.0)).mean()
    assert gained[0] < gained[1] < gained[2] == pytest.approx(best, abs=0.2)


def test_likeness_that_says_nothing_is_passed_over():
    rng = np.random.default_rng(3)
    likeness, meant = shown(rng, 400, 2.0)
    noisy = np.concatenate([likeness, rng.normal(size=likeness.shape)], axis=2)
    alone = recovered_bits(fit_recogniser(likeness, meant), likeness, meant).mean()
    who = fit_recogniser(noisy, meant)
    assert recovered_bits(who, noisy, meant).mean() == pytest.approx(alone, abs=0.03)
    assert who.weights[1] < 0.1 < who.weights[0]


def test_likeness_that_is_always_wrong_is_passed_over_too():
    likeness, meant = shown(np.random.default_rng(4), 60, 3.0)
    wrong = np.zeros_like(likeness)
    wrong[:, 5] = 1.0  # the same sentence, whatever was meant
    both = np.concatenate([likeness, wrong], axis=2)
    alone = recovered_bits(fit_recogniser(likeness, meant), likeness, meant).mean()
    assert recovered_bits(fit_recogniser(both, meant), both, meant).mean() > alone - 0.01


def test_likeness_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 4\): it must be \(outcomes, sentences, 1\)"):
        Recogniser(np.ones(1), 0.1).log2_beliefs(np.ones((3, 4)))


def test_words_that_stand_together_are_more_alike():
    sentences = ["the plot is thin and long", "long and thin is the plot", "no good at all"]
    found = run_likeness(["the plot is thin", *sentences], sentences)
    assert found[1:].diagonal() == pytest.approx(1)
    assert found[0, 0] > found[0, 1] > found[0, 2] == 0
    assert not run_likeness(["another tongue"], sentences).any()
