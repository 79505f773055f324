"""A market whose tastes are real: charts of films, by what was thought of them and by how many.

A chart sorts films by (1 - w) times what they were rated and w times how often, both standardised
over films. Ratings are shrunk towards the mean of all films by as much as their own spread asks
for, so that a film with one rating does not lead: popularity is given no task that a good mean does
without it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ideas_lib.datasets.film_ratings import FilmRatings

__all__ = ["chart_scores", "judge_chart", "prior_weight", "replay_visits"]

NONE = 1e9  # ratings that outweigh any film's own
FEWEST = 5  # ratings of a film in each half, without which its mean says nothing
ROUNDS = 10  # in each of which every visitor comes once


def prior_weight(ratings: FilmRatings) -> float:
    """Return how many ratings the mean of all films is worth, beside a film's own.

    It is the variance within films over the variance of their true means, by moments, as in an
    analysis of variance of one factor; `NONE` where the means differ no more than by chance.
    """
    counts = np.bincount(ratings.films)
    totals = np.bincount(ratings.films, ratings.stars)
    there = counts > 0
    n, k = counts.sum(), there.sum()
    means = totals[there] / counts[there]
    between = (counts[there] * (means - totals.sum() / n) ** 2).sum() / (k - 1)
    within = ((ratings.stars**2).sum() - (counts[there] * means**2).sum()) / (n - k)
    spread = (between - within) / ((n - (counts[there] ** 2).sum() / n) / (k - 1))
    return float(within / spread) if spread > 0 else NONE


def chart_scores(
    counts: NDArray[Any],
    totals: NDArray[Any],
    prior: float,
    popularity: float,
    middle: float,
) -> NDArray[np.float64]:
    """Return what a chart sorts films by, highest first, (films,).

    `counts` and `totals` (films,) are how many ratings a film has and their sum; `prior` ratings of
    `middle` stars are added to each. `popularity` is w, from 0 to 1. Raises ValueError otherwise.
    """
    if not 0 <= popularity <= 1:
        raise ValueError(f"popularity={popularity} must lie between 0 and 1")
    rated = _standard((totals + prior * middle) / (counts + prior))
    return (1 - popularity) * rated + popularity * _standard(np.log1p(counts))


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def judge_chart(
    one: FilmRatings, other: FilmRatings, popularity: float, top: int
) -> dict[str, float]:
    """Sort films by one half of the users, and return what the other half thinks of the `top`.

    `stars` is the mean over the chart's films of their mean rating by the other half, `above own`
    the same with each rating less its user's mean, `all` the stars of all films that were sorted.
    Raises ValueError where fewer films than `top` have `FEWEST` ratings in each half.
    """
    size = 1 + max(one.films.max(), other.films.max())
    counts, judged = (np.bincount(half.films, minlength=size) for half in (one, other))
    kept = np.flatnonzero((counts >= FEWEST) & (judged >= FEWEST))
    if kept.size < top:
        raise ValueError(f"top={top}: {kept.size} films have {FEWEST} ratings in each half")
    totals = np.bincount(one.films, one.stars, size)
    middle = one.stars.mean()
    scores = chart_scores(counts[kept], totals[kept], prior_weight(one), popularity, middle)
    chart = kept[np.argsort(-scores, kind="stable")[:top]]
    stars = np.bincount(other.films, other.stars, size)[kept] / judged[kept]
    above = np.bincount(other.films, _above_own(other), size) / np.maximum(judged, 1)
    on = np.isin(kept, chart)
    return {
        "stars": float(stars[on].mean()),
        "above own": float(above[chart].mean()),
        "all": float(stars.mean()),
        "ratings of each": float(counts[chart].mean()),
    }


def _above_own(ratings: FilmRatings) -> NDArray[np.float64]:
    """Return each rating less its user's mean, (ratings,)."""
    means = np.bincount(ratings.users, ratings.stars) / np.maximum(np.bincount(ratings.users), 1)
    return ratings.stars - means[ratings.users]


def replay_visits(
    visitors: FilmRatings,
    popularity: float,
    attention: float,
    prior: float,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Let visitors come, take a film from the chart and rate it, and let that move the chart.

    The chart is empty at first. In each of `ROUNDS` rounds every visitor takes one of the films
    that they have in truth rated and not yet taken, with odds that fall with its place among these
    on the chart, as place to the power -`attention`, and rates it as they did. `above own` is the
    mean of what is taken, less the visitor's mean over all: 0 for one who takes at random. `crowd`
    is the share of visits that go to a hundredth of the films. Raises as `chart_scores`.
    """
    size, middle = 1 + visitors.films.max(), visitors.stars.mean()
    above = _above_own(visitors)
    left = [np.flatnonzero(visitors.users == user) for user in np.unique(visitors.users)]
    counts, totals = np.zeros(size), np.zeros(size)
    taken, chance = [], rng.random(size)  # films that are equal stand in a chance order
    for _ in range(ROUNDS):
        scores = chart_scores(counts, totals, prior, popularity, middle)
        places = np.empty(size)
        places[np.lexsort((chance, -scores))] = np.arange(size)
        for k in rng.permutation(len(left)):
            if not left[k].size:
                continue
            mine = left[k][np.argsort(places[visitors.films[left[k]]])]
            odds = np.arange(1.0, mine.size + 1) ** -attention
            pick = mine[rng.choice(mine.size, p=odds / odds.sum())]
            left[k] = mine[mine != pick]
            taken.append(pick)
        counts = np.bincount(visitors.films[taken], minlength=size).astype(float)
        totals = np.bincount(visitors.films[taken], visitors.stars[taken], size)
    busiest = np.sort(counts)[::-1][: max(size // 100, 1)]
    return {"above own": float(above[taken].mean()), "crowd": float(busiest.sum() / len(taken))}
