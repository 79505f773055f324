"""Variants: seeded, different, and no degenerate one among them."""

import contextlib
import dataclasses

import pytest

from ideas_lib.exercises.drawing import SAME_ANSWER, TooFewVariants, make_variants
from ideas_lib.exercises.exercise import BadExercise
from ideas_lib.exercises.handout import grading_tests
from tests.exercises.toy_templates import PRODUCT


def test_a_program_is_solved_by_the_solution_and_by_nothing_else(postage):
    exercise, variants = postage
    for each in variants:
        base, more, step = (each.values[name] for name in ("base", "more", "step"))
        price = [base, base, base + more, base + 2 * more, base + 4 * more]
        assert each.expected == tuple(map(str, price))
        assert more < base
        assert f"{base} cents" in each.prompt
        assert "{{" not in each.prompt + each.solution
        assert len(each.wrong) == len(exercise.wrong)
        assert all(why for _, why in each.wrong)
        assert f"// {step}" in each.solution


def test_answers_are_what_arithmetic_says_and_all_differ(areas):
    _, variants = areas
    for each in variants:
        a, b = each.values["a"], each.values["b"]
        assert each.answer == str(a * b)
        assert (a, b) != (2, 2)  # where 2 + 2 is 2 * 2
    assert len({each.answer for each in variants}) == len(variants)


def test_units_are_converted_and_compared(speeds):
    for each in speeds[1]:
        expected = float(each.values["far"]) / each.values["long"] * 60
        assert each.decimal == pytest.approx(expected, rel=1e-12)


def test_roots_are_roots(roots):
    for each in roots[1]:
        assert each.answer == f"{{{each.values['p']}, {each.values['q']}}}"
        assert "(" not in each.prompt
        assert "- -" not in each.prompt


def test_the_same_seed_makes_the_same_and_more_variants_keep_the_first(areas, here):
    again, refused = make_variants([areas[0]], 14)
    assert again[:12] == areas[1]
    assert refused[SAME_ANSWER] > 0
    other, _ = make_variants([areas[0]], 3, term="another")
    assert [each.values for each in other] != [each.values for each in areas[1][:3]]


def test_what_cannot_be_found_is_said_with_its_reasons(here, changed):
    product = dict(text=PRODUCT)
    few = changed(
        ("from: 2, to: 9}\n  b", "from: 2, to: 3}\n  b"), ("to: 9}\na", "to: 3}\na"), **product
    )
    with pytest.raises(TooFewVariants, match="allow 4 different draws, and 5"):
        make_variants([few], 5)
    with pytest.raises(TooFewVariants, match="only 2 of 4 .* mistake 'added instead' leads to"):
        make_variants([few], 4)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("return {{ a }} + {{ b }}", "return 1 / 0", "solution fails: ZeroDivisionError"),
        ("return {{ a }} + {{ b }}", "import random; return random.random()", "in two ways"),
        ("return {{ a }} + {{ b }}", "return object()", "cannot be written down"),
        ("      return None", "      return None )", "the starter is no Python"),
        ("return {{ a }} + {{ b }}", "return {{ a }} + )", "the solution is no Python"),
        ("calls: [total()]", "calls: [total()]\ntests: assert total() == 0", "total() == 0` fails"),
        ("calls: [total()]", "calls: [total()]\nconstraints: [a < z]", "`a < z`, cannot be comp"),
    ],
)
def test_a_template_that_cannot_be_right_is_refused(here, changed, old, new, says):
    with pytest.raises(BadExercise) as error:
        make_variants([changed((old, new))], 1)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      return None", "      return sum([{{ a }}, {{ b }}])", "the starter passes"),
        (
            "calls: [",
            "wrong: [{why: turned, replace: '{{ a }} +', by: '0 + {{ a }} +'}]\ncalls: [",
            "the wrong program 'turned' passes every test",
        ),
        ("calls: [total()]", "calls: [total()]\nconstraints: [a > b > a]", "`a > b > a` does not"),
    ],
)  # fmt: skip
def test_draws_that_make_no_exercise_are_refused(here, changed, old, new, says):
    with pytest.raises(TooFewVariants, match="only 0 of 1") as error:
        make_variants([changed((old, new))], 1)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("answer: a * b\n", "answer: a * c\n", "cannot be computed: NameError"),
        ("answer: a * b\n", "answer: a * Symbol('t')\n", "the answer has 't', which is no"),
        ("answer: a * b\n", "answer: a\n", "the answer equals a"),
        ("answer: a * b\n", "answer: \"{'p': a}\"\n", "the answer is a Dict: give an expression"),
        ("answer: a * b\n", "answer: a / (b - b)\n", "the answer is zoo"),
        ("answer: a * b\n", "answer: a * b\nunit: parsnips\n", "pint knows no unit 'parsnips'"),
        ("answer: a * b\n", "answer: a * b\nunit: m\n", "is in dimensionless, and 'm' is asked"),
    ],
)
def test_an_answer_that_is_none_is_refused(here, changed, old, new, says):
    with pytest.raises(BadExercise) as error:
        make_variants([changed((old, new), text=PRODUCT)], 1)
    assert says in str(error.value)


def test_an_answer_that_stands_in_the_question_is_refused(here, changed):
    shown = changed(
        ('prompt: "A field', 'derived: {c: a * b}\nprompt: "Of {{ c }}? A field'), text=PRODUCT
    )
    with pytest.raises(TooFewVariants, match="the answer stands in the question"):
        make_variants([shown], 1)


def test_small_answers_are_told_apart(here, changed):
    tiny = changed(("answer: a * b\n", "answer: a * b / 10**30\n"), text=PRODUCT)
    found = [each.decimal for each in make_variants([tiny], 2)[0]]
    assert 0 < min(found) < max(found) < 1e-27
    tests = grading_tests(tiny, make_variants([tiny], 1)[0][0])
    for answer, fits in ((found[0], True), (found[0] * (1 + 1e-12), True), (0, False)):
        space = {"candidate": lambda answer=answer: answer}
        with contextlib.nullcontext() if fits else pytest.raises(AssertionError):
            exec(tests, space)


def test_a_solution_of_one_line_is_a_solution(here, changed):
    one = changed(("  def total():\n      return {{ a }}", "  def total(): return {{ a }}"))
    assert make_variants([one], 1)[0][0].expected


def test_forms_take_turns(here, areas):
    other = dataclasses.replace(areas[0], prompt="{{ a }} times {{ b }}?\n")
    variants, _ = make_variants([areas[0], other], 4)
    assert [each.form for each in variants] == [0, 1, 0, 1]
    assert "times" in variants[1].prompt
