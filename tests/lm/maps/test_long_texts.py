"""Texts above a model's window: one of them is not the end of a run of many."""

import numpy as np
import pytest

from ideas_lib.lm.client import EndpointFailed
from ideas_lib.lm.maps.long_texts import SHORT, embed_by_rule
from ideas_lib.lm.maps.vectors import embed

WINDOW = 300
TEXTS = ["one", "x" * 5000, "three", "  " + "y " * 400, "five", "x" * 5000]


class Model:
    """Embeds a text as its length; takes none above the window, and none that is bad."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts, refused):
        self.asked += texts
        refused |= {t: EndpointFailed("too long", 400) for t in texts if len(t) > WINDOW}
        refused |= {t: EndpointFailed("no such text", 400) for t in texts if "bad" in t[:SHORT]}
        return np.array([[len(t), 1] for t in texts if t not in refused]).reshape(-1, 2)


def place(number):
    return f"row {number + 2}"


def test_short_texts_are_asked_for_once():
    model = Model()
    vectors, kept, long = embed_by_rule(["a", "bb"], "truncate", model, place)
    assert (vectors[:, 0].tolist(), kept, long, model.asked) == ([1, 2], [0, 1], 0, ["a", "bb"])


def test_the_beginning_of_a_long_text_stands_for_it():
    model = Model()
    vectors, kept, long = embed_by_rule(TEXTS, "truncate", model, place)
    assert (kept, long) == (list(range(6)), 3)
    sizes = vectors[:, 0].tolist()
    assert [sizes[n] for n in (0, 2, 4)] == [3, 5, 4]
    assert all(0.75 * WINDOW - 1 <= sizes[n] <= WINDOW for n in (1, 5))
    assert WINDOW / 2 < sizes[3] <= WINDOW
    whole = [text.strip() for text in TEXTS]
    assert all(any(text.startswith(asked.strip()) for text in whole) for asked in model.asked)


def test_many_long_texts_learn_from_the_longest():
    model = Model()
    texts = [f"{n:03d}" + "z" * (4000 + n) for n in range(200)]
    _, kept, long = embed_by_rule(texts, "truncate", model, place)
    assert (len(kept), long) == (200, 200)
    assert len(model.asked) < 2 * 200 + 20


def test_long_texts_may_be_left_out():
    vectors, kept, long = embed_by_rule(TEXTS, "skip", Model(), place)
    assert (vectors[:, 0].tolist(), kept, long) == ([3, 5, 4], [0, 2, 4], 3)
    with pytest.raises(ValueError, match="all texts are above the model's window"):
        embed_by_rule(TEXTS[1:2], "skip", Model(), place)


def test_a_long_text_may_be_refused_by_its_row():
    with pytest.raises(ValueError, match="row 3 cannot be embedded: too long .--long truncate"):
        embed_by_rule(TEXTS, "refuse", Model(), place)


@pytest.mark.parametrize("rule", ["truncate", "skip", "refuse"])
@pytest.mark.parametrize("bad", ["bad", "bad" * 500])
def test_what_is_refused_at_any_length_is_not_called_long(rule, bad):
    with pytest.raises(ValueError, match="row 5 cannot be embedded: .*begins 'bad"):
        embed_by_rule([*TEXTS[:1], "two", "three", bad], rule, Model(), place)


def test_the_real_model_refuses_what_is_cut_here():
    texts = ["a short text", "word after word " * 3000]
    refused: dict[str, EndpointFailed] = {}
    assert len(embed(texts, refused=refused)) == 1
    assert list(refused) == texts[1:]
    vectors, kept, long = embed_by_rule(
        texts, "truncate", lambda some, out: embed(some, refused=out), place
    )
    assert (vectors.shape, kept, long) == ((2, 384), [0, 1], 1)
