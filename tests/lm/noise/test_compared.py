"""Comparisons under noise: the variants' scores, by hand, and what is made of them."""

import math

import pytest

from ideas_lib.lm.noise import Noise
from ideas_lib.lm.report import Answer, as_table
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
    noisy = one.robust.variants
    assert noisy.mean == pytest.approx(rows["difference"].mean())
    plain = compare(CONTEXTS, PHRASES, endpoint=url).contrast(*PHRASES[:2])
    assert (one.mean, one.low, one.high) == (plain.mean, plain.low, plain.high)
    assert one.frame["context"].tolist() == CONTEXTS
    assert str(one) == (
        f"{plain}; with noise {noisy.mean:+.2f} [{noisy.low:+.2f}, {noisy.high:+.2f}], "
        "18 variants of 3 contexts"
    )
    assert "phrase" in found.variance.index
    assert compare(CONTEXTS, PHRASES, endpoint=url, noise=noise).noisy.equals(found.noisy)


class Longer(Told):
    """One that says the context twice."""

    name = "longer"

    def vary(self, context, seed):
        return f"{context}{'stuvwxyz'[seed % 8]} {context}", "said twice"


def test_the_clean_mean_stands_first_and_the_noisy_one_beside_it(serve_fake):
    _, url = serve_fake("forced")
    told = {"noise": Noise(families=(Longer(), Told()), copies=3), "endpoint": url}
    found = compare(CONTEXTS, PHRASES, **told)
    one = found.contrast(*PHRASES[:2])
    assert one.mean == pytest.approx(one.frame["difference"].mean())
    table = as_table(Answer((found,)))
    line = next(row for row in table.splitlines() if " - " in row)
    clean, noisy = f"{one.mean:+.2f}", f"mean {one.robust.variants.mean:+.2f} ["
    assert line.index(clean) < line.index(noisy)


def test_words_that_the_phrases_agree_with_are_kept_while_comparing(serve_fake):
    _, url = serve_fake("forced")
    contexts = ["the keys to a big old cabinet", "the dogs near a big old house"]
    loose = compare(contexts, PHRASES, endpoint=url, noise=Noise(("typos",), protect=()))
    assert not all("keys" in row or "dogs" in row for row in loose.noisy["variant"])
    found = compare(contexts, PHRASES, endpoint=url, noise=Noise(("typos", Begun()), copies=2))
    assert set(found.noisy["family"]) == {"begun"}
    assert all("protect=" in why for why in found.tallies.query("made == 0")["why"])
    named = Noise(("typos", Begun()), copies=2, protect=("keys", "dogs", "near"))
    with pytest.raises(ValueError, match="no variant of these contexts"):
        compare(contexts, PHRASES, endpoint=url, noise=Noise(("typos",))).contrast(*PHRASES[:2])
    with pytest.raises(ValueError, match="no context has the word 'dog'"):
        compare(contexts, PHRASES, endpoint=url, noise=Noise(protect=("dog",)))
    assert all("keys" in r or "dogs" in r for r in _variants(contexts, url, named))


def _variants(contexts, url, noise):
    return compare(contexts, PHRASES, endpoint=url, noise=noise).noisy["variant"]


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
