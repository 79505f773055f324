"""Low-value work: small tasks get ten times faster. What makes the day worse, tick or impatience?

A seed is a box of what is plausible: a range for each quantity, drawn from within a wider one. In
each box many days are planned exactly, before and after the speed-up, by a worker who feels a tick
at each finished task and discounts what comes later. Then the tick is taken away from the same
days, or the impatience, or the replies that answers bring.
"""

import math
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    days=4096,
    faster=10.0,
    thinking_faster=1.0,
    worse_minutes=10.0,
    tick_minutes=10.0,
    most_replies=1.1,
    shape="falling",
)

SEEDS = tuple(range(100, 140))
AS_IT_IS, NO_TICK, NO_IMPATIENCE = "as it is", "no tick", "no impatience"
TAKEN = {AS_IT_IS: "", NO_TICK: "tick", NO_IMPATIENCE: "impatience", "no replies": "replies"}
SPEEDS = (2.0, 5.0, 30.0)
ONE_MINUTE = 1 / 60
TIMED = 24  # days of a box that are solved one by one
# What else could be so: other outer ranges, and other days.
ASSUMPTIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as assumed": ({}, {}),
    "worth falls slowly": ({}, {"shape": "slowly falling"}),
    "worth does not fall": ({}, {"shape": "even"}),
    "thinking three times faster": ({}, {"large": 3.0}),
    "thinking ten times faster": ({}, {"large": 10.0}),
    "ticks below a minute": ({"tick": (0.01 * ONE_MINUTE, ONE_MINUTE, True)}, {}),
    "impatience ten times stronger": ({"impatience": (0.1, 10.0, True)}, {}),
    "at most one reply in two": ({"replies": (0.0, 0.5, False)}, {}),
}
POST = {"post in the morning": 0.0, "post all day": 1.0, "by the moment": 0.0}
INBOXES = {"twenty, and no more": 0.0, "one comes for each that goes": 1.0}
LEARNING_SPEEDS = (1.0, 2.0, 5.0, 10.0)


def box_of(seed: int, other: dict[str, Any] | None = None) -> Any:
    """Return a seed's box; `other` outer ranges take the place of the study's."""
    import numpy as np

    from ideas_lib.essays.low_value_work.plausible_box import OUTER, sample_box

    outer = dict(OUTER)
    outer["tick"] = (outer["tick"][0], SETTINGS["tick_minutes"] * ONE_MINUTE, True)
    outer["replies"] = (0.0, SETTINGS["most_replies"], False)
    return sample_box(np.random.default_rng([seed, 0]), outer | (other or {}))


def days_of(seed: int, count: int, other: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a seed's days, drawn from its box."""
    import numpy as np

    from ideas_lib.essays.low_value_work.plausible_box import sample_days

    return sample_days(np.random.default_rng([seed, 1]), box_of(seed, other), count)


def without(days: dict[str, Any], arm: str) -> dict[str, Any]:
    """Return the same days without what the arm takes away."""
    return {name: 0 * values if name == TAKEN[arm] else values for name, values in days.items()}


def made_worse(before: Any, after: Any) -> float:
    """Return the share of days that lose as many minutes of thinking as the settings say."""
    return float((before["value"] - after["value"] >= SETTINGS["worse_minutes"] / 60).mean())


def boxes(arm: str, seed: int, count: int = SETTINGS["days"]) -> dict[str, float]:
    """Plan a box's days before and after each speed-up, with one thing taken away."""
    from ideas_lib.essays.low_value_work.plausible_box import HOURS, planned

    days, shape = without(days_of(seed, count), arm), SETTINGS["shape"]
    before = planned(days, shape=shape)
    after = planned(days, SETTINGS["faster"], SETTINGS["thinking_faster"], shape)
    found = {"made worse": made_worse(before, after)}
    found["gain"] = float((after["value"] - before["value"]).mean()) / HOURS
    found["feels worse"] = float((after["felt"] < before["felt"] - 1e-9).mean())
    for name, plan in (("before", before), ("after", after)):
        found[f"thinking {name}"] = float((plan["large"] * days["large"]).mean())
        found[f"small tasks {name}"] = float(plan["small"].mean())
    for speed in SPEEDS:
        found[f"made worse at {speed:g}"] = made_worse(before, planned(days, speed, shape=shape))
    return found


def variance(arm: str, seed: int) -> dict[str, float]:
    """Return the share of a box's variance of the change that a group of quantities explains."""
    import numpy as np

    from ideas_lib.essays.low_value_work.plausible_box import PAIRS, variance_share

    def explained(faster: float) -> float:
        rng = np.random.default_rng([seed, 2])
        return variance_share(rng, box_of(seed), PAIRS[arm], SETTINGS["days"], faster)

    return {"share": explained(SETTINGS["faster"]), "share at 2": explained(2.0)}


def assumptions(arm: str, seed: int) -> dict[str, float]:
    """Count the days made worse where something else is assumed, with each thing taken away."""
    from ideas_lib.essays.low_value_work.plausible_box import planned

    other, how = ASSUMPTIONS[arm]
    shape, large = how.get("shape", SETTINGS["shape"]), how.get("large", 1.0)
    found, days = {}, days_of(seed, SETTINGS["days"] // 4, other)
    for taken in TAKEN:
        left = without(days, taken)
        after = planned(left, SETTINGS["faster"], large, shape)
        found[taken] = made_worse(planned(left, shape=shape), after)
    return found


def timing(arm: str, seed: int) -> dict[str, float]:
    """Solve some days by dynamic programming, with post all day, or choose by the moment."""
    import numpy as np

    from ideas_lib.essays.low_value_work.working_day import (
        Inbox,
        Work,
        Worker,
        moment_day,
        plan_day,
    )

    solve = moment_day if arm == "by the moment" else plan_day
    days, lost = days_of(seed, TIMED), []
    for k in range(TIMED):
        day = {name: float(values[k]) for name, values in days.items()}
        work = Work(day["small"], day["rate"] * day["small"], day["fade"], day["large"],
                    day["large"], SETTINGS["shape"])  # fmt: skip
        inbox = Inbox(day["morning"], day["replies"], POST[arm])
        worker = Worker(day["tick"], 1 / (1 + day["impatience"] * day["gap"]))
        both = (work, work.faster(SETTINGS["faster"]))
        before, after = (solve(each, inbox, worker) for each in both)
        lost.append(before.value - after.value)
    worse = np.mean(np.array(lost) >= SETTINGS["worse_minutes"] / 60)
    return {"made worse": float(worse), "gain": -float(np.mean(lost)) / 8}


def learning(arm: str, seed: int) -> dict[str, Any]:
    """Let a worker without tick or impatience learn from what has paid, at each speed."""
    import numpy as np

    from ideas_lib.essays.low_value_work.credit_learner import learned_day
    from ideas_lib.essays.low_value_work.working_day import Inbox, Work

    work, inbox, found = Work(shape=SETTINGS["shape"]), Inbox(20, INBOXES[arm]), {}
    for speed in LEARNING_SPEEDS:
        rng = np.random.default_rng([seed, 3, math.floor(speed)])
        found[f"value at {speed:g}"] = learned_day(work.faster(speed), inbox, rng, days=30)["value"]
    return found


def reader(arm: str, seed: int) -> dict[str, float]:
    """Plan a few days of one box."""
    return boxes(arm, seed, 512)


STUDY = Study(
    slug="low-value-work",
    title="Low-value work",
    prediction=Prediction(
        claim="When small tasks get ten times faster, a worker without the tick has at least 3 in a"
        " hundred fewer days made worse than one without impatience, on average over boxes.",
        outcome="made worse",
        idea=NO_TICK,
        baseline=NO_IMPATIENCE,
        margin=0.03,
        higher=False,
        confidence=0.9,
        change_our_mind="An interval below 0.03: then impatience, the usual suspect, does as much "
        "of the harm, and the tick is no better a thing to take away.",
    ),
    experiments=(
        Experiment("boxes", tuple(TAKEN), boxes, SEEDS, seconds=0.3),
        Experiment(
            "variance",
            ("tick and replies", "impatience and gap", "the work itself"),
            variance,
            SEEDS,
            seconds=0.3,
        ),
        Experiment("assumptions", tuple(ASSUMPTIONS), assumptions, SEEDS[:12], seconds=0.2),
        Experiment("timing", tuple(POST), timing, SEEDS[:20], seconds=0.3),
        Experiment("learning", tuple(INBOXES), learning, SEEDS[:12], seconds=0.5),
    ),
    reader=reader,
    tolerance=0.01,
)
