"""What the evidence warrants: a calibrated look at the content, times the odds of the hint."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, logsumexp
from sklearn.model_selection import StratifiedKFold

from ideas_lib.essays.superficiality.hints import BLANK
from ideas_lib.essays.superficiality.learners import class_scores, fit_learner

__all__ = ["ContentReading", "calibration_error", "fit_reading", "log_loss", "weigh_hints"]

FOLDS = 5


@dataclass(frozen=True)
class ContentReading:
    """A learner that saw no hint, and how far its scores are to be believed.

    Its scores are divided by `temperature`; the share `doubt` of belief goes to all classes alike.
    Both are fitted to folds that it had not seen; `loss` is its log loss there, in nats.
    """

    learner: Any
    temperature: float
    doubt: float
    loss: float

    def log_beliefs(self, content: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log-probability of each class, (n, classes)."""
        return _believed(class_scores(self.learner, content), self.temperature, self.doubt)


def fit_reading(
    name: str, content: NDArray[np.float64], y: NDArray[np.int64], seed: int
) -> ContentReading:
    """Fit a learner to the content alone, and its temperature and doubt to five folds of it."""
    scores = np.empty((y.size, int(y.max()) + 1))
    for train, held in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(content, y):
        scores[held] = class_scores(
            fit_learner(name, content[train], y[train], seed), content[held]
        )

    def loss(knobs: NDArray[np.float64]) -> float:
        return log_loss(_believed(scores, *_knobs(knobs)), y)

    found = minimize(loss, (0.0, -4.0), bounds=((-4.0, 4.0), (-12.0, 0.0)))
    temperature, doubt = _knobs(found.x)
    return ContentReading(fit_learner(name, content, y, seed), temperature, doubt, float(found.fun))


def _knobs(x: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.exp(x[0])), float(1 / (1 + np.exp(-x[1])))


def _believed(scores: NDArray[np.float64], temperature: float, doubt: float) -> NDArray[np.float64]:
    shares = log_softmax(scores / temperature, axis=1)
    alike = np.full_like(shares, -np.log(shares.shape[1]))
    return np.logaddexp(np.log1p(-doubt) + shares, np.log(doubt) + alike)


def weigh_hints(
    log_beliefs: NDArray[np.float64], hints: ArrayLike, reliability: float
) -> NDArray[np.float64]:
    """Return the log-probabilities (n, classes) after hints (n,), right as often as `reliability`.

    Given the class, hint and content are independent, as they are where hints are drawn by
    `sample_hints`; a wrong hint is each other class as likely. No hint changes nothing.
    """
    classes = log_beliefs.shape[1]
    shown = np.asarray(hints)
    named = shown[:, None] == np.arange(classes)
    with np.errstate(divide="ignore"):
        odds = np.where(named, np.log(reliability), np.log1p(-reliability) - np.log(classes - 1))
    joint = log_beliefs + np.where((shown == BLANK)[:, None], 0.0, odds)
    return joint - logsumexp(joint, axis=1, keepdims=True)


def log_loss(log_beliefs: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Return the mean of minus the log-probability of the true class, in nats."""
    return float(-log_beliefs[np.arange(y.size), y].mean())


def calibration_error(log_beliefs: NDArray[np.float64], y: NDArray[np.int64]) -> float:
    """Return the mean gap of confidence and accuracy over ten bins of equal count."""
    confidence = np.exp(log_beliefs.max(axis=1))
    hit = log_beliefs.argmax(axis=1) == y
    bins = np.array_split(np.argsort(confidence, kind="stable"), 10)
    gaps = [abs(confidence[b].mean() - hit[b].mean()) * b.size for b in bins if b.size]
    return float(sum(gaps) / y.size)
