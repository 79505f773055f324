"""Finished scores on disk, so that a rerun resumes: SQLite in the cache folder."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ideas_lib.caching import cache_folder

__all__ = ["Store", "opened", "request_key"]

TABLE = "CREATE TABLE IF NOT EXISTS scores (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
AT_ONCE = 500  # SQLite takes so many parameters in one question


def request_key(*parts: Any) -> str:
    """Return the SHA-256 of some JSON values, from which none of them can be read."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


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
