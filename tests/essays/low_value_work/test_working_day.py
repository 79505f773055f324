"""A day that is planned exactly: against every order of tasks there is, and by hand."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from ideas_lib.essays.low_value_work.working_day import (
    SHAPES,
    Inbox,
    Work,
    Worker,
    moment_day,
    plan_day,
)


def orders(work: Work, inbox: Inbox, hours: float, done: str = "") -> Iterator[str]:
    """Every order of tasks that a day allows, each task begun only if it can be finished."""
    yield done
    small, large = done.count("s"), done.count("L")
    late = small * work.small + large * work.large
    if late + work.small <= hours + 1e-9 and inbox.waiting(small, late / hours):
        yield from orders(work, inbox, hours, done + "s")
    if late + work.large <= hours + 1e-9:
        yield from orders(work, inbox, hours, done + "L")


def worth(work: Work, worker: Worker, order: str) -> tuple[float, float]:
    """What an order of tasks feels like, and what it is worth, task by task."""
    felt = value = 0.0
    for k, kind in enumerate(order):
        n = order[:k].count("s")
        if kind == "L":
            own, shown = work.worth, worker.weight * work.worth
        else:
            falls = {"falling": math.exp(-n / work.fade), "even": 1.0}
            own = shown = work.first * falls.get(work.shape, 1 / (1 + n / work.fade))
        value, felt = value + own, felt + shown + worker.tick
    return felt, value


def sample(rng: np.random.Generator) -> tuple[Work, Inbox, Worker, float]:
    work = Work(
        small=rng.uniform(0.35, 0.7),
        first=rng.uniform(0.0, 1.0),
        fade=rng.uniform(1.0, 6.0),
        large=rng.uniform(0.8, 2.0),
        worth=rng.uniform(0.0, 2.0),
        shape=SHAPES[int(rng.integers(3))],
    )
    inbox = Inbox(rng.uniform(0.0, 6.0), rng.uniform(0.0, 1.2), rng.uniform(0.0, 1.0))
    return work, inbox, Worker(rng.uniform(0.0, 0.3), rng.uniform(0.0, 1.0)), rng.uniform(2.0, 4.0)


@pytest.mark.parametrize("seed", range(25))
def test_no_order_of_tasks_feels_better_than_the_plan(seed):
    work, inbox, worker, hours = sample(np.random.default_rng(seed))
    plan = plan_day(work, inbox, worker, hours)
    every = list(orders(work, inbox, hours))
    assert plan.order in every
    assert plan.felt == pytest.approx(max(worth(work, worker, order)[0] for order in every))
    felt, value = worth(work, worker, plan.order)
    assert (plan.felt, plan.value) == pytest.approx((felt, value))
    assert (plan.small, plan.large) == (plan.order.count("s"), plan.order.count("L"))


@pytest.mark.parametrize("seed", range(10))
def test_a_day_by_the_moment_is_a_day_and_feels_no_better(seed):
    work, inbox, worker, hours = sample(np.random.default_rng(seed))
    found = moment_day(work, inbox, worker, hours)
    assert found.order in set(orders(work, inbox, hours))
    assert found.felt <= plan_day(work, inbox, worker, hours).felt + 1e-9


def test_by_the_moment_the_better_paid_hour_comes_first():
    # A quarter of an hour for 0.5, 0.18, 0.07, against two hours for 2: the second pays less.
    work = Work(0.25, 0.5, 1.0, 2.0, 2.0)
    assert moment_day(work, Inbox(9), Worker(), hours=3.0).order == "sLsss"


def test_a_worker_who_feels_what_work_is_worth_loses_nothing_by_speed():
    work, inbox = Work(), Inbox(20, 0.5)
    values = [plan_day(work.faster(k), inbox, Worker()).value for k in (1, 2, 3, 5, 10)]
    assert values == sorted(values)


def test_whoever_plans_feels_no_worse_when_anything_is_faster():
    # Where post is still to come she may be done too early for it: she does not wait.
    for seed in range(10):
        work, inbox, worker, _ = sample(np.random.default_rng(seed))
        now = Inbox(inbox.morning, inbox.replies)
        felt = [plan_day(work.faster(k, k), now, worker).felt for k in (1.0, 1.7, 4.0)]
        assert np.all(np.diff(felt) >= -1e-9)


@pytest.mark.parametrize(("times", "large"), [(0.9, 0), (1.2, 2), (2.0, 2)])
def test_below_the_cliff_the_whole_day_goes_to_ticks(times, large):
    # Where small tasks never run out, ticks alone pay more an hour than thinking feels like once
    # tick / small beats (weight * worth + tick) / large.
    worker, work = Worker(tick=0.05, weight=0.8), Work()
    cliff = worker.tick * work.large / (worker.weight * work.worth + worker.tick)
    faster = work.faster(work.small / (times * cliff))
    assert plan_day(faster, Inbox(20, 1.0), worker).large == large


def test_post_that_comes_later_is_not_done_before_it_came():
    work = Work(small=1.0, first=1.0, fade=9.0, large=1.0, worth=0.01)
    assert plan_day(work, Inbox(4, later=1.0), Worker(), 4.0).order == "Lsss"
    assert plan_day(work, Inbox(4), Worker(), 4.0).order == "ssss"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Work(small=0), "small=0.0 must be a finite number above 0"),
        (lambda: Work(large=math.inf), "large=inf"),
        (lambda: Work(first=-1), "first=-1"),
        (lambda: Work(worth=math.nan), "worth=nan"),
        (lambda: Work(fade="ten"), "fade='ten' must be a number"),
        (lambda: Work(small=True), "small=True must be a number"),
        (lambda: Work(shape="round"), "shape='round' is none of falling"),
        (lambda: Work().faster(0), "small=0"),
        (lambda: Inbox(-1), "morning=-1"),
        (lambda: Inbox(later=2), "later=2 is a share"),
        (lambda: Worker(tick=-0.1), "tick=-0.1"),
        (lambda: plan_day(Work(), Inbox(), Worker(), 0), "hours=0"),
        (lambda: plan_day(Work(small=1e-4), Inbox(), Worker()), "more than 20,000 would fit"),
    ],
)
def test_what_is_no_day_is_refused_by_name(make, words):
    with pytest.raises(ValueError, match=words):
        make()
