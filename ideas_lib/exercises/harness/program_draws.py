"""Decide a draw of an exercise that asks for a program."""

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ideas_lib.exercises.harness.apart import DrawRefused, TemplateBroken, error_words, run_apart
from ideas_lib.exercises.harness.same import same_answer

__all__ = ["Mutants", "decide_program"]


def _module(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "program"}
    exec(compile(source, "program", "exec"), space)
    return space


def _answers(source: str, calls: Sequence[str]) -> list[str]:
    """Return what calls give, written as Python writes it."""
    space = _module(source)
    return [_answer(call, space) for call in calls]


def _answer(call: str, space: dict[str, Any]) -> str:
    """Return what a call gives. Raises what it raises, and TemplateBroken for no plain data."""
    got = eval(call, space)
    text = repr(got)
    with contextlib.suppress(Exception):  # text and == may be the object's own
        if same_answer(_value(text), got):
            return text
    raise TemplateBroken(f"{call} gives {text[:80]}, which cannot be written down")


def _value(text: str) -> Any:
    """Return what was written down by Python: plain data, in which inf and nan may stand."""
    names = {"__builtins__": {}, "set": set, "frozenset": frozenset}
    return eval(text, names | {"inf": float("inf"), "nan": float("nan")})


def _tested(source: str, calls: Sequence[str], expected: Sequence[str], tests: str) -> str:
    """Return the first test that fails, or nothing."""
    try:
        compile(source, "program", "exec")
    except SyntaxError as error:
        return f"does not compile: {error.msg}"
    try:
        space = _module(source)
    except BaseException as error:
        return f"raises {error_words(error)} when it is loaded"
    for call, text in zip(calls, expected, strict=True):
        try:
            got = eval(call, space)
        except BaseException as error:
            return f"{call} raises {error_words(error)}"
        if not same_answer(got, _value(text)):
            return f"{call} gives {repr(got)[:80]}, not {text[:80]}"
    try:
        space["same_answer"] = same_answer
        before = set(space)
        exec(compile(tests, "tests", "exec"), space)
        for name in [name for name in space if name not in before and name.startswith("test")]:
            space[name]()
    except BaseException as error:
        trace, line = error.__traceback__, 0
        while trace:
            line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == "tests" else line
            trace = trace.tb_next
        text = tests.splitlines()[line - 1].strip() if 0 < line <= len(tests.splitlines()) else ""
        return f"the test `{text}` fails: {error_words(error)}"
    return ""


def decide_program(draw: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return what the calls give and how wrong programs fail, or raise."""
    calls = draw["calls"]
    twice = [run_apart(lambda: _answers(draw["solution"], calls), seconds) for _ in range(2)]
    for found in twice:
        if isinstance(found, dict):
            raise TemplateBroken(
                f"the solution fails: {found['raised'].removeprefix('TemplateBroken: ')}"
            )
    if twice[0] != twice[1]:
        raise TemplateBroken(
            "the solution answers the same call in two ways: is there chance in it?"
        )
    expected = twice[0]

    def run(source: str) -> str:
        found = run_apart(lambda: [_tested(source, calls, expected, draw["tests"])], seconds)
        return found[0] if isinstance(found, list) else found["raised"]

    why = run(draw["solution"])
    if why:
        raise TemplateBroken(f"the solution fails: {why}")
    if len(set(calls)) > 1 and not draw["tests"].strip() and len(set(expected)) == 1:
        raise DrawRefused(f"every call gives {expected[0][:40]}")
    try:
        compile(draw["starter"], "starter", "exec")
    except SyntaxError as error:
        raise TemplateBroken(f"the starter does not compile: {error.msg}") from None
    if not run(draw["starter"]):
        raise DrawRefused("the starter passes every test")
    failed = []
    for why, source in draw["wrong"]:
        try:
            compile(source, "wrong", "exec")
        except SyntaxError as error:
            raise TemplateBroken(
                f"the wrong program {why!r} does not compile: {error.msg}"
            ) from None
        failed.append(run(source))
        if not failed[-1]:
            raise DrawRefused(f"the wrong program {why!r} passes every test")
    return {"expected": expected, "wrong": failed, "key": json.dumps([draw["calls"], expected])}


def _outcomes(source: str, calls: Sequence[str]) -> list[str | None]:
    """Return what each call gives, None where it raises or cannot be written down."""
    space = _module(source)
    found: list[str | None] = []
    for call in calls:
        try:
            found.append(_answer(call, space))
        except Exception:  # a mutant may raise anything, which makes it another outcome
            found.append(None)
    return found


class Mutants:
    """What programs with a small mistake are compared with, and by which calls."""

    def __init__(self, task: Mapping[str, Any]) -> None:
        self.task = task
        self.right = self._outcomes(task["solution"])

    def _outcomes(self, source: str) -> list[str | None]:
        probes, seconds = self.task["probes"], self.task["seconds"]
        found = run_apart(lambda: _outcomes(source, probes), seconds)
        return found if isinstance(found, list) else [None] * len(probes)

    def decide(self, draw: Mapping[str, Any]) -> dict[str, Any]:
        """Return a call that differs from the reference's, if every test passes nonetheless."""
        task, source = self.task, draw["program"]
        rest = (task["calls"], task["expected"], task["tests"])
        fault = run_apart(lambda: [_tested(source, *rest)], task["seconds"])
        if fault != [""]:
            return {}
        pairs = zip(task["probes"], self.right, self._outcomes(source), strict=True)
        for call, right, mistaken in pairs:
            if right is not None and right != mistaken:
                return {"differs": f"{call}: {mistaken or 'an error'}, not {right}"[:200]}
        return {}
