# ruff: noqa: I001 - sorted as a study of the book is, which this is not yet
"""The toy idea, measured in no time."""

import random

from ideas_lib.gpt.tweaks.toy_idea import ToyIdea
from ideas_lib.study import Experiment, Prediction, Study

SETTINGS = dict(
    heads=2,  # how many; this comment survives a fork
    rate=0.5,
    name="rms",
    wide=False,
    shape=(1, 2),
    limit=None,
)

PREDICTION = Prediction(
    claim="heads help",
    outcome="score",
    idea="toy-idea",
    baseline="none",
    margin=0.1,
)


def measure(arm: str, seed: int) -> dict[str, float]:
    """Score a seed: noise, and what the idea adds to it."""
    heads = SETTINGS["heads"]
    noise = random.Random(seed).gauss(0, SETTINGS["rate"])
    help_ = ToyIdea().help(heads) if arm == "toy-idea" else 0.0
    return {"score": noise + help_, "params": 100 * heads}


STUDY = Study(
    slug="toy-idea",
    title="A toy idea",
    prediction=PREDICTION,
    experiments=(Experiment("toy", ("none", "toy-idea"), measure, seeds=(100, 101)),),
    reader=measure,
)
