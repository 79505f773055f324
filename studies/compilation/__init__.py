"""Compilation: how many of a model's right steps can be certified in ten seconds?

A seed is a goal: a function on integers as one would write it to be read. A small model wrote it
faster, eight times. A step is a different program that can be read, that is not the goal again, and
that passes a first test: half a second of arguments at the edges. Each is certified or not within
ten seconds on one core: for all arguments of 32 bits that the goal's precondition allows.

Beside it: which of the steps are wrong all the same, and would as many edge-biased tests as fit
into the certifier's time have found them? Do all that read programs agree with Python, on 100,000
pairs of programs and arguments, and does planting bugs in them show? How fast is what comes out?

Expected beside the prediction, at odds of three to two: fewer than three in a hundred of the steps
that pass are wrong. Expected of the readings: no disagreement; and each planted bug shows.
"""

import random
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    seconds=10.0,
    more=60.0,
)

CERTIFIED, BAR = "certified", "60 in 100"
THE_BAR = 0.6
FIRST = 100  # the seed of the first goal
# Goals with a step that passes the first test.
# fmt: off
SEEDS = (
    100, 101, 103, 104, 107, 108, 109, 111, 112, 114, 115, 116, 119, 121, 124, 125, 132, 134,
    135, 136, 138, 139, 140, 141, 142, 143, 145, 146, 150, 151, 152, 153, 154, 155, 156, 157,
    158, 159, 160, 161, 162, 163, 164, 165, 166, 167, 168, 169, 170, 172, 176, 177, 178, 179,
)
# fmt: on
GOALS = tuple(range(100, 180))
BLOCKS = tuple(range(100, 200))
BUG_SEEDS = tuple(range(100, 110))
STEPS, READINGS, BUGS, SPEED = "steps", "readings", "planted bugs", "speed"
TO_C = "to C"
PLANTED_BUGS = (
    "division as in C",
    "and gives a bool",
    "no errors",
    "no short circuit",
    "shifts as if by 3 at most",
    "a narrow product",
    "the checker's division",
    "the checker sees no error",
    "the interpreter's or",
)


def goal_of(seed: int) -> str:
    """Return the name of a seed's goal."""
    from studies.compilation.proposing import goal_sources

    return list(goal_sources())[seed - FIRST]


def certify_steps(arm: str, seed: int) -> dict[str, Any]:
    """Certify the steps of a goal; `certified` is the share that gets a certificate in time.

    `refuted` counts those shown to be wrong, `missed` those of them that as many tests as fit into
    the certifier's time let pass. `later` counts those that a longer time certifies.
    """
    if arm == BAR:
        return {"certified": THE_BAR}
    from ideas_lib.programs.compilation import certify
    from ideas_lib.programs.compilation.program import read_integer_program
    from studies.compilation.proposing import goal_sources
    from studies.compilation.testing_steps import edge_rows, steps_that_pass, try_step

    source = goal_sources()[goal_of(seed)]
    steps = steps_that_pass(goal_of(seed))
    if not steps:
        raise LookupError(f"no step of {goal_of(seed)} passes the first test")
    rows = edge_rows(read_integer_program(source), random.Random(f"again {goal_of(seed)}"))
    counts = dict.fromkeys(("ok", "refuted", "unknown", "missed", "later", "wrong later"), 0)
    seconds, tried = [], []
    for step in steps:
        known = certify(source, step, timeout=SETTINGS["seconds"])
        seconds.append(known.seconds)
        counts["ok"] += known.ok
        counts["refuted"] += known.refuted
        counts["unknown"] += known.unknown
        tested = try_step(source, step, rows, known.seconds)
        tried.append(tested.tried)
        counts["missed"] += known.refuted and tested.passes
        if known.unknown:
            longer = certify(source, step, timeout=SETTINGS["more"])
            counts["later"] += longer.ok
            counts["wrong later"] += longer.refuted
    report: dict[str, Any] = {"certified": counts["ok"] / len(steps), "steps": len(steps)}
    return report | counts | {"took": seconds, "tried": tried}


def read_programs(arm: str, seed: int) -> dict[str, Any]:
    """Compare the readings on a block of random programs."""
    from studies.compilation.reading_fuzz import fuzz_block

    return fuzz_block(arm, seed)


def plant(arm: str, seed: int) -> dict[str, float]:
    """Count the programs until a planted bug shows."""
    from studies.compilation.reading_fuzz import programs_until_found

    return programs_until_found(arm, seed)


def speed_up(arm: str, seed: int) -> dict[str, Any]:
    """Compile a goal itself to C, and time a call."""
    from studies.compilation.speeding import compile_and_time

    return compile_and_time(goal_of(seed))


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Certify the steps of one of the goals; the first of them for seed 0."""
    return certify_steps(arm, SEEDS[seed])


STUDY = Study(
    slug="compilation",
    title="A verifiable compilation",
    prediction=Prediction(
        claim="Of a small model's steps that pass a first test, more than 60 in 100 get a "
        "certificate for all arguments within ten seconds.",
        outcome="certified",
        idea=CERTIFIED,
        baseline=BAR,
        margin=0.05,
        confidence=0.7,
        change_our_mind="An interval that holds 65 in 100: then a model's steps are too hard to "
        "prove for a tool that one waits for.",
    ),
    experiments=(
        Experiment(STEPS, (BAR, CERTIFIED), certify_steps, SEEDS, seconds=20.0),
        Experiment(READINGS, ("32 bits", "all of 4 bits"), read_programs, BLOCKS, seconds=4.0),
        Experiment(BUGS, PLANTED_BUGS, plant, BUG_SEEDS, seconds=2.0),
        Experiment(SPEED, (TO_C,), speed_up, GOALS, seconds=8.0),
    ),
    reader=reader,
    reader_seeds=(0, 1, 2, 3),
    tolerance=0.05,
)
