"""Far values, heavy tails, codes and sizes: what scale a tree reads features on."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from scipy.special import ndtr
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.trees import MetaTreeClassifier, SoftTreeClassifier, SoftTreeRegressor, plot_tree
from ideas_lib.trees.parameters import size_of
from ideas_lib.trees.preprocessing import Standardizer
from ideas_lib.trees.scale import Ranks, Scale, bounded, shares, squeezed
from ideas_lib.trees.softened import SoftenedCART
from ideas_lib.trees.temperature_figure import plot_temperature, softly

DRAW = np.random.default_rng(0)
Z = DRAW.normal(size=(500, 4))
Z.flags.writeable = False
Y = (Z[:, 0] + Z[:, 1] > 0).astype(int)
NEW = DRAW.normal(size=(500, 4))
TRUTH = (NEW[:, 0] + NEW[:, 1] > 0).astype(int)
QUICK = {"epochs": 15, "depth": 3, "random_state": 0}


def far(value: float = 1e4) -> np.ndarray:
    X = Z.copy()
    X[7] = value
    return X


def is_squeezed(x) -> bool:
    return squeezed(*shares(np.asarray(x, dtype=float), np.ones(len(x))))


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer, load_digits])
def test_well_scaled_data_is_as_it_was(load) -> None:
    X = load().data.astype(float)
    weight = np.ones(len(X))
    scale, plain = Scale.of(X, weight, "robust"), Standardizer.of(X, weight)
    assert not scale.ranked
    assert torch.equal(scale.standard(X), plain.standard(X))


WELL = {
    "normal": Z[:, 0],
    "uniform": np.linspace(0, 1, 500),
    "exponential": DRAW.exponential(size=500),
    "lognormal": np.exp(Z[:, 0]),
    "yes or no": Z[:, 0] > 0,
    "a yes in 500": np.arange(500) == 3,
    "counts": DRAW.poisson(3, 500),
    "constant": np.ones(500),
    "mostly 0": np.where(Z[:, 0] > 1.5, Z[:, 1], 0),
}
SQUEEZED = {
    "one far row": far()[:, 0],
    "one at the end of float32": far(-3e38)[:, 0],
    "Cauchy": DRAW.standard_cauchy(500),
    "lognormal, wide": np.exp(3 * Z[:, 0]),
    "a code for missing": np.where(Z[:, 1] > 1.6, -999, Z[:, 0]),
    "yes, no, code": np.where(Z[:, 1] > 1.6, -999, Z[:, 0] > 0),
    "integers, one far": np.r_[np.arange(499) % 5, 1e4],
    "three rows": [1, 2, 1e9],
    "mostly 0, one far": np.r_[np.where(Z[:499, 0] > 0.7, Z[:499, 1], 0), 1e4],
}


@pytest.mark.parametrize("name", WELL)
def test_what_deviations_describe_is_not_squeezed(name: str) -> None:
    assert not is_squeezed(WELL[name])


@pytest.mark.parametrize("name", SQUEEZED)
def test_what_they_do_not_is_ranked_there_and_back(name: str) -> None:
    x = np.asarray(SQUEEZED[name], dtype=float)
    assert is_squeezed(x)
    scale = Scale.of(np.column_stack([x, Z[: len(x), 2]]), np.ones(len(x)), "robust")
    assert 0 in scale.ranked
    z = scale.standard(np.column_stack([x, Z[: len(x), 2]])).numpy()
    assert abs(z[:, 0]).max() < 12
    assert (np.argsort(z[:, 0], kind="stable") == np.argsort(x, kind="stable")).all()
    back = scale.units(np.array([0, 1]), z)
    np.testing.assert_allclose(back[:, 0], x, rtol=1e-6, atol=1e-6 * np.median(abs(x)) + 1e-9)
    np.testing.assert_allclose(back[:, 1], Z[: len(x), 2], rtol=1e-9)


def test_scores_are_those_of_normal_values_whatever_rises_alike() -> None:
    x = np.sort(Z[:, 0])
    one = Ranks.of(x, np.full(500, 1 / 500))
    assert len(one.values) <= 257
    assert np.abs(one.score(x) - (x - x.mean()) / x.std()).max() < 0.6
    other = Ranks.of(np.exp(9 * x), np.full(500, 1 / 500))
    np.testing.assert_array_equal(one.scores, other.scores)
    beyond = np.array([-1e30, x[0], x[-1], 1e30])
    assert (np.diff(one.score(beyond)) > 0).all()
    np.testing.assert_allclose(one.value(one.score(beyond)), beyond, rtol=1e-9)


@pytest.mark.parametrize("splits", ["oblique", "axis"])
@pytest.mark.parametrize(
    "bend",
    [
        lambda x: x,
        lambda x: np.exp(4 * x),
        lambda x: np.tan(np.pi * (ndtr(x) - 0.5)),
        lambda x: x**9,
    ],
    ids=["as it is", "lognormal", "Cauchy", "ninth power"],
)
def test_tails_and_a_far_row_cost_nothing(splits: str, bend) -> None:
    # A corner, for axis splits find a slope by luck: by 0.05 more or less from seed to seed.
    y, truth = ((x[:, 0] > 0.2) & (x[:, 1] > -0.5) for x in (Z, NEW))
    plain = SoftTreeClassifier(splits=splits, **QUICK).fit(Z, y).score(NEW, truth)
    X = bend(Z.copy())
    X[7] = 1e4
    tree = SoftTreeClassifier(splits=splits, **QUICK).fit(X, y)
    assert tree.score(bend(NEW), truth) > max(plain, 0.85) - 0.04
    hard = tree.harden(X)
    np.testing.assert_array_equal(
        hard.predict(X), tree.classes_[tree._values[tree.apply(X)].argmax(1)]
    )


def test_it_is_the_scale_that_does_it_and_the_other_warns() -> None:
    X = far(1e6)
    with pytest.warns(UserWarning, match=r'columns 0, 1, 2 and 1 more: a few.*scale="robust"'):
        old = SoftTreeClassifier(scale="standard", **QUICK).fit(X, Y)
    assert old.score(NEW, TRUTH) < 0.9 < SoftTreeClassifier(**QUICK).fit(X, Y).score(NEW, TRUTH)


def test_a_control_that_measures_widths_reads_ranks_as_well() -> None:
    X = far(1e6)
    tree = SoftenedCART(0.1, max_depth=5, random_state=0).fit(X, Y)
    plain = SoftenedCART(0.1, max_depth=5, random_state=0).fit(Z, Y)
    assert tree.score(NEW, TRUTH) > plain.score(NEW, TRUTH) - 0.04
    with pytest.raises(ValueError, match="scale='rank' must be 'robust' or 'standard'"):
        SoftenedCART(scale="rank").fit(X, Y)


def test_a_meta_tree_reads_the_same_scale_and_speaks_in_units() -> None:
    X = far()
    tree = MetaTreeClassifier(3, epochs=10, random_state=0).fit(X, Y)
    assert set(tree.scale_.ranked) == {0, 1, 2, 3}
    assert tree.score(NEW, TRUTH) > 0.8
    thresholds = tree.thresholds(NEW)
    assert np.median(np.abs(thresholds)) < 3
    np.testing.assert_array_equal(tree.predict_with(NEW, thresholds), tree.predict(NEW))
    assert "threshold for cases like this" in str(tree.explain(NEW[0]))
    assert "±" in plot_tree(tree)[1]


def test_words_and_pictures_say_units_or_ranks() -> None:
    axis = SoftTreeClassifier(splits="axis", **QUICK).fit(far(), Y)
    assert "rank" not in axis.harden().export_text()
    assert np.abs(axis.harden().threshold[axis.harden().feature >= 0]).max() < 50
    oblique = SoftTreeClassifier(**QUICK).fit(far(), Y)
    hard = pickle.loads(pickle.dumps(oblique.harden()))
    assert "rank(x0)" in hard.export_text()
    assert "rank(x" in str(oblique.explain(Z[0]))
    for tree in (axis, oblique, hard):
        plot_tree(tree, x=Z[0])
    pair = SoftTreeClassifier(**QUICK).fit(far()[:, :2], Y)
    parts = plot_temperature(pair, Z[:50, :2], Y[:50]).data["tree"]
    np.testing.assert_allclose(softly(parts, NEW[:, :2]), pair.predict_proba(NEW[:, :2]), atol=1e-6)


@pytest.mark.parametrize("splits", ["oblique", "axis"])
@pytest.mark.parametrize("value", [1e300, -1.7e308, 4e38])
def test_what_overflows_is_refused_in_one_line(splits: str, value: float) -> None:
    tree = SoftTreeClassifier(splits=splits, **QUICK)
    with pytest.raises(ValueError, match=r"X has .* in column 0, row 7: numbers lie within 3\.4"):
        tree.fit(far(value), Y)
    tree.fit(Z, Y)
    for predict in (tree.predict, tree.harden().predict, tree.decision_path):
        with pytest.raises(ValueError, match="column 0, row 7"):
            predict(far(value))
    with pytest.raises(ValueError, match="y has"):
        SoftTreeRegressor(**QUICK).fit(Z, far(value)[:, 0])


@pytest.mark.parametrize("splits", ["oblique", "axis"])
def test_far_from_what_it_was_fitted_on_answers_are_still_answers(splits: str) -> None:
    for X in (Z, far()):
        tree = SoftTreeClassifier(splits=splits, **QUICK).fit(X, Y)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            said = tree.predict_proba(np.array([[3e38] * 4, [-3e38] * 4, [1e4, 0, 0, 0]]))
        np.testing.assert_allclose(said.sum(1), 1)


def test_what_rounding_hides_is_said() -> None:
    X = np.column_stack([1e16 + 2 * np.arange(8.0), np.arange(8.0)])
    with pytest.warns(UserWarning, match="column 0: numbers so large are rounded"):
        scale = Scale.of(X, np.ones(8), "robust")
    assert scale.spread[0] == 1


def test_a_far_number_does_not_hide_the_others() -> None:
    y = 3 * Z[:, 0] + Z[:, 1]
    wrong = y.copy()
    wrong[7] = 1e6
    assert bounded(y, np.ones(500)) is y
    with pytest.warns(UserWarning, match=r"1 of 500 values of y lie beyond .*scale=\"standard\""):
        tree = SoftTreeRegressor(**QUICK).fit(Z, wrong)
    truth = 3 * NEW[:, 0] + NEW[:, 1]
    assert tree.score(NEW, truth) > 0.85
    assert np.abs(tree.harden().predict(NEW)).max() < 50
    zeros = np.where(Z[:, 0] > 1, Z[:, 1], 0)
    zeros[7] = 1e6
    with pytest.warns(UserWarning, match="1 of 500"):
        assert 0.5 < bounded(zeros, np.ones(500)).max() < 10


def test_few_rows_see_a_small_tree_often_and_many_a_larger_one_seldom() -> None:
    assert [tuple(size_of(n)) for n in (10, 1000, 5000)] == [
        (4, 60, 16), (4, 60, 125), (4, 60, 256),
    ]  # fmt: skip
    sizes = [size_of(n) for n in (5001, 20_000, 100_000, 10**6)]
    assert [size.depth for size in sizes] == [5, 6, 7, 7]
    assert [size.epochs for size in sizes] == [60, 26, 5, 5]
    tree = SoftTreeClassifier(epochs=1, batch_size=5000, random_state=0)
    X = DRAW.normal(size=(6000, 2))
    tree.fit(X, X[:, 0] > 0)
    assert tree.depth_ == 5
    assert len(tree.arrivals_) == 2**6 - 1


def test_cart_itself_does_not_care() -> None:
    """What the far row costs a soft tree it would not cost CART: that is the measure."""
    cart = DecisionTreeClassifier(max_depth=4, random_state=0)
    assert abs(cart.fit(far(), Y).score(NEW, TRUTH) - cart.fit(Z, Y).score(NEW, TRUTH)) < 0.05
