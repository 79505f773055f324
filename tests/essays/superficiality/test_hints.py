"""Hints are right as often as they should be, stand beside the content, and change nothing else."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.hints import (
    BLANK,
    doses,
    estimated_reliability,
    other_classes,
    sample_hints,
    with_hints,
)

Y = np.random.default_rng(0).integers(0, 10, 40_000)


@pytest.mark.parametrize("reliability", [0.0, 0.5, 0.95, 1.0])
def test_hints_are_right_as_often_as_their_reliability_says(reliability):
    hints = sample_hints(np.random.default_rng(1), Y, reliability, 10, blank=0.2)
    lit = hints != BLANK
    assert lit.mean() == pytest.approx(0.8, abs=0.01)
    assert (hints == Y)[lit].mean() == pytest.approx(reliability, abs=0.01)
    assert estimated_reliability(Y, hints) == pytest.approx(reliability, abs=0.01)
    wrong = lit & (hints != Y)
    if wrong.any():  # each other class as likely
        steps = np.bincount((hints - Y)[wrong] % 10, minlength=10)
        assert steps[1:] / wrong.sum() == pytest.approx(1 / 9, abs=0.03)


def test_another_class_is_another_and_a_class():
    other = other_classes(np.random.default_rng(2), Y, 10)
    assert not (other == Y).any()
    assert set(other) == set(range(10))


def test_a_hint_lights_one_lamp_and_none_lights_none():
    content = np.arange(6.0).reshape(3, 2)
    seen = with_hints(content, [1, BLANK, 0], 2, loudness=4.0)
    assert seen[:, :2].tolist() == content.tolist()
    assert seen[:, 2:].tolist() == [[0, 4], [0, 0], [4, 0]]


def test_a_reliability_is_never_certain_and_a_wrong_one_is_named():
    assert estimated_reliability([0, 1], [0, 1]) == 0.75
    assert estimated_reliability([0], [BLANK]) == 0.5
    with pytest.raises(ValueError, match=r"reliability=1\.5"):
        sample_hints(np.random.default_rng(0), Y, 1.5, 10)


def test_a_reliability_of_ones_own_is_tried_in_its_place():
    assert doses(0.95) == (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
    assert doses(0.6)[:3] == (0.5, 0.6, 0.7)
