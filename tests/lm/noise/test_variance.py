"""Components of variance: against textbooks, and unbiased where the design has holes."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from ideas_lib.lm.noise.bounds import CellMeans
from ideas_lib.lm.noise.variance import decompose, variance, variance_of_difference

# Yield of dyestuff, six batches of five (Davies 1947): the textbook example of one random effect.
DYESTUFF = (
    *((1545, 1440, 1440, 1520, 1580), (1540, 1555, 1490, 1560, 1495)),
    *((1595, 1550, 1605, 1510, 1560), (1445, 1440, 1595, 1465, 1545)),
    *((1595, 1630, 1515, 1635, 1625), (1520, 1455, 1450, 1480, 1445)),
)


def drawn(seed, n, families, copies=3):
    """Differences whose components of variance are 1, 0.25, 0.09 and 0.25."""
    draw = np.random.default_rng(seed)
    of_context, of_family = draw.normal(0, 1, n), draw.normal(0, 0.5, families)
    of_both = draw.normal(0, 0.3, (n, families))
    return pd.DataFrame(
        [
            (f"c{i}", f"f{j}", of_context[i] + of_family[j] + of_both[i, j] + draw.normal(0, 0.5))
            for i, j, _ in itertools.product(range(n), range(families), range(copies))
        ],
        columns=["context", "family", "difference"],
    )


def test_dyestuff_has_the_variances_of_the_textbook():
    batch = np.repeat(np.arange(6), 5)
    found = decompose(np.ravel(DYESTUFF), {"batch": batch})
    # The ANOVA estimates, which REML shares: 1764.05 and 2451.25.
    assert found["variance"].to_list() == pytest.approx([1764.05, 2451.25])
    assert found["share"].sum() == pytest.approx(1)
    assert found["levels"].to_list() == [6, 30]
    # Two groups whose means agree though their members differ: between them is less than nothing.
    found = decompose([1.0, 3.0, 1.0, 3.0], {"group": [0, 0, 1, 1]})
    # Mean squares 0 and 2, so that the group's is (0 - 2) / 2.
    assert found.loc["group", "estimate"] == pytest.approx(-1)
    assert (found.loc["group", "variance"], found.loc["group", "truncated"]) == (0, True)
    assert found.loc["residual", "variance"] == pytest.approx(2)


def test_crossed_effects_are_those_of_the_two_way_table():
    rows = drawn(7, 8, 4)
    n, k, copies = 8, 4, 3
    cells = rows.groupby(["context", "family"])["difference"].mean().unstack().to_numpy()
    context, family, both = (copies * each for each in CellMeans.of(rows, "difference").squares())
    within = (
        rows["difference"]
        - cells[pd.factorize(rows["context"])[0], pd.factorize(rows["family"])[0]]
    )
    rest = (within**2).sum() / (n * k * (copies - 1))
    expected = [
        (context - both) / (k * copies),
        (family - both) / (n * copies),
        (both - rest) / copies,
        rest,
    ]
    assert variance_of_difference(rows)["estimate"].to_list() == pytest.approx(expected)


def test_unbalanced_estimates_are_unbiased():
    truth = np.array([1.0, 0.25, 0.09, 0.25])
    estimates = []
    for seed in range(200):
        rows = drawn(seed, 6, 5)
        gone = np.random.default_rng(0).random(len(rows)) < 0.4  # the same in each draw
        estimates.append(variance_of_difference(rows[~gone])["estimate"].to_numpy())
    error = np.std(estimates, axis=0, ddof=1) / math.sqrt(len(estimates))
    assert (np.abs(np.mean(estimates, axis=0) - truth) < 3.5 * error).all()


def test_phrases_that_differ_by_context_show_in_that_term():
    draw = np.random.default_rng(0)
    places = [("c", i, j, v) for i in range(12) for j in range(4) for v in range(6)]
    likes = draw.normal(0, 2, (12, 1)) * [1, -1]
    noisy = pd.DataFrame(
        [
            (f"c{i}", f"v{v}", f"f{j}", "ab"[p], likes[i, p] + draw.normal(0, 0.1))
            for _, i, j, v in places
            for p in range(2)
        ],
        columns=["context", "variant", "family", "phrase", "logprob"],
    )
    found = variance(noisy)
    assert found.index[-1] == "residual"
    assert len(found) == 9
    assert found.loc["context × phrase", "share"] > 0.95
    assert found.loc["context", "truncated"]
    assert found.loc["residual", "variance"] == pytest.approx(0.01, rel=0.3)
    assert found.loc["family", "variance"] < 0.01
    noisy.loc[0, "logprob"] = math.nan
    assert variance(noisy)["share"].isna().all()


def test_what_cannot_be_told_apart_is_said():
    rows = drawn(0, 6, 4, copies=1)
    found = variance_of_difference(rows)
    assert math.isnan(found.loc["context × family", "variance"])  # one variant each
    assert found.loc["variant", "variance"] > 0
    assert math.isnan(decompose([1.0, 2.0], {"one": "aa"}).loc["one", "variance"])
    assert decompose([1.0], {"one": "a"})["variance"].isna().all()
    pairs = {"one": "aab", "other": "abb", "third": "aba"}  # four unknowns, three values
    assert decompose([1.0, 2.0, 4.0], pairs)["variance"].isna().all()
    with pytest.raises(ValueError, match="3 labels for 2"):
        decompose([1.0, 2.0], {"batch": "abc"})
