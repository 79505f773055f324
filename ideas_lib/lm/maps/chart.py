"""Maps of one set of vectors, each with what is wrong with it, measured and in words."""

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from ideas_lib.lm.maps.projection import METHODS, NAMES, Start, explained, fewest, prepared, project
from ideas_lib.lm.maps.trust import Trust, measure, nearest

__all__ = ["Chart", "charts", "usual_methods", "usual_reruns"]

MANY, VERY_MANY = 2_000, 10_000  # points above which less is done unasked
NEEDS = {"umap": "umap", "pacmap": "pacmap", "pca": "sklearn", "t-sne": "sklearn"}


@dataclass(frozen=True)
class Chart:
    """A map: `places` (points, 2), how far to believe it, and PCA's share of the variance."""

    method: str
    places: NDArray[np.float64]
    trust: Trust
    explained: float | None = None

    @property
    def sentence(self) -> str:
        """What to believe of the map, and what not."""
        trust, k = self.trust, self.trust.k
        said = [
            f"Near: {_percent(trust.kept.mean())} of the {k} nearest neighbours on this map are "
            f"true ones; chance is {_percent(trust.chance)}.",
            f"{_percent(trust.doubtful.mean())} of the points are faint and hollow: fewer than "
            f"{trust.few} of their {k} are true, so do not read their place."
            if trust.few <= k
            else f"With {trust.points} points even that could be chance: read none of it.",
            f"Far: which of two points is the nearer, the map says rightly in "
            f"{_percent(trust.triplets)} of random cases; chance is {_percent(0.5)}, so "
            f"{self._gaps()}.",
        ]
        if self.explained is not None:
            said.append(f"The two axes hold {_percent(self.explained)} of the variance.")
            said.append("PCA has no random part: drawn again, it is the same.")
        elif trust.stability is None:
            said.append("Whether it would look the same when drawn again was not measured.")
        else:
            said.append(
                f"Drawn again from a random start, a point's neighbours here overlap with those "
                f"there by {_percent(trust.stability.mean())}."
            )
        return " ".join(said)

    def _gaps(self) -> str:
        if self.trust.triplets < 0.6:
            return "gaps between groups mean next to nothing"
        if self.trust.triplets < 0.75:
            return "gaps between groups mean little"
        if self.trust.triplets < 0.9:
            return "gaps between groups mean something, in the large"
        return "gaps between groups can be read"


def _percent(share: float) -> str:
    digits = 2 if share < 0.002 else 1 if share < 0.02 else 0
    return f"{100 * share:.{digits if share else 0}f}\N{NO-BREAK SPACE}%"


def charts(
    vectors: ArrayLike,
    methods: Sequence[str] | None = None,
    *,
    k: int | None = None,
    seed: int = 0,
    reruns: int | None = None,
    metric: str = "cosine",
) -> dict[str, Chart]:
    """Return maps of (points, dimensions) vectors by method, with their errors.

    `methods` are of `projection.METHODS`, in the order in which they are shown; without them, those
    of `usual_methods`, the one that keeps most neighbours first. `k` neighbours count, 10 where
    there are points enough. `reruns` is how many times each map is drawn again from a random start,
    for stability; without it, as `usual_reruns` says. Raises ValueError as `project` and `measure`.
    """
    rows = prepared(vectors, metric)
    n = len(rows)
    k = min(10, (n - 1) // 2) if k is None else k
    wanted = list(dict.fromkeys(usual_methods(n) if methods is None else methods))
    if not wanted:
        raise ValueError(f"no method is named: take some of {', '.join(METHODS)}")
    for method in wanted:  # before hours of work, not after
        if n < fewest(method):
            raise ValueError(f"{n} points are too few for {method}: it takes {fewest(method)}")
    reruns = usual_reruns(n) if reruns is None else reruns
    if reruns < 0:
        raise ValueError(f"reruns is {reruns}: it counts how often a map is drawn again")
    if not 1 <= k <= (n - 1) // 2:
        raise ValueError(f"k={k} neighbours of {n} points: it has to be in 1..{(n - 1) // 2}")
    runs = {method: 1 + (reruns if method != "pca" else 0) for method in wanted}
    found = {}
    steps = 1 + sum(runs.values()) + len(runs)
    with tqdm(total=steps, desc="maps", unit="step", delay=2, leave=False) as bar:

        def done(what: str) -> None:
            bar.set_postfix_str(what, refresh=False)
            bar.update()

        true = nearest(rows, k)
        done("true neighbours")
        for method in wanted:
            layouts = []
            for again in range(runs[method]):
                start: Start = "random" if again else "pca"
                # The seeds of a map's runs differ from one another.
                own = seed + 1000 * again
                layouts.append(project(rows, method, seed=own, metric="euclidean", start=start))
                done(NAMES[method])
            trust = measure(rows, layouts[0], k=k, seed=seed, true=true, reruns=layouts[1:])
            done(f"{NAMES[method]}, its errors")
            share = explained(rows, "euclidean") if method == "pca" else None
            found[method] = Chart(method, layouts[0], trust, share)
    if methods is None:
        found = dict(sorted(found.items(), key=lambda pair: -pair[1].trust.kept.mean()))
    return found


def usual_methods(points: int) -> tuple[str, ...]:
    """Return the methods that are drawn unasked: all that are installed, but t-SNE with many."""
    wanted = METHODS if points <= VERY_MANY else ("pca", "umap", "pacmap")
    there = tuple(m for m in wanted if _installed(m) and points >= fewest(m))
    return there if len(there) > 1 else ("pca", "t-sne")


def usual_reruns(points: int) -> int:
    """Return how often maps are drawn again unasked: two times, or with many points not at all."""
    return 2 if points <= MANY else 0


def _installed(method: str) -> bool:
    return importlib.util.find_spec(NEEDS[method]) is not None
