"""The study of maps: what its beliefs see and do not see, and what it counts as right."""

import sys

import numpy as np
import pandas as pd
import pytest

from ideas_lib.lm.maps.projection import prepared
from ideas_lib.lm.maps.trust import measure, nearest
from ideas_lib.study.study import load_study


@pytest.fixture(scope="module")
def study():
    load_study("embeddings")
    return sys.modules["studies.embeddings"]


@pytest.fixture
def points():
    return np.random.default_rng(0).standard_normal((60, 8))


def test_overlap_with_the_truth_is_what_the_map_calls_kept(study, points):
    rows, places = prepared(points), points[:, :2]
    own = np.arange(len(points))
    kept = study.overlap(study.near(places, own), study.near(rows, own))
    assert kept == pytest.approx(measure(rows, places, k=10).kept)
    assert 0.15 < kept.mean() < 0.7


def test_a_twin_is_passed_over_and_nobody_else_is(study, points):
    twin = np.arange(len(points)) ^ 1
    points[1::2] = points[::2] + 1e-3  # each one's nearest is its twin
    found, everybody = study.near(points, twin), nearest(points, 11)
    assert (everybody[:, 0] == twin).all()
    assert (found == everybody[:, 1:]).all()
    alone = study.near(points, np.arange(len(points)))
    assert (alone == everybody[:, :10]).all()


def test_agreement_is_zero_at_random_and_one_less_the_share_where_all_agree(study):
    rng = np.random.default_rng(0)
    labels = np.repeat(["a", "b", "b", "c"], 50)
    anybody = np.array([rng.choice(np.delete(np.arange(200), i), 50, False) for i in range(200)])
    assert study.agreement(labels, anybody).mean() == pytest.approx(0, abs=0.01)
    neighbours = np.tile(np.arange(10), (200, 1))  # of "a", where all of the first 50 are
    neighbours[50:150] = np.arange(50, 60)
    neighbours[150:] = np.arange(150, 160)
    found = study.agreement(labels, neighbours)
    assert found[10:50] == pytest.approx(1 - 49 / 199)
    assert found[70:150] == pytest.approx(1 - 99 / 199)


def test_every_belief_orders_all_points_and_the_eye_needs_no_vectors(study, points, monkeypatch):
    rows, own = prepared(points), np.arange(len(points))
    made = study.Drawn(points[:, :2], study.near(points[:, :2], own), [study.near(rows, own)])
    known = study.Texts(pd.DataFrame({"topic": list("ab") * 30}), rows, own)
    monkeypatch.setattr(study, "drawn", lambda *key: made)
    monkeypatch.setattr(study, "texts", lambda *key: known)
    beliefs = {arm: study.belief(arm, "sentences", "pca", 0) for arm in study.BELIEFS}
    assert all(
        belief.shape == (60,) and np.unique(belief).size == 60 for belief in beliefs.values()
    )
    # What comes back here is what is true, so that both order alike but for equals.
    assert np.round(beliefs["stable"], 4) == pytest.approx(np.round(beliefs["marks"], 4))
    known = study.Texts(known.about, prepared(points[::-1]), own)
    other = {arm: study.belief(arm, "sentences", "pca", 0) for arm in study.BELIEFS}
    same = [arm for arm in study.BELIEFS if np.array_equal(beliefs[arm], other[arm])]
    assert same == ["clumps", "stable"]


def test_noise_has_the_mean_and_the_covariance_of_the_sentences(study, monkeypatch):
    rng = np.random.default_rng(1)
    rows = prepared(rng.standard_normal((400, 3)) * [0.1, 0.2, 0.3] + [5, 0, 0])
    real = study.texts.__wrapped__
    known = study.Texts(pd.DataFrame(), rows, np.arange(400))
    monkeypatch.setattr(study, "texts", lambda *key: known)
    noise = real("noise", 0).rows
    assert noise.mean(axis=0) == pytest.approx(rows.mean(axis=0), abs=0.01)
    assert np.cov(noise.T) == pytest.approx(np.cov(rows.T), abs=0.0006)
    assert not np.array_equal(noise, real("noise", 1).rows)


def test_lots_of_verdict_seeds_were_never_looked_at(study, monkeypatch):
    asked = []

    def lot(number, size):
        asked.append(number)
        raise StopIteration

    monkeypatch.setattr("ideas_lib.datasets.texts.sample_sentences", lot)
    for seed in (*range(4), *study.SEEDS):
        with pytest.raises(StopIteration):
            study.texts("sentences", seed)
    assert tuple(asked[:4]) == study.PILOTS
    assert not set(asked[4:]) & set(study.PILOTS)
    assert len(set(asked)) == len(asked) == 18


def test_blobs_have_the_widths_and_middles_they_are_said_to_have(study):
    points, middles, widths = study.blobs(2)
    groups = points.reshape(8, 50, 20)
    assert (groups - middles[:, None]).std(axis=(1, 2)) == pytest.approx(widths, rel=0.1)
    assert np.abs(groups.mean(axis=1) - middles).max() < widths.max()
    assert sorted(widths) == pytest.approx(np.geomspace(1, 8, 8))
