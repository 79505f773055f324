"""A worker who learns by what has paid: she finds what pays where she can see it."""

import numpy as np
import pytest

from ideas_lib.essays.low_value_work.credit_learner import learned_day
from ideas_lib.essays.low_value_work.working_day import Inbox, Work


def learned(work: Work, inbox: Inbox, seed: int = 0, **how: float) -> dict[str, float]:
    return learned_day(work, inbox, np.random.default_rng(seed), **how)


def test_what_pays_at_once_is_learned():
    dull = Work(small=0.25, first=0.01, large=2.0, worth=4.0)
    found = learned(dull, Inbox(20, 1.0), gap=0.0, memory=1e-3, explore=0.05)
    assert found["large"] > 3
    rich = Work(small=0.25, first=2.0, fade=1e6, large=2.0, worth=0.1)
    assert learned(rich, Inbox(20, 1.0), gap=0.0, memory=1e-3)["large"] < 1.5


def test_an_empty_inbox_leaves_large_work_alone():
    found = learned(Work(), Inbox(0))
    assert found == {"value": 8.0, "small": 0.0, "large": 4.0}


def test_the_same_seed_learns_the_same():
    assert learned(Work(), Inbox(20, 1.0), 3) == learned(Work(), Inbox(20, 1.0), 3)


def test_a_day_is_worth_what_was_done_in_it():
    found = learned(Work(first=0.0), Inbox(20, 1.0))
    assert found["value"] == pytest.approx(2 * found["large"])
