"""Two dimensions for many: against scikit-learn's PCA, the same each time, errors by name."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.decomposition import PCA

from ideas_lib.lm.maps.projection import METHODS, explained, prepared, project
from ideas_lib.lm.maps.trust import measure


def groups(points: int = 90, dims: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Three groups that are far apart."""
    draw = np.random.default_rng(seed)
    kind = np.arange(points) % 3
    return 6 * np.eye(dims)[kind] + draw.standard_normal((points, dims)), kind


@pytest.fixture(params=METHODS)
def method(request) -> str:
    if request.param in ("umap", "pacmap"):
        needed = {"umap": "pynndescent", "pacmap": "faiss"}[request.param]
        pytest.importorskip(needed)
    return request.param


def test_pca_is_scikit_learns():
    vectors, _ = groups()
    found = project(vectors, "pca", metric="euclidean")
    reference = PCA(2).fit(vectors)
    np.testing.assert_allclose(np.abs(found), np.abs(reference.transform(vectors)), atol=1e-4)
    share = reference.explained_variance_ratio_.sum()
    assert explained(vectors, "euclidean") == pytest.approx(share, abs=1e-6)


def test_prepared_rows_order_neighbours_as_the_cosine_does():
    vectors, _ = groups()
    rows = prepared(1e200 * vectors)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    np.testing.assert_allclose(rows @ rows.T, unit @ unit.T, atol=1e-6)


def test_groups_stay_apart_and_a_seed_gives_the_same_again(method):
    vectors, kind = groups()
    places = project(vectors, method, seed=3)
    assert places.shape == (90, 2)
    assert places.dtype == np.float64
    trust = measure(prepared(vectors), places, k=5)
    assert (kind[trust.shown] == kind[:, None]).mean() > 0.95
    assert trust.kept.mean() > 3 * trust.chance
    np.testing.assert_array_equal(project(vectors, method, seed=3), places)
    if method != "pca":
        random = [project(vectors, method, seed=seed, start="random") for seed in (3, 4)]
        assert not np.allclose(random[0], random[1])


def test_few_equal_and_flat_points_are_drawn_too(method):
    if method != "pacmap":
        assert np.isfinite(project(groups(4)[0], method)).all()
    assert np.isfinite(project(np.repeat(groups(6)[0], 10, axis=0), method)).all()
    line = np.linspace(1, 2, 60)[:, None]
    assert np.isfinite(project(line, method, metric="euclidean")).all()


def test_pacmap_wants_points_enough():
    with pytest.raises(ValueError, match="49 points are too few for pacmap: it takes 50"):
        project(groups(49)[0], "pacmap")


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([1.0, 2.0], r"vectors have shape \(2,\)"),
        (np.ones((9, 0)), r"vectors have shape \(9, 0\)"),
        (np.ones((3, 2)), "3 points make no map: it takes 4"),
        ([[1, 2], [1, np.nan], [3, 4], [5, 6]], "row 1 of the vectors holds a number"),
        (np.outer([1, 2, 3, 4], [1, 2]), "all vectors are the same"),
        ([[1, 2], [1, 3], [0, 0], [5, 6]], "row 2 of the vectors is all zeros"),
    ],
)
def test_what_has_no_map_is_named(vectors, message):
    with pytest.raises(ValueError, match=message):
        project(vectors, "pca")


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"method": "tsne"}, "method 'tsne' is none of pca, t-sne, umap, pacmap"),
        ({"metric": "dot"}, "metric 'dot' is none of cosine, euclidean"),
        ({"start": "spectral"}, "start 'spectral' is none of pca, random"),
    ],
)
def test_what_there_is_not_is_named(how, message):
    with pytest.raises(ValueError, match=message):
        project(groups()[0], **how)


def test_importing_loads_nothing_heavy():
    code = "import sys, ideas_lib.lm.maps; print([m for m in ('umap', 'numba', 'pacmap', 'sklearn'"
    code += ", 'openai') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
