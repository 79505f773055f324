import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from ideas_lib.datasets.shapes import chance, sample_shape
from ideas_lib.trees.softened import SoftenedCART

X, Y = load_wine(return_X_y=True)


@pytest.mark.parametrize("width", [0.0, 1e-9])
def test_no_width_is_cart(width):
    # CART's thresholds lie between samples, so no training sample stands on one.
    cart = DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, Y)
    found = SoftenedCART(width, max_depth=4, random_state=0).fit(X, Y)
    assert found.predict_proba(X) == pytest.approx(cart.predict_proba(X))


def test_one_split_by_hand():
    x = np.array([[0.0], [2.0], [4.0], [6.0]])  # standard deviation sqrt(5), threshold 3
    found = SoftenedCART(0.5, max_depth=1, random_state=0).fit(x, [0, 0, 1, 1])
    right = 1 / (1 + np.exp(-(4 - 3) / (0.5 * np.sqrt(5))))
    assert found.predict_proba([[4.0]])[0] == pytest.approx([1 - right, right])
    assert found.predict_proba([[3.0]])[0] == pytest.approx([0.5, 0.5])


def test_probabilities_add_up_and_grow_softer_with_the_width():
    narrow, wide = (SoftenedCART(w, max_depth=4, random_state=0).fit(X, Y) for w in (0.05, 1.0))
    for model in (narrow, wide):
        assert model.predict_proba(X).sum(axis=1) == pytest.approx(np.ones(len(X)))
    assert wide.predict_proba(X).max(axis=1).mean() < narrow.predict_proba(X).max(axis=1).mean()


def test_the_scale_of_a_feature_does_not_matter():
    data = load_breast_cancer()
    one = SoftenedCART(0.2, max_depth=3, random_state=0).fit(data.data, data.target)
    p = one.predict_proba(data.data)
    # A power of two leaves every comparison as it was.
    factor = 2.0 ** np.arange(-15, 15)
    other = SoftenedCART(0.2, max_depth=3, random_state=0).fit(data.data * factor, data.target)
    assert other.predict_proba(data.data * factor) == pytest.approx(p)


def test_a_smooth_boundary_is_told_better_when_softened():
    x, y = sample_shape("slope", 400, seed=0)
    p = chance("slope", sample_shape("slope", 2000, seed=1)[0])
    error = {}
    for width in (0.0, 0.2):
        model = SoftenedCART(width, max_depth=4, random_state=0).fit(x, y)
        error[width] = np.mean(
            (model.predict_proba(sample_shape("slope", 2000, seed=1)[0])[:, 1] - p) ** 2
        )
    assert error[0.2] < 0.8 * error[0.0]


def test_a_width_below_zero_is_refused():
    with pytest.raises(ValueError, match="width=-1 must be 0"):
        SoftenedCART(-1).fit(X, Y)


@parametrize_with_checks([SoftenedCART(max_depth=5)])
def test_it_keeps_scikit_learns_contract(estimator, check):
    check(estimator)
