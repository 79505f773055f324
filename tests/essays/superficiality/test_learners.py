"""Each learner learns, by its seed alone, and its scores say what it answers."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.learners import LEARNERS, class_scores, fit_learner


def samples(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    return rng.normal(3.0 * np.eye(4)[y], 1.0), y


@pytest.mark.parametrize("name", LEARNERS)
def test_a_learner_learns_and_its_highest_score_is_its_answer(name):
    learner = fit_learner(name, *samples(150, 0), seed=1)
    X, y = samples(300, 2)
    answers, scores = learner.predict(X), class_scores(learner, X)
    assert (answers == y).mean() > 0.75
    assert scores.shape == (300, 3)
    assert np.isfinite(scores).all()
    assert (scores.argmax(axis=1) == answers).mean() > 0.98  # two may be equal
    again = fit_learner(name, *samples(150, 0), seed=1)
    assert (again.predict(X) == answers).all()


def test_two_classes_have_two_scores():
    X, y = samples(150, 0)
    learner = fit_learner("SVM", X[y < 2], y[y < 2], seed=0)
    scores = class_scores(learner, X[y < 2])
    assert scores.shape == (100, 2)
    assert (scores.argmax(axis=1) == learner.predict(X[y < 2])).all()


def test_another_name_is_refused():
    with pytest.raises(ValueError, match="no learner 'oracle'"):
        fit_learner("oracle", *samples(9, 0), seed=0)
