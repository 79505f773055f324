"""What is warranted is Bayes' rule, and beliefs are as far from certain as they turn out right."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.hints import BLANK, sample_hints
from ideas_lib.essays.superficiality.warranted import (
    calibration_error,
    fit_reading,
    log_loss,
    weigh_hints,
)


def blobs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes of one number each, a standard deviation either side of zero."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return rng.normal(2.0 * y - 1, 1.0)[:, None], y


def test_a_hint_multiplies_the_odds():
    beliefs = np.log([[0.7, 0.2, 0.1]])
    found = np.exp(weigh_hints(beliefs, [1], 0.8))[0]
    joint = np.array([0.7 * 0.1, 0.2 * 0.8, 0.1 * 0.1])
    assert found == pytest.approx(joint / joint.sum())
    assert weigh_hints(beliefs, [BLANK], 0.8) == pytest.approx(beliefs)
    assert weigh_hints(beliefs, [1], 1 / 3) == pytest.approx(beliefs)  # says nothing
    assert np.exp(weigh_hints(beliefs, [2], 1.0))[0] == pytest.approx([0, 0, 1])


def test_with_true_beliefs_no_other_rule_is_right_more_often():
    X, y = blobs(200_000, 1)
    hints = sample_hints(np.random.default_rng(2), y, 0.8, 2, blank=0.0)
    beliefs = -np.logaddexp(0, np.column_stack([2 * X[:, 0], -2 * X[:, 0]]))
    right = [
        (weigh_hints(beliefs, hints, r).argmax(1) == y).mean() for r in (0.5, 0.65, 0.8, 0.9, 0.99)
    ]
    assert np.argmax(right) == 2


@pytest.mark.parametrize("name", ["logistic", "tree", "SVM", "naive Bayes"])
def test_a_reading_is_calibrated_even_of_a_learner_that_is_certain(name):
    reading = fit_reading(name, *blobs(600, 3), seed=0)
    X, y = blobs(4000, 4)
    beliefs = reading.log_beliefs(X)
    assert np.exp(beliefs).sum(axis=1) == pytest.approx(1)
    assert calibration_error(beliefs, y) < 0.06
    assert reading.loss == pytest.approx(log_loss(beliefs, y), abs=0.06)
    assert 0 < reading.doubt <= 0.5


def test_certainty_that_is_half_wrong_is_an_error_of_a_half():
    beliefs = np.log([[1 - 1e-9, 1e-9]] * 40)
    y = np.array([0, 1] * 20)
    assert calibration_error(beliefs, y) == pytest.approx(0.5)
    assert calibration_error(beliefs, 0 * y) == pytest.approx(0, abs=1e-6)
