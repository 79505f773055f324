"""Who gets which variant: decided by each student's id alone, so that nobody moves when one joins.

A student gets the variant whose HMAC-SHA256, of id and number, keyed by the term, is highest. Where
variants are added, only those students move who get one of the new ones.
"""

import csv
import hashlib
import hmac
import io
import re
import unicodedata
from collections.abc import Sequence

__all__ = ["BadRoster", "assign_variants", "read_roster"]

IDS = ("id", "student_id", "username", "user", "email")
LARGEST = 8 << 20


class BadRoster(ValueError):
    """Raised for a roster that cannot be read; it names the line."""


def read_roster(data: bytes, name: str = "roster") -> list[str]:
    """Return students' ids from CSV, in its order, of the first column of IDS that is there.

    Without such a column there must be one column only, with or without a heading. Raises
    BadRoster, which names the line, for a file that is none, and for an id that is empty or twice.
    """
    if len(data) > LARGEST:
        raise BadRoster(f"{name} has more than {LARGEST >> 20} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
        raise BadRoster(
            f"{name}:{line}: the byte {byte:#04x} is not UTF-8: save it as CSV in UTF-8"
        ) from None
    rows = _rows(text, name)
    heading = rows[0][1]
    lower = _columns(heading)
    column = next((lower.index(each) for each in IDS if each in lower), None)
    if column is not None and lower.count(lower[column]) > 1:
        raise BadRoster(f"{name}:{rows[0][0]}: two columns are called {lower[column]!r}: keep one")
    if column is None and len(heading) > 1:
        raise BadRoster(
            f"{name}:{rows[0][0]}: no column is called {', '.join(IDS[:-1])} or {IDS[-1]}; "
            f"columns are {', '.join(heading)}"
        )
    named = column is not None
    return _students(rows[1:] if named else rows, heading if named else ["id"], column or 0, name)


def _rows(text: str, name: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with its line.

    The mark between cells is the one that sets a column of IDS apart in the heading, else the one
    that stands there most often. Excel's own line about it, `sep=;`, is taken at its word.
    """
    told = re.match(r"[\s\"]*sep=([,;\t])\"?[ \t]*\r?\n", text, re.I)
    start = told.end() if told else 0
    skipped, text = text[:start].count("\n"), text[start:].lstrip("\r\n")
    if not text.strip():
        raise BadRoster(f"{name} has no students")
    first = text.splitlines()[0]

    def apart(mark: str) -> tuple[bool, int]:
        cells = _columns(next(csv.reader([first], delimiter=mark)))
        return not set(IDS).isdisjoint(cells), first.count(mark)

    mark = told[1] if told else max(",;\t", key=apart)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            rows.append((reader.line_num + skipped, [cell.strip() for cell in row]))
    except csv.Error as error:
        began = rows[-1][0] + 1 if rows else 1 + skipped
        raise BadRoster(
            f"{name}:{began}: {error}: is a quotation mark missing or left over?"
        ) from None
    return [(line, row) for line, row in rows if any(row)]


def _columns(heading: Sequence[str]) -> list[str]:
    return [cell.strip().lower().replace(" ", "_") for cell in heading]


def _students(
    rows: Sequence[tuple[int, list[str]]], heading: list[str], column: int, name: str
) -> list[str]:
    seen: dict[str, tuple[int, str]] = {}
    found = []
    for line, row in rows:
        if len(row) != len(heading):
            raise BadRoster(f"{name}:{line}: {len(row)} cells, and the heading has {len(heading)}")
        who = row[column]
        if not who or not who.isprintable():
            raise BadRoster(f"{name}:{line}: the id is {who!r}")
        # As people read it: one in capitals, or with an accent made otherwise, is the same student.
        same = unicodedata.normalize("NFKC", who).casefold()
        if same in seen:
            before, other = seen[same]
            spelt = "" if other == who else f" as {other!r}"
            raise BadRoster(
                f"{name}:{line}: the id {who!r} is on line {before} already{spelt}: leave one out"
            )
        seen[same] = (line, who)
        found.append(who)
    if not found:
        raise BadRoster(f"{name} has a heading, and no students")
    return found


def assign_variants(ids: Sequence[str], count: int, term: str) -> dict[str, int]:
    """Return each student's variant, from 1 to `count`."""
    return {who: max(range(1, count + 1), key=lambda n: _weight(term, who, n)) for who in ids}


def _weight(term: str, who: str, number: int) -> bytes:
    return hmac.digest(term.encode(), f"{who}\0{number}".encode(), hashlib.sha256)
