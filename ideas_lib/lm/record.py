"""Answers of language models in a file, a line each: what was asked, and what was said.

    {"key": "…", "model": "smollm2-135m-instruct", "request": {"prompt": "Once", "seed": 3, …},
     "text": " upon a time", "finished": true, "endpoint": "local", "served": "….gguf …",
     "versions": {…}, "when": "…"}

A line is on disk before anybody hears of the answer, so whatever ends the process, what was
answered stays. A line that was broken off is dropped by the next process that writes.
"""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from filelock import FileLock, Timeout

from ideas_lib.caching import cache_folder
from ideas_lib.files import read_plain
from ideas_lib.lm.store import request_key
from ideas_lib.study.provenance import write_atomic

__all__ = ["Record", "RecordInUse"]


class RecordInUse(RuntimeError):
    """Raised when another process is writing to the same record."""


class Record:
    """Answers by the model and request that they are to; the file need not be there yet.

    Many threads may use it at once, and one process writes at a time. Raises ValueError for a file
    with a line that is no answer, or not to the request that it has, and for what is no file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._known: dict[str, dict[str, Any]] = {}
        self._lines: list[str] = []
        self._turn = threading.Lock()
        self._file: IO[str] | None = None
        name = hashlib.sha256(str(self.path.resolve()).encode()).hexdigest()[:16]
        self._lock = FileLock(cache_folder() / "locks" / f"{name}.lock", thread_local=False)
        self._read()

    def get(self, model: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the line with the answer to a request, the first where there are two, or None."""
        return self._known.get(request_key(model, request))

    def add(self, model: str, request: Mapping[str, Any], more: Mapping[str, Any]) -> None:
        """Write one answer. `more` is what was said, and by what. Raises RecordInUse."""
        answer = {"key": request_key(model, request), "model": model, "request": request, **more}
        line = json.dumps(answer)
        with self._turn:
            file = self._file or self._opened()
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
            self._lines.append(line)
            self._known.setdefault(answer["key"], json.loads(line))

    def close(self) -> None:
        """Put the lines in order if any were added: by model, by what was asked, and by seed."""
        with self._turn:
            if self._file is None:
                return
            self._file.close()
            self._file = None
            in_order = sorted(self._lines, key=_place)
            try:
                if in_order != self._lines:
                    write_atomic(self.path, "".join(f"{line}\n" for line in in_order))
                    self._lines = in_order
            finally:
                self._lock.release()

    def _opened(self) -> IO[str]:
        """Open the file for writing: it is this process's until it is closed."""
        Path(self._lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise RecordInUse(
                f"another process writes to {self.path}: wait for it, or stop it"
            ) from None
        self._read()  # another process may have been here since
        self._file = self.path.open("a", encoding="utf-8")
        self._file.truncate(sum(len(line) + 1 for line in self._lines))
        return self._file

    def _read(self) -> None:
        whole = read_plain(self.path) if self.path.exists() else b""
        try:
            text = whole[: whole.rfind(b"\n") + 1].decode("ascii")
        except UnicodeDecodeError as error:
            at = whole.count(b"\n", 0, error.start) + 1
            raise ValueError(f"{self.path}:{at} is no answer: it is not ASCII") from None
        self._lines = text.split("\n")[:-1]
        self._known = {}
        for number, line in enumerate(self._lines, 1):
            try:
                answer = json.loads(line)
                key, said = answer["key"], (answer["text"], answer["finished"])
                told = request_key(answer["model"], answer["request"])
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise ValueError(f"{self.path}:{number} is no answer ({error!r})") from None
            if key != told or not isinstance(said[0], str):
                raise ValueError(
                    f"{self.path}:{number} was changed: its key is not that of its request"
                )
            self._known.setdefault(key, answer)


def _place(line: str) -> tuple[str, str, int]:
    answer = json.loads(line)
    asked = {name: value for name, value in answer["request"].items() if name != "seed"}
    return answer["model"], json.dumps(asked), answer["request"]["seed"]
