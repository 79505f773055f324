"""Intervals: what others printed, what must always hold, how often they hold, and bad input.

Newcombe's published intervals and the coverage of the paired ones are in test_verdict.py.
"""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ideas_lib.intervals import (
    clopper_pearson,
    clopper_pearson_upper,
    mean_t,
    newcombe,
    paired_t,
    t_ends,
    wilson,
)

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12)
COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
# Newcombe, Statistics in Medicine 17:857 (1998), table I: methods 3 (Wilson) and 5 (exact).
PUBLISHED = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]


@pytest.mark.parametrize(("count", "n", "score", "exact"), PUBLISHED)
def test_shares_as_newcombe_printed_them(count, n, score, exact):
    for found, expected in ((wilson(count, n), score), (clopper_pearson(count, n), exact)):
        assert found[0] == count / n
        assert tuple(round(end, 4) for end in found[1:]) == expected


@given(COUNTS, st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_shares_are_scipys_to_the_last_bit(share, confidence):
    for ours, method in ((wilson, "wilson"), (clopper_pearson, "exact")):
        theirs = stats.binomtest(*share).proportion_ci(confidence, method=method)
        assert ours(*share, confidence)[1:] == (theirs.low, theirs.high)
    one_sided = stats.binomtest(*share, alternative="less").proportion_ci(confidence)
    assert clopper_pearson_upper(*share, confidence) == pytest.approx(one_sided.high)


def test_mean_t_is_students_sleep_data():
    # As R's `t.test` prints it for the first drug alone.
    first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    assert mean_t(first) == pytest.approx((0.75, -0.5297804, 2.0297804), abs=1e-7)


def test_units_count_once_however_often_they_are_measured():
    values, units = [1.0, 3.0, 10.0, 4.0, 4.0, 4.0], ["a", "a", "b", "c", "c", "c"]
    assert mean_t(values, units) == mean_t([2.0, 10.0, 4.0])
    assert mean_t(values, units)[0] != pytest.approx(np.mean(values))
    assert mean_t([1.0, 2.0, 3.0], [1, 2, 3]) == mean_t([1.0, 2.0, 3.0])


def test_an_interval_over_units_holds_where_one_over_values_does_not():
    # 10 units, each measured 5 times, that differ more from each other than from themselves.
    rng = np.random.default_rng(0)
    by_unit = rng.normal(size=(1000, 10, 1)) + 0.3 * rng.normal(size=(1000, 10, 5))
    units = np.repeat(np.arange(10), 5).tolist()

    def covered(*how) -> float:
        ends = [mean_t(values.ravel(), *how)[1:] for values in by_unit]
        return float(np.mean([low <= 0 <= high for low, high in ends]))

    assert abs(covered(units) - 0.95) < 4 * math.sqrt(0.05 * 0.95 / 1000)
    assert covered() < 0.7


def test_the_exact_limit_is_the_rule_of_three():
    assert clopper_pearson_upper(0, 29, 0.95) < 0.1 < clopper_pearson_upper(0, 28, 0.95)
    assert clopper_pearson_upper(0, 0) == clopper_pearson_upper(3, 3) == 1.0


def test_of_no_trials_nothing_is_known():
    share, *ends = clopper_pearson(0, 0)
    assert math.isnan(share)
    assert ends == [0.0, 1.0]


@pytest.mark.parametrize("p", [0.02, 0.1, 0.3, 0.5])
def test_exact_intervals_hold_as_often_as_they_say(p):
    n = 40
    weights = stats.binom.pmf(range(n + 1), n, p)
    inside = [clopper_pearson(k, n)[1] <= p <= clopper_pearson(k, n)[2] for k in range(n + 1)]
    below = [p <= clopper_pearson_upper(k, n, 0.9) for k in range(n + 1)]
    near = [wilson(k, n)[1] <= p <= wilson(k, n)[2] for k in range(n + 1)]
    assert weights[inside].sum() >= 0.95
    assert weights[below].sum() >= 0.9
    assert 0.92 < weights[near].sum() < 0.98


def test_a_share_of_trials_that_are_worth_less_is_less_sure():
    share, low, high = wilson(4.5, 9)
    assert share == 0.5
    few, many = wilson(3.15, 6.3), wilson(6.3, 12.6)
    assert few[1] < low < many[1] < 0.5 < many[2] < high < few[2]


@given(COUNTS)
def test_shares_turn_with_what_counts_as_success(share):
    count, n = share
    for interval in (wilson, clopper_pearson):
        value, low, high = interval(count, n)
        back = interval(n - count, n)
        assert 0 <= low <= value <= high <= 1
        assert (1 - back[2], 1 - back[1]) == pytest.approx((low, high), abs=1e-9)


@given(NUMBERS, st.floats(-10, 10))
def test_the_mean_of_differences_is_what_pairs_give(values, shift):
    values = np.array(values)
    others = np.linspace(0, shift, values.size)
    found = paired_t(values, others)
    assert found == pytest.approx(mean_t(values - others), rel=1e-9, abs=1e-9)
    assert found[1] <= found[0] <= found[2]


@given(NUMBERS)
def test_more_confidence_is_a_wider_interval(values):
    narrow, wide = mean_t(values, confidence=0.9), mean_t(values, confidence=0.99)
    assert wide[1] <= narrow[1] <= narrow[2] <= wide[2]


def test_ends_of_many_samples_at_once_are_those_of_each():
    values = np.random.default_rng(1).normal(size=(5, 7))
    for overlap in (0.0, 0.25):
        low, high = t_ends(values, 0.9, overlap)
        each = [paired_t(row, np.zeros(7), 0.9, overlap)[1:] for row in values]
        assert list(zip(low, high, strict=True)) == each


def test_no_spread_is_one_point():
    assert paired_t([0.3, 1.3], [0.2, 1.2]) == mean_t([0.1, 0.1]) == (0.1, 0.1, 0.1)
    assert mean_t([0.0, 0.0, 0.0]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired_t([1.0, math.nan], [0, 0]), "first holds nan"),
        (lambda: paired_t([1.0, 2.0], [1e101, 0]), "second holds 1e"),
        (lambda: paired_t([1.0, 2.0], [0.0, 1.0, 2.0]), "first has 2 values and second 3"),
        (lambda: paired_t([1.0], [0.0]), "n=1 first give no interval"),
        (lambda: paired_t([1.0, 2.0], [0.0, 0.0], overlap=-0.1), "overlap=-0.1 must be"),
        (lambda: paired_t([1.0, 2.0], [0.0, 0.0], 95), "confidence=95 must lie"),
        (lambda: mean_t([1.0]), "n=1 values give no interval"),
        (lambda: mean_t([[1.0, 2.0]]), r"values has shape \(1, 2\)"),
        (lambda: mean_t([1.0, 2.0], ["a"]), "2 values and 1 units"),
        (lambda: mean_t([1.0, 2.0], ["a", "a"]), "n=1 units give no interval"),
        (lambda: newcombe(0, 0, 0, 0), r"\(0, 0, 0, 0\) must be counts"),
        (lambda: newcombe(3, -1, 0, 0), r"\(3, -1, 0, 0\) must be counts"),
        (lambda: wilson(0, 0), "0 of 0 is no share"),
        (lambda: wilson(3, 2), "3 of 2 is no share"),
        (lambda: wilson(math.nan, 2), "nan of 2 is no share"),
        (lambda: clopper_pearson(-1, 2), "-1 of 2 is no share"),
        (lambda: clopper_pearson_upper(0, 2, 1.0), "confidence=1.0 must lie"),
    ],
)
def test_errors_name_the_value(call, words):
    with pytest.raises(ValueError, match=words):
        call()
