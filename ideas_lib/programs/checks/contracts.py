r'''Contracts in a docstring: what must hold of the arguments, and of what comes back.

    >>> from ideas_lib.programs.checks.task import read_task
    >>> task = read_task("""
    ... def root(x: float) -> float:
    ...     \'\'\'Return the square root.
    ...
    ...     pre: x >= 0
    ...     post: abs(__return__ ** 2 - x) < 1e-6
    ...     \'\'\'
    ... """)
    >>> read_contract(task)
    Contract(pre=('x >= 0',), post=('abs(__return__ ** 2 - x) < 1e-6',))

These are the lines of PEP 316, as CrossHair reads them: expressions of Python, with `__return__`
for the value.
'''

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import run

__all__ = ["BadContract", "Contract", "read_contract"]

LINE = re.compile(r"^\s*(pre|post)\s*:\s*(\S.*?)\s*$", re.M)


class BadContract(ValueError):
    """Raised for a contract that is no expression of Python."""


@dataclass(frozen=True)
class Contract:
    """Expressions that hold of the arguments, and of the arguments and `__return__`."""

    pre: tuple[str, ...]
    post: tuple[str, ...]

    def tests(self, task: FunctionTask, inputs: Sequence[tuple[Any, ...]]) -> str:
        """Return tests for `judge.check_program`: where `pre` holds, so does `post`."""
        names, posts = _names(task), "".join(f"    assert {line}\n" for line in self.post)
        return self._before(task, inputs) + (
            f"def holds(__return__, {names}):\n{posts}"
            f"def check(candidate):\n    for ARGS in INPUTS:\n"
            f"        if allowed(*ARGS):\n            holds(candidate(*ARGS), *ARGS)\n"
        )

    def _before(self, task: FunctionTask, inputs: Sequence[tuple[Any, ...]]) -> str:
        pre = " and ".join(f"({line})" for line in self.pre) or "True"
        calls = "".join(f"    {args!r},\n" for args in inputs)
        return (
            f"{task.before}\nINPUTS = [\n{calls}]\ndef allowed({_names(task)}):\n    return {pre}\n"
        )

    def allowed(
        self, task: FunctionTask, inputs: Sequence[tuple[Any, ...]]
    ) -> list[tuple[Any, ...]]:
        """Return the inputs of which `pre` holds, tried in the sandbox; where it raises, not."""
        if not self.pre or not inputs:
            return list(inputs)
        source = self._before(task, inputs) + (
            "import json\ndef holds(args):\n    try: return bool(allowed(*args))\n"
            "    except Exception: return False\nprint(json.dumps([holds(a) for a in INPUTS]))\n"
        )
        result = run(source)
        if not result.ok:
            raise BadContract(f"pre: {' and '.join(self.pre)} cannot be tried: {result.reason}")
        held = json.loads(result.stdout)
        return [args for args, holds in zip(inputs, held, strict=True) if holds]


def _names(task: FunctionTask) -> str:
    return ", ".join(arg.arg for arg in ast.walk(task.node.args) if isinstance(arg, ast.arg))


def read_contract(task: FunctionTask) -> Contract:
    """Return the contract in a task's docstring; it may be empty. Raises BadContract."""
    found: dict[str, list[str]] = {"pre": [], "post": []}
    for kind, line in LINE.findall(task.docstring):
        try:
            ast.parse(line, mode="eval")
        except SyntaxError:
            raise BadContract(f"{kind}: {line!r} is no expression of Python") from None
        found[kind].append(line)
    return Contract(tuple(found["pre"]), tuple(found["post"]))
