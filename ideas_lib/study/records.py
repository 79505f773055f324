"""The records of a study's runs, as `results/<slug>.jsonl` holds them, and what confirmed them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ideas_lib.files import check_writable, read_plain
from ideas_lib.study.checkout import root
from ideas_lib.study.codekey import digest

__all__ = [
    "FIELDS",
    "BadResults",
    "MissingResults",
    "check_results",
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
# What later code reads of them, by the kind that it takes for granted.
KINDS = {
    "experiment": str, "stage": str, "arm": str, "seed": int, "settings": dict, "metrics": dict,
    "seconds": int | float | None, "versions": dict | None, "machine": str | None,
    "commit": str | None, "code_key": str | None, "seal": str | None,
}  # fmt: skip
CONFIRMATION = {
    "code_key": str, "results": str, "when": str, "tolerance": int | float, "identical": bool,
}  # fmt: skip


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
    if not path.exists():
        raise MissingResults(f"{slug} has not been measured: run `ideas run {slug} --study`")
    lines: dict[str, int] = {}
    records = []
    for number, line in enumerate(_lines(path), 1):
        try:
            record = _record(line)
            run = json.dumps([record[field] for field in RUN], sort_keys=True)
        except ValueError as error:
            raise BadResults(f"results/{path.name}, line {number}: {error}") from error
        except RecursionError as error:
            raise BadResults(f"results/{path.name}, line {number} is nested too deeply") from error
        first = lines.setdefault(run, number)
        if first != number:
            raise BadResults(f"results/{path.name}, line {number}: the same run as line {first}")
        records.append(record)
    if not records:
        raise BadResults(f"results/{path.name} is empty: run `ideas run {slug} --study`")
    return tuple(records)


def check_results(slug: str) -> None:
    """Raise where a study's results could not be written, before any of its runs.

    Raises OSError, which names the file, and BadResults for a file that holds no run of the study:
    it is somebody's, and would be replaced.
    """
    path = results_file(slug)
    check_writable(path)
    lines = _lines(path) if path.exists() else []
    if lines and not any(_is_of(line, slug) for line in lines):
        raise BadResults(
            f"results/{path.name} holds no run of {slug}, and would be replaced: move it away"
        )


def read_confirmation(slug: str) -> Mapping[str, Any] | None:
    """Return what the last confirmation found, None where there was none.

    Raises BadResults where its file is damaged.
    """
    path = confirmation_file(slug)
    if not path.is_file():
        return None
    try:
        check = json.loads(read_plain(path))
        missing = [name for name, kind in CONFIRMATION.items() if not _has(check, name, kind)]
    except (ValueError, RecursionError) as error:
        missing = [str(error)]
    if missing:
        raise BadResults(
            f"results/{path.name} is damaged ({', '.join(missing)}): delete it, or run"
            f" `ideas run {slug} --confirm`"
        )
    return check


def _record(line: bytes) -> dict[str, Any]:
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte 0x{line[error.start]:02x} is no UTF-8") from error
    record = json.loads(text, parse_constant=_no_number)
    if not isinstance(record, dict):
        raise ValueError(f"it holds no run: {text[:40]}")
    if "reduced" in record:
        raise ValueError(
            f"a run reduced to {record['reduced']}, which decides nothing: move the file away"
        )
    missing = [field for field in FIELDS if field not in record]
    if missing:
        raise ValueError(f"it lacks {', '.join(missing)}")
    wrong = [field for field, kind in KINDS.items() if not _has(record, field, kind)]
    if wrong:
        raise ValueError(f"its {wrong[0]} cannot be {record[wrong[0]]!r:.40}")
    return record


def _lines(path: Path) -> list[bytes]:
    try:
        return read_plain(path).splitlines()
    except ValueError as error:
        raise BadResults(str(error)) from error


def _is_of(line: bytes, slug: str) -> bool:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.get("study") == slug


def _has(found: Any, name: str, kind: Any) -> bool:
    """Say whether a mapping has a value of that kind; true and false are no numbers."""
    value = found.get(name) if isinstance(found, dict) else None
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _no_number(word: str) -> None:
    raise ValueError(f"it holds {word}, which is no number")
