"""The records of a study's runs, as `results/<slug>.jsonl` holds them, and what confirmed them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ideas_lib.study.checkout import root
from ideas_lib.study.codekey import digest

__all__ = [
    "FIELDS",
    "BadResults",
    "MissingResults",
    "confirmation_file",
    "exists",
    "fingerprint",
    "read_confirmation",
    "read_records",
    "results_file",
]

FIELDS = (
    "study", "experiment", "stage", "arm", "seed", "settings", "metrics", "params", "flops",
    "seconds", "versions", "machine", "commit", "prediction_commit", "code_key", "seal", "when",
)  # fmt: skip
RUN = ("experiment", "stage", "arm", "seed", "settings")  # what tells one run from another
CONFIRMATION = ("code_key", "results", "when", "tolerance", "identical")


class MissingResults(FileNotFoundError):
    """Raised when a study has not been run."""


class BadResults(ValueError):
    """Raised when a results file is damaged."""


def results_file(slug: str) -> Path:
    """Return where a study's results are kept."""
    return root() / "results" / f"{slug}.jsonl"


def confirmation_file(slug: str) -> Path:
    """Return where a study's last confirmation is kept."""
    return root() / "results" / f"{slug}.confirmed.json"


def exists(slug: str) -> bool:
    """Say whether a study has results."""
    return results_file(slug).is_file()


def fingerprint(slug: str) -> str:
    """Return a hash of a study's results file, so that a confirmation can say what it is of."""
    return digest(results_file(slug).read_text(encoding="utf-8"))


def read_records(slug: str) -> tuple[dict[str, Any], ...]:
    """Return the records of a study's runs, each a dict with the keys `FIELDS`.

    Raises MissingResults, naming the command that makes them, and BadResults, naming the line that
    is damaged or is a run for the second time.
    """
    path = results_file(slug)
    if not path.is_file():
        raise MissingResults(f"{slug} has not been measured: run `ideas run {slug} --study`")
    lines: dict[str, int] = {}
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            record = _record(line)
        except ValueError as error:
            raise BadResults(f"results/{path.name}, line {number}: {error}") from error
        run = json.dumps([record[field] for field in RUN], sort_keys=True)
        first = lines.setdefault(run, number)
        if first != number:
            raise BadResults(f"results/{path.name}, line {number}: the same run as line {first}")
        records.append(record)
    if not records:
        raise BadResults(f"results/{path.name} is empty: run `ideas run {slug} --study`")
    return tuple(records)


def read_confirmation(slug: str) -> Mapping[str, Any] | None:
    """Return what the last confirmation found, None where there was none.

    Raises BadResults where its file is damaged.
    """
    path = confirmation_file(slug)
    if not path.is_file():
        return None
    try:
        check = json.loads(path.read_text(encoding="utf-8"))
        missing = [name for name in CONFIRMATION if name not in check]
    except (ValueError, TypeError) as error:
        missing = [str(error)]
    if missing:
        raise BadResults(
            f"results/{path.name} is damaged ({', '.join(missing)}): delete it, or run"
            f" `ideas run {slug} --confirm`"
        )
    return check


def _record(line: str) -> dict[str, Any]:
    record = json.loads(line, parse_constant=_no_number)
    if not isinstance(record, dict):
        raise ValueError(f"it holds no run: {line[:40]}")
    missing = [field for field in FIELDS if field not in record]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    return record


def _no_number(word: str) -> None:
    raise ValueError(f"it holds {word}, which is no number")
