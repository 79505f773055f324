"""Grids that go on where an arm's best lies at their edge."""

from collections.abc import Callable
from typing import Any

import pytest

from ideas_lib.results import load
from ideas_lib.study.runner import run_study
from ideas_lib.study.study import Experiment, Run
from ideas_lib.study.tuning import BEYOND, beyond, choose_settings

LADDER = "grid=({'rate': 0.1}, {'rate': 0.2}, {'rate': 0.4}),"


def experiment(*values: Any, arms: tuple[str, ...] = ("idea",), **more: Any) -> Experiment:
    grid = tuple(value if isinstance(value, dict) else {"lr": value} for value in values)
    return Experiment("main", arms, lambda arm, seed: {}, (100, 101), grid, score="score", **more)


def tuned(
    tried: Experiment, score: Callable[[float], float], rounds: int = 9
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run pilots that score by their rate, as often as more are asked for."""
    runs, done = list(tried.pilots()), {}
    for _ in range(rounds):
        done |= {run.id: {"metrics": {"score": score(dict(run.settings)["lr"])}} for run in runs}
        runs = list(beyond(tried, done))
        if not runs:
            return done, dict(choose_settings(tried, done))
    raise AssertionError(f"still asks for {runs}")


@pytest.mark.parametrize(
    ("best", "further", "ends"),
    [
        (0.02, [], 0.02),
        (0.04, [0.08], 0.04),
        (0.08, [0.08, 0.16], 0.08),
        (9.0, [0.08, 0.16], 0.16),
        (0.01, [0.005], 0.01),
        (1e-6, [0.0025, 0.005], 0.0025),
    ],
)
def test_it_goes_on_until_a_worse_one_is_on_either_side_or_two_steps_are_done(best, further, ends):
    assert BEYOND == 2
    ladder = experiment(0.01, 0.02, 0.04)
    done, chosen = tuned(ladder, lambda lr: -abs(lr - best))
    runs = [Run("main", "pilot", "idea", seed, (("lr", lr),)) for lr in further for seed in (0, 1)]
    assert set(done) == {run.id for run in (*ladder.pilots(), *runs)}
    assert chosen == {"idea": {"lr": ends}}


def test_a_lower_score_can_be_the_better():
    ladder = experiment(0.01, 0.02, 0.04, score_higher=False)
    done, chosen = tuned(ladder, lambda lr: -lr)
    assert chosen == {"idea": {"lr": 0.16}}
    assert len(done) == 2 * 5


def test_each_arm_goes_its_own_way_on_the_pilot_seeds():
    ladder = experiment(0.01, 0.02, 0.04, arms=("none", "idea"), pilot_seeds=(0, 1, 2))
    done = {
        run.id: {"metrics": {"score": dict(run.settings)["lr"] * (run.arm == "idea")}}
        for run in ladder.pilots()
    }
    # With none all are equal: the first is taken, which lies at the edge below.
    runs = list(beyond(ladder, done))
    assert {(run.arm, run.settings) for run in runs} == {
        ("none", (("lr", 0.005),)),
        ("idea", (("lr", 0.08),)),
    }
    assert {run.stage for run in runs} == {"pilot"}
    assert sorted(run.seed for run in runs) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("grid", "after"),
    [
        ((0.003, 0.01, 0.03), 0.09),  # a ladder of threes, rounded as people round
        ((0.01, 0.02, 0.05), 0.12),
        ((0.4, 0.2, 0.1), 0.05),  # downwards
        ((1.0, 10.0, 100.0), 1000.0),
    ],
)
def test_ladders(grid, after):
    ladder = experiment(*grid)
    done = {
        run.id: {"metrics": {"score": grid.index(dict(run.settings)["lr"])}}
        for run in ladder.pilots()
    }
    assert {run.settings for run in beyond(ladder, done)} == {(("lr", after),)}


@pytest.mark.parametrize(
    "grid",
    [
        (0.01, 0.02),  # two make no ladder
        (0.01, 0.02, 0.2),
        (1, 2, 4),  # a number of layers, or of steps: what lies beyond may not be there
        (0.0, 0.1, 0.2),
        (-0.1, -0.2, -0.4),
        ({"lr": 0.1, "w": 1}, {"lr": 0.2, "w": 2}, {"lr": 0.4, "w": 4}),
        ({"lr": 0.1}, {"lr": 0.2}, {"w": 0.4}),
        ({"how": "a"}, {"how": "b"}, {"how": "c"}),
    ],
)
def test_what_is_no_ladder_ends_where_it_ends(grid):
    tried = experiment(*grid)
    done = {run.id: {"metrics": {"score": i}} for i, run in enumerate(tried.pilots())}
    assert list(beyond(tried, done)) == []
    assert choose_settings(tried, done)["idea"] == tried.grid[-1]


def test_what_does_not_vary_stays():
    grid = tuple({"w": 3, "lr": lr} for lr in (0.1, 0.2, 0.4))
    tried = experiment(*grid)
    done = {run.id: {"metrics": {"score": dict(run.settings)["lr"]}} for run in tried.pilots()}
    assert {run.settings for run in beyond(tried, done)} == {(("lr", 0.8), ("w", 3))}


def test_a_step_beyond_with_a_seed_missing_does_not_count():
    ladder = experiment(0.01, 0.02, 0.04)
    done, _ = tuned(ladder, lambda lr: -abs(lr - 0.04))
    further = Run("main", "pilot", "idea", 1, (("lr", 0.08),))
    half = {name: record for name, record in done.items() if name != further.id}
    half[Run("main", "pilot", "idea", 0, (("lr", 0.08),)).id] = {"metrics": {"score": 9.0}}
    assert choose_settings(ladder, half) == {"idea": {"lr": 0.04}}
    assert further in set(beyond(ladder, half))


def test_a_study_goes_beyond_its_grid_and_its_results_say_how_far(toy, capsys):
    toy.edit('grid=({"rate": 0.1}, {"rate": 1.0}),', LADDER)
    run_study("toy", jobs=1)
    said = capsys.readouterr().err
    assert "main, idea: the best lies at an edge, trying rate=0.8" in said
    assert "main, none: the best lies at an edge, trying rate=0.05" in said
    found = load("toy")
    rates = {(r["arm"], r["settings"]["rate"]) for r in found.select("main", "pilot")}
    ladder = {(arm, rate) for arm in ("none", "idea") for rate in (0.1, 0.2, 0.4)}
    assert rates == ladder | {("none", 0.05), ("idea", 0.8), ("idea", 1.6)}
    assert {r["settings"]["rate"] for r in found.select("main", arm="idea")} == {0.8}
    assert {r["settings"]["rate"] for r in found.select("main", arm="none")} == {0.1}
    before = toy.log()
    toy.results.unlink()
    run_study("toy", jobs=1)
    assert toy.log() == before, "what lies beyond is kept, too"


def test_a_rate_that_nobody_asked_for_may_fail(toy, capsys):
    toy.edit('grid=({"rate": 0.1}, {"rate": 1.0}),', LADDER)
    toy.ask(**{"raise": "idea 1 0.8"})
    run_study("toy", jobs=1)
    assert "asked to raise" in capsys.readouterr().err
    assert {r["settings"]["rate"] for r in load("toy").select("main", arm="idea")} == {0.4}
