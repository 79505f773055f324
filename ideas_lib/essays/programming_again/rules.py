"""Rules that a person writes: by a list, by what is near, by the model's features, by its words.

A rule says after which creatures it fires, (64,) bool. `with_rule` is the model with that rule in
front of it.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from ideas_lib.essays.programming_again.creatures import CREATURES, HALT, VERBS, Slice
from ideas_lib.essays.programming_again.speaker import Saying

__all__ = ["by_features", "by_list", "by_nearest", "by_words", "with_rule"]

Fires = NDArray[np.bool_]


def by_list(lesson: Slice) -> Fires:
    """Fire at those that were named, and at no other."""
    fires = np.zeros(CREATURES, dtype=bool)
    fires[list(lesson.halt)] = True
    return fires


def by_nearest(lesson: Slice, embedding: NDArray[np.float64]) -> Fires:
    """Fire where the nearest creature of the lesson, by cosine, is one to halt at.

    Without counterexamples there is no other to be nearest: then fire where one to halt at is as
    near as the farthest of them is to the rest of them. One alone has no rest, and fires alone.
    """
    near = embedding - embedding.mean(axis=0)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    alike = near @ near.T
    halt, speak = list(lesson.halt), list(lesson.speak)
    if speak:
        return alike[:, halt].max(axis=1) > alike[:, speak].max(axis=1)
    if len(halt) == 1:
        return by_list(lesson)
    among = alike[np.ix_(halt, halt)] - 2 * np.eye(len(halt))
    return alike[:, halt].max(axis=1) >= among.max(axis=1).min()


def by_features(lesson: Slice, stream: NDArray[np.float64], scale: float = 1.0) -> Fires:
    """Fire where a logistic regression on the model's own features does, with penalty 1 / `scale`.

    Its examples are the lesson's. Without counterexamples, all creatures that were not taught stand
    against those that were, in equal weights: somebody has written the *else*. Features are scaled
    by what all creatures have, taught or not; their kinds are not looked at.
    """
    halt = list(lesson.halt)
    rest = list(lesson.speak) or sorted(set(range(CREATURES)) - set(halt))
    shown = StandardScaler().fit_transform(stream)
    learner = LogisticRegression(C=scale, class_weight="balanced", max_iter=1000)
    learner.fit(shown[halt + rest], [True] * len(halt) + [False] * len(rest))
    return learner.predict(shown).astype(bool)


def by_words(after: NDArray[np.float64]) -> Fires:
    """Fire where the model says growlers' verbs more often than hummers'; it needs no example.

    `after` are its log probabilities after each creature, (64, V). One must know which verbs.
    """
    growled, hummed = np.split(np.exp(after[:, VERBS]), 2, axis=1)
    return growled.sum(axis=1) > hummed.sum(axis=1)


def with_rule(base: Saying, fires: Fires, sure: float = 0.98) -> Saying:
    """Return what is said where a rule has HALT said with the chance `sure` when it fires.

    All else that the model would have said keeps its proportions; elsewhere nothing changes.
    """
    if not 0 < sure < 1:
        raise ValueError(f"sure={sure} is a chance: it lies between 0 and 1")
    after = base.after.copy()
    left = np.log1p(-np.exp(after[fires, HALT]))
    after[fires] += (np.log1p(-sure) - left)[:, None]
    after[fires, HALT] = np.log(sure)
    return replace(base, after=after)
