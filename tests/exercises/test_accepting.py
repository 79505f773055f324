"""A variation is accepted only if everything holds; models are stood in for by what they said."""

import dataclasses
import json

import pytest

from ideas_lib.exercises import accepting
from ideas_lib.exercises.accepting import accept_drafts, mutants_fault, second_fault
from ideas_lib.exercises.draft_requests import (
    BadDraft,
    DraftRun,
    draft_prompt,
    read_draft,
    solving_prompt,
)
from ideas_lib.exercises.drawing import make_variants
from ideas_lib.exercises.exercise import BadExercise
from ideas_lib.exercises.exercise_file import read_exercise
from ideas_lib.lm.request import Reply
from tests.exercises.toy_templates import PRODUCT

STORY = "There are {{ a }} boats, {{ b }} more come in; {{ who }} counts them. Write `total()`."
RIGHT = "```python\ndef total():\n    return {}\n```"


class Said:
    """A model that says what it was told to, and notes what it was asked."""

    def __init__(self, model, *texts, finished=True):
        self.model, self.texts, self.finished, self.asked = model, texts, finished, []

    def generate(self, prompts, samples=1, *, seed=0, decoding=None):
        self.asked += prompts
        return [[Reply(text, self.finished) for text in self.texts] for _ in prompts]


def outcome(exercise, writer, solver, kind="story"):
    asked = DraftRun(kind, Said("writer", *writer), Said("solver", *solver))
    return [(each.gate, each.reason) for each in accept_drafts(exercise, asked)], asked


def solution_of(exercise):
    variant = make_variants([exercise], 1)[0][0]
    return RIGHT.format(variant.expected[0])


def test_stories_are_accepted_once_and_rejections_say_why(here, changed):
    exercise = changed()
    again = STORY.replace("boats", "ships")
    drafts = [STORY, again, exercise.prompt, STORY.replace("{{ a }}", "3")]
    found, asked = outcome(exercise, drafts, ["talk", solution_of(exercise)])
    assert [gate for gate, _ in found] == ["", "duplicate", "duplicate", "text"]
    assert "near-duplicate of accepted draft 1" in found[1][1]
    assert "of the exercise itself" in found[2][1]
    assert "'a' is missing" in found[3][1]
    # The second model sees what a student sees, and nothing else.
    (shown,) = asked.solver.asked
    assert "boats" in shown[0]["content"]
    assert "return" not in shown[0]["content"].replace("return None", "")


def test_a_story_that_nobody_can_solve_is_rejected(here, changed, monkeypatch):
    monkeypatch.setattr(accepting, "SECONDS", 1.0)
    wrong = [RIGHT.format("-1"), "while True: pass"]
    ((gate, reason),), _ = outcome(changed(), [STORY], wrong)
    assert gate == "second"
    assert "none of 2 solutions by solver agrees; the first: " in reason
    assert reason.isprintable()


def test_an_answer_is_solved_by_a_function(here, changed):
    exercise = changed(text=PRODUCT)
    story = "A room has {{ b }} rows of {{ a }} chairs. Count the chairs, please!"
    variant = make_variants([exercise], 1)[0][0]
    say = "```python\ndef answer():\n    return {}\n```".format
    assert outcome(exercise, [story], [say(variant.answer)])[0] == [("", "")]
    wrong = DraftRun("story", Said("writer"), Said("solver", say(int(variant.answer) + 1)))
    assert "none of 1 solutions by solver agrees" in second_fault(exercise, variant, wrong)
    assert "answer()" in solving_prompt(exercise, variant)[0]["content"]


def test_one_model_cannot_write_and_solve(changed):
    one = Said("one")
    with pytest.raises(BadExercise, match="another model by --second"):
        accept_drafts(changed(), DraftRun("story", one, one))


HARDER = {
    "prompt": "{{ who }} has {{ a }} and {{ b }}. Write `total(k)`, with all of it k times.",
    "starter": "def total(k):\n    return None\n",
    "solution": "def total(k):\n    if k < 0: return 0\n    return k * ({{ a }} + {{ b }})\n",
    "calls": ["total(1)", "total(3)", "total(-1)", "total(0)"],
}
LAMBDA = "total = lambda k: 0 if k < 0 else k * ({{ a }} + {{ b }})\n"


@pytest.mark.parametrize(
    ("change", "gate", "says"),
    [
        ({}, "", ""),
        ({"calls": ["total(1)", "total(0)"]}, "mutants", "no test notices that"),
        ({"calls": ["total(1)"]}, "reply", "there are 1 calls"),
        ({"calls": ["total('x')", "total(k)"]}, "reference", "the solution fails: TypeError"),
        ({"starter": "def total(k):\n  return )"}, "reference", "the starter is no Python"),
        ({"starter": HARDER["solution"]}, "reference", "starter holds the whole solution"),
        ({"prompt": HARDER["prompt"] + " Return k * ({{ a }} + {{ b }})"}, "text", "stands there"),
        ({"prompt": 3}, "reply", "is no text"),
        (
            {"starter": "import os\ndef total(k):\n    os.remove('x')\n"},
            "touches",
            "may touch files (os.remove",
        ),
        ({"solution": LAMBDA}, "second", "the solution defines no function"),
        ({"solution": "x = 1", "calls": ["x", "x + 0"]}, "reference", "every call gives 1"),
    ],
)
def test_a_harder_one_has_to_stand_up(here, changed, change, gate, says):
    exercise = changed()
    values = make_variants([exercise], 1)[0][0].values
    total = values["a"] + values["b"]
    solver = f"def total(k):\n    return max(k, 0) * {total}"
    found, _ = outcome(exercise, [json.dumps(HARDER | change)], [solver], "harder")
    assert found[0][0] == gate, found
    assert says in found[0][1]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"prompt": "x"}', "[" * 10**5])
def test_a_reply_that_is_no_variation_says_so(changed, text):
    with pytest.raises(BadDraft):
        read_draft(changed(), "harder", Reply(text, True))
    with pytest.raises(BadDraft, match="cut off"):
        read_draft(changed(), "story", Reply(STORY, False))


def test_what_is_asked_names_holes_and_words_to_keep(changed):
    exercise = changed(("calls: [", "keep: ['`total()`']\ncalls: ["))
    *_, asked = draft_prompt(exercise, "story")
    assert "{{ who }}, {{ a }}, {{ b }}" in asked["content"]
    assert "`total()`" in asked["content"]
    assert "{{ a }} + {{ b }}" not in asked["content"]
    assert '"solution"' in draft_prompt(exercise, "harder")[-1]["content"]


PENS = """
title: Pens
subject: {}
prompt: "{{{{ who }}}} has {{{{ boxes }}}} boxes with {{{{ each }}}} pens in each."
parameters:
  who: {{type: choice, of: [Ada, Ben]}}
  boxes: {{from: 3, to: 9}}
  each: {{from: 3, to: 9}}
{}
"""
GRADED = {
    "answer": "answer: boxes * each",
    "program": r"""
starter: "def total(more):\n    raise NotImplementedError\n"
solution: "def total(more):\n    return {{ boxes }} * {{ each }} + more\n"
calls: [total(0), total(5)]""",
}


@pytest.mark.parametrize("subject", ["program", "answer"])
@pytest.mark.parametrize("kind", ["story", "structure", "harder", "easier"])
def test_the_variation_that_a_model_is_shown_is_one_that_is_accepted(here, subject, kind):
    exercise = read_exercise(PENS.format(subject, GRADED[subject]))
    given, wanted, _ = draft_prompt(exercise, kind)
    text = given["content"].split("\n---\n")[0]
    before = text if kind == "story" else json.loads(text)["prompt"]
    asked = DraftRun(kind, Said("writer", wanted["content"]), None)
    (found,) = accept_drafts(dataclasses.replace(exercise, prompt=before), asked)
    assert (found.gate, found.reason) == ("", "")


def test_an_equivalent_mutant_is_no_fault_of_the_tests(here, changed):
    exercise = dataclasses.replace(
        changed(),
        solution="def total(k):\n    return k if k >= 0 else -k\n",  # > does the same
        calls=("total(5)", "total(0)", "total(-1)", "total(-4)"),
    )
    variant = make_variants([exercise], 1)[0][0]
    assert mutants_fault(variant) == ""
    few = dataclasses.replace(variant, calls=("total(0)",), expected=("0",))
    assert "no test notices" in mutants_fault(few)
