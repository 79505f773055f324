"""Copilot: programs are shown only when candidates agree. Is agreement worth more than examples?

Every arm chooses among the same recorded candidates of HumanEval, and is judged by HumanEval's own
tests, which no arm sees. A seed splits the problems: on four fifths a threshold is chosen, so that
at most a fifth of what is shown is wrong with 90 % confidence; on the last fifth it is tried.

How the candidates, and what is known of each, came to be recorded, in the order of its making:

    python -m studies.copilot.sampling MODEL       # a model writes candidates, into .work/copilot/
    python -m studies.copilot.evidence MODEL       # each is tried: results/copilot-evidence-MODEL
    python -m studies.copilot.strictness MODEL     # what would be shown, judged more strictly
    python -m studies.copilot.calibrating MODEL    # what the tool goes by: its calibration.json

After `load_study("copilot")` its parts can be imported wherever the process is at work in the
checkout, as the chapter does: `from studies.copilot.selection import load_evidence, select`.
"""

import random
from functools import partial

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    level=0.2,
    confidence=0.9,
    folds=5,
    splits=20,
)

SMALL, LARGE = "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"
# SHA-256 of results/copilot-evidence-MODEL.jsonl: other evidence makes what was measured stale.
EVIDENCE = {
    SMALL: "8be6faf1ead0bb673f636b2e80fead2d7bfb21d49c584566526c7b7b718b2531",
    LARGE: "0abffd54e9fec84d90457b4f3cf1e83c6a0a8f93b6d9a5aa4035c45b57e694d5",
}
READER_SEEDS = (0, 1, 2, 3)
SEEDS = tuple(range(100, 100 + SETTINGS["splits"]))
IDEA, BASELINE = "agreement", "share that passes"
ARMS = (
    *("parses", "names", "types", "examples", "properties"),
    *(BASELINE, "different programs", IDEA, "agreement, searched"),
)
LEVELS = (0.05, 0.1, 0.15, 0.2, 0.3)


def measure(arm: str, seed: int, model: str, level: float = SETTINGS["level"]) -> dict[str, float]:
    """Calibrate an arm on one part of the problems, and try it on the other.

    `worth` counts a right program as 1 and a wrong one as minus (1 - level) / level, a problem.
    """
    from ideas_lib.programs.copilot.rule import choose_threshold
    from studies.copilot.selection import SCORED, best_candidate, load_evidence

    found = [best_candidate(arm, rows) for rows in load_evidence(model, EVIDENCE[model]).values()]
    random.Random(seed).shuffle(found)
    cut = len(found) // SETTINGS["folds"]
    test, calibration = found[:cut], found[cut:]
    threshold: float | None = 1.0
    if arm in SCORED:
        how = dict(level=level, confidence=SETTINGS["confidence"])
        scores, right = zip(*calibration, strict=True)
        threshold = choose_threshold(scores, right, **how).score
    shown = [ok for score, ok in test if threshold is not None and score >= threshold]
    wrong = len(shown) - sum(shown)
    report = {"worth": (sum(shown) - wrong * (1 - level) / level) / len(test)}
    report |= {"shown": len(shown) / len(test), "wrong": wrong / len(test)}
    return report | {"threshold": -1.0 if threshold is None else threshold}


def at_level(arm: str, seed: int, model: str) -> dict[str, float]:
    """Measure agreement at another level: the arm is the level."""
    return measure(IDEA, seed, model, float(arm))


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
        idea=IDEA,
        baseline=BASELINE,
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
