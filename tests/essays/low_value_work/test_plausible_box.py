"""Many days at once: as one by one, and shares of variance as algebra has them."""

import numpy as np
import pytest

from ideas_lib.essays.low_value_work import plausible_box
from ideas_lib.essays.low_value_work.plausible_box import (
    OUTER,
    PAIRS,
    change,
    planned,
    sample_box,
    sample_days,
    variance_share,
)
from ideas_lib.essays.low_value_work.working_day import SHAPES, Inbox, Work, Worker, plan_day


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("faster", "large"), [(1.0, 1.0), (4.0, 1.0), (3.0, 2.0)])
def test_days_at_once_are_the_days_one_by_one(shape, faster, large):
    days = sample_days(np.random.default_rng(5), OUTER, 25)
    found = planned(days, faster, large, shape)
    for k in range(25):
        day = {name: float(values[k]) for name, values in days.items()}
        first = day["rate"] * day["small"]
        work = Work(day["small"], first, day["fade"], day["large"], day["large"], shape)
        weight = 1 / (1 + day["impatience"] * day["gap"])
        worker, inbox = Worker(day["tick"], weight), Inbox(day["morning"], day["replies"])
        plan = plan_day(work.faster(faster, large), inbox, worker)
        there = [found[name][k] for name in ("small", "large", "value", "felt")]
        assert there == pytest.approx([plan.small, plan.large, plan.value, plan.felt])


def test_an_inbox_without_a_message_and_one_that_never_empties():
    days = sample_days(np.random.default_rng(0), OUTER, 4)
    empty = days | {"morning": np.array([0.0, 0.5, 1.0, 1.0])}
    empty |= {"replies": np.array([1.0, 0.0, 0.0, 1.0]), "tick": np.full(4, 9.0)}
    assert list(planned(empty)["small"][:3]) == [0, 0, 1]
    assert planned(empty)["small"][3] == np.floor(8 / days["small"][3])


def test_a_day_changes_by_nothing_where_nothing_is_faster():
    days = sample_days(np.random.default_rng(1), OUTER, 50)
    assert not change(days, 1.0).any()


def test_whoever_plans_never_feels_worse():
    days = sample_days(np.random.default_rng(2), OUTER, 500)
    felt = [planned(days, faster)["felt"] for faster in (1, 2, 5, 10, 30)]
    assert (np.diff(felt, axis=0) >= -1e-9).all()


def test_a_box_lies_in_the_outer_one_and_is_not_too_narrow():
    for seed in range(20):
        for name, (low, high, doubling) in sample_box(np.random.default_rng(seed)).items():
            least, most, _ = OUTER[name]
            assert least * (1 - 1e-9) <= low < high <= most * (1 + 1e-9)
            ends = np.log([low, high, least, most]) if doubling else [low, high, least, most]
            assert ends[1] - ends[0] >= 0.399 * (ends[3] - ends[2])


def test_each_quantity_is_of_one_group():
    names = [name for group in PAIRS.values() for name in group]
    assert sorted(names) == sorted(OUTER)


def test_shares_of_variance_are_those_of_a_sum(monkeypatch):
    box = {"a": (0.0, 1.0, False), "b": (0.0, 2.0, False), "c": (0.0, 1.0, False)}

    def made(days, faster):
        return faster * days["a"] + days["b"] + 6 * (days["a"] - 0.5) * (days["c"] - 0.5)

    monkeypatch.setattr(plausible_box, "change", made)
    a, b, product = 9 / 12, 4 / 12, 36 / 144
    parts = {("a",): a, ("b",): b, ("a", "c"): a + product, ("a", "b", "c"): a + b + product}
    for names, part in parts.items():
        found = variance_share(np.random.default_rng(3), box, names, 40_000, 3.0)
        assert found == pytest.approx(part / (a + b + product), abs=0.02)
