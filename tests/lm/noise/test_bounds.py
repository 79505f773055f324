"""Bounds and stability: against scipy and textbooks, then what must always hold."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ideas_lib.intervals import wilson
from ideas_lib.lm.noise.bounds import CellMeans, noise_bounds
from ideas_lib.lm.noise.robust import robust
from ideas_lib.lm.noise.stability import sign_stability
from ideas_lib.lm.noise.variance import variance_of_difference


def drawn(seed, n=8, families=4, copies=3, context=1.0, family=0.5, both=0.3, rest=0.5):
    """Differences with known effects, around a mean of 1."""
    draw = np.random.default_rng(seed)
    of_context, of_family = draw.normal(0, context, n), draw.normal(0, family, families)
    of_both = draw.normal(0, both, (n, families))
    places = itertools.product(range(n), range(families), range(copies))
    return pd.DataFrame(
        [
            (f"c{i}", f"f{j}", 1 + of_context[i] + of_family[j] + of_both[i, j] + each)
            for (i, j, _), each in zip(places, draw.normal(0, rest, 10**5), strict=False)
        ],
        columns=["context", "family", "difference"],
    )


def test_one_variant_a_context_is_the_bootstrap_and_the_t_interval_of_scipy(monkeypatch):
    monkeypatch.setattr("ideas_lib.lm.noise.bounds.DRAWS", 60_000)
    means = np.random.default_rng(0).lognormal(size=25)
    rows = pd.DataFrame({"context": range(25), "family": "one", "difference": means})
    found = noise_bounds(rows)
    t = stats.ttest_1samp(means, 0).confidence_interval()
    studentised = stats.bootstrap(
        (means,),
        lambda x, axis: (x.mean(axis) - means.mean()) / x.std(axis, ddof=1),
        n_resamples=60_000,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    low = means.mean() - studentised.high * means.std(ddof=1)
    high = means.mean() - studentised.low * means.std(ddof=1)
    assert low > t.low
    assert high > t.high + 0.1
    assert found.low == pytest.approx(t.low)
    assert found.high == pytest.approx(high, rel=0.02)
    naive = noise_bounds(rows, over="rows")
    assert (naive.low, naive.high) == pytest.approx((t.low, t.high))
    assert found.mean == naive.mean == pytest.approx(means.mean())


def test_a_family_on_the_same_contexts_is_students_prediction_interval():
    rows = drawn(1)
    means = rows.groupby("family")["difference"].mean().to_numpy()
    for over, share in (("new family", 1 + 1 / 4), ("families", 1 / 4)):
        reach = stats.t.ppf(0.95, 3) * means.std(ddof=1) * math.sqrt(share)
        found = noise_bounds(rows, over=over, contexts="these", level=0.9)
        assert (found.low, found.high) == pytest.approx(
            (means.mean() - reach, means.mean() + reach)
        )


def test_other_contexts_add_up_the_components_of_the_textbook():
    rows = drawn(2)
    cells = rows.groupby(["context", "family"])["difference"].mean().unstack().to_numpy()
    n, k = cells.shape
    grand = cells.mean()
    ms_context = k * sum((cells[i].mean() - grand) ** 2 for i in range(n)) / (n - 1)
    ms_family = n * sum((cells[:, j].mean() - grand) ** 2 for j in range(k)) / (k - 1)
    rest = [
        cells[i, j] - cells[i].mean() - cells[:, j].mean() + grand
        for i, j in itertools.product(range(n), range(k))
    ]
    ms_rest = sum(each**2 for each in rest) / ((n - 1) * (k - 1))
    assert CellMeans.of(rows, "difference").squares() == pytest.approx(
        (ms_context, ms_family, ms_rest)
    )
    between = (ms_family - ms_rest) / n
    assert between > 0
    parts = np.array([ms_context / (n * k), 1.25 * ms_family / n, -1.25 * ms_rest / n])
    freedom = parts.sum() ** 2 / (parts**2 / [n - 1, k - 1, (n - 1) * (k - 1)]).sum()
    reach = stats.t.ppf(0.975, freedom) * math.sqrt(ms_context / (n * k) + 1.25 * between)
    found = noise_bounds(rows, over="new family")
    assert (found.low, found.high) == pytest.approx((grand - reach, grand + reach))


def test_a_missing_cell_gets_what_least_squares_would_give_it():
    rows = drawn(3, copies=1).drop(index=[1, 6, 11])
    design = pd.get_dummies(rows[["context", "family"]]).to_numpy(float)
    fit = np.linalg.lstsq(design, rows["difference"].to_numpy(), rcond=None)[0]
    found = CellMeans.of(rows, "difference").cells
    assert found[0, pd.factorize(rows["family"])[1].get_loc("f1")] == pytest.approx(fit[0] + fit[9])
    apart = rows[(rows["context"] < "c4") == (rows["family"] < "f2")]
    with pytest.raises(ValueError, match="no context in common"):
        noise_bounds(apart)


@given(st.integers(0, 999), st.sampled_from(["variants", "families", "new family", "rows"]))
@settings(max_examples=25)
def test_bounds_move_and_stretch_with_the_differences(seed, over):
    rows = drawn(seed, n=5, families=3, copies=2)
    found = noise_bounds(rows, over=over)
    assert found.low < found.mean < found.high
    moved = noise_bounds(rows.assign(difference=3 - 2 * rows["difference"]), over=over)
    assert moved.mean == pytest.approx(3 - 2 * found.mean)
    if over != "variants":  # whose resamples see the other tail
        assert (moved.low, moved.high) == pytest.approx((3 - 2 * found.high, 3 - 2 * found.low))
    assert noise_bounds(rows.sample(frac=1, random_state=seed), over=over).mean == pytest.approx(
        found.mean
    )


def test_the_floor_widens_every_bound_and_a_censored_score_opens_one_side():
    rows = drawn(4)
    rows = rows.assign(low=rows["difference"] - 0.2, high=rows["difference"] + 0.2)
    exact = rows.drop(columns=["low", "high"])
    for over in ("variants", "families", "new family", "rows"):
        narrow, wide = noise_bounds(exact, over=over), noise_bounds(rows, over=over)
        assert wide.low == pytest.approx(narrow.low - 0.2)
        assert wide.high == pytest.approx(narrow.high + 0.2)
        hidden = rows.copy()
        hidden.loc[3, ["difference", "low"]] = [math.nan, -math.inf]
        found = noise_bounds(hidden, over=over)
        assert math.isnan(found.mean)
        assert (found.low, found.high) == (-math.inf, pytest.approx(wide.high))
    assert variance_of_difference(hidden)["variance"].isna().all()
    with pytest.raises(ValueError, match="NaN"):
        noise_bounds(hidden.drop(columns=["low", "high"]))


def test_one_context_or_one_family_bounds_nothing():
    one = drawn(0, n=1)
    assert noise_bounds(one).high == math.inf
    assert noise_bounds(one, over="new family").low == -math.inf
    assert math.isfinite(noise_bounds(one, over="new family", contexts="these").low)
    assert noise_bounds(drawn(0, families=1), over="families").low == -math.inf


@pytest.mark.parametrize("n", [3, 10])
def test_no_bound_explodes_where_there_is_only_noise(n):
    for seed in range(60):
        rows = drawn(seed, n=n, families=5, copies=1, context=0.0, family=0.0, both=0.0)
        means = rows.groupby("context")["difference"].mean()
        plain = 2 * stats.t.ppf(0.975, n - 1) * means.sem()
        for over in ("variants", "families", "new family"):
            found = noise_bounds(rows, over=over)
            assert found.high - found.low < 20 * max(plain, 0.1)


def test_what_makes_no_sense_is_said():
    rows = drawn(0)
    with pytest.raises(ValueError, match="'contexts'"):
        noise_bounds(rows, over="contexts")
    with pytest.raises(ValueError, match="'those'"):
        noise_bounds(rows, over="families", contexts="those")
    with pytest.raises(ValueError, match="needs families"):
        noise_bounds(rows, contexts="these")
    with pytest.raises(ValueError, match=r"level=1\.0"):
        noise_bounds(rows, level=1.0)
    with pytest.raises(ValueError, match="family"):
        noise_bounds(rows.drop(columns="family"))
    with pytest.raises(ValueError, match="no more than"):
        noise_bounds(rows.assign(low=1.0, high=0.0))


def test_the_same_seed_gives_the_same_bounds():
    rows = drawn(6)
    assert noise_bounds(rows, seed=1) == noise_bounds(rows, seed=1) != noise_bounds(rows, seed=2)


def test_coverage():
    """300 questions: who covers the mean over contexts, and who covers a family held out?"""
    names = ("rows", "variants", "new family")
    covers = dict.fromkeys((*names, "held out rows", "held out variants"), 0)
    runs = 300
    for seed in range(runs):
        rows = drawn(seed, n=10, families=4, copies=2, family=0.0, both=0.0)
        held = drawn(1000 + seed, n=10, families=5, copies=2, family=1.0)
        truth = held.loc[held["family"] == "f4", "difference"].mean()
        others = held[held["family"] != "f4"]
        for over in ("rows", "variants"):
            found = noise_bounds(rows, over=over, seed=seed)
            covers[over] += found.low <= 1 <= found.high
            found = noise_bounds(others, over=over, seed=seed)
            covers[f"held out {over}"] += found.low <= truth <= found.high
        found = noise_bounds(others, over="new family", contexts="these")
        covers["new family"] += found.low <= truth <= found.high
    shares = {name: count / runs for name, count in covers.items()}
    # Three standard errors of a share of 300 that is 0.95 are 0.038.
    assert 0.912 <= shares["variants"] <= 0.988
    assert 0.912 <= shares["new family"] <= 0.988
    assert shares["rows"] < 0.75
    assert shares["held out variants"] < 0.8
    assert shares["held out rows"] < shares["held out variants"]


def test_signs_of_one_context_count_once():
    same = drawn(0, n=6, context=3.0, family=0.0, both=0.0, rest=1e-6)
    mixed = same.assign(context=[f"c{i}" for i in range(len(same))])
    few, many = sign_stability(same).variants, sign_stability(mixed).variants
    assert few.share == many.share
    assert few.high - few.low > 2 * (many.high - many.low)
    sure = sign_stability(same.assign(difference=1.0))
    assert (sure.sign, sure.variants.share) == (1, 1.0)
    assert sure.variants.low == pytest.approx(wilson(6, 6)[1])


def test_a_sign_that_is_not_known_agrees_with_nothing():
    rows = drawn(0).assign(difference=1.0, low=0.5, high=1.5)
    rows.loc[:47, "low"] = -0.1
    found = sign_stability(rows)
    assert (found.sign, found.variants.share, found.contexts.share) == (1, 0.5, 0.5)
    assert found.contexts.high == pytest.approx(1.0)
    rows.loc[0, ["difference", "low"]] = [math.nan, -math.inf]
    assert sign_stability(rows).sign == 1
    nothing = sign_stability(rows.assign(difference=0.0, low=-1.0, high=1.0))
    assert (nothing.sign, nothing.variants.share, nothing.variants.high) == (0, 0.0, 1.0)


def test_robust_says_what_little_one_variant_says():
    found = robust(drawn(0, n=1, families=1, copies=1))
    assert (found.variants.low, found.new_family.high) == (-math.inf, math.inf)
    assert found.variance["variance"].isna().all()


def test_robust_has_all_of_it():
    rows = drawn(0)
    found = robust(rows, level=0.9, seed=3)
    assert found.variants == noise_bounds(rows, level=0.9, seed=3)
    assert found.families == noise_bounds(rows, over="families", level=0.9)
    assert found.new_family == noise_bounds(rows, over="new family", level=0.9)
    assert found.new_family.low < found.families.low
    assert found.stability == sign_stability(rows, level=0.9)
    pd.testing.assert_frame_equal(found.variance, variance_of_difference(rows))
