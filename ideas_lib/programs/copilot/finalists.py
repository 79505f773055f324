"""The last rung: search for inputs on which programs that agree differ after all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.checks.agreement import normalize_program
from ideas_lib.programs.checks.behaviour import observe_behaviour
from ideas_lib.programs.checks.contracts import read_contract
from ideas_lib.programs.checks.symbolic import find_distinguishing_input
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.copilot.ladder import Candidate, counted, tried

__all__ = ["Search", "searched"]


@dataclass(frozen=True)
class Search:
    """The candidates, counted anew; how many pairs were searched, and the inputs found."""

    candidates: tuple[Candidate, ...]
    pairs: int
    inputs: tuple[tuple[Any, ...], ...]


def searched(task: FunctionTask, found: Sequence[Candidate], most: int = 2) -> Search:
    """Compare the best candidate symbolically with up to `most` others that did as it did.

    Copies of one program cannot differ, so they are not compared. What is found counts as one more
    input for all: on it those that differ agree no longer. What CrossHair claims of it does not
    count, only what the programs do in the sandbox. Raises as `ladder.climb`.
    """
    best = max(found, key=lambda candidate: candidate.alike, default=None)
    if best is None or not best.alike:
        return Search(tuple(found), 0, ())
    forms = {
        normalize_program(c.program): c.program for c in reversed(found) if c.said == best.said
    }
    del forms[normalize_program(best.program)]
    rivals, rows = list(forms.values())[::-1][:most], tried(task)
    some = [find_distinguishing_input(task, best.program, rival, rows) for rival in rivals]
    fresh = read_contract(task).allowed(task, [args for args in some if args is not None])
    if not fresh:
        return Search(tuple(found), len(rivals), ())
    more = {c.program: observe_behaviour(task, c.program, fresh) for c in found if c.alike}
    said = {c.program: list(c.said or ()) + (more.get(c.program) or []) for c in found if c.alike}
    fell = {c.program: (c.fell, c.reason) for c in found if c.fell}
    again = counted([c.program for c in found], fell, said)
    return Search(tuple(again), len(rivals), tuple(fresh))
