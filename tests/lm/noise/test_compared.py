"""Comparisons under noise: the variants' scores, by hand, and what is made of them."""

import math

import pytest

from ideas_lib.lm.noise import Noise
from ideas_lib.lm.scoring.logprobs import compare

CONTEXTS = ["the cat sat", "a dog. it", "so far so"]
PHRASES = [" on", " away.", " up the hill"]


class Begun:
    """A family of noise that begins with another letter."""

    name, tries = "begun", 50

    def vary(self, context, seed):
        letter = "abcdefgh"[seed % 8]
        return f"{letter}. {context}", f"begun with {letter}"


class Told(Begun):
    """Another one."""

    name = "told"

    def vary(self, context, seed):
        return f"so {'stuvwxyz'[seed % 8]}, {context}", "told"


def test_noise_has_the_variants_scored_as_well(serve_fake):
    fake, url = serve_fake("forced")
    noise = Noise(families=(Begun(), Told()), copies=3)
    found = compare(CONTEXTS, PHRASES, endpoint=url, noise=noise)
    as_it_was = compare(CONTEXTS, PHRASES, endpoint=url, store=":memory:").frame
    assert found.frame.equals(as_it_was)
    assert len(found.noisy) == 3 * 6 * 3
    for row in found.noisy.to_dict("records"):
        by_hand = sum(fake.toy.score(row["variant"], row["phrase"]))
        assert row["logprob"] == pytest.approx(by_hand)
        assert row["context"] in row["variant"]
    assert found.tallies["made"].tolist() == [3] * 6
    one = found.contrast(*PHRASES[:2])
    rows = one.robust.rows
    assert len(rows) == 18
    for row in rows.to_dict("records"):
        a, b = (sum(fake.toy.score(row["variant"], each)) for each in PHRASES[:2])
        assert row["difference"] == pytest.approx(a - b)
        assert row["high"] - row["low"] == pytest.approx(2 * found.capabilities.floor * 3)
    assert one.mean == pytest.approx(rows["difference"].mean())
    assert (one.low, one.high) == (one.robust.variants.low, one.robust.variants.high)
    assert one.frame["context"].tolist() == CONTEXTS
    assert "18 variants of 3 contexts" in str(one)
    assert "phrase" in found.variance.index
    assert compare(CONTEXTS, PHRASES, endpoint=url, noise=noise).noisy.equals(found.noisy)


def test_a_bound_stays_one_under_noise(serve_fake):
    _, url = serve_fake("top", k=6)
    noise = Noise(families=(Begun(), Told()), copies=3)
    found = compare(CONTEXTS, [" ", "x"], endpoint=url, noise=noise)
    assert set(found.noisy["kind"]) == {"exact", "censored"}
    one = found.contrast(" ", "x")
    assert math.isnan(one.mean)
    assert math.inf in (-one.low, one.high)
    assert found.variance["variance"].isna().all()


def test_without_noise_there_is_no_variance(serve_fake):
    found = compare(["a dog"], [" b"], endpoint=serve_fake("forced")[1])
    assert found.noisy is None
    with pytest.raises(ValueError, match="no noise to split"):
        _ = found.variance
