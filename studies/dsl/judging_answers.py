"""Say whether an answer is right: in the sandbox, on inputs that no prompt shows."""

import datetime
import itertools
import math
import os
import pathlib
from typing import Any

from ideas_lib.programs.judge.judging import check_program
from studies.dsl.model_tasks import Task
from studies.dsl.notations import Notation

__all__ = ["expected_of", "judge_answer", "program_of"]

KNOWN: dict[str, Any] = {
    **{"datetime": datetime, "itertools": itertools, "math": math, "os": os, "pathlib": pathlib}
}


def expected_of(task: Task) -> list[str]:
    """Return what a right answer gives on each input, as `repr` writes it."""
    found = []
    for each in task.inputs:
        names = dict(zip(task.names, eval(each, KNOWN), strict=True))
        found.append(repr(eval(task.right, KNOWN | names)))  # ours, from `tasks`, not a model's
    return found


def program_of(task: Task, before: str, expression: str) -> str:
    """Return a program whose function `task` gives what an expression does on an input."""
    names = ", ".join(task.names)
    return (
        f"{before}\ndef task(place):\n    import datetime as _d, pathlib as _p\n"
        f"    given = (lambda datetime, pathlib: [{', '.join(task.inputs)}])(_d, _p)\n"
        f"    return repr((lambda {names}: ({expression}))(*given[place]))\n"
    )


def judge_answer(task: Task, notation: Notation, text: str, timeout: float) -> str:
    """Return "right", "wrong", or "unread" for what is no expression of the notation."""
    try:
        before, expression = notation.as_python(text)
    except ValueError:
        return "unread"
    examples = [((place,), told) for place, told in enumerate(expected_of(task))]
    source = program_of(task, before, expression)
    judged = check_program(source, "task", examples=examples, timeout=timeout)
    return "right" if judged.passed else "wrong"
