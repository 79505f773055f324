"""Who only listens follows every wrong hint, who only looks follows none; splits do not overlap."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.hints import BLANK
from ideas_lib.essays.superficiality.listening import as_trained, ask, by_the_odds, shown_hints
from ideas_lib.essays.superficiality.material import digit_images, split_material

MATERIAL = split_material(*digit_images(), 3, 300, 200)


def test_who_only_listens_follows_and_who_only_looks_does_not():
    deaf = ask(lambda hints: MATERIAL.y_test, MATERIAL, 0.9, 3)
    assert deaf == {"follows": 0, "right": 1, "helped": 1, "blank": 1, "ordinary": 1}
    blind = ask(lambda hints: hints, MATERIAL, 0.9, 3)
    assert (blind["follows"], blind["right"], blind["helped"], blind["blank"]) == (1, 0, 1, 0)
    assert blind["ordinary"] == pytest.approx(0.9 * 0.95, abs=0.07)


def test_both_are_asked_the_same_and_hints_are_the_seeds():
    asked = []
    for _ in range(2):
        ask(lambda hints: asked.append(hints) or hints, MATERIAL, 0.9, 3)
    for one, other in zip(asked[:4], asked[4:], strict=True):
        assert (one == other).all()
    hints = shown_hints(MATERIAL, 0.9, 3)
    assert (hints == shown_hints(MATERIAL, 0.9, 3)).all()
    assert (hints == BLANK).any()
    assert (hints != shown_hints(MATERIAL, 0.9, 4)).any()


def test_one_who_believes_nothing_follows_and_one_who_is_certain_does_not():
    hints = shown_hints(MATERIAL, 0.9, 3)
    nothing = np.full((200, 10), np.log(0.1))
    assert ask(by_the_odds(nothing, MATERIAL, hints), MATERIAL, 0.9, 3)["follows"] == 1
    certain = np.log(np.eye(10)[MATERIAL.y_test] * (1 - 1e-8) + 1e-9)
    assert ask(by_the_odds(certain, MATERIAL, hints), MATERIAL, 0.9, 3)["follows"] == 0


def test_a_silent_hint_is_not_followed_and_a_loud_one_is():
    hints = shown_hints(MATERIAL, 1.0, 3)
    follows = [
        ask(as_trained("neighbours", MATERIAL, hints, 3, loudness), MATERIAL, 1.0, 3)["follows"]
        for loudness in (0.0, 10.0)
    ]
    assert follows[0] < 0.05
    assert follows[1] > 0.95


def test_a_split_uses_each_digit_once():
    X, y = digit_images()
    rows = np.arange(len(y))[:, None].astype(float)
    found = split_material(rows, y, 5, 898, 599)
    parts = [part[:, 0] for part in (found.train, found.test, found.spare)]
    assert [part.size for part in parts] == [898, 599, 300]
    assert sorted(np.concatenate(parts)) == sorted(rows[:, 0])
    assert (y[found.test[:, 0].astype(int)] == found.y_test).all()
    assert X.min() == 0
    assert X.max() == 1
