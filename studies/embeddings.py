"""Embeddings: a map of texts marks the points that it keeps well. Are those the ones to believe?

The marks are made of vectors alone, and judged by what no vector was told: sentences of SymPy's by
the topic they stand under, exercises by their twin, the same exercise in other words, which the
marks do not see. Each seed has texts of its own. Then: what each projection keeps, what being near
means, and what maps make of data that have no clusters.
"""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    points=400,
    neighbours=10,
    reruns=2,
    draws=14,
)

SEEDS = tuple(range(100, 100 + SETTINGS["draws"]))
# Lots of sentences that were looked at before there was a prediction, and none since.
PILOTS = (10, 15, 16, 17)
USUAL = ("t-sne", "umap", "pacmap")
METHODS = ("pca", *USUAL)
SENTENCES, EXERCISES, NOISE = "sentences", "exercises", "noise"
MARKS, CLUMPS, STABLE, DENSE, ALL = "marks", "clumps", "stable", "dense in truth", "everything"
BELIEFS = (MARKS, CLUMPS, STABLE, DENSE, ALL)
VECTORS, SHUFFLED, SHARP = "vectors", "shuffled", "t-sne, perplexity 5"
SHARES = np.arange(1, 11) / 10  # of the points that are believed, for the curve
ABOUT = ("topic", "task", "story", "level", "wording")


@dataclass(frozen=True)
class Drawn:
    """A map: places (points, 2), each point's neighbours (points, k), the same on maps redrawn."""

    places: NDArray[np.float64]
    shown: NDArray[np.int64]
    again: list[NDArray[np.int64]]


@dataclass(frozen=True)
class Texts:
    """Texts and what is known of them, their unit vectors, each one's twin (itself if none)."""

    about: pd.DataFrame
    rows: NDArray[np.float32]
    twin: NDArray[np.int64]


@cache
def texts(corpus: str, seed: int) -> Texts:
    """Return one draw: sentences that are in no other draw, exercises twice, or noise."""
    from ideas_lib.datasets.texts import sample_exercises, sample_sentences
    from ideas_lib.lm.maps.projection import prepared
    from ideas_lib.lm.maps.vectors import embed

    own = np.arange(SETTINGS["points"])
    if corpus == NOISE:  # the mean and the covariance of the sentences, and nothing else of them
        like = texts(SENTENCES, seed)
        mean = like.rows.mean(axis=0)
        z = np.random.default_rng(seed).standard_normal((len(own), len(own)))
        rows = mean + z @ (like.rows - mean) / np.sqrt(len(own) - 1)
        return Texts(like.about, prepared(rows), own)
    if corpus == EXERCISES:
        about = sample_exercises(seed, SETTINGS["points"] // 2)
        own = own ^ 1  # twins stand side by side
    else:
        fresh = [lot for lot in range(len(SEEDS) + len(PILOTS)) if lot not in PILOTS]
        lot = PILOTS[seed] if seed < 100 else fresh[seed - 100]
        about = sample_sentences(lot, SETTINGS["points"])
    vectors = embed(list(about.text), store=shared_file(STUDY, "vectors.sqlite"))
    return Texts(about, prepared(vectors), own)


@cache
def drawn(corpus: str, method: str, seed: int) -> Drawn:
    """Return a draw's map by one method, and whose neighbours come back from random starts."""
    twin = texts(corpus, seed).twin
    if method == SHUFFLED:
        places = np.random.default_rng(seed).standard_normal((len(twin), 2))
        return Drawn(places, near(places, twin), [])
    places, *more = layouts(corpus, method, seed)
    return Drawn(places, near(places, twin), [near(other, twin) for other in more])


def layouts(corpus: str, method: str, seed: int) -> NDArray[np.float64]:
    """Return a map and its reruns, (1 + reruns, points, 2), drawn once for all arms."""
    from ideas_lib.lm.maps.projection import project

    def draw(file: Path) -> None:
        rows = texts(corpus, seed).rows
        starts = range(1, 1 + SETTINGS["reruns"]) if corpus != NOISE else ()
        more = [project(rows, method, seed=seed + 1000 * i, start="random") for i in starts]
        np.save(file, np.stack([project(rows, method, seed=seed), *more]))

    return np.load(shared_file(STUDY, f"{corpus}-{method}-{seed}.npy", draw))


def near(points: Any, twin: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the nearest of each point, (points, k), passing over its twin."""
    from ideas_lib.lm.maps.trust import nearest

    found = nearest(points, SETTINGS["neighbours"] + 1)
    others = found != twin[:, None]
    others[others.all(axis=1), -1] = False
    return found[others].reshape(len(found), -1)


def overlap(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each row of `a` that is in the same row of `b`."""
    return (a[:, :, None] == b[:, None, :]).any(axis=2).mean(axis=1)


def spread(points: Any, neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how far each point is from its neighbours on average."""
    return np.linalg.norm(points[neighbours] - points[:, None], axis=2).mean(axis=1)


def right(corpus: str, seed: int, points: Any) -> NDArray[np.float64]:
    """Return how right each point's neighbours are, by what no vector was told.

    Of exercises: 1 if the twin is among them. Of sentences: the share of the same topic, less the
    share of that topic among all other points.
    """
    from ideas_lib.lm.maps.trust import nearest

    found, drawn_texts = nearest(points, SETTINGS["neighbours"]), texts(corpus, seed)
    if corpus == EXERCISES:
        return (found == drawn_texts.twin[:, None]).any(axis=1).astype(float)
    return agreement(drawn_texts.about.topic, found)


def agreement(labels: Any, neighbours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each point's neighbours with its label, less its share of all others."""
    codes = pd.factorize(np.asarray(labels))[0]
    same = (codes[neighbours] == codes[:, None]).mean(axis=1)
    return same - (np.bincount(codes)[codes] - 1) / (len(codes) - 1)


def belief(arm: str, corpus: str, method: str, seed: int) -> NDArray[np.float64]:
    """Return what points are believed by, higher first; equals are put in a random order."""
    made, known = drawn(corpus, method, seed), texts(corpus, seed)
    if arm == CLUMPS:
        return -spread(made.places, made.shown)
    true = near(known.rows, known.twin)
    if arm == DENSE:
        return -spread(known.rows, true)
    ties = 1e-6 * np.random.default_rng(seed).random(len(true))
    if arm == STABLE:
        return ties + sum(overlap(made.shown, other) for other in made.again)
    return ties + overlap(made.shown, true)


def reading(arm: str, seed: int, corpus: str) -> dict[str, Any]:
    """Measure how right the neighbours are that those points show which a reader believes.

    Means are over the maps by t-SNE, UMAP and PaCMAP; each map's own and PCA's stand beside them.
    """
    report: dict[str, Any] = {}
    curves = []
    for method in METHODS:
        shown = right(corpus, seed, drawn(corpus, method, seed).places)
        true = right(corpus, seed, texts(corpus, seed).rows)
        order = np.argsort(-belief(arm, corpus, method, seed))
        half = order if arm == ALL else order[: len(order) // 2]
        report[f"right, {method}"] = float(shown[half].mean())
        report[f"in truth, {method}"] = float(true[half].mean())
        if method in USUAL:
            sizes = np.ceil(SHARES * len(order)).astype(int)
            curves.append([shown[order[:size]].mean() for size in sizes])
    for name in ("right", "in truth"):
        report[name] = float(np.mean([report[f"{name}, {method}"] for method in USUAL]))
    return report | {"curve": np.mean(curves, axis=0).tolist()}


def keeping(arm: str, seed: int) -> dict[str, float]:
    """Measure what one projection keeps near and far, and what being near means on it.

    Beside projections there are the vectors themselves, and places with all points shuffled.
    """
    from ideas_lib.lm.maps.trust import measure

    report = {}
    for corpus in (SENTENCES, EXERCISES):
        known = texts(corpus, seed)
        points = known.rows if arm == VECTORS else drawn(corpus, arm, seed).places
        trust = measure(known.rows, points, k=SETTINGS["neighbours"], seed=seed)
        found = {
            "kept": trust.kept.mean(),
            "doubtful": trust.doubtful.mean(),
            "triplets": trust.triplets,
            "right": right(corpus, seed, points).mean(),
        }
        for name, line in (("solid", ~trust.doubtful), ("hollow", trust.doubtful)):
            if line.any():
                found[f"right, {name}"] = right(corpus, seed, points)[line].mean()
        if arm in USUAL:
            made = drawn(corpus, arm, seed)
            found["come back"] = np.mean([overlap(made.shown, other) for other in made.again])
        others = near(points, known.twin)
        for label in [name for name in ABOUT if name in known.about]:
            found[f"same {label}"] = agreement(known.about[label], others).mean()
        report |= {f"{name}, {corpus}": float(value) for name, value in found.items()}
    return report


def shapes(arm: str, seed: int) -> dict[str, float]:
    """Measure what one projection makes of noise, beside sentences, and of blobs of known size."""
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    from ideas_lib.lm.maps.projection import prepared, project
    from ideas_lib.lm.maps.trust import measure

    report = {}
    for corpus in (NOISE, SENTENCES):
        rows = texts(corpus, seed).rows
        places = sharp(rows, seed) if arm == SHARP else drawn(corpus, arm, seed).places
        trust = measure(rows, places, k=SETTINGS["neighbours"], seed=seed)
        found = clusters(places)
        report |= {
            f"clusters, {corpus}": float(found.max() + 1),
            f"in clusters, {corpus}": float((found >= 0).mean()),
            f"kept, {corpus}": float(trust.kept.mean()),
            f"doubtful, {corpus}": float(trust.doubtful.mean()),
        }
    points, middles, widths = blobs(seed)
    rows = prepared(points, "euclidean")
    places = (
        sharp(rows, seed) if arm == SHARP else project(rows, arm, seed=seed, metric="euclidean")
    )
    groups = places.reshape(len(widths), -1, 2)
    centres = groups.mean(axis=1)
    sizes = np.linalg.norm(groups - centres[:, None], axis=2).mean(axis=1)
    return report | {
        "sizes": float(spearmanr(widths, sizes).statistic),
        "gaps": float(spearmanr(pdist(middles), pdist(centres)).statistic),
    }


def sharp(rows: Any, seed: int) -> NDArray[np.float64]:
    """Return a t-SNE map that looks at five neighbours, where the default looks at thirty."""
    from sklearn.manifold import TSNE

    return TSNE(perplexity=5, init="pca", random_state=seed, n_jobs=1).fit_transform(rows)


def clusters(places: Any) -> NDArray[np.int64]:
    """Return the cluster that HDBSCAN puts each point of a map in, -1 for none."""
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=10, copy=True).fit_predict(places)


def blobs(seed: int, count: int = 8, dims: int = 20) -> tuple[NDArray[np.float64], ...]:
    """Return points (count x 50, dims), one blob after the other, their middles and widths.

    The widths go from 1 to 8, and the middles lie in a space of three dimensions, so that some
    are near one another and some are far; few of them touch.
    """
    rng = np.random.default_rng(seed)
    widths = rng.permutation(np.geomspace(1, 8, count))
    middles = np.pad(rng.normal(0, 150, (count, 3)), ((0, 0), (0, dims - 3)))
    noise = rng.standard_normal((count, 50, dims))
    points = middles[:, None] + widths[:, None, None] * noise
    return points.reshape(-1, dims), middles, widths


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Measure one belief on a map of exercises."""
    return reading(arm, seed, EXERCISES)


STUDY = Study(
    slug="embeddings",
    title="Maps of embeddings",
    prediction=Prediction(
        claim="On maps of sentences, the half of the points that the map marks as best kept are "
        "shown beside sentences of their own topic more often, by at least 0.03 of all neighbours "
        "shown, than the half that lie densest, which is what the eye believes.",
        outcome="right",
        idea=MARKS,
        baseline=CLUMPS,
        margin=0.03,
        change_our_mind="An interval below 0.03: then a reader may as well believe what stands "
        "close together, and the marks are decoration.",
    ),
    experiments=(
        Experiment("sentences", BELIEFS, partial(reading, corpus=SENTENCES), SEEDS, seconds=4),
        Experiment("twins", BELIEFS, partial(reading, corpus=EXERCISES), SEEDS, seconds=4),
        Experiment("projections", (*METHODS, VECTORS, SHUFFLED), keeping, SEEDS, seconds=1),
        Experiment("shapes", (*METHODS, SHARP), shapes, SEEDS, seconds=4),
    ),
    reader=reader,
    tolerance=0.02,
)
