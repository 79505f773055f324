"""Finished scores on disk, so that a rerun resumes: SQLite in the cache folder."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.caching import cache_folder

__all__ = ["Kept", "Store", "opened", "request_key"]

TABLE = "CREATE TABLE IF NOT EXISTS scores (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
AT_ONCE = 500  # SQLite takes so many parameters in one question


def request_key(*parts: Any) -> str:
    """Return the SHA-256 of some JSON values, from which none of them can be read."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Kept:
    """How many of so many values came from the store, and when the first and last were made.

    The dates are empty where nothing came, or what came bears none.
    """

    count: int = 0
    total: int = 0
    first: str = ""
    last: str = ""

    @staticmethod
    def of_values(values: Iterable[Any]) -> "Kept":
        """Count values as the store gives them, None where it has none."""
        there = list(values)
        found = [each for each in there if each is not None]
        dates = sorted(each["when"] for each in found if isinstance(each, dict) and "when" in each)
        return Kept(len(found), len(there), *((dates[0], dates[-1]) if dates else ()))

    def words(self, what: str) -> str:
        """Say it in a few words; `what` is a plural."""
        if not self.count:
            return f"all {what} asked for now"
        first, last = self.first[:10], self.last[:10]
        days = first if first == last else f"{first} to {last}"
        return (
            f"{self.count:,} of {self.total:,} {what} from the cache, of {days or 'no known day'}"
        )


class Store:
    """Values by key; several processes may write at once, and what one wrote stays."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """Return the values of those keys that there are."""
        wanted, found = list(keys), {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            marks = ",".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT key, value FROM scores WHERE key IN ({marks})", part
            )
            found.update({key: json.loads(value) for key, value in rows})
        return found

    def put(self, values: dict[str, Any]) -> None:
        """Keep values, all or none."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        with self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO scores VALUES (?, ?)", rows)


@contextmanager
def opened(path: str | Path | None = None) -> Iterator[Store]:
    """Open the store in the cache folder, or another; a damaged one is put aside.

    `":memory:"` is one that nobody else reads, and that is gone afterwards.
    """
    path = Path(path or cache_folder() / "scores.sqlite")
    path.parent.mkdir(parents=True, exist_ok=True)  # of ":memory:" it is this folder
    try:
        connection = _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # locked, no room, not allowed: not damage
            raise
        path.replace(path.with_suffix(".damaged"))
        connection = _connected(path)
    try:
        yield Store(connection)
    finally:
        connection.close()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    try:
        connection.execute(TABLE)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection
