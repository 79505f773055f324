"""How far a map can be believed: against scikit-learn, by brute force, and where it is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness

from ideas_lib.lm.maps.projection import prepared
from ideas_lib.lm.maps.trust import Trust, measure, nearest, neighbour_stability, ranks


def cloud(points: int = 120, dims: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((points, dims))


def by_force(points: np.ndarray) -> np.ndarray:
    """Each row's others, nearest first."""
    far = cdist(points, points)
    np.fill_diagonal(far, np.inf)
    return far.argsort(axis=1)[:, :-1]


# Against a reference.


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("k", [1, 5, 10])
def test_means_are_scikit_learns_and_point_by_point(k, metric):
    points, places = cloud(), cloud(dims=2, seed=1)
    rows = prepared(points, metric)
    trust = measure(rows, places, k=k)
    known = trustworthiness(points, places, n_neighbors=k, metric=metric)
    assert trust.trustworthiness.mean() == pytest.approx(known, abs=1e-6)
    # Continuity is trustworthiness with the two spaces exchanged.
    back = trustworthiness(places, rows, n_neighbors=k)
    assert trust.continuity.mean() == pytest.approx(back, abs=1e-6)
    assert trust.trustworthiness.shape == trust.continuity.shape == (120,)


@given(st.integers(0, 10_000), st.integers(5, 60), st.integers(2, 6))
def test_neighbours_and_ranks_are_those_of_brute_force(seed, points, dims):
    k = min(4, (points - 1) // 2)
    rows, places = cloud(points, dims, seed), cloud(points, 2, seed + 1)
    trust = measure(rows, places, k=k)
    true, shown = by_force(rows), by_force(places)
    np.testing.assert_array_equal(trust.true, true[:, :k])
    np.testing.assert_array_equal(trust.shown, shown[:, :k])
    for i, row in enumerate(trust.shown):
        expected = [1 + np.flatnonzero(true[i] == other)[0] for other in row]
        np.testing.assert_array_equal(trust.true_ranks[i], expected)
        assert trust.kept[i] == len(set(row) & set(trust.true[i])) / k


def test_ranks_do_not_depend_on_how_many_are_held_at_once(monkeypatch):
    rows = cloud()
    chosen = by_force(rows)[:, ::17]
    whole = ranks(rows, chosen)
    np.testing.assert_array_equal(whole[0], np.arange(1, 120, 17))
    monkeypatch.setattr("ideas_lib.lm.maps.trust._CELLS", 120 * 7)
    np.testing.assert_array_equal(ranks(rows, chosen), whole)


def test_many_points_are_ranked_in_fewer_digits(monkeypatch):
    rows = prepared(cloud())
    chosen = by_force(rows)[:, :10]
    exact = ranks(rows, chosen)
    monkeypatch.setattr("ideas_lib.lm.maps.trust.MANY", 100)
    assert (ranks(rows, chosen) != exact).mean() < 0.01
    assert np.abs(ranks(rows, chosen) - exact).max() <= 1


def test_the_share_by_chance_is_what_shuffled_maps_keep():
    rows, places = cloud(400), cloud(400, 2, seed=1)
    found = [measure(rows, np.random.default_rng(s).permutation(places)) for s in range(20)]
    error = np.std([t.kept.mean() for t in found]) / 20**0.5
    assert np.mean([t.kept.mean() for t in found]) == pytest.approx(found[0].chance, abs=4 * error)
    for name in ("trustworthiness", "continuity"):
        means = [getattr(t, name).mean() for t in found]
        error = np.std(means) / 20**0.5
        assert np.mean(means) == pytest.approx(found[0].chance_rank, abs=4 * error)
    assert np.mean([t.triplets for t in found]) == pytest.approx(0.5, abs=0.01)
    doubtful = np.mean([t.doubtful.mean() for t in found])
    assert doubtful >= 0.97, "a shuffled map is not to be believed"


# What must hold.


def test_a_map_of_a_plane_is_right_in_all():
    plane = cloud(dims=2)
    turned = 3 * plane @ np.array([[0.6, 0.8], [-0.8, 0.6]]) + [5, -9]
    trust = measure(plane, turned, reruns=[-plane])
    for name in ("kept", "trustworthiness", "continuity", "stability"):
        np.testing.assert_array_equal(getattr(trust, name), 1)
    assert trust.triplets == pytest.approx(1, abs=1e-3)
    assert trust.spearman == pytest.approx(1)
    assert not trust.doubtful.any()


def test_one_torn_point_is_found():
    plane = cloud(dims=2)
    torn = plane.copy()
    torn[7] += 100
    trust = measure(plane, torn)
    assert trust.kept[7] == trust.kept.min()
    assert trust.continuity[7] == trust.continuity.min() < 0.2
    assert trust.doubtful[7]
    assert trust.doubtful.sum() == 1


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
@pytest.mark.parametrize("shift", [0, 1e5])
def test_neither_scale_nor_place_matters(scale, shift):
    rows, places = cloud(), cloud(dims=2, seed=1)
    plain, moved = measure(rows, places), measure(rows, scale * (places + shift))
    np.testing.assert_array_equal(plain.true_ranks, moved.true_ranks)
    np.testing.assert_array_equal(plain.shown_ranks, moved.shown_ranks)


def test_equals_are_all_true_neighbours():
    """Of twenty equal points any ten are as near as any others."""
    rows = np.repeat(prepared(cloud(6)), 20, axis=0)
    places = np.repeat(10 * cloud(6, 2, seed=1), 20, axis=0) + 0.01 * cloud(120, 2, seed=2)
    trust = measure(rows, places)
    np.testing.assert_array_equal(trust.kept, 1)
    np.testing.assert_array_equal(trust.trustworthiness, 1)
    np.testing.assert_array_equal(trust.true_ranks, 1)


def test_the_lost_and_the_false_are_told_apart():
    """Two far groups drawn on top of each other: false neighbours, and few that are lost."""
    group = cloud(60, 2)
    rows = np.vstack([np.c_[group, np.zeros(60)], np.c_[group, np.full(60, 100.0)]])
    trust = measure(rows, rows[:, :2] + 1e-6 * cloud(120, 2, seed=1))
    assert trust.trustworthiness.mean() < trust.continuity.mean() - 0.1


def test_stability_is_jaccards_overlap():
    one = np.array([[1, 2], [0, 2], [0, 1]])
    other = np.array([[1, 3], [3, 4], [1, 0]])
    np.testing.assert_allclose(neighbour_stability(one, [one]), [1, 1, 1])
    np.testing.assert_allclose(neighbour_stability(one, [other]), [1 / 3, 0, 1])
    np.testing.assert_allclose(neighbour_stability(one, [other, one]), [2 / 3, 0.5, 1])


@pytest.mark.parametrize(
    ("points", "k", "few"),
    [(1000, 10, 2), (1000, 5, 2), (100_000, 5, 1), (1000, 15, 3), (1000, 7, 2), (12, 4, 4)],
)
def test_a_fifth_and_more_than_chance_are_needed(points, k, few):
    indices = np.zeros((points, k), dtype=int)
    assert Trust(indices, indices, indices, indices, 0.5, 0.0).few == few


def test_the_same_seed_gives_the_same_numbers():
    rows, places = cloud(), cloud(dims=2, seed=1)
    one, two, other = (measure(rows, places, seed=seed) for seed in (3, 3, 4))
    assert (one.triplets, one.spearman) == (two.triplets, two.spearman)
    assert one.triplets != other.triplets


# What is refused.


@pytest.mark.parametrize("k", [0, -1, 10, 20])
def test_too_many_neighbours_are_refused(k):
    with pytest.raises(ValueError, match=rf"k={k} neighbours of 20 points: .* 1\.\.9"):
        measure(cloud(20), cloud(20, 2), k=k)


def test_each_row_needs_a_place():
    with pytest.raises(ValueError, match="20 rows have 19 places"):
        measure(cloud(20), cloud(19, 2), k=2)


def test_nearest_leaves_the_point_itself_out():
    np.testing.assert_array_equal(nearest(np.zeros((5, 2)), 2) == np.arange(5)[:, None], False)
