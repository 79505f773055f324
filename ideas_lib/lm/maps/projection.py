"""Two dimensions for many: PCA, t-SNE, UMAP and PaCMAP, each in its own library's settings.

The three that start somewhere start from the same place, the first two principal components:
how a layout starts decides much of what it shows at large (Kobak & Linderman 2021, Nature
Biotechnology 39, doi 10.1038/s41587-020-00809-z). With `start="random"` they start anywhere.
"""

import logging
import warnings
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["METHODS", "METRICS", "NAMES", "explained", "fewest", "prepared", "project"]

METRICS = ("cosine", "euclidean")
SMALLEST = 4  # points that a map needs
_SMALLEST = {"pacmap": 50}  # it pairs each point with 35 others, and with few points drops some
NAMES = {"pca": "PCA", "t-sne": "t-SNE", "umap": "UMAP", "pacmap": "PaCMAP"}
_PERPLEXITY, _NEIGHBOURS = 30.0, 15  # the libraries' own defaults, where there are points enough

Array = NDArray[np.float32]
Start = Literal["pca", "random"]


def prepared(vectors: ArrayLike, metric: str = "cosine") -> Array:
    """Return vectors so that Euclidean distance orders neighbours as the metric does.

    `vectors` is (points, dimensions). For "cosine" each row is scaled to length 1, for "euclidean"
    the mean is taken off; float32. Raises ValueError for another metric or shape, fewer than 4
    points, a number that is not finite (it names the row), and a row of zeros under "cosine".
    """
    if metric not in METRICS:
        raise ValueError(f"metric {metric!r} is none of {', '.join(METRICS)}")
    rows = np.asarray(vectors, dtype=np.float64)
    if rows.ndim != 2 or not rows.shape[1]:
        raise ValueError(f"vectors have shape {rows.shape}: one row a point is needed")
    if len(rows) < SMALLEST:
        raise ValueError(f"{len(rows)} points make no map: it takes {SMALLEST} at least")
    bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    if len(bad):
        raise ValueError(f"row {bad[0]} of the vectors holds a number that is not finite")
    if metric == "euclidean":
        return (rows - rows.mean(axis=0)).astype(np.float32)
    largest = np.abs(rows).max(axis=1, keepdims=True)  # first, so that no square overflows
    if not largest.all():
        row = np.flatnonzero(largest[:, 0] == 0)[0]
        raise ValueError(
            f"row {row} of the vectors is all zeros and has no direction: leave it out, or take "
            f"metric='euclidean'"
        )
    rows = rows / largest
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def project(
    vectors: ArrayLike,
    method: str = "t-sne",
    *,
    seed: int = 0,
    metric: str = "cosine",
    start: Start = "pca",
) -> NDArray[np.float64]:
    """Return (points, 2): the places of (points, dimensions) vectors on a map.

    `method` is one of METHODS; umap and pacmap need `pip install ideas-lib[maps]`. `metric` is
    "cosine" or "euclidean". The same seed gives the same map on the same machine with the same
    releases. PCA knows neither seed nor start. Raises ValueError for an unknown method, for
    vectors that are all the same, and as `prepared` does.
    """
    least = fewest(method)
    if start not in ("pca", "random"):
        raise ValueError(f"start {start!r} is none of pca, random")
    rows = _flat(prepared(vectors, metric))
    if len(rows) < least:
        raise ValueError(f"{len(rows)} points are too few for {method}: it takes {least}")
    if not np.ptp(rows, axis=0).any():
        raise ValueError("all vectors are the same: there is nothing to map")
    places = np.asarray(_DRAW[method](rows, seed, start), dtype=np.float64)
    if not np.isfinite(places).all():
        raise RuntimeError(f"{method} gave places that are not finite")
    return places


def fewest(method: str) -> int:
    """Return how many points a method takes at least. Raises ValueError for an unknown method."""
    if method not in METHODS:
        raise ValueError(f"method {method!r} is none of {', '.join(METHODS)}")
    return _SMALLEST.get(method, SMALLEST)


def explained(vectors: ArrayLike, metric: str = "cosine") -> float:
    """Return the share of the variance that the first two principal components hold."""
    rows = _flat(prepared(vectors, metric)).astype(np.float64)
    total = float(((rows - rows.mean(axis=0)) ** 2).sum())
    return float((_pca(rows) ** 2).sum()) / total if total else 1.0


def _flat(rows: Array) -> Array:
    """Return rows of two dimensions at least: a line lies in a plane."""
    return np.pad(rows, ((0, 0), (0, max(0, 2 - rows.shape[1]))))


def _pca(rows: NDArray[Any]) -> NDArray[np.float64]:
    from sklearn.decomposition import PCA

    # By the covariance's own eigenvectors: exact, quick for many points, and no seed comes in.
    way = "covariance_eigh" if len(rows) > rows.shape[1] else "full"
    return PCA(2, svd_solver=way).fit_transform(rows.astype(np.float64))


def _beginning(rows: Array, seed: int, start: Start) -> NDArray[np.float32]:
    """Return where points start: small, as t-SNE's own start is, or at random."""
    if start == "random":
        places = np.random.default_rng(seed).standard_normal((len(rows), 2))
    else:
        places = _pca(rows)
        places = places / (places[:, 0].std() or 1.0)
    return (1e-4 * places).astype(np.float32)


def _draw_pca(rows: Array, seed: int, start: Start) -> NDArray[Any]:
    return _pca(rows)


def _draw_tsne(rows: Array, seed: int, start: Start) -> NDArray[Any]:
    from sklearn.manifold import TSNE

    perplexity = min(_PERPLEXITY, (len(rows) - 1) / 3)
    begin = _beginning(rows, seed, start)
    made = TSNE(perplexity=perplexity, init=begin, random_state=seed, n_jobs=1)
    return made.fit_transform(rows)


def _draw_umap(rows: Array, seed: int, start: Start) -> NDArray[Any]:
    with warnings.catch_warnings():
        # A part of it that nobody asks for here wants another library, and says so at import.
        warnings.filterwarnings("ignore", "Tensorflow not installed", ImportWarning)
        import umap

    begin = _beginning(rows, seed, start)
    begin += 1e-8 * np.random.default_rng(seed).standard_normal(begin.shape)  # no axis is flat
    made = umap.UMAP(
        n_neighbors=min(_NEIGHBOURS, len(rows) - 1), init=begin, random_state=seed, n_jobs=1
    )
    return made.fit_transform(rows)


def _draw_pacmap(rows: Array, seed: int, start: Start) -> NDArray[Any]:
    import numba
    import pacmap

    log = logging.getLogger("pacmap.pacmap")
    before, threads = log.level, numba.get_num_threads()
    log.setLevel(logging.ERROR)  # it warns that a seed was set; few points are refused above
    # One thread: where cores are shared, its threads wait for one another most of the time.
    numba.set_num_threads(1)
    try:
        return pacmap.PaCMAP(n_neighbors=10, random_state=seed).fit_transform(
            rows.copy(),  # it changes what it is given
            init=start,
        )
    finally:
        numba.set_num_threads(threads)
        log.setLevel(before)


_DRAW: dict[str, Callable[[Array, int, Start], NDArray[Any]]] = {
    "pca": _draw_pca,
    "t-sne": _draw_tsne,
    "umap": _draw_umap,
    "pacmap": _draw_pacmap,
}
METHODS = tuple(_DRAW)
