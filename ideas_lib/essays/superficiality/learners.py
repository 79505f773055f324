"""Nine learners out of scikit-learn, with the settings that one would begin with."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

__all__ = ["LEARNERS", "class_scores", "fit_learner"]

LEARNERS = (
    "neighbours",
    "SVM",
    "logistic",
    "network",
    "discriminant",
    "boosting",
    "forest",
    "naive Bayes",
    "tree",
)
FLOOR = 1e-6  # a share of no tree, of no neighbour


def fit_learner(name: str, X: NDArray[np.float64], y: NDArray[np.int64], seed: int) -> Any:
    """Return a learner of `LEARNERS`, fitted to samples X (n, d) and classes y (n,)."""
    with warnings.catch_warnings():
        # The network stops after a set number of rounds, as one would stop it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return _learner(name, seed).fit(X, y)


def _learner(name: str, seed: int) -> Any:
    match name:
        case "logistic":
            return LogisticRegression(max_iter=500)
        case "discriminant":
            return LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
        case "naive Bayes":
            return GaussianNB(var_smoothing=0.01)
        case "neighbours":
            return KNeighborsClassifier(10, weights="distance")
        case "SVM":
            return SVC(C=10.0)
        case "tree":
            return DecisionTreeClassifier(min_samples_leaf=3, random_state=seed)
        case "forest":
            return RandomForestClassifier(100, random_state=seed)
        case "boosting":
            return HistGradientBoostingClassifier(
                learning_rate=0.2, max_iter=25, early_stopping=False, random_state=seed
            )
        case "network":
            return MLPClassifier((64,), max_iter=60, random_state=seed)
    raise ValueError(f"no learner {name!r}; there are {', '.join(LEARNERS)}")


def class_scores(learner: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a fitted learner's score of each class, (n, classes), the highest for its answer.

    It is the log of a share, or the decision function of a learner that gives no shares.
    """
    if hasattr(learner, "predict_proba"):
        return np.log(np.maximum(learner.predict_proba(X), FLOOR))
    scores = learner.decision_function(X)
    return scores if scores.ndim == 2 else np.column_stack([-scores / 2, scores / 2])
