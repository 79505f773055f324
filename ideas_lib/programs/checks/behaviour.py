"""Evidence from running: examples, tests, and what the programs do on inputs made for them.

Programs run in the sandbox only. A check takes a task and programs, and says of each what is wrong
with it, or nothing.
"""

import re
from collections.abc import Sequence
from typing import Any

from ideas_lib.programs.checks.contracts import read_contract
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.judging import check_program, run_on_inputs

__all__ = ["check_contract", "check_examples", "check_tests", "find_defect", "observe_behaviour"]

SECONDS = 10.0  # for all calls of a program in one check
# Errors that no docstring asks for. ValueError, IndexError and the like may be the answer to an
# input that makes no sense.
DEFECTS = ("NameError", "UnboundLocalError", "AttributeError", "TypeError", "RecursionError")
OBSERVED = "_observed"
FICKLE = "ChangedItsMind"
# Appended to a program, so a program that means to deceive can get around it: it is there for
# honest mistakes, and the examples and tests are judged from outside.
WATCH = f"""

def {OBSERVED}(*args):
    from copy import deepcopy
    class {FICKLE}(Exception): pass
    def differ(one, other):  # equal sets may be written differently, and nan is not equal
        return one != other and repr(one) != repr(other)
    given = deepcopy(args)
    value = ENTRY(*args)
    changed = value is None and differ(args, given)
    kept = deepcopy(value)
    if differ(ENTRY(*given), kept):
        raise {FICKLE}
    return [None, args] if changed else kept
"""
FLOAT = re.compile(r'\["float","([^"]+)"\]')


def check_examples(task: FunctionTask, programs: Sequence[str]) -> list[str]:
    """Try each program on the examples of the docstring; without any, nothing is wrong."""
    found = read_examples(task)
    direct = [(example.args, example.value) for example in found if example.args is not None]
    lines = [f"assert ({e.call}\n) == {e.value!r}" for e in found if e.args is None]
    if not found:
        return [""] * len(programs)
    return [
        check_program(
            program, task.entry, examples=direct, tests="\n".join(lines), timeout=SECONDS
        ).reason
        for program in programs
    ]


def check_tests(task: FunctionTask, programs: Sequence[str]) -> list[str]:
    """Try each program on the tests that came with the task; without any, nothing is wrong."""
    if not task.tests.strip():
        return [""] * len(programs)
    return [
        check_program(program, task.entry, tests=task.tests, timeout=SECONDS).reason
        for program in programs
    ]


def check_contract(
    task: FunctionTask, programs: Sequence[str], inputs: Sequence[tuple[Any, ...]]
) -> list[str]:
    """Try each program's contract on inputs; without one, nothing is wrong."""
    promised = read_contract(task)
    if not promised.post or not inputs:
        return [""] * len(programs)
    tests = promised.tests(task, inputs)
    return [
        check_program(program, task.entry, tests=tests, timeout=SECONDS).reason
        for program in programs
    ]


def observe_behaviour(
    task: FunctionTask, program: str, inputs: Sequence[tuple[Any, ...]]
) -> list[str] | None:
    """Return what a program does on each input, as text; None if it took too long.

    Each input is tried twice: what a program answers, or what it makes of its arguments where it
    answers None, and whether it does the same again. Floats are compared to nine digits.
    """
    watched = program + WATCH.replace("ENTRY", task.entry)
    said = run_on_inputs(watched, OBSERVED, inputs, timeout=SECONDS)
    if said is None:
        return None
    return [FLOAT.sub(_rounded, text) for text in said]


def _rounded(found: re.Match[str]) -> str:
    try:
        return f'["float","{float(found[1]):.9g}"]'
    except ValueError:  # not a float, whatever it is
        return found[0]


def find_defect(said: Sequence[str] | None, inputs: Sequence[tuple[Any, ...]]) -> str:
    """Return what a program did that none should do, or nothing."""
    if said is None:
        return f"it did not answer {len(inputs)} inputs within {SECONDS:g} seconds"
    for text, args in zip(said, inputs, strict=True):
        name = text.removeprefix("raised ") if text.startswith("raised ") else ""
        shown = ", ".join(map(repr, args))
        if name == FICKLE:
            return f"it answers differently when asked again: ({shown})"
        if name in DEFECTS:
            return f"it raises {name} on ({shown})"
        if name == "CandidateFailed":
            return f"it gives no answer that can be compared on ({shown})"
    return ""
