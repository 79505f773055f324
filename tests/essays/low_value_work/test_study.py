"""What the study takes away is gone and nothing else is, and its days can lose."""

import sys

import numpy as np
import pytest

from ideas_lib.study.study import load_study


@pytest.fixture
def study(monkeypatch):
    load_study("low-value-work")
    return sys.modules["studies.low_value_work"]


def test_an_arm_takes_one_thing_away(study):
    days = study.days_of(3, 50)
    for arm, name in study.TAKEN.items():
        left = study.without(days, arm)
        gone = [each for each in days if not np.array_equal(left[each], days[each])]
        assert gone == [name] * bool(name)
        assert not name or not left[name].any()


def test_a_day_is_worse_if_it_loses_as_many_minutes(study):
    before = {"value": np.array([8.0, 8.0, 8.0, 8.0])}
    after = {"value": np.array([9.0, 8.0, 7.9, 7.8])}
    assert study.made_worse(before, after) == 0.25


def test_arms_are_measured_on_the_same_days_and_nobody_feels_worse(study):
    found = {arm: study.boxes(arm, 3, 200) for arm in study.TAKEN}
    assert found == {arm: study.boxes(arm, 3, 200) for arm in study.TAKEN}
    assert all(each["feels worse"] == 0 for each in found.values())
    assert found["no tick"]["made worse"] <= found["as it is"]["made worse"]


def test_other_assumptions_change_other_ranges(study):
    for arm, (other, _) in study.ASSUMPTIONS.items():
        box = study.box_of(3, other)
        for name, (low, high, _) in other.items():
            assert low * 0.999 <= box[name][0] < box[name][1] <= high * 1.001, arm
