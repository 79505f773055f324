"""Texts for maps: which they are, that no two draws share what they must not, and refusals."""

import json
import re

import numpy as np
import pytest

from ideas_lib.datasets import texts
from ideas_lib.datasets.texts import OtherRelease, sample_exercises, sample_sentences


def test_sentences_are_the_first_of_sympy_s_docstrings():
    import sympy

    lot = sample_sentences(0)
    plain = lot[~lot.topic.str.contains(r"\.")].reset_index()
    checked = 0
    for row in plain.itertuples():
        thing = getattr(sympy, row.name, None)
        doc = " ".join((getattr(thing, "__doc__", None) or "").split())
        if doc.startswith(row.text):
            assert f"sympy.{row.topic}" in thing.__module__
            checked += 1
    assert checked > 20
    assert lot.text.str.split().str.len().between(5, 30).all()


def test_lots_are_disjoint_and_as_large_as_asked_for():
    lots = [set(sample_sentences(draw, 300).text) for draw in range(24)]
    assert [len(lot) for lot in lots] == [300] * 24
    assert len(set().union(*lots)) == 24 * 300
    with pytest.raises(ValueError, match="lots 0 to 23 of 300"):
        sample_sentences(24, 300)
    with pytest.raises(ValueError, match="draw=-1"):
        sample_sentences(-1)


def test_topics_are_mixed_in_every_lot():
    # In file order a lot would be one subpackage.
    counts = [sample_sentences(draw).topic.nunique() for draw in range(14)]
    assert min(counts) > 25


def test_another_release_of_sympy_is_refused(monkeypatch):
    texts._pool.cache_clear()
    monkeypatch.setattr(texts.importlib.metadata, "version", lambda name: "1.12")
    with pytest.raises(OtherRelease, match=r"SymPy 1\.12 is installed: pip install sympy==1\.14"):
        sample_sentences(0)
    monkeypatch.undo()
    texts._pool.cache_clear()


def test_a_damaged_cache_is_read_anew_and_changed_sentences_are_refused(monkeypatch, tmp_path):
    pool = [["sets", "Set", "The base class for any kind of set."]]
    digest = texts._digest(pool)
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    monkeypatch.setattr(texts, "PINNED", digest)
    monkeypatch.setattr(texts, "_read", lambda: iter(pool))
    entry = tmp_path / f"sentences-{digest[:12]}.json"
    entry.write_text("[not JSON")
    texts._pool.cache_clear()
    assert texts._pool() == pool
    assert json.loads(entry.read_text()) == pool
    entry.write_text(json.dumps([["sets", "Set", "Somebody wrote something else here."]]))
    texts._pool.cache_clear()
    assert texts._pool() == pool
    monkeypatch.setattr(texts, "_read", lambda: iter([]))
    entry.unlink()
    texts._pool.cache_clear()
    with pytest.raises(OtherRelease, match="says other sentences"):
        texts._pool()
    texts._pool.cache_clear()


def test_an_exercise_comes_in_two_wordings_of_one_task_story_and_numbers():
    drawn = sample_exercises(3, 100)
    assert len(drawn) == 200
    for _, twins in drawn.groupby("exercise"):
        assert len(twins) == 2
        for same in ("topic", "task", "level", "story"):
            assert twins[same].nunique() == 1
        assert twins.wording.nunique() == twins.text.nunique() == 2
    assert not drawn.drop_duplicates("exercise").duplicated(["task", "story"]).any()


def test_numbers_stand_in_a_text_as_in_its_twin():
    drawn = sample_exercises(0, 400, 3)
    for _, three in drawn[drawn.task == "percent of"].groupby("exercise"):
        found = [sorted(re.findall(r"\d{2,}", text))[-2:] for text in three.text]
        assert found[0] == found[1]


def test_every_task_story_and_wording_is_filled():
    everything = sample_exercises(0, 1200, 3)
    assert len(everything) == 3600
    assert everything.text.is_unique
    assert everything.topic.nunique() == 12
    assert everything.groupby("topic").task.nunique().eq(5).all()
    assert everything.story.nunique() == 20
    assert set(everything.level) == {1, 2, 3}
    for text in everything.text:
        assert not re.search(r"[{}\\\n]|  |\ba [aeio]|\ban [^aeiou]", text), text
        assert re.match(r"[A-Z0-9]", text), text
        assert text[-1] in ".?", text


def test_a_story_is_told_in_each_text():
    stories, tasks = texts._templates()
    for task in tasks:
        assert len(task["wordings"]) == len(set(task["wordings"])) == 3
        for wording in task["wordings"]:
            assert set(re.findall(r"\{(\w+)\}", wording)) & set(stories[0]), wording


def test_the_same_seed_draws_the_same_exercises():
    assert sample_exercises(5, 50).equals(sample_exercises(5, 50))
    assert not sample_exercises(5, 50).text.equals(sample_exercises(6, 50).text)
    topics = np.array([sample_exercises(seed, 60, 1).topic.nunique() for seed in range(5)])
    assert (topics > 9).all()


@pytest.mark.parametrize(("count", "wordings"), [(0, 2), (1201, 2), (10, 0), (10, 4)])
def test_more_exercises_or_wordings_than_there_are_is_refused(count, wordings):
    with pytest.raises(ValueError, match="there are 1200 exercises in 3 wordings"):
        sample_exercises(0, count, wordings)
