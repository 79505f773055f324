import numpy as np
import pytest

from ideas_lib.essays.programming_again import (
    Saying,
    World,
    listen,
    sample_world,
    train_speaker,
)
from ideas_lib.gpt.model import GPT


@pytest.fixture(scope="session")
def creatures() -> tuple[World, GPT, Saying]:
    """A clear world, a model that has learned a little of it, and what it says."""
    world = sample_world(np.random.default_rng(0), quirk=0.2)
    model = train_speaker(world, seed=0, steps=150)
    return world, model, listen(model, world, seed=0)
