"""What is handed out works in a notebook, gives nothing away, and is what nbgrader takes."""

import json
import re

import jsonschema
import nbformat
import pytest

from ideas_lib.exercises.drawing import make_variants
from ideas_lib.exercises.handout import exercise_notebook, exercise_slug, student_markdown
from ideas_lib.exercises.teacher_page import teacher_page

# nbgrader/nbgraderformat/v3.json and v3.py, of nbgrader 0.9 (BSD-3-Clause).
FLAG = {"type": "boolean"}
SCHEMA = {
    "type": "object",
    "properties": {
        "schema_version": {"type": "integer", "minimum": 3, "maximum": 3},
        **dict.fromkeys(("grade", "locked", "solution", "task"), FLAG),
        "grade_id": {"type": "string", "pattern": r"^[a-zA-Z0-9_\-]*$"},
        "points": {"type": "number", "minimum": 0},
        "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
        "cell_type": {"type": "string", "enum": ["raw", "code", "markdown"]},
    },
    "required": ["schema_version", "grade", "locked", "solution"],
    "additionalProperties": False,
}


def graded(text):
    """Check a notebook by nbgrader's rules; return its cells."""
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    seen = set()
    for cell in notebook.cells:
        meta = cell.metadata["nbgrader"]
        jsonschema.validate(meta, SCHEMA)
        if meta["grade"] or meta["solution"] or meta["locked"]:
            assert meta["grade_id"]
            assert meta["grade_id"] not in seen
            seen.add(meta["grade_id"])
        assert not meta["grade"] or "points" in meta
        if cell.cell_type == "markdown":
            assert meta["grade"] == meta["solution"]
    return notebook.cells


CLASSES = ("postage", "speeds", "areas", "roots")


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("solved", [False, True])
def test_notebooks_have_the_metadata_that_nbgrader_asks_for(request, name, solved):
    exercise, variants = request.getfixturevalue(name)
    for each in variants[:1]:
        text = exercise_notebook(exercise, each, solved=solved)
        cells = graded(text)
        assert [cell.metadata["nbgrader"]["grade"] for cell in cells] == [False, False, True]
        assert text == exercise_notebook(exercise, each, solved=solved)


def test_nbgrader_itself_takes_them(postage):
    v3 = pytest.importorskip("nbgrader.nbgraderformat.v3")
    for solved in (False, True):
        text = exercise_notebook(postage[0], postage[1][0], solved=solved)
        v3.MetadataValidatorV3().validate_nb(nbformat.reads(text, as_version=4))


def code_of(exercise, variant, *, solved=True):
    cells = graded(exercise_notebook(exercise, variant, solved=solved))
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", CLASSES)
def test_the_solved_notebook_passes_and_the_students_fails(request, decider, name):
    exercise, variants = request.getfixturevalue(name)
    for each in variants[:2]:
        assert decider.holds(code_of(exercise, each))
        assert not decider.holds(code_of(exercise, each, solved=False))


@pytest.mark.parametrize("name", CLASSES)
def test_no_solution_is_in_a_students_file(request, name):
    exercise, variants = request.getfixturevalue(name)
    for each in variants[:3]:
        notebook = json.loads(exercise_notebook(exercise, each, solved=False))
        shown = "".join("".join(cell["source"]) for cell in notebook["cells"])
        shown += student_markdown(exercise, each)
        assert "HIDDEN" not in shown
        assert "SOLUTION" not in shown
        if exercise.subject == "program":
            for line in each.solution.splitlines()[1:]:
                assert line.strip() not in shown
            for call in each.hidden_calls:
                assert call not in shown
        else:
            assert not re.search(rf"(?<![\d.]){re.escape(each.answer)}(?![\d.])", shown)
            assert str(each.decimal) not in shown


def test_floats_need_not_agree_to_the_last_bit(here, decider, changed):
    exercise = changed(
        ("return {{ a }} + {{ b }}", "return [({{ a }} + {{ b }}) / 10, float('inf')]"),
        (
            "calls: [total()]",
            "hidden_calls: [total()]\ntests: |\n  def test_it():\n    assert total()",
        ),
    )
    variant = make_variants([exercise], 1)[0][0]
    code = code_of(exercise, variant)
    assert "test_it()\n" in code
    assert decider.holds(code)
    near = code.replace("/ 10,", "/ 10 + 1e-13,")
    assert near != code
    assert decider.holds(near)
    assert not decider.holds(code.replace("/ 10,", "/ 10 + 1e-3,"))


def test_calls_of_every_form_are_tests(here, decider, changed):
    calls = "1 < total() < 99, 'total(), 2', 'total() # all', 'not total()', '(1) * 3 < total()'"
    exercise = changed(("calls: [total()]", f"calls: [{calls}]"))
    variant = make_variants([exercise], 1)[0][0]
    code = code_of(exercise, variant)
    assert decider.holds(code)
    head, *asserts = code.split("\nassert ")
    assert len(asserts) == 5
    for each in asserts:
        wrong = re.sub(r"(?m)^    return .*", "    return 0", head)
        assert not decider.holds(f"{wrong}\nassert {each}"), each


def test_names_of_files_are_ascii_and_apart():
    assert exercise_slug("Sums, and more!") == "sums-and-more"
    assert exercise_slug("a" * 39 + " b") == "a" * 39
    one, other = exercise_slug("\u0421\u0443\u043c\u043c\u0430"), exercise_slug("\u7a4d")
    assert one != other
    assert all(re.fullmatch(r"exercise-[0-9a-f]{8}", each) for each in (one, other))


def test_the_teachers_page_has_every_solution_and_runs_nothing(postage, speeds):
    for exercise, variants in (postage, speeds):
        who = {"<script>": 1, "b": 2}
        page = teacher_page(exercise, variants, {"a <b> rule": 3}, who)
        assert "<script" not in page
        assert "3 × a &lt;b&gt; rule" in page
        for each in variants:
            assert f'id="v{each.name}"' in page
            for _, text in each.wrong:
                assert text.replace("'", "&#x27;") in page
