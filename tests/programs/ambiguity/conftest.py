"""Programs of ours, tried without a sandbox: what is tested then is what is made of outcomes."""

import contextlib
import functools
import io
from collections.abc import Sequence
from typing import Any

import pytest

from ideas_lib.programs.ambiguity import invariants, observing, trial_inputs
from ideas_lib.programs.ambiguity.harness import acts
from ideas_lib.programs.ambiguity.outcomes import Outcome, told_outcome
from ideas_lib.programs.checks import contracts
from ideas_lib.programs.checks.examples import Example
from ideas_lib.programs.checks.inputs import sample_inputs
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import Result

TEXT = '''"""A file."""

LIMIT = 3


def rank(scores: list[int]) -> list[int]:
    """Return the rank of each score; the best has rank 1."""
    ...


def last():
    return 1
'''
COMPETITION = """def rank(scores):
    return [1 + sum(o > s for o in scores) for s in scores]
"""
HELPED = '''import math


def above(x, scores):
    """Count."""
    return math.floor(sum(o > x for o in scores))


def rank(scores):
    # how many are above
    return [1 + above(s, scores) for s in scores]
'''
DENSE = """def rank(scores):
    order = sorted(set(scores), reverse=True)
    return [order.index(s) + 1 for s in scores]
"""
STRICT = """def rank(scores):
    if not scores:
        raise ValueError("no scores")
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    out = [0] * len(scores)
    for r, i in enumerate(order):
        out[i] = r + 1
    return out
"""
PROGRAMS = {"competition": COMPETITION, "helped": HELPED, "dense": DENSE, "strict": STRICT}


def tried(
    entry: str, source: str, rows: Sequence[Any], *, floats: bool
) -> tuple[str, list[Outcome]]:
    space: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, "program.py", "exec"), space)
    twice = [[acts.acted(space[entry], repr(row)) for _ in range(2)] for row in rows]
    return "", [told_outcome(a if a == b else ["fickle"], floats) for a, b in twice]


def printed(source: str, **_: Any) -> Result:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            exec(compile(source, "printed.py", "exec"), {})
        except Exception as error:
            return Result(False, "", "", f"exit 1: {error}", 1, 0.0)
    return Result(True, out.getvalue(), "", "", 0, 0.0)


def drawn_once(task: FunctionTask, found: Sequence[Example], count: int) -> list[Any]:
    if found:  # with lists of its own, which are no keys
        return sample_inputs(task, found, count)
    return _drawn(task.prompt, task.entry, count)


@functools.cache
def _drawn(prompt: str, entry: str, count: int) -> list[Any]:
    return sample_inputs(FunctionTask(prompt, entry), [], count)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "_observed", tried)
    monkeypatch.setattr(trial_inputs, "sample_inputs", drawn_once)
    monkeypatch.setattr(contracts, "run", printed)
    monkeypatch.setattr(invariants, "run", printed)


@pytest.fixture
def texts() -> dict[str, str]:
    return {"shapes": TEXT, **PROGRAMS}
