"""A study with a one-word slug, no tweak, and an outcome that is better when lower."""

import random

from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = {"rate": 0.5, "shift": 0.0}


def measure(arm: str, seed: int) -> dict[str, float]:
    """Return a loss that grows with `rate`; "plain" is also an arm, and stays one in a fork."""
    noise = random.Random(seed).random()
    factor = 2 - (arm == "plain")
    return {"loss": SETTINGS["shift"] + noise * SETTINGS["rate"] * factor}


STUDY = Study(
    slug="plain",
    title="Plain",
    prediction=Prediction("less", "loss", "plain", "none", margin=0.1, higher=False),
    experiments=(Experiment("toy", ("none", "plain"), measure, seeds=(100, 101)),),
    reader=measure,
    reader_seeds=(0, 1, 2),
)
