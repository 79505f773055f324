import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris, load_wine
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.datasets.age_norms import COLUMNS, SPREAD, age_norm, sample_people
from ideas_lib.trees import MetaTreeClassifier
from ideas_lib.trees.controls import AskingTree, SetterAlone
from ideas_lib.trees.setter import completed, default_setter


def truth(X, moves):
    return np.where((X.reading > age_norm(X.age, moves)) & (X.dose < 8), "high", "normal")


@pytest.mark.parametrize("moves", [0.0, 1.5])
def test_nobody_can_be_right_about_people_more_often_than_19_times_in_20(moves):
    X, y = sample_people(40_000, seed=0, moves=moves)
    assert tuple(X.columns) == COLUMNS
    assert abs((truth(X, moves) == y).mean() - 0.95) < 0.005
    assert 0.3 < (y == "high").mean() < 0.5
    assert np.abs(np.corrcoef(X.T) - np.eye(6)).max() < 0.02


def test_the_norm_moves_by_so_many_spreads_and_not_at_all_for_everybody():
    age = np.linspace(20, 80, 60_001)
    assert np.isclose(np.ptp(age_norm(age, 1.5)), 1.5 * SPREAD)
    assert np.isclose(age_norm(age, 1.5).mean(), 120, atol=0.01)
    assert (age_norm(age, 0.0) == 120).all()
    assert age[age_norm(age, 1.5).argmax()] == 50


def test_people_are_drawn_anew_for_each_seed_and_are_the_same_for_one():
    one, again, other = (sample_people(50, seed)[0] for seed in (1, 1, 2))
    assert one.equals(again)
    assert not one.equals(other)


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_a_completed_tree_answers_as_cart_does(depth):
    X, y = load_iris(return_X_y=True)
    cart = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X, y)
    feature, base = completed(cart, depth)
    leaf = np.zeros(len(X), dtype=int)
    for i, row in enumerate(X):
        node = 0
        while node < len(base):
            node = 2 * node + 1 + int(row[feature[node]] > base[node])
        leaf[i] = node - len(base)
    count = np.array([np.bincount(y[leaf == k], minlength=3) for k in range(len(base) + 1)])
    ends = set(zip(leaf, cart.apply(X), strict=True))
    assert len(ends) == len(set(leaf)) == cart.get_n_leaves()
    assert (count[leaf].argmax(1) == cart.predict(X)).all()


def test_the_default_setter_moves_nothing_at_first_and_draws_from_its_generator():
    torch.manual_seed(0)
    state = torch.get_rng_state()
    one, same = (default_setter(5, 3, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert (one(torch.randn(4, 5)) == 0).all()
    assert torch.equal(one[0].weight, same[0].weight)
    assert 0.2 < one[0].weight.abs().max() <= 5**-0.5


def test_the_setter_alone_learns():
    X, y = load_wine(return_X_y=True)
    names = np.array(["a", "b", "c"])[y]
    how = dict(epochs=60, batch_size=32, learning_rate=0.01, random_state=0)
    model, again = SetterAlone(**how).fit(X[::2], names[::2]), SetterAlone(**how)
    assert (model.predict(X[1::2]) == names[1::2]).mean() > 0.9
    assert (again.fit(X[::2], names[::2]).predict(X) == model.predict(X)).all()


def test_the_asking_tree_asks_where_thresholds_within_reach_would_matter():
    X, y = sample_people(600, seed=0)
    tree = MetaTreeClassifier(2, reach=0.0, epochs=2).fit(X, y)

    class Oracle:
        def predict(self, X):
            return np.full(len(X), "asked")

    said = AskingTree(tree, Oracle(), 0.5).predict(X)
    settled = tree.settled(X, 0.5)
    assert 0.1 < settled.mean() < 0.9
    assert (said[~settled] == "asked").all()
    assert (said[settled] == tree.predict(X)[settled]).all()
