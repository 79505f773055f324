"""How far answers follow a hint: where it is right, where it is wrong, and where there is none."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ideas_lib.essays.superficiality.hints import (
    BLANK,
    estimated_reliability,
    other_classes,
    sample_hints,
    with_hints,
)
from ideas_lib.essays.superficiality.learners import fit_learner
from ideas_lib.essays.superficiality.material import Material
from ideas_lib.essays.superficiality.warranted import weigh_hints

__all__ = ["as_trained", "ask", "by_the_odds", "shown_hints"]

Answers = Callable[[NDArray[np.int64]], NDArray[Any]]  # hints (n,) -> answers (n,)


def shown_hints(
    material: Material, reliability: float, seed: int, blank: float = 0.05
) -> NDArray[np.int64]:
    """Return the hints that stand beside what is learned from, the same for every learner."""
    rng = np.random.default_rng([seed, 1, round(1000 * reliability)])
    return sample_hints(rng, material.y_train, reliability, material.classes, blank)


def as_trained(
    name: str, material: Material, hints: NDArray[np.int64], seed: int, loudness: float = 1.0
) -> Answers:
    """Fit a learner to content and hints together, and return how it answers."""
    K = material.classes
    seen = with_hints(material.train, hints, K, loudness)
    learner = fit_learner(name, seen, material.y_train, seed)
    return lambda asked: learner.predict(with_hints(material.test, asked, K, loudness))


def by_the_odds(
    log_beliefs: NDArray[np.float64], material: Material, hints: NDArray[np.int64]
) -> Answers:
    """Return how one answers who multiplies beliefs about the content by the odds of the hint.

    `log_beliefs` (n, classes) are of what is asked; the odds are estimated from the `hints` that
    stand beside what is learned from.
    """
    reliability = estimated_reliability(material.y_train, hints)
    return lambda asked: weigh_hints(log_beliefs, asked, reliability).argmax(axis=1)


def ask(answers: Answers, material: Material, reliability: float, seed: int) -> dict[str, float]:
    """Ask about each sample with a wrong hint, with the right one, with none, and as it comes.

    Returns shares of samples: `follows`, the answer is the wrong hint; `right`, with a wrong hint,
    `helped`, with the right one, `blank`, with none, and `ordinary`, with hints as reliable as
    those learned from.
    """
    rng, truth = np.random.default_rng([seed, 2]), material.y_test
    wrong = other_classes(rng, truth, material.classes)
    ordinary = sample_hints(rng, truth, reliability, material.classes)
    misled = answers(wrong)
    found = {
        "follows": misled == wrong,
        "right": misled == truth,
        "helped": answers(truth) == truth,
        "blank": answers(np.full_like(truth, BLANK)) == truth,
        "ordinary": answers(ordinary) == truth,
    }
    return {name: float(hits.mean()) for name, hits in found.items()}
