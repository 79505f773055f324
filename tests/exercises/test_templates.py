"""A template is read strictly, and nothing that cannot be handed out gets past it."""

from decimal import Decimal

import pytest

from ideas_lib.exercises.exercise import BadExercise
from ideas_lib.exercises.exercise_file import EXAMPLES, LARGEST, read_exercise
from ideas_lib.exercises.holes import fill_code, fill_prose
from tests.exercises.toy_templates import PRODUCT


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_examples_are_templates(name):
    found = read_exercise(EXAMPLES[name].read_text(), name)
    assert found.title
    assert found.count > 30


def test_what_a_template_says_is_what_is_read(changed):
    found = changed(
        ("a: {type: int, from: 2, to: 9}", "a: {type: decimal, from: 0.50, to: 2, step: 0.25}")
    )
    a = found.parameters["a"]
    assert (a.low, a.high, a.step, a.places, a.count) == (Decimal("0.50"), 2, Decimal("0.25"), 2, 7)
    assert found.count == 2 * 7 * 8
    assert changed(("[Ada, Ben]", "[1, 2]")).parameters["who"].choices == (1, 2)
    assert changed(("[Ada, Ben]", "[yes, no]")).parameters["who"].choices == ("yes", "no")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title: Sums\n", "", "t.yaml:2: the template lacks its title"),
        ("solution: |", "solutoin: |", "unknown key 'solutoin'; did you mean 'solution'"),
        ("starter: |\n  def total():\n      return None\n", "", "lacks its starter"),
        ("calls: [total()]", "", "nothing to test by"),
        ("calls: [total()]", "calls: ['total(']", "the call 'total(' is no expression"),
        ("from: 2, to: 9}\n  b", "from: 9, to: 2}\n  b", "'a' is empty: from 9 to 2"),
        ("from: 2, to: 9}\n  b", "from: 2}\n  b", "'a' lacks its 'to'"),
        ("from: 2, to: 9}\n  b", "from: x, to: 9}\n  b", "from is 'x' and should be a number"),
        ("from: 2, to: 9}\n  b", "from: 2, to: 1e99}\n  b", "a number of at most"),
        ("from: 2, to: 9}\n  b", "from: 2, to: nan}\n  b", "a number of at most"),
        ("from: 2, to: 9}\n  b", "from: 2, to: 9, step: 0}\n  b", "step 0"),
        ("from: 2, to: 9}\n  b", "from: 2, to: 9, step: .5}\n  b", "make it type: decimal"),
        ("from: 2, to: 9}\n  b", "from: 2, to: 9, length: 3}\n  b", "only a list, has a length"),
        ("[Ada, Ben]", "[Ada, Ada]", "one of them twice"),
        ("[Ada, Ben]", "Ada", "lacks its list 'of'"),
        ("  a: {type: int", "  class: {type: int", "'class' is no name"),
        ("  a: {type: int", "  print: {type: int", "'print' is no name"),
        ("  a: {type: int", "  a: {type: integer", "type 'integer'"),
        ("{{ who }} has", "{{ whom }} has", "hole 'whom', which is no parameter; did"),
        ("{{ who }} has", "{{ who has", "which is no hole: a hole is {{ name }}"),
        ("{{ who }} has", "Somebody has", "the prompt never says 'who'"),
        ("calls: [total()]", "calls: [total()]\nkeep: [shillings]", "keep has 'shillings'"),
        ("calls: [total()]", "calls: [total()]\nvary: [colours]", "vary has 'colours'"),
        ("calls: [total()]", "calls: [total()]\nanswer: a", "'answer' is for subject: answer"),
        ("calls: [total()]", "calls: [total()]\nsubject: poem", "subject is 'poem'"),
        ("calls: [total()]", "calls: [total()]\npoints: -1", "points is -1"),
        ("calls: [", "wrong: [{why: w, replace: x, by: y}]\ncalls: [", "'x' stands 0"),
        ("calls: [total()]", "calls: [total()]\nwrong: [{replace: x, by: y}]", "lacks its 'why'"),
        ("calls: [total()]", "calls: [total()]\ntitle: again", "'title' is there twice"),
        ("Write `total()`.", "Write `return {{ a }}+{{ b }}`.", "gives the solution away"),
        ("      return None", "      return {{ a }} + {{ b }}", "the starter holds the whole"),
        ("      return None", "      ### BEGIN SOLUTION\n      pass", "a mark of its own"),
        ("title: Sums", "title: [Sums", "t.yaml:"),
        ("title: Sums", "title: Sums {{ a }}", "title has the hole '{{ a }}', and none is filled"),
        ("title: Sums", 'title: "Su\\ems"', "title has the character '\\x1b'"),
        ('"{{ who }} has', '"\\ud800 {{ who }} has', "prompt has the character '\\ud800'"),
        ("{{ who }} has", "{{ who }} has {{ a + b }},", "'{{ a + b }}, and . Write"),
        ("{{ who }} has", "{{ who }} has {{ c }},", "names are who, a, b"),
        ("title: Sums", "\ttitle: Sums", "indent by spaces, not by tabs"),
        ("calls: [total()]", "calls: [total()]\n---\na: b", "a template is one"),
        ("title: Sums", "title: \x07", "t.yaml:2: the character '\\x07' is in no YAML"),
        ("calls: [", "derived: {c: '{{ a }} + 1'}\ncalls: [", "derived has the hole '{{ a }}'"),
        ("      return None", "      # return {{ a }} + {{ b }}", "starter gives the"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_that_names_it(changed, old, new, says):
    with pytest.raises(BadExercise) as error:
        changed((old, new))
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).startswith("t.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "- a",
        "[" * 600,
        "title: \x00",
        "&a [*a]",
        "{? [a] : b}",
        "!!python/object:os.x {}",
    ],
)
def test_what_is_no_template_is_refused(text):
    with pytest.raises(BadExercise, match=r"^t\.yaml"):
        read_exercise(text, "t.yaml")


def test_a_hole_where_there_are_no_parameters_says_so():
    text = "title: T\nprompt: has {{ x }}\nsolution: x = 1\nstarter: x = 0\ncalls: [x]\n"
    with pytest.raises(BadExercise, match="hole 'x', which is no parameter; add it to parameters"):
        read_exercise(text)


def test_a_template_has_an_end():
    with pytest.raises(BadExercise, match="more than"):
        read_exercise("#" * (LARGEST + 1), "t.yaml")


def test_holes_are_filled_as_prose_and_as_python():
    values = {"n": -3, "x": Decimal("2.50"), "who": "Ada", "xs": (1, 2)}
    assert fill_prose("{{who}}: {{ +n }}, {{ x }}; {{ xs }}", values) == "Ada: - 3, 2.50; 1, 2"
    code = fill_code("f({{ n }}**2, {{ x }}, {{ who }}, {{ xs }})  # {{ n }}", values)
    assert code == "f((-3)**2, 2.50, 'Ada', [1, 2])  # -3"
    assert fill_code('"""For {{ who }}."""', values) == '"""For Ada."""'
    with pytest.raises(BadExercise, match="would end a string"):
        fill_code('"{{ who }}"', {"who": 'A"'})
    assert fill_code("x = {{ who }}", {"who": "O'Hara"}) == 'x = "O\'Hara"'


def test_an_expression_names_parameters_without_holes(changed):
    with pytest.raises(BadExercise, match="answer has the hole"):
        changed(("answer: a * b", "answer: '{{ a }} * b'"), text=PRODUCT)
    with pytest.raises(BadExercise, match="wrong has the hole"):
        changed(("answer: a + b", "answer: '{{ a }} + b'"), text=PRODUCT)
