"""The templates are whole, of two kinds, and may be varied in the ways that the study varies."""

import pytest

from ideas_lib.datasets.class_exercises import load_class_exercises
from ideas_lib.exercises.exercise_file import EXAMPLES, read_exercise
from ideas_lib.exercises.holes import hole_names

TEMPLATES = load_class_exercises()


def test_there_are_eight_programs_and_four_answers():
    found = [read_exercise(text, name) for name, text in TEMPLATES.items()]
    assert [each.subject for each in found].count("program") == 8
    assert [each.subject for each in found].count("answer") == 4
    shown = {read_exercise(path.read_text()).title for path in EXAMPLES.values()}
    assert not shown & {each.title for each in found}, "the tool's examples are for pilots"
    assert len({each.title for each in found}) == 12


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_can_be_written_anew(name):
    found = read_exercise(TEMPLATES[name], name)
    assert {"story", "harder"} <= set(found.vary)
    assert found.keep, "a text written anew may not say what is graded"
    assert len(found.wrong) >= 2
    holes = hole_names(found.prompt)
    assert 1 <= len(holes) == len(set(holes)), "each hole has to stand there once"
