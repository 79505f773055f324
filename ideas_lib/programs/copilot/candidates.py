"""Candidates on a ladder of evidence: what rejects one, from cheap to dear, and what speaks for it.

Each rung sees only what the rungs before let through, and rejects with a reason. What is left is
counted: how many candidates do the same, and how many of those are different programs. The last
rung searches for inputs on which programs that do the same differ after all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.checks import behaviour, static
from ideas_lib.programs.checks.agreement import count_agreement, normalize_program
from ideas_lib.programs.checks.constants import answers_from_examples
from ideas_lib.programs.checks.contracts import read_contract
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.inputs import sample_inputs
from ideas_lib.programs.checks.symbolic import find_distinguishing_input
from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["RUNGS", "Candidate", "Search", "run_checks", "search_best"]

Rung = Callable[[FunctionTask, Sequence[str]], list[str]]
STATIC: dict[str, Rung] = {
    "parse": static.check_syntax,
    "names": static.check_names,
    "types": static.check_types,
}
RUN: dict[str, Rung] = {"examples": behaviour.check_examples, "tests": behaviour.check_tests}
RUNGS = (*STATIC, *RUN, "properties")


@dataclass(frozen=True)
class Candidate:
    """A program and how far it came.

    `fell` names the rung that rejected it, with the `reason`, or is empty. `said` is what it did
    on each input, None where it was not asked or did not answer. `alike` counts the candidates
    that did the same, itself included, and `different` the programs among them that are not copies.
    """

    program: str
    fell: str = ""
    reason: str = ""
    said: tuple[str, ...] | None = None
    alike: int = 0
    different: int = 0


def _inputs(task: FunctionTask, count: int = 48) -> list[tuple[Any, ...]]:
    """Return the inputs that candidates are compared on: none where the task says too little."""
    return read_contract(task).allowed(task, sample_inputs(task, read_examples(task), count))


def run_checks(task: FunctionTask, programs: Sequence[str], count: int = 48) -> list[Candidate]:
    """Try all programs on all rungs; each is a candidate, copies too. `count` is of inputs.

    Raises sandbox.Unavailable where programs cannot be run safely, and BadContract.
    """
    fell: dict[str, tuple[str, str]] = {}
    left = list(dict.fromkeys(programs))
    for name, rung in (STATIC | RUN).items():
        fell |= _fallen(name, left, rung(task, left))
        left = [program for program in left if program not in fell]
    rows = _inputs(task, count)
    said = {
        program: behaviour.observe_behaviour(task, program, rows) if rows else []
        for program in left
    }
    wrong = [
        behaviour.find_defect(said[program], rows)
        or answers_from_examples(task, program, said[program], rows)
        for program in left
    ]
    broken = behaviour.check_contract(task, left, rows)
    reasons = [one or other for one, other in zip(wrong, broken, strict=True)]
    fell |= _fallen("properties", left, reasons)
    return _counted(programs, fell, said)


def _fallen(name: str, programs: Sequence[str], reasons: Sequence[str]) -> dict[str, Any]:
    return {p: (name, why) for p, why in zip(programs, reasons, strict=True) if why}


def _counted(
    programs: Sequence[str],
    fell: Mapping[str, tuple[str, str]],
    said: Mapping[str, list[str] | None],
) -> list[Candidate]:
    """Return the candidates, with how many did the same: what `fell`, and what they `said`."""
    behaviours = [None if p in fell else said.get(p) or None for p in programs]
    copies = count_agreement(behaviours, [str(place) for place in range(len(programs))])
    forms = [
        normalize_program(p) if b is not None else ""
        for p, b in zip(programs, behaviours, strict=True)
    ]
    different = count_agreement(behaviours, forms)
    found = []
    for place, program in enumerate(programs):
        what, why = fell.get(program, ("", ""))
        answered = said.get(program)
        did = None if answered is None else tuple(answered)
        found.append(Candidate(program, what, why, did, copies[place], different[place]))
    return found


@dataclass(frozen=True)
class Search:
    """The candidates, counted anew; how many pairs were searched, and the inputs found."""

    candidates: tuple[Candidate, ...]
    pairs: int
    inputs: tuple[tuple[Any, ...], ...]


def search_best(task: FunctionTask, found: Sequence[Candidate], most: int = 2) -> Search:
    """Compare the best candidate symbolically with up to `most` others that did as it did.

    Copies of one program cannot differ, so they are not compared. What is found counts as one more
    input for all: on it those that differ agree no longer. What CrossHair claims of it does not
    count, only what the programs do in the sandbox. Raises as `run_checks`.
    """
    best = max(found, key=lambda candidate: candidate.alike, default=None)
    if best is None or not best.alike:
        return Search(tuple(found), 0, ())
    forms = {
        normalize_program(c.program): c.program for c in reversed(found) if c.said == best.said
    }
    del forms[normalize_program(best.program)]
    rivals, rows = list(forms.values())[::-1][:most], _inputs(task)
    some = [find_distinguishing_input(task, best.program, rival, rows) for rival in rivals]
    fresh = read_contract(task).allowed(task, [args for args in some if args is not None])
    if not fresh:
        return Search(tuple(found), len(rivals), ())
    more = {
        c.program: behaviour.observe_behaviour(task, c.program, fresh) for c in found if c.alike
    }
    said = {c.program: list(c.said or ()) + (more.get(c.program) or []) for c in found if c.alike}
    fell = {c.program: (c.fell, c.reason) for c in found if c.fell}
    again = _counted([c.program for c in found], fell, said)
    return Search(tuple(again), len(rivals), tuple(fresh))
