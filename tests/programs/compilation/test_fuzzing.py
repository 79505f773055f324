"""All that reads a program agrees with Python; and where a bug is planted, this notices."""

import random

import pytest
import z3

from ideas_lib.programs.compilation.fuzzing import Disagreement, compare_readings, sample_source
from studies.compilation.planting import PLANTED, planted


def fuzzed(first: int, programs: int, rows: int = 4) -> tuple[int, list[Disagreement]]:
    count, found = 0, []
    for seed in range(first, first + programs):
        rng = random.Random(seed)
        source = sample_source(rng, plain=seed % 2 == 0)
        some = [(rng.randrange(-8, 8), rng.randrange(-8, 8)) for _ in range(rows)]
        answers, wrong = compare_readings(source, some, 4)
        count, found = count + answers, found + wrong
    return count, found


def test_every_reading_agrees_with_python() -> None:
    count, found = fuzzed(1000, 30)
    assert found == []
    assert count > 300


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found(bug: str) -> None:
    with planted(bug):
        for first in range(0, 60, 5):
            try:
                if fuzzed(first, 5)[1]:
                    return
            except (z3.Z3Exception, AssertionError):  # it is noticed, too
                return
    pytest.fail(f"{bug}: nothing disagreed")
