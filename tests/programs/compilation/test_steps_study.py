"""The study's goals, tests of steps and planted bugs."""

import random

import pytest

from ideas_lib.programs.compilation.interpreter import contract_holds, interpret
from ideas_lib.programs.compilation.program import read_integer_program
from studies.compilation import GOALS, PLANTED_BUGS
from studies.compilation.planting import PLANTED
from studies.compilation.proposing import goal_sources
from studies.compilation.reading_fuzz import EVERY, fuzz_block, programs_until_found
from studies.compilation.testing_steps import edge_rows, try_step

ONES = goal_sources()["ones"]


def test_there_is_a_goal_for_each_seed_and_a_bug_for_each_name() -> None:
    assert len(goal_sources()) == len(GOALS)
    assert tuple(PLANTED) == PLANTED_BUGS


@pytest.mark.parametrize("goal", goal_sources())
def test_goals_are_in_the_subset_and_end_on_what_they_allow(goal: str) -> None:
    program = read_integer_program(goal_sources()[goal])
    rows = edge_rows(program, random.Random(0))[:60]
    assert len(rows) > 10
    for row in rows:
        assert contract_holds(program, row)
        assert interpret(program, row).error == ""


def test_a_wrong_step_is_found_and_a_right_one_passes() -> None:
    rows = edge_rows(read_integer_program(ONES), random.Random(0))
    right = "def fast_ones(n):\n    return n.bit_count()\n"
    wrong = "def fast_ones(n):\n    return (n & 32767).bit_count()\n"
    assert try_step(ONES, right, rows, 0.3).passes
    found = try_step(ONES, wrong, rows, 0.3)
    assert not found.passes
    assert found.differs is not None
    assert found.differs[0] >= 32768


def test_a_step_that_hangs_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studies.compilation.testing_steps.PATIENCE", 0.5)
    hangs = "def fast_ones(n):\n    while n >= 0:\n        n = n\n    return n\n"
    assert try_step(ONES, hangs, [(1,)], 0.1).hangs


def test_a_block_of_random_programs_has_no_disagreement_and_a_planted_bug_shows() -> None:
    found = fuzz_block(EVERY, 5)
    assert found["pairs"] == 768
    assert found["disagreements"] == 0
    assert found["answers"] > found["pairs"]
    assert programs_until_found("division as in C", 5)["found"] == 1.0
