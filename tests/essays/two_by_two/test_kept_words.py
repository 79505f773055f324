"""The first words stand as they stood; the rarest are the rarest, in order."""

import pytest

from ideas_lib.essays.two_by_two.kept_words import first_words, rarest_words, words_of

TEXT = 'The plot, "thin" as ever, is the plot of The Sequel.'


def test_words_have_no_marks_and_no_capitals():
    assert words_of(TEXT)[:4] == ["the", "plot", "thin", "as"]
    assert words_of("... - !") == []


def test_the_first_words_stand_as_they_stood():
    assert first_words(TEXT, 3) == 'The plot, "thin"'
    assert first_words("short", 4) == "short"


def test_the_rarest_are_rarest_elsewhere_and_in_the_order_of_the_text():
    known = {"the": 90, "is": 50, "as": 40, "of": 60, "ever": 5, "plot": 7, "thin": 2}
    assert rarest_words(TEXT, 3, known) == ["thin", "ever", "sequel"]
    assert rarest_words("the the the", 3, known) == ["the"]
    assert rarest_words("b a c", 2, {}) == ["b", "a"]


@pytest.mark.parametrize("kept", [lambda: first_words(TEXT, 0), lambda: rarest_words(TEXT, 0, {})])
def test_no_words_are_refused(kept):
    with pytest.raises(ValueError, match="count=0 words: it must be at least 1"):
        kept()
