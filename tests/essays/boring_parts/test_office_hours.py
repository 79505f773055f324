"""The queue by hand, by what must hold, and the two ways to help."""

import numpy as np
import pytest

from ideas_lib.essays.boring_parts.office_hours import (
    HOURS_OUTER,
    Hours,
    answered,
    question_times,
    sample_hours,
    week_of,
)


def test_a_week_that_can_be_done_by_hand():
    sessions = np.array([[2.0, 4.0], [10.0, 11.0]])
    times = np.array([1.0, 3.0, 3.5, 9.0, 12.0])
    lengths = np.array([1.5, 0.5, 0.5, 0.6, 0.1])
    got, waits = answered(times, lengths, sessions, patience=30.0)
    # The third begins when the door opens again; the fourth would not be done when it closes.
    assert got.tolist() == [True, True, True, False, False]
    assert waits == pytest.approx([1.0, 0.5, 6.5, 1.5, 28.0])
    got, waits = answered(times, lengths, sessions, patience=5.0)
    assert got.tolist() == [True, True, False, True, False]
    assert waits == pytest.approx([1.0, 0.5, 5.0, 1.0, 5.0])


def test_hours_are_as_many_wherever_they_lie():
    for late in (False, True):
        for hours in (4.0, 10.0, 40.0):
            sessions = week_of(hours, late)
            assert (sessions[:, 1] - sessions[:, 0]).sum() == pytest.approx(hours)
            assert sessions.min() >= 0
            assert sessions.max() <= 40
    with pytest.raises(ValueError, match="hours=41"):
        week_of(41, True)


def test_questions_come_as_they_are_told():
    rng = np.random.default_rng(1)
    rushed = question_times(Hours(questions=4000, rush=1.0, rush_hours=4.0), rng)
    assert 40 - rushed.mean() == pytest.approx(4.0, rel=0.1)
    day = np.zeros((5, 8), int)
    day[2, 3] = 9
    shaped = question_times(Hours(questions=500, rush=0.0, no_shows=0.2), rng, day)
    assert 300 < shaped.size < 500
    assert (shaped >= 19).all()
    assert (shaped <= 20).all()


def unanswered(week, late=False, more=1.0):
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        times = question_times(week, rng)
        lengths = rng.exponential(week.minutes / 60, times.size)
        got, _ = answered(times, lengths, week_of(week.hours * more, late), week.patience)
        found.append(1 - got.mean())
    return float(np.mean(found))


def test_a_rush_wants_hours_moved_and_no_rush_wants_more_of_them():
    rush, even = Hours(rush=0.9), Hours(rush=0.0)
    assert unanswered(rush, late=True) < unanswered(rush, more=1.4) < unanswered(rush)
    assert unanswered(even, more=1.4) < unanswered(even) < unanswered(even, late=True)


def test_weeks_lie_in_their_box():
    for seed in range(20):
        week = sample_hours(np.random.default_rng(seed))
        for name, (low, high, _) in HOURS_OUTER.items():
            assert low <= getattr(week, name) <= high
    assert sample_hours(np.random.default_rng(1), rush=0.25).rush == 0.25
