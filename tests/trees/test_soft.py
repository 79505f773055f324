"""The estimators: scikit-learn's contract, what they learn, and that everything they say agrees."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

import ideas_lib.trees
from ideas_lib.trees import SoftTreeClassifier, SoftTreeRegressor

BOTH = pytest.mark.parametrize("splits", ["oblique", "axis"])
IRIS = load_iris(return_X_y=True)
QUICK = {"epochs": 10, "random_state": 0}


def test_names_are_found_where_they_are_asked_for() -> None:
    assert ideas_lib.trees.SoftTreeClassifier is SoftTreeClassifier
    assert set(ideas_lib.trees.__all__) <= set(dir(ideas_lib.trees))
    with pytest.raises(AttributeError, match="no attribute 'Tree'"):
        ideas_lib.trees.Tree  # noqa: B018


@BOTH
@pytest.mark.parametrize("weights", [[1, 2], [0, 1, 3]])
def test_a_weight_is_a_repetition_to_the_bit(splits: str, weights: list[int]) -> None:
    X, y = IRIS
    weight = np.random.default_rng(0).choice(weights, len(X))
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(len(X)), weight))
    tree = SoftTreeClassifier(splits=splits, patience=5, **QUICK)
    weighted = clone(tree).fit(X, y, sample_weight=weight)
    repeated = tree.fit(X[order], y[order])
    np.testing.assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))
    np.testing.assert_allclose(weighted.arrivals_, repeated.arrivals_)
    np.testing.assert_allclose(weighted.harden().predict_proba(X), tree.harden().predict_proba(X))


@BOTH
def test_a_seed_fixes_the_fit(splits: str) -> None:
    tree = SoftTreeClassifier(splits=splits, **QUICK)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    one, same = (clone(tree).fit(*IRIS).predict_proba(IRIS[0]) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    other = clone(tree).set_params(random_state=1).fit(*IRIS).predict_proba(IRIS[0])
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


def test_a_generator_as_random_state_moves_on() -> None:
    draw = np.random.RandomState(0)
    one, other = (SoftTreeClassifier(epochs=3, random_state=draw).fit(*IRIS) for _ in range(2))
    assert np.abs(one.predict_proba(IRIS[0]) - other.predict_proba(IRIS[0])).max() > 1e-3


@BOTH
def test_pickled_it_says_the_same(splits: str) -> None:
    tree = SoftTreeClassifier(splits=splits, **QUICK).fit(*IRIS)
    again = pickle.loads(pickle.dumps(tree))
    np.testing.assert_array_equal(again.predict_proba(IRIS[0]), tree.predict_proba(IRIS[0]))
    assert again.harden().export_text() == tree.harden().export_text()


@BOTH
def test_a_batch_of_one_says_the_same_as_many(splits: str, monkeypatch) -> None:
    X = IRIS[0]
    tree = SoftTreeClassifier(splits=splits, **QUICK).fit(*IRIS)
    whole = tree.predict_proba(X)
    alone = np.vstack([tree.predict_proba(row[None]) for row in X])
    np.testing.assert_allclose(alone, whole, rtol=1e-12)
    monkeypatch.setattr("ideas_lib.trees.base.CHUNK", 7)
    np.testing.assert_allclose(tree.predict_proba(X), whole, rtol=1e-12)
    np.testing.assert_array_equal(tree.predict(X), tree.classes_[whole.argmax(1)])


@BOTH
def test_units_do_not_matter(splits: str) -> None:
    X, y = IRIS
    tree = SoftTreeClassifier(splits=splits, **QUICK)
    metres = clone(tree).fit(X, y).predict_proba(X)
    # Powers of 2 scale without rounding, so the whole of training is the same.
    scale = np.array([1024, 1, 0.25, 2.0])
    inches = clone(tree).fit(X * scale, y).predict_proba(X * scale)
    np.testing.assert_allclose(inches, metres, rtol=1e-6)


@BOTH
def test_the_paths_add_up(splits: str) -> None:
    tree = SoftTreeClassifier(3, splits=splits, **QUICK).fit(*IRIS)
    path = tree.decision_path(IRIS[0])
    assert path.shape == (150, 15)
    np.testing.assert_allclose(path[:, -8:].sum(1), 1)
    leaves = tree.module_.leaves().numpy()
    np.testing.assert_allclose(path[:, -8:] @ leaves, tree.predict_proba(IRIS[0]))
    np.testing.assert_allclose(tree.arrivals_, path.mean(0))


def test_axis_trees_come_near_carts_of_their_depth_on_digits() -> None:
    # Which is better is the study's to say: three splits differ by more than the trees do.
    X, y = load_digits(return_X_y=True)
    scores = []
    for seed in range(3):
        train, test, y_train, y_test = train_test_split(X, y, random_state=seed, stratify=y)
        cart = DecisionTreeClassifier(max_depth=6, random_state=seed).fit(train, y_train)
        tree = SoftTreeClassifier(6, splits="axis", random_state=seed).fit(train, y_train)
        scores.append([tree.score(test, y_test), cart.score(test, y_test)])
    soft, hard = np.mean(scores, axis=0)
    assert soft > hard - 0.08


def test_oblique_trees_read_digits() -> None:
    X, y = load_digits(return_X_y=True)
    train, test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
    tree = SoftTreeClassifier(6, random_state=0).fit(train, y_train)
    assert tree.score(test, y_test) >= 0.95
    hard = tree.harden()
    assert hard.agreement_ > 0.98
    assert np.mean(hard.predict(test) == y_test) >= 0.93


@BOTH
def test_a_line_through_noise_is_found(splits: str) -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(400, 3))
    y = np.where(X[:, 1] > 0.5, 10.0, -10.0) + draw.normal(size=400)
    tree = SoftTreeRegressor(1, splits=splits, anneal=20, random_state=0).fit(X, y)
    assert tree.score(X, y) > 0.95
    root = tree.harden()
    assert root.threshold[0] / (1 if splits == "axis" else root.weights[0, 1]) == pytest.approx(
        0.5, abs=0.15
    )
    if splits == "axis":
        assert root.feature[0] == 1
        np.testing.assert_allclose(root.value[1:, 0, 0], [-10, 10], atol=0.5)


def test_a_regressor_speaks_in_the_units_of_y() -> None:
    X, y = load_diabetes(return_X_y=True)
    tree = SoftTreeRegressor(3, **QUICK).fit(X, y)
    far = SoftTreeRegressor(3, **QUICK).fit(X, 1024 * y + 4096)
    np.testing.assert_allclose(far.predict(X), 1024 * tree.predict(X) + 4096, rtol=1e-4)
    leaves = tree.module_.leaves().numpy()
    assert leaves.min() <= tree.predict(X).min() <= tree.predict(X).max() <= leaves.max()


def test_annealing_makes_hardening_cheap() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    options = {"splits": "axis", "random_state": 0, "epochs": 30}
    soft, sharp = (SoftTreeClassifier(4, anneal=a, **options).fit(X, y) for a in (1, 30))
    assert sharp.module_.splits.slopes.sharper.item() == pytest.approx(30)
    doubt = [np.mean(1 - tree.decision_path(X)[:, -16:].max(1)) for tree in (soft, sharp)]
    assert doubt[1] < 0.2 * doubt[0]
    assert sharp.harden().agreement_ > soft.harden().agreement_


def test_temperature_fixed_or_learned() -> None:
    fixed = SoftTreeClassifier(2, temperature=0.7, **QUICK).fit(*IRIS)
    assert fixed.module_.splits.slopes().tolist() == pytest.approx([1 / 0.7] * 3)
    mild = SoftTreeClassifier(2, **QUICK).fit(*IRIS)
    assert mild.module_.splits.slopes().tolist() == pytest.approx([0.5] * 3)
    learned = SoftTreeClassifier(2, temperature="learned", **QUICK).fit(*IRIS)
    assert len(set(learned.module_.splits.slopes().tolist())) == 3


def test_the_penalty_balances() -> None:
    X, y = load_breast_cancer(return_X_y=True)
    shares = []
    for balance in (0.0, 10.0):
        tree = SoftTreeClassifier(1, balance=balance, random_state=0).fit(X, y)
        shares.append(tree.arrivals_[1])
    assert abs(shares[1] - 0.5) < 0.04 < abs(shares[0] - 0.5)


def test_early_stopping_keeps_the_best_epoch() -> None:
    tree = SoftTreeClassifier(4, patience=3, learning_rate=0.5, random_state=0).fit(*IRIS)
    history = tree.history_
    assert tree.n_iter_ == len(history.loss) == len(history.held_out)
    assert history.best_epoch == np.argmin(history.held_out) + 1
    assert history.best_epoch < tree.n_iter_ == history.best_epoch + 3 < 60
    again = SoftTreeClassifier(4, learning_rate=0.5, random_state=0).fit(*IRIS)
    assert again.n_iter_ == 60
    assert again.history_.held_out == []


def test_a_teacher_is_listened_to() -> None:
    X, y = IRIS
    forest = RandomForestClassifier(20, random_state=0).fit(X, y)
    tree = SoftTreeClassifier(3, **QUICK)
    by_name = clone(tree).fit(X, y, teacher=forest).predict_proba(X)
    by_hand = clone(tree).fit(X, y, teacher=forest.predict_proba(X)).predict_proba(X)
    np.testing.assert_array_equal(by_name, by_hand)
    # A teacher who says what the labels say changes nothing.
    same = clone(tree).fit(X, y, teacher=np.eye(3)[y]).predict_proba(X)
    np.testing.assert_array_equal(same, clone(tree).fit(X, y).predict_proba(X))
    # One who turns them round is believed, labels or not.
    liar = clone(tree).set_params(epochs=60).fit(X, y, teacher=np.eye(3)[2 - y])
    assert np.mean(liar.predict(X) == 2 - y) > 0.9


@pytest.mark.parametrize(
    ("teacher", "words"),
    [
        (np.full((150, 2), 0.5), r"teacher is \(150, 2\).*\(150, 3\)"),
        (np.full((149, 3), 1 / 3), r"teacher is \(149, 3\)"),
        (np.full((150, 3), 0.5), "adding up to 1"),
        (np.tile([1.5, -0.5, 0], (150, 1)), "0 or above"),
        (DecisionTreeClassifier().fit(IRIS[0], IRIS[1] + 1), r"classes \[.*fit it on the same"),
    ],
)
def test_a_wrong_teacher_is_refused(teacher, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SoftTreeClassifier(2, **QUICK).fit(*IRIS, teacher=teacher)


@pytest.mark.parametrize(
    "wrong",
    [
        {"depth": 0},
        {"depth": 2.0},
        {"depth": True},
        {"depth": 13},
        {"splits": "diagonal"},
        {"temperature": 0},
        {"temperature": "cold"},
        {"anneal": 0.5},
        {"balance": -1},
        {"decay": float("nan")},
        {"learning_rate": 0},
        {"epochs": 0},
        {"batch_size": 0},
        {"patience": 0},
    ],
)
def test_a_wrong_parameter_is_named(wrong: dict) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name}={value!r} must be"):
        SoftTreeClassifier(**wrong).fit(*IRIS)


def test_frames_strings_pipelines_and_grids() -> None:
    frame, y = load_iris(return_X_y=True, as_frame=True)
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    tree = SoftTreeClassifier(2, splits="axis", random_state=0).fit(frame, labels)
    assert set(tree.predict(frame)) <= set(labels)
    assert list(tree.feature_names_in_) == list(frame.columns)
    assert "petal" in tree.harden().export_text()
    pipeline = make_pipeline(StandardScaler(), SoftTreeClassifier(2, **QUICK))
    grid = GridSearchCV(pipeline, {"softtreeclassifier__depth": [1, 2]}, cv=2).fit(frame, labels)
    assert grid.best_estimator_.score(frame, labels) > 0.6


def test_a_long_fit_shows_its_progress(monkeypatch) -> None:
    bars = []

    class Bar(list):
        def __init__(self, epochs, **options) -> None:
            super().__init__(epochs)
            bars.append(options)

    monkeypatch.setattr("ideas_lib.trees.fitting.tqdm", Bar)
    SoftTreeClassifier(2, **QUICK).fit(*IRIS)
    (bar,) = bars
    assert bar["delay"] == 2
    assert bar["desc"] == "SoftTreeClassifier"


def test_operations_grow_with_the_depth_and_not_with_the_nodes() -> None:
    """A tree of 1,023 nodes takes a few operations more than one of 31, not 33 times as many."""
    X, y = load_digits(return_X_y=True)

    def operations(depth: int) -> int:
        tree = SoftTreeClassifier(depth, epochs=1, random_state=0).fit(X[:200], y[:200])
        tree.module_.requires_grad_(True)
        todo = [tree.module_(tree.scale_.standard(X[:5])).sum().grad_fn]
        seen = set()
        while todo:
            step = todo.pop()
            if step is not None and step not in seen:
                seen.add(step)
                todo += [before for before, _ in step.next_functions]
        return len(seen)

    per_level = (operations(10) - operations(5)) / 5
    assert 1 <= per_level <= 20
