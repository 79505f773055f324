"""What a fitted tree says of itself: hardened, in units, in words."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris

from ideas_lib.trees import SoftTreeClassifier, SoftTreeRegressor
from ideas_lib.trees.nodes import hard_leaves

BOTH = pytest.mark.parametrize("splits", ["oblique", "axis"])
IRIS = load_iris(return_X_y=True)
QUICK = {"epochs": 10, "random_state": 0}


@BOTH
@pytest.mark.parametrize("estimator", [SoftTreeClassifier, SoftTreeRegressor])
def test_hardened_it_is_the_soft_tree_at_temperature_0(splits: str, estimator) -> None:
    X, y = load_breast_cancer(return_X_y=True)
    tree = estimator(4, splits=splits, **QUICK).fit(X[:300], y[:300])
    hard = tree.harden(X)
    # Every sample ends in the leaf of its likelier turns, whatever was pruned on the way.
    values = tree._values[tree.apply(X)]
    if estimator is SoftTreeClassifier:
        np.testing.assert_array_equal(hard.predict(X), tree.classes_[values.argmax(1)])
        assert hard.agreement_ == np.mean(hard.predict(X) == tree.predict(X))
    else:
        np.testing.assert_allclose(hard.predict(X), values[:, 0])
        error = np.mean((hard.predict(X) - tree.predict(X)) ** 2)
        assert hard.agreement_ == pytest.approx(1 - error / tree.predict(X).var())
    tree.module_.splits.slopes.sharper.fill_(1e9)
    leaves = tree.module_.leaves().numpy()[tree.apply(X)]
    cold = tree.predict_proba(X) if estimator is SoftTreeClassifier else tree.predict(X)[:, None]
    np.testing.assert_allclose(cold, leaves, atol=1e-6)


def test_thresholds_are_in_the_users_units() -> None:
    X, y = IRIS
    tree = SoftTreeClassifier(3, splits="axis", **QUICK).fit(X * 1000, y)
    hard = tree.harden()
    for feature, threshold in zip(hard.feature, hard.threshold, strict=True):
        if feature >= 0:
            assert 1000 * X[:, feature].min() < threshold < 1000 * X[:, feature].max()
    logits = tree.module_.splits(tree.scale_.standard(X * 1000))
    assert tree.apply(X * 1000).tolist() == hard_leaves(logits).tolist()


def test_what_training_rows_say_of_the_plain_tree() -> None:
    X, y = IRIS
    tree = SoftTreeClassifier(3, **QUICK).fit(X, y)
    seen, other = tree.harden(), tree.harden(X)
    assert seen.export_text() == other.export_text()
    assert seen.agreement_ == other.agreement_
    assert seen.n_node_samples[0] == 150
    # A leaf: the training rows that end in it, and the soft leaf as one more.
    leaf, counts = tree.apply(X), np.zeros((8, 3))
    np.add.at(counts, (leaf, y), 1)
    expected = (counts + tree.module_.leaves().numpy()) / (counts.sum(1, keepdims=True) + 1)
    np.testing.assert_allclose(tree._values, expected)
    few = tree.harden(X[:20])
    assert few.node_count < seen.node_count
    assert few.n_node_samples[0] == 20


def test_rows_without_weight_are_not_there() -> None:
    X, y = IRIS
    weight = np.r_[np.ones(100), np.zeros(50)]
    tree = SoftTreeClassifier(2, **QUICK).fit(X, y, sample_weight=weight)
    assert tree.harden().n_node_samples[0] == 100
    with pytest.raises(ValueError, match="at least one non-zero"):
        SoftTreeClassifier(2, **QUICK).fit(X, y, sample_weight=0 * weight)


@BOTH
def test_an_explanation_follows_the_tree(splits: str) -> None:
    frame, y = load_iris(return_X_y=True, as_frame=True)
    tree = SoftTreeClassifier(3, splits=splits, random_state=0).fit(frame, y)
    for i in (0, 60, 140):
        told = tree.explain(frame.iloc[i])
        assert told.leaf == tree.apply(frame[i : i + 1])[0]
        assert told.prediction == tree.predict(frame[i : i + 1])[0]
        assert len(told.steps) == 3
        path = tree.decision_path(frame[i : i + 1])[0]
        assert told.probability == pytest.approx(path[7 + told.leaf])
        for step in told.steps:
            child = 2 * step.node + 1 + step.yes
            assert step.probability == pytest.approx(path[child] / path[step.node])
            assert step.probability >= 0.5
            assert step.words == tree.words(step.node, yes=step.yes)
        text = str(told)
        assert "(cm)" in text
        assert f"so {told.prediction}" in text
        assert "(100%)" not in text
    if splits == "axis":
        step = tree.explain(frame.iloc[0]).steps[0]
        name, sign, threshold = step.words.rsplit(" ", 2)
        assert sign == (">" if step.yes else "<=")
        assert (frame.iloc[0][name] > float(threshold.replace("−", "-"))) == step.yes


def test_numbers_in_explanations_are_rounded() -> None:
    X, y = load_diabetes(return_X_y=True)
    text = str(SoftTreeRegressor(2, **QUICK).fit(X, y).explain(X[0]))
    said = text.splitlines()[-1].split(":")[0]
    assert len(said.removeprefix("so ")) <= 6
