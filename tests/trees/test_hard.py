"""The plain tree: by hand, beside scikit-learn's, and pruned without a change of mind."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from ideas_lib.trees.hard import Complete, HardTree

NAMES = ("age", "dose")
CLASSES = np.array(["ill", "well"])
SURE = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.4, 0.6]])
#            age <= 40?
#     dose <= 1      dose <= 2
#   ill   well      ill   well
AXIS = Complete(np.array([40.0, 1.0, 2.0]), feature=np.array([0, 1, 1]))
PEOPLE = np.array([[30, 0.5], [40, 1.5], [50, 1.5], [50, 2.5]])


def small(count=(1, 1, 1, 1), value=SURE, complete=AXIS) -> HardTree:
    return HardTree.of(complete, value, np.array(count), 2, CLASSES, NAMES)


def like(cart, X, classes=None) -> HardTree:
    """Give scikit-learn's arrays to a HardTree."""
    tree = cart.tree_
    return HardTree(
        children_left=tree.children_left,
        children_right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        value=tree.value,
        n_node_samples=tree.n_node_samples,
        n_features=X.shape[1],
        classes=classes,
    )


def test_by_hand() -> None:
    tree = small(count=(4, 3, 2, 1))
    assert tree.predict(PEOPLE).tolist() == ["ill", "well", "ill", "well"]
    np.testing.assert_array_equal(tree.predict_proba(PEOPLE), SURE)
    assert tree.children_left.tolist() == [1, 2, -1, -1, 5, -1, -1]
    assert tree.children_right.tolist() == [4, 3, -1, -1, 6, -1, -1]
    assert tree.feature.tolist() == [0, 1, -2, -2, 1, -2, -2]
    assert tree.threshold.tolist() == [40, 1, -2, -2, 2, -2, -2]
    assert tree.n_node_samples.tolist() == [10, 7, 4, 3, 3, 2, 1]
    np.testing.assert_allclose(tree.value[0, 0], np.array([4, 3, 2, 1]) @ SURE / 10)
    assert (tree.node_count, tree.n_leaves, tree.max_depth) == (7, 4, 2)
    assert tree.apply(PEOPLE).tolist() == [2, 3, 5, 6]
    path = tree.decision_path(PEOPLE[1:2])[0]
    assert np.flatnonzero(path).tolist() == [0, 1, 3]


def test_scikit_learns_arrays_mean_the_same_here() -> None:
    X, y = load_iris(return_X_y=True)
    X = X.astype(np.float32).astype(float)  # scikit-learn compares in float32
    cart = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, y)
    tree = like(cart, X, cart.classes_)
    np.testing.assert_array_equal(tree.apply(X), cart.apply(X))
    np.testing.assert_array_equal(tree.predict(X), cart.predict(X))
    np.testing.assert_allclose(tree.predict_proba(X), cart.predict_proba(X))
    np.testing.assert_array_equal(tree.decision_path(X), cart.decision_path(X).toarray())
    assert (tree.max_depth, tree.n_leaves) == (cart.get_depth(), cart.get_n_leaves())
    line = DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, X[:, 0] * y)
    np.testing.assert_allclose(like(line, X).predict(X), line.predict(X))


def test_our_arrays_mean_the_same_to_scikit_learn() -> None:
    # CART grown on what the tree says about a grid finds the same regions.
    grid = np.array([[age, dose] for age in range(20, 60, 2) for dose in np.arange(0, 4, 0.3)])
    tree = small()
    cart = DecisionTreeClassifier(random_state=0).fit(grid, tree.predict(grid))
    np.testing.assert_array_equal(cart.predict(grid), tree.predict(grid))
    layout = {field.name for field in dataclasses.fields(tree)}
    shared = {"children_left", "children_right", "feature", "threshold", "value", "n_node_samples"}
    assert shared <= layout
    for name in sorted(shared):
        ours, theirs = getattr(tree, name), getattr(cart.tree_, name)
        assert ours.shape[1:] == theirs.shape[1:], name
        assert ours.dtype.kind == theirs.dtype.kind, name


def test_nodes_that_nothing_reaches_go() -> None:
    tree = small(count=(4, 0, 2, 1))
    assert tree.node_count == 5
    assert tree.predict(PEOPLE).tolist() == ["ill", "ill", "ill", "well"]
    tree = small(count=(0, 0, 2, 1))
    assert tree.feature.tolist() == [1, -2, -2]
    assert tree.threshold.tolist() == [2, -2, -2]
    tree = small(count=(0, 3, 0, 0))
    assert tree.predict(PEOPLE).tolist() == ["well"] * 4
    assert (tree.node_count, tree.max_depth) == (1, 0)


def test_leaves_that_say_the_same_are_one() -> None:
    agreed = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.4, 0.6]])
    tree = small(count=(3, 1, 2, 1), value=agreed)
    assert tree.node_count == 5
    np.testing.assert_allclose(tree.value[1, 0], (3 * agreed[0] + agreed[1]) / 4)
    assert tree.n_node_samples[1] == 4
    assert small(value=np.tile([0.9, 0.1], (4, 1))).node_count == 1


def test_numbers_are_merged_only_when_equal() -> None:
    values = np.array([[1.0], [1.0], [2.0], [3.0]])
    tree = HardTree.of(AXIS, values, np.ones(4), 2)
    assert tree.node_count == 5
    assert tree.predict(PEOPLE).tolist() == [1, 1, 2, 3]
    with pytest.raises(AttributeError, match="call predict"):
        tree.predict_proba(PEOPLE)


@pytest.mark.parametrize("seed", range(5))
def test_pruning_changes_no_prediction_of_what_was_counted(seed: int) -> None:
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(30, 3))
    whole = Complete(draw.normal(size=31) / 2, weights=draw.normal(size=(31, 3)))
    value = draw.dirichlet(np.ones(2), size=32)
    leaf = np.zeros(30, dtype=int)
    for _ in range(5):
        turn = (whole.weights[leaf] * X).sum(1) > whole.threshold[leaf]
        leaf = 2 * leaf + 1 + turn
    leaf -= 31
    tree = HardTree.of(whole, value, np.bincount(leaf, minlength=32), 3, np.arange(2))
    np.testing.assert_array_equal(tree.predict(X), value[leaf].argmax(1))
    assert tree.node_count < 63
    assert tree.n_node_samples[0] == 30
    inner = np.flatnonzero(tree.children_left != -1)
    sides = tree.children_left[inner], tree.children_right[inner]
    counts = sum(tree.n_node_samples[side] for side in sides)
    np.testing.assert_array_equal(tree.n_node_samples[inner], counts)
    np.testing.assert_allclose(tree.value.sum(-1), 1)
    assert (tree.feature[inner] == -1).all()
    assert (tree.weights[tree.children_left == -1] == 0).all()


def test_text() -> None:
    assert small(count=(4, 3, 2, 1)).export_text() == (
        "|--- age <= 40\n"
        "|   |--- dose <= 1\n"
        "|   |   |--- class: ill (90%), 4 samples\n"
        "|   |--- dose > 1\n"
        "|   |   |--- class: well (80%), 3 samples\n"
        "|--- age > 40\n"
        "|   |--- dose <= 2\n"
        "|   |   |--- class: ill (70%), 2 samples\n"
        "|   |--- dose > 2\n"
        "|   |   |--- class: well (60%), 1 sample\n"
    )


def test_the_text_of_weighted_sums_names_what_matters() -> None:
    sums = Complete(np.array([0.5]), weights=np.array([[2.0, -0.1]]))
    tree = HardTree.of(
        sums, np.array([[-1.5], [2.0]]), np.ones(2), 2, None, NAMES, np.array([1.0, 100.0])
    )
    assert tree.export_text().splitlines()[0] == "|--- −0.1 dose + 2 age <= 0.5"
    assert tree.export_text(terms=1).splitlines()[0] == "|--- −0.1 dose + 1 more <= 0.5"
    assert tree.export_text().splitlines()[1] == "|   |--- value: −1.5, 1 sample"


def test_an_explanation_is_the_path() -> None:
    told = small().explain(PEOPLE[1])
    assert str(told) == "1. age <= 40\n2. dose > 1\nso well"
    assert [step.node for step in told.steps] == [0, 1]
    assert [step.yes for step in told.steps] == [False, True]
    frame = pd.DataFrame(PEOPLE, columns=list(NAMES))
    assert str(small().explain(frame.iloc[1])) == str(small().explain(frame[1:2])) == str(told)


def test_bad_input_is_named() -> None:
    tree = small()
    with pytest.raises(ValueError, match="X has 3 features, the tree reads 2"):
        tree.predict(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="Input contains NaN"):
        tree.predict(np.full((1, 2), np.nan))
    with pytest.raises(ValueError, match="dose.*age.*same order"):
        tree.predict(pd.DataFrame(PEOPLE, columns=["dose", "age"]))
    with pytest.raises(ValueError, match="one sample, not 4"):
        tree.explain(PEOPLE)
