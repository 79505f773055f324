"""Have draws decided in the sandbox, where a template's own code does what it likes in vain.

The sandbox's word is believed about the template that ran in it: a template that lies spoils its
own exercises, and nothing else.
"""

import contextlib
import json
import math
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ideas_lib.exercises.exercise import BadExercise, Value
from ideas_lib.programs.sandbox.running import DISK, Running, checked_limits, excerpt
from ideas_lib.resources import resource

__all__ = ["SAME", "ask_sandbox", "check_told", "read_decisions", "received", "sent"]

PACKAGE = "ideas_lib/exercises/harness"
HARNESS = {
    "answer_draws": resource(__file__, "harness/answer_draws.py"),
    "apart": resource(__file__, "harness/apart.py"),
    "decide": resource(__file__, "harness/decide.py"),
    "program_draws": resource(__file__, "harness/program_draws.py"),
    "same": resource(__file__, "harness/same.py"),
}
SAME = HARNESS["same"]
EACH = 5.0  # seconds for one program, or one answer
BATCH = 300.0  # seconds for all of a call
MEMORY = 768 << 20  # SymPy and pint with room
LONG = 100_000  # characters of a text from the sandbox


def ask_sandbox(do: str, draws: Sequence[Mapping[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """Return what became of each draw, in order: `refused` and why, or what was found.

    `do` is as `harness.decide` says. Raises BadExercise for a template that cannot be right, and
    sandbox.Unavailable.
    """
    task = json.dumps({"do": do, "draws": list(draws), "seconds": EACH, **more})
    parents = ("ideas_lib", "ideas_lib/exercises", PACKAGE)
    files = {f"{parent}/__init__.py": "" for parent in parents}
    files |= {f"{PACKAGE}/{name}.py": path.read_text("utf-8") for name, path in HARNESS.items()}
    argv = [sys.executable, "-m", "ideas_lib.exercises.harness.decide"]
    box = {"files": files, "stdin": task}
    with Running(argv, box, checked_limits(BATCH, MEMORY, DISK)) as running:
        result = running.result()
    if not result.ok:
        raise BadExercise(f"the template's code was stopped in the sandbox: {result.reason}")
    return read_decisions(result.stdout, len(draws))


def read_decisions(text: str, count: int) -> list[dict[str, Any]]:
    """Return what the sandbox printed of `count` draws. Raises BadExercise for anything else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or len(found) != count:
        raise _forged(text)
    for each in found:
        if not isinstance(each, dict):
            raise _forged(text)
        for key in {"refused", "broken", "differs"} & set(each):
            each[key] = excerpt(str(each[key]))
    return found


def _forged(text: str) -> BadExercise:
    return BadExercise(f"the template's code made the sandbox answer {excerpt(text, 80)!r}")


def check_told(told: dict[str, Any], subject: str, *, calls: int = 0, wrong: int = 0) -> None:
    """Raise BadExercise for what is no decision about a draw, of so many calls and wrong ones."""
    if {"refused", "broken"} & set(told):
        return
    found = told.get("wrong")
    mistakes: list[Any] = found if isinstance(found, list) else []
    fine = _is_text(told.get("key")) and isinstance(found, list)
    if fine and subject == "program":
        told["wrong"] = [excerpt(str(each)) for each in mistakes]
        fine = len(mistakes) == wrong and _are_texts(told.get("expected"), calls)
    elif fine:
        fine = (
            _is_text(told.get("answer"))
            and _are_texts(told.get("items"))
            and isinstance(told.get("whole"), bool)
            and _is_decimal(told.get("number", ""))
            and len(mistakes) <= wrong
            and all(isinstance(each, list) and len(each) == 3 for each in mistakes)
            and all(_are_texts(each[:2]) and _is_decimal(each[2]) for each in mistakes)
        )
    if not fine:
        raise _forged(json.dumps(told))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONG and value.isprintable()


def _are_texts(value: Any, count: int | None = None) -> bool:
    return isinstance(value, list) and count in (None, len(value)) and all(map(_is_text, value))


def _is_decimal(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value))


def sent(value: Value) -> Any:
    """Return a value as JSON carries it to the sandbox."""
    if isinstance(value, tuple):
        return [sent(each) for each in value]
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def received(value: Any) -> Value:
    """Return a value that came from the sandbox. Raises BadExercise for what is none."""
    if isinstance(value, list):
        numbers = tuple(received(each) for each in value)
        if all(isinstance(each, int | Decimal) for each in numbers):
            return numbers  # type: ignore[return-value]
    elif _is_text(value) or isinstance(value, int):
        return value
    elif isinstance(value, dict) and set(value) == {"decimal"}:
        with contextlib.suppress(InvalidOperation):
            found = Decimal(str(value["decimal"]))
            if found.is_finite():
                return found
    raise BadExercise(f"what is derived has to be a number, a text or a list, not {value!r:.80}")
