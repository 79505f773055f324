import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.datasets.shapes import SHAPES, bayes_error, chance, sample_shape


@pytest.mark.parametrize("shape", SHAPES)
def test_half_of_the_square_is_ones(shape):
    X, y = sample_shape(shape, 40_000, seed=0)
    assert (np.abs(X).max(), X.shape) == (pytest.approx(1, abs=1e-3), (40_000, 2))
    assert np.abs(X.mean(axis=0)).max() < 0.02
    assert y.mean() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_the_best_answers_err_as_often_as_the_bayes_error_says(shape, noise):
    X, y = sample_shape(shape, 100_000, seed=1, noise=noise)
    best = (chance(shape, X, noise) > 0.5).astype(int)
    assert np.mean(best != y) == pytest.approx(bayes_error(shape, noise), abs=0.005)


@pytest.mark.parametrize("shape", ["line", "circle", "stairs"])
def test_a_sharp_boundary_errs_by_its_noise_alone(shape):
    assert bayes_error(shape) == 0
    assert bayes_error(shape, 0.1) == pytest.approx(0.1)


def test_the_slope_is_the_line_made_smooth():
    X, _ = sample_shape("line", 2000, seed=2)
    p = chance("slope", X)
    assert np.array_equal(p > 0.5, chance("line", X) == 1)
    assert np.mean((p > 0.1) & (p < 0.9)) > 0.4
    assert bayes_error("slope") > 0.1
    # By hand: on the line itself, and half a unit along its normal from there.
    normal = np.array([-1.0, 2.0]) / np.sqrt(5)
    points = np.array([[0.0, 0.0], [0.5, 0.25], 0.5 * normal])
    assert chance("slope", points) == pytest.approx([0.5, 0.5, 1 / (1 + np.exp(-2.0))])


def test_the_stairs_are_a_small_tree():
    X, y = sample_shape("stairs", 20_000, seed=3)
    assert DecisionTreeClassifier(max_leaf_nodes=6, random_state=0).fit(X, y).score(X, y) > 0.99
    X, y = sample_shape("line", 20_000, seed=3)
    assert DecisionTreeClassifier(max_leaf_nodes=6, random_state=0).fit(X, y).score(X, y) < 0.96


def test_draws_follow_their_seed_and_grow_at_the_end():
    X, y = sample_shape("circle", 50, seed=4, noise=0.1)
    longer, more = sample_shape("circle", 80, seed=4, noise=0.1)
    assert np.array_equal(longer[:50], X)
    assert np.array_equal(more[:50], y)
    assert not np.array_equal(sample_shape("circle", 50, seed=5)[0], X)
    assert np.array_equal(sample_shape("line", 50, seed=4)[0], X)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sample_shape("square", 5, 0), "no shape 'square'; there are line, slope"),
        (lambda: sample_shape("line", 0, 0), "samples=0 must be at least 1"),
        (
            lambda: sample_shape("line", 5, 0, noise=0.5),
            "noise=0.5 must be at least 0 and below 0.5",
        ),
        (lambda: bayes_error("line", -0.1), "noise=-0.1 must be"),
    ],
)
def test_errors_name_the_value(call, words):
    with pytest.raises(ValueError, match=words):
        call()
