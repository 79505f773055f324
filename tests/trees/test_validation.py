import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.trees.hard import HardTree
from ideas_lib.trees.soft import SoftTreeClassifier
from ideas_lib.trees.validation import Agreement, agreement, features_used, halves, split, tuned

X, Y = load_iris(return_X_y=True)


def tree(*splits: str, columns=("a", "b", "c")) -> DecisionTreeClassifier:
    """Return a tree that tells apart the quarters of the plane a, b, asking in the order given."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.uniform(-1, 1, size=(400, 2)), columns=["a", "b"])
    frame["c"] = frame["a"]  # a twin, under another name
    y = 2 * (frame["a"] > 0) + (frame["b"] > 0)
    # CART prefers the first of equals: weights decide which split comes first, and which twin.
    hidden = frame.copy()
    for name in set(frame) - set(splits):
        hidden[name] = 0.0
    order = {"a": y // 2, "c": y // 2, "b": y % 2}
    weight = np.where(order[splits[0]] == 1, 3.0, 1.0)
    found = DecisionTreeClassifier(max_leaf_nodes=4, random_state=0)
    return found.fit(hidden, y, sample_weight=weight)


def points() -> pd.DataFrame:
    frame = pd.DataFrame(np.random.default_rng(1).uniform(-1, 1, (300, 2)), columns=["a", "b"])
    return frame.assign(c=frame["a"])


# Splits.


def test_seeds_in_a_row_are_one_cross_validation():
    tests = [split(Y, seed)[1] for seed in range(100, 105)]
    assert sorted(np.concatenate(tests)) == list(range(150))
    assert [np.bincount(Y[test]).tolist() for test in tests] == [[10, 10, 10]] * 5
    again = [split(Y, seed)[1] for seed in range(105, 110)]
    assert not any(np.array_equal(one, other) for one in tests for other in again)


def test_train_and_test_share_no_row_and_the_overlap_is_theirs():
    train, test = split(Y, 103)
    assert sorted([*train, *test]) == list(range(150))
    assert len(test) / len(train) == 0.25
    assert len(split(Y, 103, folds=10)[1]) == 15


def test_a_seed_is_a_fold_of_a_repetition_of_scikit_learns():
    theirs = StratifiedKFold(5, shuffle=True, random_state=20)
    for seed, (train, test) in zip(range(100, 105), theirs.split(X, Y), strict=True):
        ours = split(Y, seed)
        assert np.array_equal(ours[0], train)
        assert np.array_equal(ours[1], test)


def test_numbers_as_targets_get_plain_folds():
    y = load_diabetes().target
    assert len(split(y, 100)[1]) == 89
    assert len(halves(y, 0)[0]) == 221


def test_halves_have_nothing_in_common_but_their_classes():
    one, other = halves(Y, 3)
    assert sorted([*one, *other]) == list(range(150))
    assert np.bincount(Y[one]).tolist() == np.bincount(Y[other]).tolist() == [25, 25, 25]
    assert not np.array_equal(one, halves(Y, 4)[0])


# Tuning.


def test_tuning_takes_the_candidate_with_the_best_inner_score():
    candidates = [{"max_depth": 1}, {"max_depth": 3, "min_samples_leaf": 2}, {"max_depth": 1}]
    best = tuned(DecisionTreeClassifier(random_state=0), candidates, X, Y, seed=5)
    assert best.get_params()["max_depth"] == 3
    assert best.get_params()["min_samples_leaf"] == 2
    assert best.get_depth() == 3
    assert best.tree_.n_node_samples[0] == 150, "refitted on all"
    means = [
        cross_val_score(DecisionTreeClassifier(random_state=0, **c), X, Y).mean()
        for c in candidates
    ]
    assert means[1] == max(means)


def test_one_candidate_is_fitted_and_the_estimator_stays_as_it_was():
    plain = DecisionTreeClassifier(random_state=0)
    assert tuned(plain, [{"max_depth": 2}], X, Y, seed=0).get_depth() == 2
    assert plain.max_depth is None
    assert not hasattr(plain, "tree_")


def test_weights_are_split_with_their_samples():
    weight = np.where(Y == 2, 0.0, 1.0)
    best = tuned(
        DecisionTreeClassifier(random_state=0),
        [{"max_depth": 1}, {"max_depth": 2}],
        X,
        Y,
        seed=0,
        sample_weight=weight,
    )
    assert 2 not in best.predict(X)


# Agreement.


def test_a_tree_agrees_with_itself():
    one = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
    found = agreement(one, one, X)
    assert (found.answers, found.groups, found.words) == (1.0, 1.0, 1.0)


def test_the_same_questions_in_another_order_are_the_same_explanation():
    first, second = tree("a", "b"), tree("b", "a")
    assert first.tree_.feature[0] != second.tree_.feature[0], "the order differs"
    found = agreement(first, second, points())
    assert found.groups == pytest.approx(1.0, abs=0.05)
    assert found.words == 1.0


def test_a_twin_feature_is_another_word_for_the_same_groups():
    found = agreement(tree("a", "b"), tree("c", "b"), points())
    assert found.groups == pytest.approx(1.0, abs=0.05)
    assert found.words == pytest.approx(1 / 3), "b of a, b, c"


def test_trees_that_know_nothing_of_each_other_agree_as_chance_does():
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(600, 6))
    one, other = (
        DecisionTreeClassifier(max_depth=3, random_state=0).fit(
            noise[:300], rng.integers(0, 2, 300)
        )
        for _ in range(2)
    )
    found = agreement(one, other, noise[300:])
    assert abs(found.groups) < 0.1
    assert found.answers < 0.65


def test_the_words_of_a_path_are_those_of_scikit_learn():
    data = load_breast_cancer()
    found = DecisionTreeClassifier(max_depth=4, random_state=0).fit(data.data, data.target)
    used = features_used(found, data.data[:50])
    for row, sample in zip(used, data.data[:50], strict=True):
        path = found.decision_path(sample[None]).indices
        named = {int(found.tree_.feature[node]) for node in path if found.tree_.feature[node] >= 0}
        assert set(np.flatnonzero(row)) <= named
    # The root's feature is named on every path, for both classes lie below it.
    assert used[:, found.tree_.feature[0]].all()


def test_trees_of_one_leaf_say_the_same_without_a_word():
    one = DecisionTreeClassifier(max_depth=1, min_samples_leaf=150).fit(X, Y)
    found = agreement(one, one, X)
    assert (found.answers, found.groups, found.words) == (1.0, 1.0, 1.0)


def test_a_split_that_changes_no_class_explains_nothing():
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 10)
    y = np.array([0, 0, 1, 1] * 10)
    y[1] = 1  # so that CART asks about the second feature, to the left of the first
    deep = DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, y)
    plain = DecisionTreeClassifier(max_depth=1, random_state=0).fit(x, y)
    assert (deep.get_n_leaves(), plain.get_n_leaves()) == (3, 2)
    assert agreement(deep, plain, x) == Agreement(1.0, 1.0, 1.0)
    assert features_used(deep, x).sum(axis=0).tolist() == [40, 0]


def test_a_hard_tree_is_compared_as_scikit_learns():
    cart = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
    inner = cart.tree_
    names = ("children_left", "children_right", "feature", "threshold", "value", "n_node_samples")
    ours = HardTree(*(getattr(inner, name) for name in names), n_features=4, classes=cart.classes_)
    assert agreement(cart, ours, X) == Agreement(1.0, 1.0, 1.0)
    assert np.array_equal(features_used(cart, X), features_used(ours, X))


def test_oblique_splits_have_no_words():
    soft = SoftTreeClassifier(2, epochs=20, random_state=0).fit(X, Y)
    one = soft.harden()
    found = agreement(one, one, X)
    assert (found.answers, found.groups, found.words) == (1.0, 1.0, None)
