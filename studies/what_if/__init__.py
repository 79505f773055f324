"""What if: what does it save to run only the tests that a change can touch, and is nothing lost?

A seed is a package, from its source distribution; forty mutations of it are drawn, without looking.
What all its tests give for each of them is found three ways: by a process for each change, by forks
of one process that has collected the tests, each with all tests, and by such forks with those tests
alone that the tool says the change can touch. What it costs to find out who touches what counts.
The plain processes are the referee for every cell.

Beside it: can a cell be told before it is run, from the kind of mutation, how many tests can touch
it, and names? Each package is foretold from the others.

Expected beside the prediction: no cell differs, in any package; by both savings together the tool
is at least three times as fast as a process for each change, in each package. Expected, at odds of
three to two: features save at least 0.05 bits a cell over a rate for each operator.
"""

import json
import math
from pathlib import Path
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study, shared_file

SETTINGS = dict(
    changes=40,
)

PLAIN, ALL, SOME = "a process for each", "all tests, in forks", "tests it can touch, in forks"
RATE, BY_OPERATOR = "one rate", "a rate for each operator"
FEATURES, WITHOUT = "features", "features without names"
COSTING, FORETELLING = "costing", "foretelling"
SEEDS = tuple(range(100, 112))


def asked(seed: int, changes: int = 0) -> dict[str, Any]:
    """Return what a package's changes gave and cost, each way: made once."""
    from studies.what_if.three_ways import ask_three_ways

    count = changes or SETTINGS["changes"]

    def make(path: Path) -> None:
        path.write_text(json.dumps(ask_three_ways(seed, count)), "utf-8")

    return json.loads(shared_file(STUDY, f"{seed}-{count}.json", make).read_text("utf-8"))


def cost(arm: str, seed: int, changes: int = 0) -> dict[str, Any]:
    """Return what one way costs: `doublings` is the logarithm, to base 2, of all its seconds."""
    found = asked(seed, changes)
    key = {PLAIN: "plain", ALL: "all", SOME: "some"}[arm]
    spent = dict(found[key])
    if arm == ALL:
        spent["trace"] = 0.0  # nobody needs to know who runs which line
    total = sum(spent.values())
    rows, count = found["changes"], len(found["changes"])
    report: dict[str, Any] = {"doublings": math.log2(total), "spent": total}
    report |= {f"seconds of {each}": spent.get(each, 0.0) for each in ("base", "watch", "trace")}
    report |= {"seconds of changes": spent["changes"]}
    run = {PLAIN: found["tests"] * count, ALL: sum(row["all run"] for row in rows)}
    run[SOME] = sum(row["run"] for row in rows)
    report |= {"tests run": run[arm] / count, "tests": found["tests"], "flaky": found["flaky"]}
    place = {PLAIN: None, ALL: 1, SOME: 0}[arm]
    differing = [0 if place is None else row["differing"][place] for row in rows]
    report |= {"cells": found["tests"] * count, "cells that differ": sum(differing)}
    report |= {"changes that differ": sum(map(bool, differing)), "changes": count}
    report |= {"all had to be run": sum(bool(row["why"]) for row in rows)}
    return report | {"changes that flip": sum(bool(row["flips"]) for row in rows)}


def foretell(arm: str, seed: int) -> dict[str, Any]:
    """Foretell a package's cells from those of all others; `bits` a cell, each change weighs 1."""
    from studies.what_if.predicting import cells_of, log_loss

    cells = {each: cells_of(asked(each)) for each in SEEDS}
    bits, said, was = log_loss(arm, [cells[each] for each in SEEDS if each != seed], cells[seed])
    bins = [[0, 0.0, 0.0] for _ in range(5)]
    for each, flip in zip(said, was, strict=True):
        one = bins[min(4, int(each * 5))]
        one[0], one[1], one[2] = one[0] + 1, one[1] + each, one[2] + flip
    report: dict[str, Any] = {"bits": bits, "cells": len(said), "flips": sum(was) / len(was)}
    report |= {"said": [b[1] / b[0] if b[0] else 0.0 for b in bins]}
    report |= {"was": [b[2] / b[0] if b[0] else 0.0 for b in bins]}
    return report | {"in bin": [float(b[0]) for b in bins]}


def reader(arm: str, seed: int) -> dict[str, Any]:
    """Ask about eight changes to a module of this library."""
    return cost(arm, seed, changes=8)


STUDY = Study(
    slug="what-if",
    title="Test results, if something changed",
    prediction=Prediction(
        claim="To run only the tests that a change can touch takes at most half the time of all "
        "tests in the same forks, what it costs to find out who touches what included.",
        outcome="doublings",
        higher=False,
        idea=SOME,
        baseline=ALL,
        margin=1.0,
        confidence=0.5,
        change_our_mind="An interval that holds one doubling: then forks alone are the better tool "
        "for packages like these, and one needs no lines by test.",
    ),
    experiments=(
        Experiment(COSTING, (PLAIN, ALL, SOME), cost, SEEDS, seconds=120.0),
        Experiment(FORETELLING, (RATE, BY_OPERATOR, WITHOUT, FEATURES), foretell, SEEDS, seconds=1),
    ),
    reader=reader,
    reader_seeds=(0, 1),
    tolerance=1.0,
)
