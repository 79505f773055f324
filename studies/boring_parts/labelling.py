"""Label derivations by hand: `python -m studies.boring_parts.labelling --by NAME`.

It shows the next derivation that NAME has not labelled, without its author, and asks. With
`--broken`, a line's number or `none`, `--cause` and `--why` it takes the label of that one instead.
`--check` says whether labels are as they should be, and how many equations have a broken line.
"""

import argparse
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ideas_lib.essays.boring_parts.labels import (
    CAUSES,
    RULES,
    LineLabel,
    add_label,
    check_labels,
    make_label,
    read_labels,
    shown_derivation,
)
from ideas_lib.study.checkout import root
from studies.boring_parts.asking import MODELS, recorded_derivations

__all__ = ["WANTED", "broken_equations", "in_order", "labels_file", "next_unlabelled"]

WANTED = 60  # equations with a broken derivation: then the labelling is done


def labels_file() -> Path:
    """Return where labels are kept."""
    return root() / "results" / "boring-parts-labels.jsonl"


def in_order(derivations: Mapping[str, Sequence[str]]) -> list[str]:
    """Return ids by equation, and within one in an order that says nothing of the model."""

    def place(id: str) -> tuple[int, str]:
        return equation_of(id), hashlib.sha256(id.encode()).hexdigest()

    return sorted(derivations, key=place)


def equation_of(id: str) -> int:
    """Return the seed of a derivation's equation."""
    return int(id.split()[0].removeprefix("q"))


def broken_equations(labels: Sequence[LineLabel]) -> list[int]:
    """Return the seeds of equations of which a derivation is broken, in order."""
    return sorted({equation_of(label.id) for label in labels if label.broken is not None})


def next_unlabelled(
    derivations: Mapping[str, Sequence[str]], labels: Sequence[LineLabel], by: str
) -> str | None:
    """Return the id of the next one to label; None where it is done.

    It is done when so many equations as are wanted have a broken derivation by this labeller, and
    all derivations up to the last of these are labelled.
    """
    own = [label for label in labels if label.by == by]
    done, broken = {label.id for label in own}, broken_equations(own)
    for id in in_order(derivations):
        if len(broken) >= WANTED and equation_of(id) > broken[WANTED - 1]:
            return None
        if id not in done:
            return id
    return None


def main() -> None:
    """Read the command line; show, take or check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--by", default="", help="who labels")
    parser.add_argument("--broken", default="", help="the first broken line, or none")
    parser.add_argument("--cause", default="", help=", ".join(CAUSES))
    parser.add_argument("--why", default="", help="in a few words")
    parser.add_argument("--check", action="store_true", help="check the labels that there are")
    wanted = parser.parse_args()
    derivations, path = recorded_derivations(MODELS), labels_file()
    labels = read_labels(path) if path.exists() else []
    check_labels(labels, derivations)
    if wanted.check or not wanted.by:
        people = {name: sum(label.by == name for label in labels) for name in _people(labels)}
        count = {name: len(broken_equations(_of(labels, name))) for name in people}
        print(f"labels {people}, equations with a broken line {count}, wanted {WANTED}")
        return
    id = next_unlabelled(derivations, labels, wanted.by)
    if id is None:
        print("done: no derivation is left to label")
        return
    lines = derivations[id]
    broken, cause, why = wanted.broken, wanted.cause, wanted.why
    if not broken:
        print(f"{RULES}\n\nCauses: {', '.join(CAUSES)}\n\n{shown_derivation(lines)}\n")
        broken = input("First broken line, or none: ").strip()
        if broken not in ("", "none"):
            cause, why = input("Cause: ").strip(), input("Why: ").strip()
    if not broken:
        return
    line = None if broken == "none" else int(broken)
    when = datetime.now(UTC).date().isoformat()
    add_label(path, make_label(id, lines, line, cause if line else "", why, wanted.by, when))


def _people(labels: Sequence[LineLabel]) -> list[str]:
    return sorted({label.by for label in labels})


def _of(labels: Sequence[LineLabel], name: str) -> list[LineLabel]:
    return [label for label in labels if label.by == name]


if __name__ == "__main__":
    main()
