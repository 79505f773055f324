"""What training sees: merged, standardised, held out."""

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from ideas_lib.trees.preprocessing import Rows, Standardizer, hold_out, merge_equal_rows


def test_equal_rows_become_one_and_weights_add_up() -> None:
    x = np.array([[2.0, 1], [1, 1], [2, 1], [2, 1], [0, 0]])
    target = np.array([[0.0], [1], [0], [1], [1]])
    rows, targets, weight = merge_equal_rows(x, target, np.array([1.0, 2, 0.5, 4, 0]))
    assert rows.tolist() == [[1, 1], [2, 1], [2, 1]]
    assert targets.tolist() == [[1], [0], [1]]
    assert weight.tolist() == [2, 1.5, 4]


def test_the_order_of_rows_does_not_matter() -> None:
    draw = np.random.default_rng(0)
    x, weight = draw.integers(0, 3, (50, 2)) * 1.0, draw.integers(1, 4, 50) * 1.0
    target, order = x[:, :1] > 1, draw.permutation(50)
    one = merge_equal_rows(x, target, weight)
    other = merge_equal_rows(x[order], target[order], weight[order])
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_minus_zero_is_zero() -> None:
    rows, _, weight = merge_equal_rows(np.array([[0.0], [-0.0]]), np.zeros((2, 1)), np.ones(2))
    assert rows.tolist() == [[0]]
    assert weight.tolist() == [2]


def test_no_weight_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="sample_weight is 0 everywhere"):
        merge_equal_rows(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros(2))


def test_the_scale_is_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    x, weight = draw.normal(3, [1, 5, 100], (40, 3)), draw.uniform(0, 2, 40)
    scale, theirs = Standardizer.of(x, weight), StandardScaler().fit(x, sample_weight=weight)
    np.testing.assert_allclose(scale.centre, theirs.mean_)
    np.testing.assert_allclose(scale.spread, theirs.scale_)
    np.testing.assert_allclose(scale.standard(x).numpy(), theirs.transform(x), atol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9 + 0.1])
def test_a_constant_feature_spreads_1(value: float) -> None:
    scale = Standardizer.of(np.full((7, 1), value), np.linspace(0.1, 1, 7))
    assert scale.spread.tolist() == [1]


def parts(n: int, codes: np.ndarray | None, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rows = Rows(*(torch.arange(n) for _ in range(3)))
    kept, held = hold_out(rows, codes, seed)
    assert all(torch.equal(each, kept.x) for each in kept)
    return kept.x.numpy(), held.x.numpy()


def test_a_tenth_is_held_out_of_every_class() -> None:
    codes = np.repeat([0, 1], [60, 40])
    kept, held = parts(100, codes)
    assert sorted([*kept, *held]) == list(range(100))
    assert np.bincount(codes[held]).tolist() == [6, 4]
    assert parts(100, codes)[1].tolist() == held.tolist()
    assert parts(100, codes, seed=1)[1].tolist() != held.tolist()


@pytest.mark.parametrize("codes", [None, np.r_[0, np.ones(29, int)], np.arange(30) % 7])
def test_where_classes_are_too_small_the_split_is_plain(codes) -> None:
    kept, held = parts(30, codes)
    assert (len(kept), len(held)) == (27, 3)


def test_one_row_is_too_few() -> None:
    with pytest.raises(ValueError, match="n_samples=1"):
        parts(1, None)
