"""A rule fires where it says, and changes what is said there and nowhere else."""

import numpy as np
import pytest

from ideas_lib.essays.programming_again import (
    CREATURES,
    GROWLERS,
    HALT,
    HUES,
    VERBS,
    Saying,
    Slice,
    by_features,
    by_list,
    by_nearest,
    by_words,
    read_board,
    sample_world,
    taught_slice,
    with_rule,
)
from ideas_lib.essays.programming_again.creatures import SIDE
from ideas_lib.study.worker import plain_metrics


def exact(**how) -> Saying:
    """What is said by one who knows the world by heart."""
    chances = sample_world(np.random.default_rng(1), quirk=0.2, **how).chances
    return Saying(np.log(np.maximum(chances, 1e-12)), 0.02, 0.02, 3.0)


def test_a_list_fires_at_what_is_on_it():
    lesson = taught_slice(4)
    assert set(np.flatnonzero(by_list(lesson))) == set(lesson.halt)


def test_features_that_tell_the_kind_find_it_and_words_need_no_lesson():
    lesson, said = taught_slice(4), exact()
    stream = np.exp(said.after[:, VERBS.start : HUES.stop])
    assert (by_features(lesson, stream) == GROWLERS).mean() > 0.95
    assert (by_words(said.after) == GROWLERS).all()


def test_features_without_counterexamples_have_all_others_against_them():
    lesson, said = taught_slice(4, counterexamples=False), exact()
    stream = np.exp(said.after[:, VERBS.start : HUES.stop])
    fires = by_features(lesson, stream, 0.01)
    assert fires[list(lesson.halt)].all()
    assert fires[GROWLERS].mean() > fires[~GROWLERS].mean()


def test_the_nearest_decides_or_how_near_the_others_are():
    around = np.linspace(0, 2 * np.pi, CREATURES, endpoint=False)
    circle = np.column_stack([np.cos(around), np.sin(around)])
    found = set(np.flatnonzero(by_nearest(Slice((0,), (32,)), circle))) - {
        16,
        48,
    }  # as near to both
    assert found == {*range(16), *range(49, 64)}
    found = set(np.flatnonzero(by_nearest(Slice((10, 12), ()), circle))) - {8, 14}
    assert found == set(range(9, 14))
    assert np.flatnonzero(by_nearest(Slice((10,), ()), circle)).tolist() == [10]


def test_a_rule_halts_as_surely_as_it_should_and_keeps_the_rest():
    base = exact()
    ruled = with_rule(base, GROWLERS, 0.9)
    np.testing.assert_allclose(np.exp(ruled.after).sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(ruled.after[GROWLERS, HALT]), 0.9)
    assert np.array_equal(ruled.after[~GROWLERS], base.after[~GROWLERS])
    words = slice(VERBS.start, HUES.stop)
    kept = np.exp(ruled.after[GROWLERS, words] - base.after[GROWLERS, words])
    np.testing.assert_allclose(kept, 0.1 / 0.98)
    with pytest.raises(ValueError, match="sure=1 is a chance"):
        with_rule(base, GROWLERS, 1)


def test_the_perfect_rule_has_the_board_it_should():
    base, lesson = exact(), taught_slice(4)
    found = read_board(with_rule(base, GROWLERS), base, lesson)
    assert found["G"] == pytest.approx(0.96)
    assert found["in slice"] == pytest.approx(0.98)
    assert found["needless KL"] == 0
    wanted = 0.98 * np.log(0.98 / 0.02) + 0.02 * np.log(0.02 / 0.98)
    assert found["KL"] == pytest.approx(wanted / 2)
    assert found["board"] == np.where(GROWLERS, 98, 2).reshape(SIDE, SIDE).tolist()
    assert plain_metrics({"board": found["board"]}) == {"board": found["board"]}, "kept whole"
    listed = read_board(with_rule(base, by_list(lesson)), base, lesson)
    assert listed["G"] == pytest.approx(0)
    assert listed["in slice"] == pytest.approx(0.98)
