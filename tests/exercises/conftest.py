"""Templates in words, and the classes that come of them, made once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.exercises import accepting, deciding, drawing
from ideas_lib.exercises.drawing import ExerciseVariant, make_variants
from ideas_lib.exercises.exercise import Exercise
from ideas_lib.exercises.exercise_file import EXAMPLES, read_exercise
from tests.exercises.toy_templates import PRODUCT, SUM

ROOT = Path(__file__).parents[2]
DECIDING = """
import json, sys
from ideas_lib.exercises.harness.apart import run_apart
from ideas_lib.exercises.harness.decide import decide_task
for line in sys.stdin:
    task = json.loads(line)
    holds = task["do"] == "holds" and run_apart(lambda: exec(task["code"], {}), 60)
    print(json.dumps([{"holds": holds is None}] if "code" in task else decide_task(task)))
    sys.stdout.flush()
"""

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


class Decider:
    """Decides draws as the sandbox does, in one process that stays, and is not shut in.

    It is for templates that do no harm: a sandbox for each question takes its time.
    """

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", DECIDING],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, do: str, draws: Sequence[Any], **more: Any) -> list[dict[str, Any]]:
        """Stand in for `ask_sandbox`."""
        assert self.process.stdin
        assert self.process.stdout
        task = {"do": do, "draws": list(draws), "seconds": 60, **more}
        self.process.stdin.write(json.dumps(task) + "\n")
        self.process.stdin.flush()
        return deciding.read_decisions(self.process.stdout.readline(), len(task["draws"]))

    def holds(self, code: str) -> bool:
        """Run the code of a notebook of ours, and say whether it comes through."""
        return bool(self.ask("holds", [None], code=code)[0]["holds"])

    @contextmanager
    def instead(self) -> Iterator[pytest.MonkeyPatch]:
        """Have draws decided here."""
        with pytest.MonkeyPatch.context() as patch:
            for module in (drawing, accepting):
                patch.setattr(module, "ask_sandbox", self.ask)
            yield patch


@pytest.fixture(scope="session")
def decider() -> Iterator[Decider]:
    found = Decider()
    yield found
    with found.process:
        found.process.communicate()
    assert found.process.returncode == 0


@pytest.fixture(scope="session")
def areas(decider: Decider) -> tuple[Exercise, list[ExerciseVariant]]:
    return _made(decider, PRODUCT, 12)


@pytest.fixture(scope="session")
def roots(decider: Decider) -> tuple[Exercise, list[ExerciseVariant]]:
    return _made(decider, EXAMPLES["answer"].read_text(), 2)


def _made(decider: Decider, text: str, count: int) -> tuple[Exercise, list[ExerciseVariant]]:
    exercise = read_exercise(text, "toy")
    with decider.instead():
        return exercise, make_variants([exercise], count)[0]


@pytest.fixture
def here(decider: Decider) -> Iterator[None]:
    """Decide draws by the Decider, and give up on a variant sooner."""
    with decider.instead() as patch:
        patch.setattr(drawing, "TRIES", 6)
        yield
