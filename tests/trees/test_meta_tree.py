import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, make_classification
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks
from torch import nn

from ideas_lib.datasets.age_norms import sample_people
from ideas_lib.trees import MetaTreeClassifier

CONTEXT = ["age", "weight", "sleep", "pulse"]


@pytest.fixture(scope="module")
def data():
    return sample_people(700, seed=0)


@pytest.fixture(scope="module")
def fitted(data):
    X, y = data
    model = MetaTreeClassifier(2, context=CONTEXT, reach=1.0, epochs=30, random_state=0)
    return model.fit(X, y)


def test_with_no_reach_it_is_one_tree_for_all(data):
    X, y = data
    model = MetaTreeClassifier(reach=0.0, epochs=3, random_state=0).fit(X, y)
    assert np.ptp(model.thresholds(X), axis=0).max() == 0
    assert (model.spread_ == 0).all()
    assert model.settled(X).all()
    assert model.global_tree().agreement_ == 1
    assert (model.global_tree().predict(X) == model.predict(X)).all()


def test_training_starts_from_cart():
    X, y = load_breast_cancer(return_X_y=True)
    X = np.unique(X, axis=0, return_index=True)
    X, y = X[0], y[X[1]]
    model = MetaTreeClassifier(reach=0.0, epochs=1, learning_rate=1e-9).fit(X, y)
    cart = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    assert (model.predict(X) == cart.predict(X)).mean() > 0.99
    assert set(model.feature_) == set(cart.tree_.feature[cart.tree_.feature >= 0])


def test_the_class_is_that_of_the_path_which_the_thresholds_give(data, fitted):
    X, _ = data
    thresholds, values = fitted.thresholds(X), X.to_numpy()
    for i in range(50):
        node = 0
        while node < len(fitted.feature_):
            node = 2 * node + 1 + int(values[i, fitted.feature_[node]] > thresholds[i, node])
        assert fitted.apply(X.iloc[[i]])[0] == node - len(fitted.feature_)
        assert fitted.decision_path(X.iloc[[i]])[0, node] == 1
    assert (fitted.decision_path(X).sum(1) == fitted.depth + 1).all()
    assert (fitted.predict_with(X, thresholds) == fitted.predict(X)).all()


def test_thresholds_stay_within_reach_and_follow_the_context_alone(data, fitted):
    X, _ = data
    splits, scale = fitted.module_.splits, fitted.scale_
    moved = (fitted.thresholds(X) - scale.centre[fitted.feature_]) / scale.spread[fitted.feature_]
    assert np.abs(moved - splits.base.numpy()).max() <= 1.0
    assert not set(fitted.feature_) & {X.columns.get_loc(name) for name in CONTEXT}
    other = X.assign(reading=X.reading + 50, dose=0.0)
    assert (fitted.thresholds(other) == fitted.thresholds(X)).all()
    older = X.assign(age=100 - X.age)
    assert np.abs(fitted.thresholds(older) - fitted.thresholds(X)).max() > 1


def test_what_is_settled_no_thresholds_within_reach_change(data, fitted):
    X, _ = data
    rng = np.random.default_rng(0)
    splits, scale = fitted.module_.splits, fitted.scale_
    settled, own, changed = fitted.settled(X), fitted.predict(X), np.zeros(len(X), dtype=bool)
    for _ in range(200):
        sign = rng.choice([-0.999, 0.0, 0.999], (len(X), len(fitted.feature_)))
        standard = splits.base.numpy() + sign * fitted.reach
        thresholds = scale.centre[fitted.feature_] + scale.spread[fitted.feature_] * standard
        changed |= fitted.predict_with(X, thresholds) != own
    assert not (changed & settled).any()
    assert (changed | settled).mean() > 0.98  # 200 draws find nearly all that can be changed
    assert 0.1 < settled.mean() < 0.9
    assert fitted.settled(X, reach=0.0).all()
    assert (fitted.settled(X, reach=2.0) <= settled).all()


def test_the_global_tree_has_the_mean_thresholds(data, fitted):
    X, y = data
    path = fitted.decision_path(X)[:, : len(fitted.feature_)]
    mean = (path * fitted.thresholds(X)).sum(0) / path.sum(0)
    tree = fitted.global_tree(X)
    assert (tree.predict(X) == fitted.predict_with(X, mean)).all()
    assert tree.agreement_ == (tree.predict(X) == fitted.predict(X)).mean()
    away = (fitted.thresholds(X) - mean) / fitted.scale_.spread[fitted.feature_]
    assert np.allclose(fitted.spread_, np.sqrt((path * away**2).sum(0) / path.sum(0)))
    assert np.isclose(fitted.typical_spread(X), np.sqrt((path * away**2).sum() / path.sum()))
    assert fitted.score(X, y) > tree.predict(X).__eq__(y).mean() + 0.02


def test_it_finds_the_norm_that_moves_with_age():
    X, y = sample_people(1500, seed=1)
    new, truth = sample_people(4000, seed=2)
    how = dict(epochs=20, learning_rate=0.03, random_state=0)
    moving = MetaTreeClassifier(context=CONTEXT, reach=1.0, **how).fit(X, y)
    fixed = MetaTreeClassifier(reach=0.0, **how).fit(X, y)
    assert moving.score(new, truth) > fixed.score(new, truth) + 0.04


def test_one_sentence_explains(data, fitted):
    X, _ = data
    settled, own = fitted.settled(X), fitted.predict(X)
    average = fitted.global_tree(X).predict(X)
    for chosen, remark in (
        (settled, "no threshold within reach would change that"),
        (~settled & (own == average), "so say the average thresholds"),
        (~settled & (own != average), "by the average thresholds it would be"),
    ):
        i = int(np.flatnonzero(chosen)[0])
        said = fitted.explain(X.iloc[i])
        assert said.prediction == own[i]
        assert said.leaf == fitted.apply(X.iloc[[i]])[0]
        assert remark in str(said)
        first = f"{fitted.thresholds(X)[i, 0]:.4g} (threshold for cases like this;"
        assert str(said).startswith(f"{own[i]}, because ")
        assert first in said.steps[0].words
        assert len(said.steps) <= fitted.depth
    with pytest.raises(ValueError, match="one sample"):
        fitted.explain(X[:2])


def test_any_module_can_be_the_setter_and_is_left_alone(data):
    X, y = data
    setter = nn.Linear(4, 3)
    before = setter.weight.detach().clone()
    model = MetaTreeClassifier(2, setter=setter, context=CONTEXT, epochs=3).fit(X, y)
    assert torch.equal(setter.weight, before)
    assert not torch.equal(model.module_.splits.setter.weight.float(), before)
    assert isinstance(clone(model).setter, nn.Linear)


def test_the_same_seed_gives_the_same_tree_and_the_global_generator_is_left_alone(data):
    X, y = data
    torch.manual_seed(3)
    state = torch.get_rng_state()
    one, other = (MetaTreeClassifier(epochs=2, random_state=5).fit(X, y) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert (one.thresholds(X) == other.thresholds(X)).all()
    different = MetaTreeClassifier(epochs=2, random_state=6).fit(X, y)
    assert (one.thresholds(X) != different.thresholds(X)).any()
    again = pickle.loads(pickle.dumps(one))
    assert (again.predict_proba(X) == one.predict_proba(X)).all()
    assert (one.thresholds(X[:7]) == one.thresholds(X)[:7]).all()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (dict(reach=-1), "reach=-1"),
        (dict(depth=0), "depth=0"),
        (dict(setter="mlp"), "setter='mlp'"),
        (dict(setter=nn.Linear(6, 2)), r"\(2, 2\) for 2 samples"),
        (dict(context=["age", "height"]), "'height', which is no column"),
        (dict(context=[9]), "9, which is no column"),
        (dict(context=[]), "both need a column"),
        (dict(context=list(range(6))), "both need a column"),
    ],
)
def test_bad_parameters_are_named(data, how, words):
    with pytest.raises(ValueError, match=words):
        MetaTreeClassifier(**how).fit(*data)


def test_thresholds_of_another_shape_are_refused(data, fitted):
    with pytest.raises(ValueError, match=r"\(700, 3\)"):
        fitted.predict_with(data[0], np.zeros((700, 2)))


def test_a_tree_that_cannot_be_split_and_one_class():
    X, _ = make_classification(30, 4, random_state=0)
    model = MetaTreeClassifier(epochs=1).fit(X, np.zeros(30))
    assert (model.predict(X) == 0).all()
    assert model.settled(X).all()
    assert str(model.explain(X[0])).startswith("0.0")


@parametrize_with_checks([MetaTreeClassifier(epochs=10, batch_size=32)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)
