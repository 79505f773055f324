"""Lessons add what they say; who is told of pairs says the same of both, and nobody else need."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.lessons import (
    LESSONS,
    fit_told,
    give_lesson,
    without_what_differs,
)
from ideas_lib.essays.superficiality.listening import shown_hints
from ideas_lib.essays.superficiality.material import digit_images, split_material

MATERIAL = split_material(*digit_images(), 3, 400, 599)
HINTS = shown_hints(MATERIAL, 0.95, 3)


def lesson(kind: str, n: int = 300):
    return give_lesson(kind, n, MATERIAL, HINTS, 0.95, np.random.default_rng(1))


@pytest.mark.parametrize("kind", LESSONS)
def test_a_lesson_adds_rows_and_leaves_the_others(kind):
    found = lesson(kind)
    assert found.content.shape == (700, 64)
    assert (found.content[:400] == MATERIAL.train).all()
    assert (found.hints[:400] == HINTS).all()
    right = (found.hints == found.y)[400:].mean()
    assert right == pytest.approx(0.9 if kind == LESSONS[0] else 0.1, abs=0.05)
    assert len(found.pairs) == (300 if kind == "pairs" else 0)


def test_a_pair_is_one_image_twice_and_differs_in_lamps_alone():
    found = lesson("pairs")
    one, other = found.pairs.T
    assert (found.content[one] == found.content[other]).all()
    assert (found.y[one] == found.y[other]).all()
    assert (found.hints[one] != found.hints[other]).mean() > 0.8
    assert len(set(one)) == 300
    kept = without_what_differs(found.seen(10), found.pairs)
    assert kept.tolist() == [True] * 64 + [False] * 10


def test_what_is_no_lesson_is_refused():
    with pytest.raises(ValueError, match="no lesson 'sermon'"):
        lesson("sermon")
    with pytest.raises(ValueError, match="n=401: there are images for at most 400"):
        lesson("pairs", 401)


def test_who_is_told_of_pairs_follows_less():
    found = lesson("pairs")
    seen, asked = found.seen(10), np.hstack([MATERIAL.test, np.eye(10)[(MATERIAL.y_test + 1) % 10]])
    right = {}
    for weight in (0.0, 1.0):
        predict = fit_told(seen, found.y, 10, 0, found.pairs, weight)
        right[weight] = (predict(asked) == MATERIAL.y_test).mean()
        again = fit_told(seen, found.y, 10, 0, found.pairs, weight)
        assert (again(asked) == predict(asked)).all()
    assert right[1.0] > right[0.0]
