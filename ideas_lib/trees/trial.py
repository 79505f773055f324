"""What the tree studies report of a fitted classifier, and of several tables at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import accuracy_score, log_loss

__all__ = ["averaged", "classifier_scores"]


def classifier_scores(model: Any, X: Any, y: ArrayLike) -> dict[str, float]:
    """Return a classifier's scores on rows it has not seen: `accuracy`, and `log loss` in nats.

    Of a soft tree also what hardening it leaves: `hard accuracy`, the `agreement` of the plain
    tree with the soft one, and its `leaves`.
    """
    chances = model.predict_proba(X)
    said = model.classes_[chances.argmax(axis=1)]
    found = {
        "accuracy": float(accuracy_score(y, said)),
        "log loss": float(log_loss(y, chances, labels=model.classes_)),
    }
    if hasattr(model, "harden"):
        plain = model.harden()
        hard = plain.predict(X)
        found["hard accuracy"] = float(accuracy_score(y, hard))
        found["agreement"] = float(np.mean(hard == said))
        found["leaves"] = float(plain.n_leaves)
    return found


def averaged(scores: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return each metric's mean over tables, and its value on each, as `accuracy, iris`.

    `scores` maps tables to metrics; a table may lack a metric, and has no part in its mean.
    """
    metrics = dict.fromkeys(metric for found in scores.values() for metric in found)
    report = {}
    for metric in metrics:
        report[metric] = float(np.mean([s[metric] for s in scores.values() if metric in s]))
    for name, found in scores.items():
        report |= {f"{metric}, {name}": value for metric, value in found.items()}
    return report
