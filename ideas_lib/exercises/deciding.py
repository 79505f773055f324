"""Have draws decided in the sandbox, where a template's own code does what it likes in vain.

The sandbox's word is believed about the template that ran in it: a template that lies spoils its
own exercises, and nothing else.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ideas_lib.exercises.exercise import BadExercise, Value
from ideas_lib.programs.sandbox.running import DISK, Running, checked_limits, excerpt
from ideas_lib.resources import resource

__all__ = ["SAME", "ask_sandbox", "read_decisions", "received", "sent"]

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
        raise BadExercise(f"the template's code made the sandbox answer {excerpt(text, 80)!r}")
    for each in found:
        if not isinstance(each, dict):
            raise BadExercise(f"the template's code made the sandbox answer {excerpt(text, 80)!r}")
        for key in {"refused", "broken"} & set(each):
            each[key] = excerpt(str(each[key]))
    return found


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
    elif isinstance(value, int | str):
        return value
    elif isinstance(value, dict) and set(value) == {"decimal"}:
        return Decimal(str(value["decimal"]))
    raise BadExercise(f"what is derived has to be a number, a text or a list, not {value!r:.80}")
