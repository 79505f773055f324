"""How far a map can be believed, point by point and as a whole, against the space it was made of.

Near: of a point's `k` nearest on the map, which are among its `k` nearest in truth, how far away
are the others in truth (trustworthiness), and how far off on the map are the true ones that it
lost (continuity: both Venna & Kaski, "Neighborhood Preservation in Nonlinear Projection Methods",
ICANN 2001)? Chen & Buja (2009, doi 10.1198/jasa.2009.0111) read the share that is kept point by
point. Far: of two points, is the nearer one the one that is nearer on the map (random triplets:
Wang, Huang, Rudin & Shaposhnik, arXiv 2012.04456)? Between runs: do a point's neighbours on the
map come back when it is drawn again from a random start?
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom, spearmanr
from tqdm import tqdm

__all__ = ["Trust", "measure", "nearest", "neighbour_stability", "ranks"]

TRIPLETS = 20_000  # a share of them is known to 0.4 points of a hundred (one standard error)
LITTLE = 5  # one true neighbour in so many: a point that has fewer is not to be read
SURE = 0.99  # so often chance alone stays below `few`
MANY = 10_000  # points from which true distances have 7 digits, in half the time
_CELLS = 2**25  # distances held at once, 256 MiB at most
_ROUNDING = 8  # units in the last place that a squared distance may be off

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trust:
    """What a map keeps of its points' neighbours. Arrays are (points,) or (points, k).

    `true` and `shown` are each point's nearest others, nearest first, in truth and on the map;
    `true_ranks` says which neighbour in truth each shown one is (1 is the nearest), `shown_ranks`
    which on the map each true one is. `triplets` is a share and `spearman` a correlation of
    distances, both over random picks. `stability` is in 0..1, or None where it was not measured.
    """

    true: Indices
    shown: Indices
    true_ranks: Indices
    shown_ranks: Indices
    triplets: float
    spearman: float
    stability: Floats | None = None

    @property
    def k(self) -> int:
        return self.true.shape[1]

    @property
    def points(self) -> int:
        return self.true.shape[0]

    @cached_property
    def kept(self) -> Floats:
        """Each point's share of shown neighbours that are true ones, 0..1; equals are both true."""
        return (self.true_ranks <= self.k).mean(axis=1)

    @cached_property
    def trustworthiness(self) -> Floats:
        """Each point's: 1 where no neighbour on the map is false, 0 where all are the farthest."""
        return self._spared(self.true_ranks)

    @cached_property
    def continuity(self) -> Floats:
        """Each point's: 1 where no true neighbour was lost, 0 where all are the farthest off."""
        return self._spared(self.shown_ranks)

    def _spared(self, ranks: Indices) -> Floats:
        n, k = self.points, self.k
        worst = k * (2 * n - 3 * k - 1) / 2
        return 1 - np.maximum(ranks - k, 0).sum(axis=1) / worst

    @property
    def chance(self) -> float:
        """The share that a map with all points shuffled keeps on average: k / (points - 1)."""
        return self.k / (self.points - 1)

    @property
    def chance_rank(self) -> float:
        """What trustworthiness and continuity are on a map with all points shuffled: near ½."""
        n, k = self.points, self.k
        return 1 - (n - 1 - k) * (n - k) / ((n - 1) * (2 * n - 3 * k - 1))

    @property
    def few(self) -> int:
        """How many true ones of a point's k shown neighbours it takes to read its place.

        A fifth of them; or, with few points, more than 99 of 100 points have on a shuffled map. It
        is k + 1 where even all of them could be chance.
        """
        by_chance = int(hypergeom.ppf(SURE, self.points - 1, self.k, self.k))
        return max(-(-self.k // LITTLE), by_chance + 1)

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """Which points keep so little that their place is not to be read."""
        return (self.true_ranks <= self.k).sum(axis=1) < self.few


def measure(
    rows: ArrayLike,
    places: ArrayLike,
    *,
    k: int = 10,
    seed: int = 0,
    true: Indices | None = None,
    reruns: Sequence[ArrayLike] = (),
) -> Trust:
    """Return how far the map `places` (points, 2) can be believed about `rows` (points, dims).

    Distances are Euclidean: `projection.prepared` makes rows for which that is cosine's order.
    `true` are the nearest rows where they are known already, `reruns` the same map drawn again,
    `seed` picks triplets. Neighbours are exact, so time grows with points squared. Raises
    ValueError where `k` is not in 1..(points - 1) // 2 or shapes differ.
    """
    rows, places = np.asarray(rows), np.asarray(places)
    if len(rows) != len(places):
        raise ValueError(f"{len(rows)} rows have {len(places)} places: each needs one")
    if not 1 <= k <= (len(rows) - 1) // 2:
        most = (len(rows) - 1) // 2
        raise ValueError(f"k={k} neighbours of {len(rows)} points: it has to be in 1..{most}")
    true = nearest(rows, k) if true is None else true
    shown = nearest(places, k)
    triplets, spearman = _far(rows, places, seed)
    return Trust(
        true,
        shown,
        ranks(rows, shown),
        ranks(places, true),
        triplets,
        spearman,
        neighbour_stability(shown, [nearest(again, k) for again in reruns])
        if len(reruns)
        else None,
    )


def nearest(points: ArrayLike, k: int) -> Indices:
    """Return (points, k): the rows nearest to each by Euclidean distance, nearest first, exact."""
    from sklearn.neighbors import NearestNeighbors

    scaled = _scaled(points)
    way = "kd_tree" if scaled.shape[1] == 2 else "brute"
    found = NearestNeighbors(n_neighbors=k, algorithm=way).fit(scaled)
    return np.asarray(found.kneighbors(return_distance=False), dtype=np.int64)


def ranks(points: ArrayLike, chosen: Indices) -> Indices:
    """Return which neighbour of its row each of the `chosen` (points, k) is: 1 is the nearest.

    Those as near as one another, but for rounding, have one rank: the best.
    """
    scaled = _scaled(points)
    n = len(scaled)
    squares = (scaled**2).sum(axis=1)
    found = np.empty(chosen.shape, dtype=np.int64)
    step = max(1, _CELLS // n)
    starts = range(0, n, step)
    for start in tqdm(starts, desc="true neighbours", delay=2, leave=False):
        part = slice(start, start + step)
        far = squares[part, None] - 2 * scaled[part] @ scaled.T + squares
        own = np.arange(len(far))
        far[own, start + own] = np.inf
        limits = np.take_along_axis(far, chosen[part], axis=1)
        limits -= (
            _ROUNDING * np.finfo(scaled.dtype).eps * (squares[part, None] + squares[chosen[part]])
        )
        for column in range(chosen.shape[1]):
            nearer = far < limits[:, column, None]
            found[part, column] = 1 + np.count_nonzero(nearer, axis=1)
    return found


def _scaled(points: ArrayLike) -> NDArray[Any]:
    """Return centred points of unit size, so that nothing overflows and few digits are lost."""
    centred = np.asarray(points, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    size = float(np.abs(centred).max()) or 1.0
    many = len(centred) > MANY and centred.shape[1] > 2
    return np.asarray(centred / size, dtype=np.float32 if many else np.float64)


def neighbour_stability(shown: Indices, again: Sequence[Indices]) -> Floats:
    """Return each point's overlap, 0..1, of its neighbours on a map with those on other maps.

    It is Jaccard's: shared over all in either set, the mean over `again`, each (points, k).
    """
    k = shown.shape[1]
    shares = []
    for other in again:
        shared = (shown[:, :, None] == other[:, None, :]).any(axis=2).sum(axis=1)
        shares.append(shared / (2 * k - shared))
    return np.asarray(np.mean(shares, axis=0))


def _far(rows: NDArray[Any], places: NDArray[Any], seed: int) -> tuple[float, float]:
    """Return the share of random triplets in the right order, and how distances correlate."""
    draw = np.random.default_rng(seed)
    a = draw.integers(0, len(rows), TRIPLETS)
    b = (a + draw.integers(1, len(rows), TRIPLETS)) % len(rows)
    c = (a + draw.integers(1, len(rows), TRIPLETS)) % len(rows)
    keep = b != c
    a, b, c = a[keep], b[keep], c[keep]
    true, shown = ([_between(x, a, other) for other in (b, c)] for x in (rows, places))
    right = np.sign(true[0] - true[1]) == np.sign(shown[0] - shown[1])
    if np.ptp(true[0]) == 0 or np.ptp(shown[0]) == 0:
        return float(right.mean()), float("nan")
    return float(right.mean()), float(spearmanr(true[0], shown[0]).statistic)


def _between(points: NDArray[Any], a: Indices, b: Indices) -> Floats:
    scaled = _scaled(points)
    return np.asarray(np.linalg.norm(scaled[a] - scaled[b], axis=1), dtype=np.float64)
