"""Both questions are asked of the same places in the same words, and lines say what was put in."""

import math
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ideas_lib.datasets import film_ratings
from ideas_lib.datasets.capitals import WORDINGS, places
from ideas_lib.datasets.film_ratings import FilmRatings
from ideas_lib.datasets.inhabitants import load_inhabitants
from ideas_lib.lm.scoring import logprobs
from ideas_lib.study.study import load_study

FAME, TRUTH = 0.9, 1.3  # of a model that is made up: nats per e-fold, nats for being the capital


@pytest.fixture
def study():
    load_study("content-farms")
    return sys.modules["studies.content_farms"]


@pytest.fixture
def asked(study, monkeypatch):
    """Put a model in the place of every other that heeds fame, and truth where it is asked for."""
    found, size = [], {}
    for half in (True, False):
        for place in places(half):
            size[tuple(place.phrases())] = load_inhabitants()[place.name]

    def compare(contexts, phrases, *, endpoint, store):
        found.append((endpoint, list(contexts)))
        capital, other = size[tuple(phrases)]
        fame = FAME * math.log(capital / other)
        truth = [TRUTH * ("capital" in context) for context in contexts]
        frame = pd.DataFrame({"difference": [fame + each for each in truth]})
        return SimpleNamespace(contrast=lambda a, b: SimpleNamespace(frame=frame))

    monkeypatch.setattr(logprobs, "compare", compare)
    monkeypatch.setattr(study, "scores_file", lambda: "none")
    return found


def test_any_city_stands_where_the_capital_stood_and_nothing_else_changes(study):
    asking = sys.modules["studies.content_farms.asking"]
    for wording in WORDINGS:
        found = asking.any_city(wording)
        assert "capital" not in found
        assert len(found.split()) == len(wording.split())
        assert "{}" in found
    with pytest.raises(ValueError, match="asks for no capital"):
        asking.any_city("The largest city of {} is")


def test_lines_have_the_fame_and_truth_that_the_model_has(study, asked):
    for arm, truth in ((study.CAPITAL, TRUTH), (study.CITY, 0.0)):
        found = study.of_questions(arm, 300)
        assert found["fame"] == pytest.approx(FAME * math.log(10))
        assert found["truth"] == pytest.approx(truth)
        assert len(found["log ratios"]) == 14
        for model in study.SMALL:
            odds = np.array(found[f"log-odds, {model}"])
            assert odds == pytest.approx(truth + FAME * np.array(found["log ratios"]), abs=1e-3)
    assert {len(contexts) for _, contexts in asked} == {len(WORDINGS)}


def test_what_decides_is_fame_against_being_asked_for_on_the_same_places(study, asked):
    found = {arm: study.of_worth(arm, 301) for arm in (study.FAME, study.ASKED)}
    assert found[study.FAME]["worth"] == pytest.approx(FAME * math.log(10))
    assert found[study.ASKED]["worth"] == pytest.approx(TRUTH, abs=1e-3)
    one, other = (asked[k : k + len(asked) // 2] for k in (0, len(asked) // 2))
    assert one == other
    assert {model for model, _ in asked} == set(study.SMALL)


def test_a_model_is_asked_both_questions_in_few_wordings(study, asked):
    found = study.of_sizes(study.LARGER[0], 300)
    assert found[f"truth, {study.CAPITAL}"] == pytest.approx(TRUTH)
    assert found[f"truth, {study.CITY}"] == pytest.approx(0)
    assert {model for model, _ in asked} == {study.LARGER[0]}
    assert {len(contexts) for _, contexts in asked} == {study.FEW}


def test_no_place_is_asked_about_by_two_seeds(study):
    drawn = [p.name for seed in study.SEEDS for p in study.drawn(seed, study.SETTINGS["places"])]
    assert len(drawn) == len(set(drawn)) == 14 * len(study.SEEDS)
    pilots = {place.name for seed in (0, 1) for place in study.drawn(seed, 7)}
    assert not pilots & set(drawn)


def test_the_reader_asks_the_smallest_model(study, asked, monkeypatch, tmp_path):
    monkeypatch.setattr(study, "reader_scores", lambda: SimpleNamespace(name=str(tmp_path)))
    assert study.reader(study.ASKED, 3)["worth"] == pytest.approx(TRUTH, abs=1e-3)
    assert {model for model, _ in asked} == {study.SMALL[0]}


def test_halves_are_of_users_and_every_chart_is_judged_by_the_other(study, monkeypatch):
    rng = np.random.default_rng(0)
    who, what = np.nonzero(rng.random((80, 60)) < 0.6)
    better = rng.normal(3, 0.7, 60)
    ratings = FilmRatings(who, what, better[what] + rng.normal(0, 0.5, who.size))
    monkeypatch.setattr(film_ratings, "load_film_ratings", lambda: ratings)
    one, other = study.halves(3)
    assert len(set(one.users)) == len(set(other.users)) == 40
    assert not set(one.users) & set(other.users)
    monkeypatch.setitem(study.SETTINGS, "top", 10)
    found = {arm: study.of_market(arm, 3) for arm in study.CHARTS}
    assert len({each["all"] for each in found.values()}) == 1
    assert found["ratings alone"]["stars"] > found["ratings alone"]["all"] + 0.5
    visits = {arm: study.of_visits(arm, 3) for arm in ("ratings alone", "popularity alone")}
    assert {len(each["above own"]) for each in visits.values()} == {len(study.EAGER)}
