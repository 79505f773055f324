"""Which threshold is chosen, and its guarantee, by simulation."""

import numpy as np
import pytest
from scipy.stats import binom

from ideas_lib.intervals import clopper_pearson_upper
from ideas_lib.programs.copilot.rule import Threshold, choose_threshold

GRID = ((0.5, 0.25, 0.0),)
VALUES = GRID[0]


def test_the_threshold_is_the_last_that_is_tested_well() -> None:
    scores = [0.6] * 30 + [0.3] * 30 + [0.1] * 40
    right = [True] * 30 + [True] * 29 + [False] + [False] * 40
    found = choose_threshold(scores, right, GRID)
    assert found == Threshold(0.25, 60, 1, clopper_pearson_upper(1, 60), 0.1, 0.9)
    assert choose_threshold(scores, right, GRID, level=0.01) == Threshold(
        None, 0, 0, 1.0, 0.01, 0.9
    )
    # A test that fails ends the sequence, whatever comes behind.
    assert choose_threshold(scores, [False] * 30 + [True] * 70, GRID).score is None
    assert choose_threshold([], [], GRID).score is None


def test_several_starts_share_the_error() -> None:
    scores = [0.9] * 30 + [0.6] * 30 + [0.1] * 40
    right = [True] * 30 + [False] * 70
    assert choose_threshold(scores, right, ((0.5, 0.1),)).score is None
    found = choose_threshold(scores, right, ((0.8,), (0.5, 0.1)))
    assert found == Threshold(0.8, 30, 0, clopper_pearson_upper(0, 30, 0.95), 0.1, 0.9)
    assert choose_threshold(scores, [True] * 100, ((0.8,), (0.5, 0.1))).score == 0.1
    assert choose_threshold(scores, [True] * 100, ((0.5, 0.1), (0.8,))).score == 0.1


@pytest.mark.parametrize("sequences", [GRID, ((0.5,), (0.25, 0.0))])
def test_the_guarantee(sequences: tuple) -> None:
    """The error at the chosen threshold is above the level in at most a tenth of calibrations."""
    rng, tasks, level = np.random.default_rng(0), 100, 0.1
    errors = {0.5: 0.08, 0.25: 0.13, 0.0: 0.3}  # of what is shown at each score
    truth = {0.5: 0.08, 0.25: (0.08 + 0.13) / 2, 0.0: (0.08 + 0.13 + 0.3) / 3}
    above = 0
    for _ in range(1000):
        scores = rng.choice(VALUES, tasks)
        right = rng.random(tasks) >= [errors[score] for score in scores]
        found = choose_threshold(scores.tolist(), right.tolist(), sequences, level=level).score
        above += found is not None and truth[found] > level
    assert above <= binom.ppf(0.9999, 1000, 0.1)
    assert above > 0  # the simulation can fail


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: choose_threshold([0.9], [True], GRID, confidence=1.0), "confidence=1.0"),
        (lambda: choose_threshold([0.1], [], GRID), "1 scores and 0 labels"),
        (lambda: choose_threshold([], [], GRID, level=0.0), "level=0.0"),
    ],
)
def test_what_makes_no_sense(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
