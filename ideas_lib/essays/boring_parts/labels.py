"""Labels that people give to derivations, before a checker has seen them: a line of JSON each.

    {"id": "q107 qwen2.5-coder-0.5b-instruct", "text": "5c0e…", "broken": 3, "cause": "sign",
     "why": "4 changed sides as +4", "by": "a", "when": "2026-12-02"}

`text` is the hash of what was labelled, so that no label outlives a change of its derivation.
This module knows no algebra, and imports nothing that does: a label is somebody's.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = [
    "CAUSES",
    "RULES",
    "BadLabels",
    "LineLabel",
    "add_label",
    "check_labels",
    "make_label",
    "read_labels",
    "shown_derivation",
    "text_hash",
]

CAUSES = {
    "sign": "a term changed sides, or a bracket was opened, with the wrong sign",
    "one side": "something was done to one side, or to one term of several",
    "operation": "the wrong operation: subtracted where to divide, halved where to take the root",
    "arithmetic": "the right step with a wrong number",
    "bracket": "a factor was multiplied with the first term only",
    "power of a sum": "a power or root of a sum was taken term by term",
    "one root": "one of two cases was left out, of a square or of |a|",
    "divided by the unknown": "both sides were divided by what may be zero",
    "not checked": "squared, or multiplied by the unknown, and what came in was never thrown out",
    "copied": "a number or sign was written down wrong, and nothing else was done",
    "other": "anything else; why says what",
}
RULES = """Which line is the first that does not follow from the line before it? Line 0 is given.
- A line is broken where a teacher would mark it, even if the solutions happen to stay the same.
- Steps may be large, and several at once: what counts is whether the line follows.
- All lines are about real numbers. Several equations in one line mean "or".
- Squaring, or multiplying by the unknown, is allowed. If what comes in by it is never thrown out,
  the line that let it in is broken, and its cause is "not checked". If it is, no line is.
- Cases may follow one another, a line or more for each; a line is then about its case alone.
- A rounded number is right if two digits after the point are.
- A line that is no algebra is not broken; one that leaves out a solution is."""
WORDS_OF_WHY = 2


class BadLabels(ValueError):
    """Raised for a label that is none, or not of this text; the message names it."""


@dataclass(frozen=True)
class LineLabel:
    """What somebody found: the first broken line, from 1 on, or None, and its cause of `CAUSES`."""

    id: str
    text: str
    broken: int | None
    cause: str
    why: str
    by: str
    when: str


def text_hash(lines: Sequence[str]) -> str:
    """Return what tells a derivation's text from every other."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def shown_derivation(lines: Sequence[str]) -> str:
    """Return a derivation as the labeller sees it: its lines, numbered, and nothing else."""
    return "\n".join(f"{number:3d}   {line}" for number, line in enumerate(lines))


def make_label(
    id: str, lines: Sequence[str], broken: int | None, cause: str, why: str, by: str, when: str
) -> LineLabel:
    """Return a label. Raises BadLabels for a line, a cause or a reason that will not do."""
    label = LineLabel(id, text_hash(lines), broken, cause, why.strip(), by.strip(), when)
    _check(label, lines)
    return label


def add_label(path: Path, label: LineLabel) -> None:
    """Append a label to a file. Raises BadLabels where its labeller has labelled it already."""
    if path.exists() and any((o.id, o.by) == (label.id, label.by) for o in read_labels(path)):
        raise BadLabels(f"{label.id} has a label by {label.by} already: take its line out first")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(label)) + "\n")


def read_labels(path: Path) -> list[LineLabel]:
    """Return the labels of a file. Raises BadLabels, naming the line that is none."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(LineLabel(**json.loads(line)))
        except (TypeError, ValueError) as error:
            raise BadLabels(f"{path.name}:{number} is no label: {error}") from None
    return found


def check_labels(labels: Iterable[LineLabel], derivations: Mapping[str, Sequence[str]]) -> None:
    """Raise BadLabels unless each label is of the text that is there, and says why in words."""
    seen: set[tuple[str, str]] = set()
    for label in labels:
        if label.id not in derivations:
            raise BadLabels(f"{label.id} is no derivation that was recorded")
        lines = derivations[label.id]
        if label.text != text_hash(lines):
            raise BadLabels(f"{label.id} was labelled as another text: label it anew")
        if (label.id, label.by) in seen:
            raise BadLabels(f"{label.id} has two labels by {label.by}: take one out")
        seen.add((label.id, label.by))
        _check(label, lines)


def _check(label: LineLabel, lines: Sequence[str]) -> None:
    name: Any = label.id
    if not label.by or not label.when:
        raise BadLabels(f"{name}: a label says by whom it is, and of when")
    if label.broken is None:
        if label.cause:
            raise BadLabels(f"{name}: no line is broken, so there is no cause {label.cause!r}")
        return
    if not (isinstance(label.broken, int) and 1 <= label.broken < len(lines)):
        raise BadLabels(f"{name}: line {label.broken} is none of 1 to {len(lines) - 1}")
    if label.cause not in CAUSES:
        raise BadLabels(f"{name}: {label.cause!r} is none of {', '.join(CAUSES)}")
    if len(label.why.split()) < WORDS_OF_WHY:
        raise BadLabels(f"{name}: say in a few words why line {label.broken} is broken")
