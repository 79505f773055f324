"""Templates in words, and the classes that come of them, made once."""

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ideas_lib.exercises import accepting, deciding, drawing
from ideas_lib.exercises.drawing import ExerciseVariant, make_variants
from ideas_lib.exercises.exercise import Exercise
from ideas_lib.exercises.exercise_file import EXAMPLES, read_exercise
from ideas_lib.exercises.harness.decide import decide_task
from tests.exercises.toy_templates import PRODUCT, SUM

# The others have exercises decided in the sandbox.
collect_ignore_glob = [] if sys.platform.startswith("linux") else ["test_[!mrt]*.py"]


@pytest.fixture
def changed() -> Callable[..., Exercise]:
    """Read SUM or another template with some of its text replaced."""

    def read(*pairs: tuple[str, str], text: str = SUM) -> Exercise:
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        return read_exercise(text, "t.yaml")

    return read


@pytest.fixture(scope="session")
def postage() -> tuple[Exercise, list[ExerciseVariant]]:
    exercise = read_exercise(EXAMPLES["program"].read_text(), "example")
    return exercise, make_variants([exercise], 3, term="t")[0]


@pytest.fixture(scope="session")
def speeds() -> tuple[Exercise, list[ExerciseVariant]]:
    exercise = read_exercise(EXAMPLES["units"].read_text(), "example")
    return exercise, make_variants([exercise], 2, term="t")[0]


@pytest.fixture(scope="session")
def areas() -> tuple[Exercise, list[ExerciseVariant]]:
    return _made_here(PRODUCT, 12)


@pytest.fixture(scope="session")
def roots() -> tuple[Exercise, list[ExerciseVariant]]:
    return _made_here(EXAMPLES["answer"].read_text(), 2)


def _made_here(text: str, count: int) -> tuple[Exercise, list[ExerciseVariant]]:
    exercise = read_exercise(text, "toy")
    with pytest.MonkeyPatch.context() as patch:
        _decide_here(patch)
        return exercise, make_variants([exercise], count)[0]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide draws in this process: for templates that do no harm, as a sandbox takes its time."""
    _decide_here(monkeypatch)
    monkeypatch.setattr(drawing, "TRIES", 6)


def _decide_here(patch: pytest.MonkeyPatch) -> None:
    def decide(do: str, draws: Any, **more: Any) -> Any:
        task = json.loads(json.dumps({"do": do, "draws": list(draws), "seconds": 60, **more}))
        text = json.dumps(decide_task(task))
        return deciding.read_decisions(text, len(task["draws"]))

    for module in (drawing, accepting):
        patch.setattr(module, "ask_sandbox", decide)
