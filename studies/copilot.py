"""Copilot: programs are shown only when candidates agree. Is agreement worth more than examples?

Every arm chooses among the same recorded candidates of HumanEval, and is judged by HumanEval's own
tests, which no arm sees. A seed splits the problems: on four fifths a threshold is chosen, so that
at most a fifth of what is shown is wrong with 90 % confidence; on the last fifth it is tried.
"""

import functools
import json
import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    level=0.2,
    confidence=0.9,
    folds=5,
    splits=20,
)

SMALL, LARGE = "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"
READER_SEEDS = (0, 1, 2, 3)
SEEDS = tuple(range(100, 100 + SETTINGS["splits"]))
# Each arm shows the first candidate that comes through the rungs up to this one.
FIRST = {
    "parses": ("parse",),
    "names": ("parse", "names"),
    "types": ("parse", "names", "types"),
    "examples": ("parse", "names", "types", "examples"),
    "properties": ("parse", "names", "types", "examples", "properties"),
}
AGREE, SEARCHED = "agreement", "agreement, searched"
COPIES_ONCE, SHARE = "different programs", "share that passes"
COUNTS = {AGREE: "alike", SEARCHED: "searched", COPIES_ONCE: "different"}
SCORED = (*COUNTS, SHARE)
ARMS = (*FIRST, *SCORED)
LEVELS = (0.05, 0.1, 0.15, 0.2, 0.3)

Rows = Sequence[Mapping[str, Any]]


@functools.cache
def evidence(model: str) -> dict[str, Rows]:
    """Return the recorded evidence: problem -> candidates; none of those the rules were made on."""
    from ideas_lib.programs.copilot.humaneval import development
    from ideas_lib.root import root

    text = (root() / "results" / f"copilot-evidence-{model}.jsonl").read_text(encoding="utf-8")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in map(json.loads, text.splitlines()):
        if not development(row["task"]):
            found.setdefault(row["task"], []).append(row)
    return {task: tuple(rows) for task, rows in found.items()}


def first(arm: str, rows: Rows) -> tuple[float, bool]:
    """Return 1 and whether it is right for the first candidate that comes so far, else 0."""
    passed = [row for row in rows if row["fell"] not in FIRST[arm]]
    return (1.0, passed[0]["right"]) if passed else (0.0, False)


def scored(arm: str, rows: Rows) -> tuple[float, bool]:
    """Return the best candidate's score, and whether it is right."""
    left = [row for row in rows if not row["fell"] and row["alike"]]
    if not left:
        return 0.0, False
    if arm == SHARE:  # how many come through, whatever they do
        return len(left) / len(rows), left[0]["right"]
    best = max(left, key=lambda row: row[COUNTS[arm]])
    return best[COUNTS[arm]] / len(rows), best["right"]


def measure(arm: str, seed: int, model: str, level: float = SETTINGS["level"]) -> dict[str, float]:
    """Calibrate an arm on one part of the problems, and try it on the other.

    `worth` counts a right program as 1 and a wrong one as minus (1 - level) / level, a problem.
    """
    from ideas_lib.programs.copilot.rule import choose

    found = [(scored if arm in SCORED else first)(arm, rows) for rows in evidence(model).values()]
    random.Random(seed).shuffle(found)
    cut = len(found) // SETTINGS["folds"]
    test, calibration = found[:cut], found[cut:]
    threshold: float | None = 1.0
    if arm in SCORED:
        how = dict(level=level, confidence=SETTINGS["confidence"])
        scores, right = zip(*calibration, strict=True)
        threshold = choose(scores, right, **how).score
    shown = [ok for score, ok in test if threshold is not None and score >= threshold]
    wrong = len(shown) - sum(shown)
    report = {"worth": (sum(shown) - wrong * (1 - level) / level) / len(test)}
    report |= {"shown": len(shown) / len(test), "wrong": wrong / len(test)}
    report["threshold"] = -1.0 if threshold is None else threshold
    return report | ({"error": wrong / len(shown)} if shown else {})


def at_level(arm: str, seed: int, model: str) -> dict[str, float]:
    """Measure agreement at another level: the arm is the level."""
    return measure(AGREE, seed, model, float(arm))


def reader(arm: str, seed: int) -> dict[str, float]:
    """Measure one arm on one split of the smaller model's candidates."""
    return measure(arm, seed, SMALL)


SPLITS = dict(seeds=SEEDS, seconds=0.1, overlap=1 / (SETTINGS["folds"] - 1))

STUDY = Study(
    slug="copilot",
    title="Copilot",
    prediction=Prediction(
        claim="Of programs that come through every test there is, those that several candidates "
        "agree on are worth more than those of which many candidates come through: at an error of "
        "at most a fifth, at least 0.05 right programs a problem more, when a wrong one costs "
        "four right ones.",
        outcome="worth",
        idea=AGREE,
        baseline=SHARE,
        margin=0.05,
        change_our_mind="An interval below 0.05: then what candidates do on other inputs says no "
        "more than how many of them pass the examples.",
    ),
    experiments=(
        Experiment("small", ARMS, partial(measure, model=SMALL), **SPLITS),
        Experiment("large", ARMS, partial(measure, model=LARGE), **SPLITS),
        Experiment("levels", tuple(map(str, LEVELS)), partial(at_level, model=SMALL), **SPLITS),
    ),
    reader=reader,
    reader_seeds=READER_SEEDS,
    tolerance=1e-9,
)  # fmt: skip
