"""A toy study, as studies/toy.py of a small checkout: what `conftest.toy` is made of.

It tells log.txt which runs begin, and does what files beside it ask: see `obey`.
"""

import math
import os
import random
import signal
import time
from pathlib import Path

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(noise=0.1)
HERE = Path(__file__).resolve().parents[1]
BEST = {"none": 0.1, "idea": 1.0}


def asked(name: str) -> str:
    """Return what a file of that name says, or "" where there is none."""
    try:
        return (HERE / name).read_text()
    except FileNotFoundError:
        return ""


def obey(run: str) -> None:
    """Say that a run begins; wait, raise or die where a file names a part of its name."""
    handle = os.open(HERE / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{run}\n".encode())
    os.close(handle)
    while (part := asked("wait")) and part in run:
        time.sleep(0.01)
    if (part := asked("raise")) and part in run:
        raise OSError(f"asked to raise at {part}")
    if (part := asked("die")) and part in run:
        os.kill(os.getpid(), signal.SIGKILL)
    if (part := asked("edit")) and part in run:
        Path(__file__).write_text(Path(__file__).read_text() + "MORE = 1\n")


def measure(arm: str, seed: int, rate: float = 1.0) -> dict[str, object]:
    """Score best at each arm's own rate."""
    obey(f"{arm} {seed} {rate}.")
    noise = SETTINGS["noise"] * random.Random(seed).random()
    score = (arm == "idea") + noise - abs(math.log10(rate / BEST[arm]))
    return {
        "score": score,
        "solved": int(score > 0.5),
        "curve": [score / (step + 1) for step in range(150)],
        "masses": {"first": [[score, 0.0]]},
        "params": 7,
    }


def other(arm: str, seed: int) -> dict[str, float]:
    """Measure something of no consequence."""
    obey(f"other {arm} {seed}.")
    return {"loss": seed + len(arm) / 3, "flops": 12}


STUDY = Study(
    slug="toy",
    title="Toy",
    prediction=Prediction("the idea helps", "score", "idea", "none", margin=0.5),
    experiments=(
        Experiment(
            "main",
            ("none", "idea"),
            measure,
            seeds=(100, 101, 102, 103),
            grid=({"rate": 0.1}, {"rate": 1.0}),
            score="score",
            seconds=30,
        ),
        Experiment("other", ("none", "idea"), other, seeds=(100, 101), seconds=60),
    ),
    reader=measure,
)
