"""The same two cities after two questions: one that has an answer, and one that any city meets."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ideas_lib.datasets.capitals import WORDINGS, Place

__all__ = ["CAPITAL", "CITY", "any_city", "log_odds"]

CAPITAL, CITY = "asked for the capital", "asked for any city"


def any_city(wording: str) -> str:
    """Return a wording of the bank with any city in the place of the capital.

    Raises ValueError for a wording that asks for no capital.
    """
    found = wording.replace("The capital of", "A city in").replace("the capital of", "a city in")
    if found == wording:
        raise ValueError(f"{wording!r} asks for no capital")
    return found


def log_odds(
    places: Sequence[Place],
    question: str,
    model: str,
    store: Path | str,
    wordings: Sequence[str] = WORDINGS,
) -> NDArray[np.float64]:
    """Return log p(capital) - log p(other city), in nats, shape (places, wordings)."""
    from ideas_lib.lm.scoring.logprobs import compare

    asked = [any_city(each) for each in wordings] if question == CITY else wordings
    found = []
    for place in places:
        contexts, phrases = [each.format(place.name) for each in asked], place.phrases()
        scored = compare(contexts, phrases, endpoint=model, store=store).contrast(*phrases)
        found.append(scored.frame["difference"].to_numpy(float))
    return np.array(found)
