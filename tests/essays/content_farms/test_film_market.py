"""The chart is what its weights say, the prior is the truth's, and nobody takes a film twice."""

import numpy as np
import pytest

from ideas_lib.datasets.film_ratings import FilmRatings
from ideas_lib.essays.content_farms.film_market import (
    NONE,
    chart_scores,
    judge_chart,
    prior_weight,
    replay_visits,
)


def ratings(seed: int, users: int = 60, films: int = 40, better: float = 0.5) -> FilmRatings:
    """Everybody rates half of the films; true means spread by `better`, single ratings by 1."""
    rng = np.random.default_rng(seed)
    who, what = np.nonzero(rng.random((users, films)) < 0.5)
    means = 3 + better * rng.normal(size=films)
    return FilmRatings(who, what, means[what] + rng.normal(size=who.size))


def test_the_prior_is_worth_the_variance_within_over_the_variance_between():
    found = [prior_weight(ratings(seed, users=200, films=200)) for seed in range(5)]
    assert np.mean(found) == pytest.approx(4, rel=0.2)
    assert prior_weight(FilmRatings(np.arange(4) // 2, np.arange(4) % 2, np.full(4, 3.0))) == NONE


def test_the_ends_of_the_chart_are_the_mean_and_the_count():
    counts, totals = np.array([1.0, 9.0, 30.0]), np.array([5.0, 40.0, 90.0])
    rated = chart_scores(counts, totals, 0.0, 0.0, 3.0)
    assert np.argsort(-rated).tolist() == [0, 1, 2]
    assert np.argsort(-chart_scores(counts, totals, 10.0, 0.0, 3.0)).tolist() == [1, 0, 2]
    assert np.argsort(-chart_scores(counts, totals, 0.0, 1.0, 3.0)).tolist() == [2, 1, 0]
    assert not chart_scores(np.zeros(3), np.zeros(3), 5.0, 0.5, 3.0).any()
    with pytest.raises(ValueError, match=r"popularity=1\.5"):
        chart_scores(counts, totals, 0.0, 1.5, 3.0)


def test_a_chart_by_ratings_finds_better_films_and_the_other_half_is_who_says_so():
    all_of_them = ratings(1, users=200)
    half = np.arange(200) < 100
    one, other = all_of_them.of(half), all_of_them.of(~half)
    assert set(one.users) & set(other.users) == set()
    found = judge_chart(one, other, 0.0, 10)
    assert found["stars"] > found["all"] + 0.3
    assert found["above own"] > 0.2
    assert abs(judge_chart(one, other, 0.0, 40)["stars"] - found["all"]) < 1e-12
    with pytest.raises(ValueError, match="top=41"):
        judge_chart(one, other, 0.0, 41)


def test_who_pays_no_attention_takes_at_random_and_who_does_finds_what_is_liked():
    visitors = ratings(2, users=150)
    rng = np.random.default_rng(0)
    blind = [replay_visits(visitors, 0.0, 0.0, 4.0, rng)["above own"] for _ in range(4)]
    assert abs(np.mean(blind)) < 0.05
    keen = replay_visits(visitors, 0.0, 2.0, 4.0, np.random.default_rng(0))
    assert keen["above own"] > 0.1
    assert keen == replay_visits(visitors, 0.0, 2.0, 4.0, np.random.default_rng(0))


def test_no_film_is_taken_twice_by_one_visitor():
    few = FilmRatings(np.zeros(3, dtype=int), np.arange(3), np.array([1.0, 3.0, 5.0]))
    found = replay_visits(few, 1.0, 1.0, 1.0, np.random.default_rng(0))
    assert found == {"above own": 0.0, "crowd": pytest.approx(1 / 3)}
