"""Results of a study of two arms, as they would be read from its file."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ideas_lib.results import FIELDS, Results
from ideas_lib.study.study import Experiment, Prediction, Study


@pytest.fixture
def made() -> Callable[..., Results]:
    """Make results of arms `with` and `without`, a value a seed; `how` is of the prediction."""

    def results(
        slug: str,
        idea: Sequence[float],
        baseline: Sequence[float],
        margin: float = 0.1,
        outcome: str = "score",
        overlap: float = 0.0,
        **how: Any,
    ) -> Results:
        seeds = tuple(range(100, 100 + len(idea)))
        arms = {"without": baseline, "with": idea}
        deciding = Experiment("main", tuple(arms), lambda arm, seed: {}, seeds, overlap=overlap)
        study = Study(
            slug,
            "Toy",
            prediction=Prediction("better", outcome, "with", "without", margin, **how),
            experiments=(deciding,),
            reader=lambda arm, seed: {},
        )
        blank = dict.fromkeys(FIELDS) | {"experiment": "main", "stage": "verdict"}
        records = (
            blank | {"arm": arm, "seed": seed, "metrics": {outcome: value}, "settings": {}}
            for arm, values in arms.items()
            for seed, value in zip(seeds, values, strict=True)
        )
        return Results(study, tuple(records))

    return results
