"""The line is least squares', its rate is where the line crosses zero, its interval covers."""

import math

import numpy as np
import pytest
from scipy import stats

from ideas_lib.essays.content_farms.exchange import exchange_rate


def places(seed: int, n: int = 60, truth: float = 1.2, fame: float = 0.8, noise: float = 1.5):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 2, n)
    return x, truth + fame * x + rng.normal(0, noise * np.sqrt(1 + np.abs(x)), n)


def test_the_line_is_scipys_and_the_rate_is_where_it_crosses_zero():
    x, y = places(0)
    found = exchange_rate(x, y)
    line = stats.linregress(x, y)
    assert (found.truth, found.fame) == pytest.approx((line.intercept, line.slope))
    assert found.truth - found.fame * math.log(found.times) == pytest.approx(0)
    assert found.low < found.times < found.high


def test_without_scatter_the_interval_is_the_point():
    x = np.linspace(-3, 3, 9)
    found = exchange_rate(x, 1.5 + 0.5 * x)
    assert (found.times, found.low, found.high) == pytest.approx((math.exp(3),) * 3)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rate = math.exp(1.2 / 0.8)
    found = [exchange_rate(*places(seed)) for seed in range(400)]
    covered = np.mean([each.low <= rate <= each.high for each in found])
    assert 0.92 <= covered <= 0.98


def test_fame_that_may_be_nothing_buys_no_fact_for_sure():
    x, y = places(1, fame=0.0)
    found = exchange_rate(x, y)
    assert (found.low, found.high) == (0, math.inf)
    assert exchange_rate([-1, 0, 1, 2], [2, 2, 2, 2]).times > 1e6


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([0, 1, 2], [0, 1, 2], "3 places"),
        ([0, 1, 2, 3], [0, 1, 2], "4 log ratios and 3 log-odds"),
        ([2, 2, 2, 2], [0, 1, 2, 3], "all log ratios are 2"),
        ([0, 1, 2, math.nan], [0, 1, 2, 3], "log_ratios holds nan"),
    ],
)
def test_what_gives_no_line_is_refused(x, y, why):
    with pytest.raises(ValueError, match=why):
        exchange_rate(x, y)
