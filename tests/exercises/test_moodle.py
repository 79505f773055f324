"""The checker of Moodle's XML finds what the importer would refuse."""

import pytest

from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import Exercise
from ideas_lib.exercises.moodle import check_moodle, moodle_questions, safe_html

NUMBER = Exercise("Areas/1", "answer", "A field ]]> of <b>3</b>\n", unit="m", answer="a")
ONE = ExerciseVariant(1, 0, {}, "A field ]]> of <b>3</b>\n", answer="7/2", decimal=3.5, whole=False,
              mistakes=(("added & more", "5", 5.0),))  # fmt: skip


def test_questions_pass_the_importers_rules():
    data = moodle_questions([NUMBER], [ONE])
    assert check_moodle(data) == []
    assert b"<b>" not in data
    assert b"]]&amp;gt;" in data
    assert b"$course$/top/Areas//1" in data
    short = ExerciseVariant(2, 0, {}, "Expand\n", answer="x**2 + 2*x")
    data = moodle_questions([NUMBER], [short])
    assert check_moodle(data) == []
    assert rb"x\*\*2 + 2\*x" in data


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b'fraction="100"', b'fraction="99"', "fraction '99'"),
        (b'fraction="100"', b'fraction="50"', "no answer is worth all"),
        (b'format="html"', b'format="tex"', "the format 'tex'"),
        (b"<text>3.5</text>", b"<text>7/2</text>", "'7/2' is no number"),
        (b"<multiplier>1<", b"<multiplier>2<", "no unit has the multiplier 1"),
        (b"<unit_name>m<", b"<unit_name> <", "a unit has no name"),
        (b"<tolerance>", b"<tolerance>-", "tolerance is"),
        (b'type="numerical"', b'type="numeric"', "its type is 'numeric'"),
        (b"<text>Areas/1 01</text>", b"<text></text>", "its name has 0"),
        (b"<penalty>0.3", b"<penalty>3.3", "its penalty"),
        (b"$course$/top/Areas//1", b" ", "no category"),
        (b"<quiz>", b"<quiz><", "it is no XML"),
    ],
)
def test_each_rule_is_checked(old, new, says):
    data = moodle_questions([NUMBER], [ONE])
    assert old in data
    assert any(says in each for each in check_moodle(data.replace(old, new)))


def test_a_star_and_an_unknown_essay_are_found():
    data = moodle_questions([NUMBER], [ExerciseVariant(2, 0, {}, "Expand\n", answer="2*x")])
    assert "stands for anything" in check_moodle(data.replace(rb"2\*x", b"2*x"))[0]
    program = Exercise("P", "program", "Write.\n", solution="x = 1\n", starter="x = 0\n")
    data = moodle_questions(
        [program], [ExerciseVariant(1, 0, {}, "Write.\n", "x = 0\n", "x = 1\n")]
    )
    assert check_moodle(data) == []
    assert "responseformat" in check_moodle(data.replace(b"monospaced", b"fixed"))[0]


def test_html_of_a_template_is_text():
    assert "<script" not in safe_html("<script>alert(1)</script> [x](javascript:alert(1))")
    assert 'href="javascript' not in safe_html("[x](javascript:alert(1))")
