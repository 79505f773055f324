"""Coverage against worlds in which the truth is known."""

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ideas_lib.lm.noise.bounds import noise_bounds
from ideas_lib.lm.noise.coverage import (
    AS_WRITTEN,
    Held,
    against,
    false_alarms,
    here,
    hold_out_families,
)

FAMILIES = ("format", "typos", "order", "prefix")


class Ends(NamedTuple):
    mean: float
    low: float
    high: float


def world(seed, shifts=(0, 0, 0, 0), contexts=8, of_both=0.3, begin=0):
    """Rows of a world: contexts differ by one nat, families by their shifts."""
    rng = np.random.default_rng(seed)
    rows = []
    for context in range(begin, begin + contexts):
        here = rng.normal()
        rows.append((context, AS_WRITTEN, here))
        for family, shift in zip(FAMILIES, shifts, strict=True):
            rows.append((context, family, here + shift + of_both * rng.normal()))
    return pd.DataFrame(rows, columns=["context", "family", "difference"])


def noise_only(rows, **how):
    return noise_bounds(rows[rows["family"] != AS_WRITTEN], **how)


def share(held):
    return np.mean([each.covered for each in held])


def test_the_score_is_the_width_plus_forty_times_what_is_missed():
    # By hand: the interval [-1, 2] with no error of the truth misses 2.5 by one half.
    inside = Held("typos", 0.5, -1.0, 2.0, truth=1.5, error=0.0, n=9)
    outside = Held("typos", 0.5, -1.0, 2.0, truth=2.5, error=0.0, n=9)
    below = Held("typos", 0.5, -1.0, 2.0, truth=-1.5, error=0.0, n=9)
    assert (inside.covered, inside.score) == (True, pytest.approx(3))
    assert (outside.covered, outside.score) == (False, pytest.approx(3 + 40 * 0.5))
    assert (below.covered, below.score) == (False, pytest.approx(3 + 40 * 0.5))


def test_the_score_is_best_for_the_true_quantiles():
    # Proper: of all intervals around 0, the central 95 % one of a standard normal scores best.
    truths = np.random.default_rng(0).normal(size=4000)
    means = {
        half: np.mean([Held("", 0.0, -half, half, truth, 0.0, 2).score for truth in truths])
        for half in (1.0, 1.5, 1.96, 2.5, 3.0)
    }
    assert min(means, key=means.__getitem__) == 1.96


def test_the_truths_own_error_is_added_in_quadrature():
    held = Held("typos", 0.5, -1.0, 3.0, truth=0.0, error=0.25, n=5)
    own = stats.t.ppf(0.975, 4) * 0.25
    assert held.reach == pytest.approx((0.5 - math.hypot(1.5, own), 0.5 + math.hypot(2.5, own)))


def test_the_truth_is_the_plain_mean_where_every_context_has_the_family():
    others = world(2)
    mine = others[others["family"] == "order"]["difference"]
    held = against(noise_bounds(world(1)), others, "order")
    assert held.truth == pytest.approx(mine.mean())
    assert held.error == pytest.approx(stats.sem(mine))


def test_contexts_as_written_make_the_truth_better_known_and_do_not_move_it():
    truths, errors, fewer = [], [], []
    for seed in range(150):
        rows = world(seed, shifts=(0, 0, 0.7, 0), contexts=40, of_both=0.2)
        some = rows[(rows["context"] < 8) | (rows["family"] == AS_WRITTEN)]
        held = against(Ends(0, 0, 0), some, "order")
        truths.append(held.truth)
        errors.append(held.error)
        fewer.append(against(Ends(0, 0, 0), rows[rows["context"] < 8], "order").error)
    assert np.mean(truths) == pytest.approx(0.7, abs=0.03)
    assert np.std(truths) == pytest.approx(np.mean(errors), rel=0.2)
    assert np.mean(errors) < 0.6 * np.mean(fewer)


def test_one_context_has_an_error_that_nobody_knows():
    held = against(noise_bounds(world(0)), world(1, contexts=1), "typos")
    assert held.reach == (-math.inf, math.inf)


def test_a_truth_that_was_not_measured_is_refused():
    with pytest.raises(ValueError, match="'paraphrase': needs contexts that have it"):
        against(noise_bounds(world(0)), world(1), "paraphrase")
    noise = world(1).query("family != @AS_WRITTEN")
    with pytest.raises(ValueError, match="as written too"):
        against(noise_bounds(world(0)), noise, "typos")


def test_the_very_same_contexts_are_no_source_of_error():
    rows = world(3)
    held = hold_out_families(rows, noise_bounds)
    mine = rows[rows["family"] == "prefix"]["difference"]
    assert held[3] == here(noise_bounds(rows[rows["family"] != "prefix"]), rows, "prefix")
    assert held[3].truth == pytest.approx(mine.mean())
    assert held[3].reach == (held[3].low, held[3].high)


def test_claims_have_the_interval_s_sign():
    signs = {(0.1, 1.0): 1, (-1.0, -0.1): -1, (-0.1, 0.1): 0, (0.0, 1.0): 0}
    for (low, high), sign in signs.items():
        assert Held("", 0.0, low, high, 0.0, 0.0, 2).claim == sign


def test_the_interval_never_sees_the_family_that_is_held_out():
    rows, seen = world(1), []

    def look(part):
        seen.append(set(part["family"]))
        return noise_bounds(part)

    held = hold_out_families(rows, look, world(2, begin=100))
    assert [each.family for each in held] == list(FAMILIES)
    for family, there in zip(FAMILIES, seen, strict=True):
        assert there == {AS_WRITTEN, *FAMILIES} - {family}


def test_a_prediction_for_a_new_family_covers_it_and_pretended_independence_does_not():
    found = {"new family": [], "variants": [], "rows": []}
    for seed in range(40):
        shifts = 0.8 * np.random.default_rng(10_000 + seed).normal(size=len(FAMILIES))
        rows, others = world(seed, shifts), world(20_000 + seed, shifts, begin=100)
        for over, held in found.items():
            held += hold_out_families(rows, partial(noise_only, over=over), others)
    covered = {over: share(held) for over, held in found.items()}
    assert covered["new family"] > 0.9
    assert covered["rows"] < covered["variants"] < covered["new family"] - 0.05


def test_false_alarms_of_a_t_interval_are_those_that_it_promises():
    # Signs of normal numbers by a fair coin are normal numbers with mean 0: 5 in 100.
    rates = [
        false_alarms(world(seed, of_both=0.0).query("family == @AS_WRITTEN"), t_interval)
        for seed in range(40)
    ]
    assert np.mean(rates) == pytest.approx(0.05, abs=0.02)


def t_interval(rows):
    values = rows["difference"].to_numpy()
    reach = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values))
    return Ends(values.mean(), values.mean() - reach, values.mean() + reach)


def test_false_alarms_by_hand():
    # Two units of equal size: both coins alike, and the mean is far from 0; else it is 0.
    rows = pd.DataFrame({"context": [0, 0, 1, 1], "difference": [1.0, 1.1, 1.0, 1.1]})
    rows["family"] = "typos"
    assert false_alarms(rows, t_interval) == 0.5


def test_labels_stick_together_within_a_unit():
    rows = world(3)
    rows["words"] = rows["context"] // 2
    signs = set()

    def look(part):
        ratio = np.sign(part["difference"] / rows["difference"])
        signs.add(tuple(ratio.groupby(rows["words"]).nunique()))
        return noise_bounds(part, over="rows")

    false_alarms(rows, look, "words")
    assert signs == {(1, 1, 1, 1)}


def test_of_many_units_some_ways_are_drawn_and_always_the_same():
    rows = world(0, contexts=13)
    seen = []

    def look(part):
        seen.append(tuple(np.sign(part["difference"] / rows["difference"])))
        return noise_bounds(part, over="rows")

    first, again = false_alarms(rows, look), false_alarms(rows, look)
    assert 0 < first == again < 1
    assert len(seen) == 1_000
    assert seen[:500] == seen[500:]
    assert 450 < len(set(seen)) <= 500
