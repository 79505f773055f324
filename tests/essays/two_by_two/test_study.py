"""Tools make what they say of the same sentences, lots are apart, and arms differ in the tool."""

import sys
import zlib
from functools import cache

import numpy as np
import pytest

from ideas_lib.study.study import load_study

WORDS = 4


@pytest.fixture
def study(monkeypatch, request):
    load_study("two-by-two")
    found = sys.modules["studies.two_by_two"]
    from studies.two_by_two import reading, writing

    # In place of a model, and of vectors: what needs no weights. Of 64 sentences, six bits.
    if "lots" not in request.node.name:
        monkeypatch.setattr(writing, "CANDIDATES", 64)
    monkeypatch.setattr(writing, "written", stub)
    monkeypatch.setattr(reading, "vectors_of", vectors)
    return found


@pytest.fixture
def writing(study):
    return sys.modules["studies.two_by_two.writing"]


def stub(tool, seed, count):
    writing = sys.modules["studies.two_by_two.writing"]
    starts = writing.openings(seed, count)
    if tool == "three":
        ends = [text.split()[count] for text in writing.lot_of(seed).meant]
        return [[f"{s} is so so", f"{s} {e}", s] for s, e in zip(starts, ends, strict=True)]
    if tool in writing.GOES_ON:
        return [[f"{start} is a film that is as good as any"] for start in starts]
    return [["A film that is as good as any."] for _ in starts]


@cache
def direction(word):
    return np.random.default_rng(zlib.crc32(word.encode())).normal(size=32)


def vectors(texts):
    """Each word has a direction of its own, and a text is their sum."""
    rows = np.array(
        [np.sum([direction(w) for w in text.lower().split()], axis=0) for text in texts]
    )
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_lots_share_no_sentence_and_are_whole(study, writing):
    seeds = (*writing.LEARNT, *study.SEEDS)
    texts = [text for seed in seeds for text in writing.lot_of(seed).texts]
    assert len(texts) == len(set(texts)) == 15 * 512
    assert {len(writing.lot_of(seed).meant) for seed in seeds} == {20}
    assert all(10 <= len(text.split()) <= 30 for text in texts)
    with pytest.raises(ValueError, match="seed=312: there are lots for 0 to 2 and for 300 to 311"):
        writing.lot_of(312)


def test_arms_give_what_they_say(study, writing):
    meant = list(writing.lot_of(1).meant)
    found = {tool: study.arrived(tool, 1) for tool in study.TOOLS}
    assert found[study.FULL] == meant
    starts = [" ".join(text.split()[:WORDS]) for text in meant]
    assert found[study.ALONE] == starts
    for tool in study.BEGIN:
        assert all(t.startswith(s) for t, s in zip(found[tool], starts, strict=True)), tool
    more = [len(text.split()) for text in found[study.ON]]
    assert [len(text.split()) for text in found[study.STRANGER]] == more
    for text, longer in zip(meant, found[study.LONGER], strict=True):
        assert text.startswith(longer)
    assert found[study.PICKED] == [three[1] for three in stub("three", 1, WORDS)]
    assert set(found[study.STARS]) <= {f"{k} of five stars" for k in writing.STARS}
    assert all(0 < len(text.split(", ")) <= WORDS for text in found[study.RAREST])


def test_slips_change_words_and_mending_brings_some_back(study, writing):
    meant, typed, mended = (study.arrived(t, 2) for t in (study.FULL, study.SLIPS, study.MENDED))

    def both(text, truth):
        return zip(text.split(), truth.split(), strict=True)

    def wrong(texts):
        pairs = zip(texts, meant, strict=True)
        return sum(a != b for text, truth in pairs for a, b in both(text, truth))

    assert typed == study.arrived(study.SLIPS, 2)
    assert wrong(typed) > 40
    assert wrong(mended) < wrong(typed)


def test_decisions_are_hers_alone(study):
    found = {tool: np.mean(study.decisions(tool, 0)) for tool in study.TOOLS}
    assert found[study.ON] == found[study.ALONE] == found[study.RAREST] == WORDS
    assert found[study.PICKED] == WORDS + 1
    assert found[study.STARS] == found[study.REVIEW] == 1
    assert found[study.FULL] == found[study.PROFESSIONAL] > found[study.LONGER] > WORDS


def test_a_reader_has_all_of_what_is_typed_in_full_and_less_of_less(study):
    found = {tool: study.measure(tool, 1) for tool in (study.FULL, study.ALONE, study.REVIEW)}
    assert found[study.FULL]["bits"] == pytest.approx(6, abs=0.1)
    assert found[study.FULL]["found"] == 1
    assert found[study.FULL]["bits"] > found[study.ALONE]["bits"] > found[study.REVIEW]["bits"]
    assert abs(found[study.REVIEW]["bits"]) < 0.1
    assert found[study.ALONE]["bits, words"] > 4
    assert len(found[study.ALONE]["each"]) == 20


def test_who_is_told_whose_words_they_are_may_strike_the_others(study):
    found = {tool: study.measure(tool, 0) for tool in (study.ALONE, study.ON, study.TOLD)}
    assert found[study.ON]["bits"] < found[study.ALONE]["bits"]
    assert found[study.TOLD]["bits"] >= found[study.ALONE]["bits"] - 0.01
    assert study.reader(study.ON, 0)["bits"] == found[study.ON]["bits"]


def test_feelings_are_told_by_texts_that_have_them(study, writing):
    from studies.two_by_two.reading import felt_bits

    def plain(seed):
        return ["wonderful" if r > 0 else "dreadful" for r in writing.lot_of(seed).ratings[:20]]

    told = felt_bits([plain(seed) for seed in writing.LEARNT], plain(1), 1)
    same = felt_bits([["a film"] * 20 for _ in writing.LEARNT], ["a film"] * 20, 1)
    assert told.mean() > 0.3 > 0.1 > abs(same.mean())


def test_the_first_lot_keeps_its_texts_for_the_page(study, monkeypatch):
    monkeypatch.setattr(study, "SEEDS", (2,))
    found = study.measure(study.ON, 2)
    assert len(found["meant"]) == len(found["said"]) == 4
    assert "said" not in study.measure(study.ON, 1)
