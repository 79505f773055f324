"""The study's texts and questions: what a rule takes away, and what an answer leaves, by hand."""

import ast
from typing import Any

import pytest

from ideas_lib.datasets.humaneval import load_humaneval
from studies.ambiguity.prompts import FEWER, LOOSE, ambiguous_prompt, sentences_of
from studies.ambiguity.questioning import BEST, CHOICES, SHORTEST, Sitting, question_many

PROBLEMS = load_humaneval()


def test_the_rule_takes_examples_and_then_the_last_sentence() -> None:
    problem = PROBLEMS["HumanEval/12"]
    assert sentences_of(problem) == [
        "Out of list of strings, return the longest one.",
        "Return the first one in case of multiple strings of the same length.",
        "Return None in case the input list is empty.",
    ]
    assert ">>>" in problem.prompt
    loose, fewer = (str(ambiguous_prompt(problem, text)) for text in (LOOSE, FEWER))
    assert ">>>" not in loose
    assert "None in case" in loose
    assert "None in case" not in fewer
    assert "same length" in fewer


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_text_parses_and_has_no_example(name: str) -> None:
    for text in (LOOSE, FEWER):
        prompt = ambiguous_prompt(PROBLEMS[name], text)
        if prompt is None:
            continue
        said = ast.get_docstring(ast.parse(prompt).body[-1])  # type: ignore[arg-type]
        assert said
        assert f"{PROBLEMS[name].entry_point}(" not in said
        assert ">>>" not in said


# Four programs, three inputs. What is meant is the last row; only the third program does it.
ROW: dict[str, Any] = {
    "did": [[0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 2], [0, 1, 1]],
    "calls": ["f(0)", "f(100)", "f(2)"],
    "answerable": [True, True, True],
    "right": [False, False, True, False],
}


def test_an_answer_rules_out_what_does_something_else() -> None:
    sitting = Sitting(ROW)
    assert sitting.splitting() == [1, 2]
    assert sitting.worth(1) == pytest.approx(1.0)
    assert sitting.worth(2) == pytest.approx(1.5)
    assert sitting.report()[1] == pytest.approx(2.0)
    sitting.answer(2)
    assert sitting.left == [1, 2]
    sitting.answer(1)
    assert sitting.report() == (1.0, 0.0, 1.0, 1.0)


def test_the_best_question_is_the_one_worth_most() -> None:
    chosen = {arm: CHOICES[arm](Sitting(ROW), None) for arm in (BEST, SHORTEST)}  # type: ignore[arg-type]
    assert chosen == {BEST: 2, SHORTEST: 2}
    longer = ROW | {"calls": ["f(0)", "f(1)", "f(20)"]}
    assert CHOICES[BEST](Sitting(longer), None) == 2  # type: ignore[arg-type]
    assert CHOICES[SHORTEST](Sitting(longer), None) == 1  # type: ignore[arg-type]


def test_where_no_program_fits_nothing_is_right() -> None:
    sitting = Sitting(ROW | {"did": [*ROW["did"][:-1], [0, 1, 3]]})
    sitting.answer(2)
    assert sitting.report() == (0.0, 0.0, 0.0, 0.0)


def test_an_input_that_never_happens_costs_a_question_and_takes_its_likes_away() -> None:
    sitting = Sitting(ROW | {"answerable": [True, True, False]})
    sitting.answer(2)
    assert sitting.left == [0, 1, 2, 3]
    assert sitting.live == [0, 1]


def test_choices_that_are_drawn_are_the_same_each_time() -> None:
    for arm in CHOICES:
        assert question_many(ROW, arm, 3, 7) == question_many(ROW, arm, 3, 7)
    assert question_many(ROW, BEST, 2, 0)[2][0] == 1.0
