"""Who gets which variant: decided by each student's id alone, so that nobody moves when one joins.

A student gets the variant whose HMAC-SHA256, of id and number, keyed by the term, is highest. Where
variants are added, only those students move who get one of the new ones.
"""

import csv
import hashlib
import hmac
import io
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["BadRoster", "Student", "assign_variants", "read_roster"]

IDS = ("id", "student_id", "username", "user", "email")
LARGEST = 8 << 20


class BadRoster(ValueError):
    """Raised for a roster that cannot be read; it names the line."""


@dataclass(frozen=True)
class Student:
    """One line of a roster: the id, and all of it by column."""

    id: str
    row: dict[str, str]


def read_roster(data: bytes, name: str = "roster") -> list[Student]:
    """Read students from CSV, in its order; the first column of IDS that is there has their ids.

    Without such a column there must be one column only, with or without a heading. Raises
    BadRoster, which names the line, for a file that is none, and for an id that is empty or twice.
    """
    if len(data) > LARGEST:
        raise BadRoster(f"{name} has more than {LARGEST >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRoster(f"{name} is not in UTF-8: save it as CSV in UTF-8") from None
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise BadRoster(f"{name}:{reader.line_num}: {error}") from None
    rows = [(line, row) for line, row in rows if any(row)]
    if not rows:
        raise BadRoster(f"{name} has no students")
    heading = rows[0][1]
    lower = [cell.lower().replace(" ", "_") for cell in heading]
    column = next((lower.index(each) for each in IDS if each in lower), None)
    if column is None and len(heading) > 1:
        raise BadRoster(
            f"{name}:{rows[0][0]}: no column is called {', '.join(IDS[:-1])} or {IDS[-1]}; "
            f"columns are {', '.join(heading)}"
        )
    named = column is not None
    return _students(rows[1:] if named else rows, heading if named else ["id"], column or 0, name)


def _students(
    rows: Sequence[tuple[int, list[str]]], heading: list[str], column: int, name: str
) -> list[Student]:
    seen: dict[str, int] = {}
    found = []
    for line, row in rows:
        if len(row) != len(heading):
            raise BadRoster(f"{name}:{line}: {len(row)} cells, and the heading has {len(heading)}")
        who = row[column]
        if not who or not who.isprintable():
            raise BadRoster(f"{name}:{line}: the id is {who!r}")
        if who in seen:
            raise BadRoster(f"{name}:{line}: the id {who!r} is on line {seen[who]} already")
        seen[who] = line
        found.append(Student(who, dict(zip(heading, row, strict=True))))
    if not found:
        raise BadRoster(f"{name} has a heading, and no students")
    return found


def assign_variants(ids: Sequence[str], count: int, term: str) -> dict[str, int]:
    """Return each student's variant, from 1 to `count`."""
    return {who: max(range(1, count + 1), key=lambda n: _weight(term, who, n)) for who in ids}


def _weight(term: str, who: str, number: int) -> bytes:
    return hmac.digest(term.encode(), f"{who}\0{number}".encode(), hashlib.sha256)
