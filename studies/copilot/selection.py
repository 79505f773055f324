"""What a rule shows of recorded candidates, and how much of it is right.

A rule is the last rung that has to be climbed, or a count of the candidates that come through all
of them. It gives each problem a score and says of one program whether it is right; the evidence it
goes by is what `evidence` wrote, which has HumanEval's own verdict beside what the rungs saw.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.datasets.humaneval import is_development
from ideas_lib.intervals import clopper_pearson
from ideas_lib.study.checkout import root

__all__ = [
    "FIRST",
    "RULES",
    "SCORED",
    "Selection",
    "best_candidate",
    "best_row",
    "evidence_file",
    "load_evidence",
    "select",
    "strict_file",
    "strict_labels",
]

# The first candidate that comes through the rungs up to this one is shown.
FIRST = {
    "parses": ("parse",),
    "names": ("parse", "names"),
    "types": ("parse", "names", "types"),
    "examples": ("parse", "names", "types", "examples"),
    "properties": ("parse", "names", "types", "examples", "properties"),
}
SHARE = "share that passes"
COUNTS = {
    "different programs": "different",
    "agreement": "alike",
    "agreement, searched": "searched",
}
SCORED = (SHARE, *COUNTS)
RULES = (*FIRST, *SCORED)

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Selection:
    """Of `problems` a rule showed a program for `shown`, and `right` of these are right."""

    problems: int
    shown: int
    right: int

    @property
    def coverage(self) -> float:
        """The share of the problems for which something is shown."""
        return self.shown / self.problems

    @property
    def precision(self) -> tuple[float, float, float]:
        """The share of right programs among those shown, and its exact 95 % interval."""
        return clopper_pearson(self.right, self.shown)


def evidence_file(model: str) -> Path:
    """Return where the evidence on a model's candidates is kept."""
    return root() / "results" / f"copilot-evidence-{model}.jsonl"


def strict_file(model: str) -> Path:
    """Return where it is kept what stricter tests say of a model's programs."""
    return root() / "results" / f"copilot-strict-{model}.jsonl"


def strict_labels(model: str) -> dict[str, bool]:
    """Return of each problem that was judged whether stricter tests find the tool's pick right.

    Raises FileNotFoundError where nothing was judged: `python -m studies.copilot.strictness MODEL`.
    """
    lines = map(json.loads, strict_file(model).read_text("utf-8").splitlines())
    return {line["task"]: line["right"] for line in lines}


def load_evidence(model: str, sha256: str = "") -> dict[str, Rows]:
    """Return the recorded evidence: problem -> candidates; none of those the rules were made on.

    Raises ValueError where the file is not the one with this SHA-256, if one is given.
    """
    path = evidence_file(model)
    data = path.read_bytes()
    there = hashlib.sha256(data).hexdigest()
    if sha256 not in ("", there):
        raise ValueError(f"{path.name} has the SHA-256 {there}, not {sha256}: it was changed")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in map(json.loads, data.decode().splitlines()):
        if not is_development(row["task"]):
            found.setdefault(row["task"], []).append(row)
    return {task: tuple(rows) for task, rows in found.items()}


def best_candidate(rule: str, rows: Rows) -> tuple[float, bool]:
    """Return a problem's score, 0 to 1, and whether the program that the rule picks is right."""
    if rule in FIRST:
        through = [row for row in rows if row["fell"] not in FIRST[rule]]
        return (1.0, through[0]["right"]) if through else (0.0, False)
    found = best_row(rule, rows)
    if found is None:
        return 0.0, False
    if rule == SHARE:  # how many come through, whatever they do
        return len(_left(rows)) / len(rows), found["right"]
    return found[COUNTS[rule]] / len(rows), found["right"]


def best_row(rule: str, rows: Rows) -> Mapping[str, Any] | None:
    """Return the candidate that one of SCORED picks; None where none comes through."""
    left = _left(rows)
    if not left or rule == SHARE:
        return left[0] if left else None
    return max(left, key=lambda row: row[COUNTS[rule]])


def _left(rows: Rows) -> list[Mapping[str, Any]]:
    return [row for row in rows if not row["fell"] and row["alike"]]


def select(rule: str, problems: Mapping[str, Rows], threshold: float = 1e-9) -> Selection:
    """Return what a rule shows of all problems whose score is at least the threshold."""
    found = [best_candidate(rule, rows) for rows in problems.values()]
    right = [ok for score, ok in found if score >= threshold]
    return Selection(len(found), len(right), sum(right))
