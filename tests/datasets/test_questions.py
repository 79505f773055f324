"""The banks of questions, and what the study of the chapter on log-probabilities makes of them."""

import sys
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from ideas_lib.datasets import capitals, draws, pronouns, verb_agreement
from ideas_lib.study.study import load_study


@pytest.fixture(scope="module")
def study():
    load_study("logprobs")
    return sys.modules["studies.logprobs"]


def test_what_one_seed_gets_no_other_does():
    bank = list(range(99))
    seeds = [*range(100, 112), 0, 1]
    drawn = {seed: draws.sample_fresh(bank, seed, 7) for seed in seeds}
    for one, other in combinations(seeds, 2):
        assert not set(drawn[one]) & set(drawn[other]), (one, other)
    assert drawn == {seed: draws.sample_fresh(bank, seed, 7) for seed in seeds}
    assert all(len(set(items)) == 7 for items in drawn.values())


@pytest.mark.parametrize("seed", [112, 2, -1])
def test_a_bank_that_is_used_up_says_so(seed):
    with pytest.raises(ValueError, match=f"seed {seed}: a bank of 99"):
        draws.sample_fresh(list(range(99)), seed, 7)


def test_places_are_asked_about_once_and_no_city_repeats_its_place():
    halves = [capitals.places(smaller) for smaller in (True, False)]
    names = [place.name for half in halves for place in half]
    assert len(names) == len(set(names))
    assert min(map(len, halves)) >= 98
    for half, smaller in zip(halves, (True, False), strict=True):
        for place in half:
            assert place.smaller is smaller
            assert place.capital != place.other
            words = set(place.name.lower().split()) - {"the", "of"}
            assert not words & set(f"{place.capital} {place.other}".lower().split()), place
            assert all(phrase == f" {phrase.strip()}" for phrase in place.phrases())


def test_wordings_end_where_a_name_may_begin():
    contexts = capitals.places(True)[0].contexts()
    assert contexts[0] == "The capital of Australia is"
    assert len(set(contexts)) == len(capitals.WORDINGS)
    assert all("Australia" in context and context == context.rstrip() for context in contexts)


def test_subjects_against_sentences_written_by_hand():
    subject = verb_agreement.Subject("key", "to", ("cabinet", "wall", "tent"))
    said = {
        (False, 0, False): "The key",
        (True, 0, False): "The keys",
        (True, 1, True): "The keys to the cabinet",
        (True, 1, False): "The keys to the cabinets",
        (False, 1, True): "The key to the cabinets",
        (False, 2, True): "The key to the cabinets near the walls",
        (True, 2, False): "The keys to the cabinets near the walls",
        (True, 3, True): "The keys to the cabinet near the wall behind the tent",
    }
    assert {asked: subject.context(*asked) for asked in said} == said


def test_all_nouns_take_a_plain_s():
    lines = [line.split() for line in verb_agreement.HEADS.strip().splitlines()]
    assert len({line[0] for line in lines}) == len(lines)
    for head, _, *nouns in lines:
        assert len(nouns) == 3
        for noun in (head, *nouns):
            assert not noun.endswith(("s", "x", "z", "ch", "sh", "lf", "fe", "man")), noun
            assert not (noun.endswith("y") and noun[-2] not in "aeiou"), noun
            assert head not in nouns


def test_no_occupation_says_a_gender():
    named = [*pronouns.WOMEN, *pronouns.MEN]
    assert len(named) == len(set(named))
    for words in map(str.split, named):
        assert not [w for w in words if w.endswith(("man", "woman", "ess", "maid", "lady"))], words
    assert len(pronouns.FEMALE) == len(pronouns.MALE)
    assert len(set(pronouns.contexts("nurse"))) == len(pronouns.TEMPLATES)


def test_what_wordings_have_in_common(study):
    d = np.array([[[1.0, 2.0, 3.0], [1.0, 1.0, -9.0], [-1.0, -1.1, -0.9]]])
    found = study.over_wordings(d)
    assert found["not all wordings agree"] == pytest.approx(1 / 3)
    # Of the second question, each wording is against the mean of the other two.
    assert found["a wording against the others"] == pytest.approx(1 / 3)
    assert found["by wording"] == pytest.approx([2 / 3, 2 / 3, 1 / 3])
    assert found["mean of the wordings"] == pytest.approx(1 / 3)
    intervals = [stats.ttest_1samp(row, 0).confidence_interval() for row in d[0]]
    clear = [low > 0 or high < 0 for low, high in intervals]
    assert clear == [False, False, True]
    assert (found["clear"], found["clear and wrong"]) == pytest.approx((1 / 3, 1 / 3))


def test_auc_does_not_see_a_constant_preference(study):
    d = np.random.default_rng(0).normal(size=(2, 8, 3))
    largest = np.arange(8) < 4
    d[:, largest] += 1
    assert study.auc(d, largest) == pytest.approx(study.auc(d + 5, largest))
    assert study.auc(d, largest) > 0.6
    assert study.auc(np.zeros_like(d), largest) == 0.5
    pairs = [d[m, i, w] > d[m, j, w] for m in range(2) for i in range(4) for j in range(4, 8)
             for w in range(3)]  # fmt: skip
    assert study.auc(d, largest) == pytest.approx(np.mean(pairs))


def test_an_unknown_difference_is_half_right(study):
    assert study.right(np.array([0.1, -0.1, 0.0, np.nan])).tolist() == [1, 0, 0.5, 0.5]


def test_the_studys_scores_are_those_of_compare(study, tmp_path):
    from ideas_lib.lm.scoring.logprobs import compare

    place, store = capitals.places(True)[0], tmp_path / "scores.sqlite"
    found = study.of_place(place, "smollm2-135m-instruct", store)
    for arm, domain in {study.NOTHING: None, study.DOMAIN: capitals.DOMAIN}.items():
        frame = compare(
            place.contexts(), place.phrases(), endpoint="smollm2-135m-instruct", domain=domain,
            store=store,
        ).frame  # fmt: skip
        one, other = (frame[frame.phrase == phrase] for phrase in place.phrases())
        for name, column in {arm: "pmi", study.SUM: "logprob", study.TOKEN: "per_token"}.items():
            there = one[column].to_numpy() - other[column].to_numpy()
            assert found[name] == pytest.approx(there), name
        assert (
            np.sign(found[arm]).tolist()
            == np.sign(one["calibrated"].to_numpy() - other["calibrated"].to_numpy()).tolist()
        ), "within a context, the calibrated share and PMI name the same winner"
