import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics import log_loss
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.trees.soft import SoftTreeClassifier
from ideas_lib.trees.trial import averaged, classifier_scores

X, Y = load_iris(return_X_y=True)
LABELS = load_iris().target_names[Y]


def test_scores_are_scikit_learns_on_labels_of_any_kind():
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X[::2], LABELS[::2])
    found = classifier_scores(tree, X[1::2], LABELS[1::2])
    assert set(found) == {"accuracy", "log loss"}
    assert found["accuracy"] == tree.score(X[1::2], LABELS[1::2])
    assert found["log loss"] == log_loss(LABELS[1::2], tree.predict_proba(X[1::2]))


def test_a_test_part_may_lack_a_class():
    tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, LABELS)
    rows = LABELS != "setosa"
    assert classifier_scores(tree, X[rows], LABELS[rows])["accuracy"] == tree.score(
        X[rows], LABELS[rows]
    )


def test_a_soft_tree_also_says_what_hardening_leaves():
    tree = SoftTreeClassifier(2, splits="axis", epochs=30, random_state=0).fit(X, LABELS)
    found, plain = classifier_scores(tree, X, LABELS), tree.harden()
    assert found["accuracy"] == tree.score(X, LABELS)
    assert found["hard accuracy"] == np.mean(plain.predict(X) == LABELS)
    assert found["agreement"] == plain.agreement_
    assert found["leaves"] == plain.n_leaves


def test_a_mean_is_over_the_tables_that_have_the_metric():
    found = averaged({"iris": {"accuracy": 1.0, "words": 0.5}, "wine": {"accuracy": 0.5}})
    assert found == {
        "accuracy": pytest.approx(0.75),
        "words": 0.5,
        "accuracy, iris": 1.0,
        "words, iris": 0.5,
        "accuracy, wine": 0.5,
    }
