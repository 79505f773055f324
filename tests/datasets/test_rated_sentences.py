"""The rated sentences are those of the release, whole, and what is not there is one clear line."""

import subprocess

import numpy as np
import pytest

from ideas_lib.datasets import rated_sentences
from ideas_lib.datasets.rated_sentences import RatingsMissing, load_rated


@pytest.mark.parametrize(
    ("source", "count"),
    [("films", 10603), ("products", 3697), ("editorials", 5119), ("tweets", 4200)],
)
def test_each_source_is_whole(source, count):
    found = load_rated(source)
    assert len(found.texts) == len(set(found.texts)) == found.ratings.size == count
    assert all(text.strip() for text in found.texts)
    assert np.abs(found.ratings).max() <= 4


def test_a_rating_is_the_raters():
    found = load_rated("films")
    assert (
        dict(zip(found.texts, found.ratings, strict=True))["Effective but too tepid biopic"] == -0.6
    )


def test_another_source_is_refused():
    with pytest.raises(ValueError, match="no source 'books'"):
        load_rated("books")


def test_what_cannot_be_fetched_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    failed = subprocess.CompletedProcess([], 1, "", "noise\nERROR: no way\n")
    monkeypatch.setattr(rated_sentences.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RatingsMissing, match="offline.*last word: ERROR: no way"):
        rated_sentences._table()
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(rated_sentences, "_fetched", lambda: b"something else")
    with pytest.raises(RatingsMissing, match="another"):
        rated_sentences._table()
    assert not list(tmp_path.iterdir())
