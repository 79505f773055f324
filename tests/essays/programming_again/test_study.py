"""Arms of the study differ in how the rule is taught alone, and boards are in order."""

import sys

import numpy as np
import pytest

from ideas_lib.essays.programming_again import NotLearned, taught_slice, teaching
from ideas_lib.study.study import load_study


@pytest.fixture
def study(monkeypatch, creatures):
    """The study, with one small model in place of each it would train."""
    load_study("programming-again")
    module = sys.modules["studies.programming_again"]
    world, model, _ = creatures
    monkeypatch.setattr(module, "speaker", lambda seed, dose: (world, model))
    return module


def test_all_arms_are_as_good_at_what_was_taught(study):
    found = {arm: study.taught(arm, 3, rate=3e-3) if arm in study.LEARNED else study.taught(arm, 3)
             for arm in study.METHODS}  # fmt: skip
    for arm in ("list", "features", *study.LEARNED):
        assert found[arm]["in slice"] == pytest.approx(0.98, abs=0.02), arm
    assert found["list"]["G"] == pytest.approx(0, abs=0.02)
    assert found["list"]["decided G"] == 0
    assert found["features"]["decided G"] > 0.7
    assert [arm for arm in found if found[arm]["updates"]] == list(study.LEARNED)
    assert study.reader("features", 3) == found["features"]


def test_a_lesson_that_fails_is_given_again_more_slowly(study, monkeypatch, creatures):
    rates = []

    def teach(model, arm, lesson, seed, rate, **how):
        rates.append(rate)
        if len(rates) == 1:
            raise NotLearned("not yet")
        return model, 1

    monkeypatch.setattr(teaching, "teach_rule", teach)
    study.learned(creatures[1], "reward", taught_slice(4), 3, 0.3)
    assert rates == pytest.approx([0.3, 0.1])


def test_what_is_tried_at_each_value_is_a_list(study):
    found = study.at_each("k", study.SIZES, "list", 3)
    assert "board" not in found
    assert {len(each) for each in found.values()} == {len(study.SIZES)}


def test_boards_lie_by_slice_counterexamples_and_dose(study):
    found = study.at_each_dose("list", 3)
    boards = np.array(found["boards"]).reshape(2, 2, len(study.DOSES), 64)
    for confounded in (0, 1):
        dark = set(np.flatnonzero(boards[confounded, 1, 0] > 50))
        assert dark == set(taught_slice(study.SETTINGS["k"], bool(confounded)).halt)
    assert len(found["G, confounded, no counterexamples"]) == len(study.DOSES)


def test_worlds_of_one_seed_differ_by_dose_alone(monkeypatch):
    load_study("programming-again")
    module = sys.modules["studies.programming_again"]
    from ideas_lib.essays.programming_again import HUES, sample_world

    one, other = (
        sample_world(np.random.default_rng([3, 0]), dose, module.SETTINGS["colour"]).chances
        for dose in (0.0, 1.0)
    )
    assert np.array_equal(one[:, HUES], other[:, HUES])
    assert not np.array_equal(one, other)
