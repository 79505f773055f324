"""Arms of the study differ in one thing; its sentences are whole; what is asked is what is said."""

import sys

import numpy as np
import pytest

from ideas_lib.essays.superficiality import learners
from ideas_lib.study.study import load_study

QUICK = ("neighbours", "naive Bayes")


@pytest.fixture
def study(monkeypatch):
    load_study("superficiality")
    monkeypatch.setattr(learners, "LEARNERS", QUICK)
    return sys.modules["studies.superficiality"]


@pytest.fixture
def meaning(study):
    return sys.modules["studies.superficiality.meaning"]


def test_both_arms_report_what_decides_and_who_is_best_read(study):
    found = {arm: study.reader(arm, 3) for arm in (study.TRAINED, study.WARRANTED)}
    trained, warranted = found.values()
    each = [trained[f"follows, {name}"][0] for name in QUICK]
    assert trained["follows"] == pytest.approx(np.mean(each))
    best = [name for name in QUICK if warranted[f"best, {name}"]]
    assert best == ["neighbours"]
    assert warranted["follows"] == warranted["follows, best"][0]
    assert warranted["follows, best"] == warranted["follows, neighbours"]
    assert warranted["content, neighbours"] > 0.9
    assert study.reader(study.TRAINED, 3) == trained


def test_a_lesson_of_nothing_is_as_long_as_the_others(study, monkeypatch):
    monkeypatch.setattr(study, "SIZES", (30, 100))
    found = {arm: study.of_lessons(arm, 3) for arm in study.STUDY.experiment("lessons").arms}
    assert {len(each["right"]) for each in found.values()} == {2}
    nothing = found[study.NOTHING]["right, neighbours"]
    assert nothing[0] == nothing[1]


def test_who_may_drop_what_differs_is_not_misled(study, monkeypatch):
    monkeypatch.setattr(study, "SIZES", (100,))
    found = {arm: study.of_told(arm, 3)["right"][0] for arm in (study.PAIRS, study.DROPPED)}
    assert found[study.DROPPED] > max(0.9, found[study.PAIRS])


def test_a_brighter_lamp_is_followed_further(study):
    dim, bright = (
        study.of_loudness(arm, 3)["follows, neighbours"]
        for arm in ("a quarter as loud", "four times as loud")
    )
    assert dim < bright


def test_the_first_of_two_hints_is_mended_and_the_second_is_not(study):
    found = {arm: study.of_second_hint(arm, 3) for arm in study.MENDED}
    before, after = (each["first wrong, second right, naive Bayes"] for each in found.values())
    assert before < after


def test_there_are_forty_pairs_of_two_sentences_and_no_sentence_twice(meaning):
    drawn = [pair for seed in range(100, 104) for pair in meaning.pairs_of(seed)]
    assert drawn == list(meaning.PAIRS)
    assert len(drawn) == 40
    texts = [text for pair in (*drawn, *meaning.PRACTICE) for text in pair]
    assert len(set(texts)) == len(texts)
    assert meaning.pairs_of(0) == meaning.PRACTICE
    with pytest.raises(ValueError, match="seed=104: there are pairs for 100 to 103"):
        meaning.pairs_of(104)


def test_a_tie_is_half_won(meaning):
    assert meaning.won(np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])) == [1.0, 0.0, 0.5]


def test_a_rule_reads_a_plain_pair(study):
    reviews = sys.modules["studies.superficiality.reviews"]
    good, bad = reviews.scored("VADER", ["A good film.", "A bad film."])
    assert good > 0 > bad


def test_at_home_is_better_than_a_guess_and_tests_are_apart(study, monkeypatch):
    reviews = sys.modules["studies.superficiality.reviews"]
    rng = np.random.default_rng(0)
    noise = {source: rng.normal(size=(reviews.SENTENCES, 4)) for source in reviews.SOURCES}
    monkeypatch.setattr(reviews, "vectors", noise.get)
    found = reviews.of_travel("films", 3)
    assert set(found) == {f"{r}, {s}" for r in ("VADER", "words", "MiniLM") for s in study.SOURCES}
    assert found["words, films"] > 0.6
    assert abs(found["MiniLM, films"] - 0.5) < 0.1
