"""Run in the sandbox: read a task, decide every draw apart from the others, and print it.

The task's `do` is `prepare` (constraints, and what is derived), `program`, `answer` or `mutants`.
"""

import json
import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from ideas_lib.exercises.harness.answer_draws import Answers, decide_answer, exact_number
from ideas_lib.exercises.harness.apart import (
    BROKEN,
    DrawRefused,
    TemplateBroken,
    error_words,
    run_apart,
)
from ideas_lib.exercises.harness.program_draws import Mutants, decide_program

__all__ = ["decide_task"]


def _plain(value: Any) -> Any:
    """Return a derived value as JSON carries it."""
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bool | str):
        return str(value)
    exact = Fraction(value) if isinstance(value, float) else Fraction(str(value))
    if exact.denominator == 1:
        return exact.numerator
    written = f"{float(exact):.12g}"
    return {"decimal": written}


def _prepared(task: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return derived values, once every constraint holds. Their numbers are exact."""
    space: dict[str, Any] = {}
    exec("from math import ceil, floor, gcd, lcm, isqrt, sqrt, prod", space)

    def exact(given: Any) -> Any:
        if isinstance(given, list):
            return [exact(each) for each in given]
        return exact_number(given) if isinstance(given, dict) else given

    space |= {name: exact(given) for name, given in values.items()}
    derived = {}
    for name, text in task["derived"].items():
        space[name] = _evaluated(text, space, name)
        derived[name] = _plain(space[name])
    for text in task["constraints"]:
        if not _evaluated(text, space, "the constraint"):
            raise DrawRefused(f"the constraint `{text}` does not hold")
    return derived


def _evaluated(text: str, space: dict[str, Any], what: str) -> Any:
    try:
        return eval(compile(text.strip(), "constraint", "eval"), space)
    except BROKEN as error:
        raise TemplateBroken(
            f"{what}, `{text}`, cannot be computed: {error_words(error)}"
        ) from None
    except Exception as error:
        raise DrawRefused(f"{what}, `{text}`, raises {error_words(error)}") from None


def _decided(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DrawRefused as error:
        return {"refused": str(error)}
    except TemplateBroken as error:
        return {"broken": str(error)}


def _guarded(work: Callable[[], Any]) -> Any:
    """Run it; a mistake in the template's own expression is one of the template."""
    try:
        return _decided(work)
    except BROKEN as error:
        return {"broken": f"the answer cannot be computed: {error_words(error)}"}
    except Exception as error:
        return {"refused": f"the answer raises {error_words(error)}"}


def _one(task: Mapping[str, Any], draw: Mapping[str, Any], tools: Any) -> Any:
    if task["do"] == "program":  # it starts processes itself
        return _decided(lambda: decide_program(draw, task["seconds"]))
    if task["do"] == "mutants":
        return tools.decide(draw)
    if task["do"] == "answer":
        told = run_apart(lambda: _guarded(lambda: decide_answer(draw, tools)), task["seconds"])
    else:
        values = draw["values"]
        told = run_apart(
            lambda: _guarded(lambda: {"derived": _prepared(task, values)}), task["seconds"]
        )
    return {"refused": told["raised"]} if "raised" in told else told


def decide_task(task: Mapping[str, Any]) -> list[Any]:
    """Return what became of each draw, in order."""
    kinds: dict[str, Any] = {"answer": Answers, "mutants": Mutants}
    try:
        tools = kinds[task["do"]](task) if task["do"] in kinds else None
        return [_one(task, draw, tools) for draw in task["draws"]]
    except TemplateBroken as error:
        return [{"broken": str(error)} for _ in task["draws"]]


if __name__ == "__main__":
    print(json.dumps(decide_task(json.loads(sys.stdin.read()))))
