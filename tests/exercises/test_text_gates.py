"""What a model wrote: each fault of a text is found, and named."""

import pytest

from ideas_lib.exercises.text_gates import NEAR, likeness, text_fault

ORIGINAL = "{{ who }} has {{ n }} bags of {{ m }} apples, 100 of them red. How many cents?\n"
GOOD = "{{ who }} buys {{ n }} boxes with {{ m }} pens, 100 of them blue. How many cents?\n"


def test_a_good_text_has_no_fault():
    assert text_fault(GOOD, ORIGINAL, ("cents",)) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{{ n }}", "some", "the hole 'n' is missing"),
        ("boxes", "{{ n }} boxes", "the hole 'n' stands there twice"),
        ("boxes", "{{ n }} {{n}} boxes", "the hole 'n' stands there 3 times"),
        ("boxes", "{{ k }} boxes", "it has a hole 'k', which the exercise does not"),
        ("boxes", "{{ n boxes", "braces that are no hole"),
        ("boxes", "7 boxes", "it has the number 7"),
        ("boxes", "1,5 boxes", "it has the number 1,5"),
        ("100 of", "1000 of", "it has the number 1000"),
        ("boxes", "Twelve boxes", "it has the number Twelve"),
        ("boxes", "half boxes", "it has the number half"),
        ("boxes", "٣ boxes", "it has the number ٣"),
        ("cents", "pence", "it does not say 'cents'"),
        ("boxes", "<b>boxes</b>", "it has HTML or a link: '<b>'"),
        ("boxes", "<script src=x>", "it has HTML or a link"),
        ("boxes", "[boxes](http://x)", "it has HTML or a link"),
        ("boxes", "\x1b[2J", "it has the character \\x1b"),
        ("boxes", "\u202eboxes", "it has the character \\u202e"),
        ("boxes", "```\nx\n```", "it has a program in it"),
        ("boxes", "boxes " * 90, "characters, over 3 times"),
        (GOOD, " \n", "it is empty"),
    ],
)
def test_each_fault_is_named(old, new, says):
    assert old in GOOD
    found = text_fault(GOOD.replace(old, new), ORIGINAL, ("cents",))
    assert says in found
    assert found.isprintable()


def test_a_text_with_a_few_other_words_is_a_near_duplicate():
    near = ORIGINAL.replace("red", "green")
    assert likeness(near, [GOOD, ORIGINAL]) == (pytest.approx(95, abs=5), 1)
    assert likeness(near, [ORIGINAL])[0] >= NEAR > likeness(GOOD, [ORIGINAL])[0]
    assert likeness(ORIGINAL.upper() + "!", [ORIGINAL])[0] == 100
