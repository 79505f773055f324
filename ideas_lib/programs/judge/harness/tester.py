"""The tests' side: it alone knows what is expected, and calls a candidate that is elsewhere.

Reads `task`: examples with what is expected of them, inputs whose answers are wanted, and tests as
source. Reports on its third channel.
"""

import builtins
import contextlib
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from ideas_lib.programs.judge.harness.values import SIZE, canonical, decode, encode, same

ANSWERS, REQUESTS, REPORT = 3, 4, 5
MOMENT = 1.0  # seconds
# These end loops and generators quietly: a test must not end early on a candidate's word.
QUIET = (StopIteration, StopAsyncIteration)


class CandidateFailed(BaseException):
    """The candidate gave no answer that can be judged; no `except Exception` of a test holds it."""


class CandidateRaised(Exception):
    """The candidate raised an exception that is not one of Python's own."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.kind = name


class RemoteFunction:
    """The function under test, which runs in another sandbox: arguments and values are copies.

    `failed` tells the first time that no answer came which can be judged. From the first answer
    on this process has `seconds`, and a moment to report: then SIGALRM ends it, whatever it is at.
    Answers can be made that take long to read or to compare, within one step of Python's.
    """

    def __init__(self, name: str, seconds: float) -> None:
        self.__name__, self.calls, self.answered, self.failed = name, 0, 0, ""
        self._rest, self._gone, self._turn = b"", "", threading.Lock()
        self._seconds = seconds

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._turn:
            try:
                kind, *parts = self._call(args, kwargs)
            except CandidateFailed as error:
                self.failed = self.failed or str(error)
                raise
        if kind == "raised":
            raise exception(*parts)
        return parts[0]

    def _call(self, args: tuple, kwargs: dict[str, Any]) -> tuple:
        """Return ("value", what) or ("raised", name, message)."""
        self.calls += 1
        try:
            request = encode((self.calls, self.__name__, args, kwargs))
        except (TypeError, ValueError) as error:
            raise CandidateFailed(f"the test called it with what cannot be sent: {error}") from None
        kind, *parts = self._ask(request)
        words = all(isinstance(part, str) for part in parts)
        if (kind, len(parts)) == ("value", 1) or ((kind, len(parts)) == ("raised", 2) and words):
            self.answered += 1
            return kind, *parts
        raise CandidateFailed(
            parts[0] if kind == "died" and parts and words else "forged its answer"
        )

    def _ask(self, request: str) -> tuple:
        if self._gone:
            raise CandidateFailed(self._gone)
        try:
            with contextlib.suppress(BrokenPipeError):  # it is gone: its pipe's end will say so
                self._send(request.encode() + b"\n")
            turn, *answer = decode(self._line().decode())
            if turn != self.calls:
                raise ValueError("it answered what was not asked")
            return (str(answer[0]), *answer[1:])
        except (OSError, TypeError, ValueError, IndexError) as error:
            self._gone = f"its process broke off: {error}"
            raise CandidateFailed(self._gone) from None

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(REQUESTS, data) :]

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            chunk = os.read(ANSWERS, 1 << 16)
            if not chunk:
                raise OSError("it ended, or was stopped, before it answered")
            if self._seconds:
                signal.setitimer(signal.ITIMER_REAL, self._seconds + MOMENT)
                self._seconds = 0.0
            self._rest += chunk
            if len(self._rest) > SIZE + (1 << 16):
                raise ValueError("its answer has no end")
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def exception(name: str, message: str) -> Exception:
    """Return a built-in exception by its name, any other as CandidateRaised."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, QUIET):
        with contextlib.suppress(TypeError):  # one that wants more than a message
            return kind(message)
    return CandidateRaised(name, message)


def compare_examples(candidate: RemoteFunction, examples: list[tuple]) -> tuple[list[bool], str]:
    """Return which examples it gets right, and in words the first that it does not."""
    right, wrong = [], ""
    for args, kwargs, expected in examples:
        try:
            value = candidate(*args, **kwargs)
            right.append(same(value, expected))
            told = f"gave {shortened(value)}, not {shortened(expected)}"
        except (Exception, CandidateFailed) as error:
            right.append(False)
            told = f"{type(error).__name__}: {error}"
        if not right[-1]:
            words = [shortened(arg) for arg in args] + [
                f"{k}={shortened(v)}" for k, v in kwargs.items()
            ]
            wrong = wrong or f"{candidate.__name__}({', '.join(words)}) {told}"
    return right, wrong


def shortened(value: object) -> str:
    """Return a value as Python writes it, cut short."""
    try:
        text = repr(value)
    except ValueError:  # an int with more digits than Python likes to write
        text = f"a long {type(value).__name__}"
    return text if len(text) <= 80 else text[:77] + "..."


def collect_answers(candidate: RemoteFunction, inputs: list[tuple]) -> list[str]:
    """Return the text of each answer: equal texts are equal behaviour."""
    told = []
    for args, kwargs in inputs:
        try:
            told.append(canonical(candidate(*args, **kwargs)))
        except CandidateRaised as error:
            told.append(f"raised {error.kind}")
        except (Exception, CandidateFailed) as error:
            told.append(f"raised {type(error).__name__}")
    return told


def main() -> None:
    """Do the task, and report."""
    task = Path("task").read_text()
    name, examples, inputs, tests, seconds = decode(task, len(task))
    candidate = RemoteFunction(name, seconds)
    right, wrong = compare_examples(candidate, examples)
    told = collect_answers(candidate, inputs)
    if tests and not wrong:
        # Where there are only examples, nothing of it is needed.
        from ideas_lib.programs.judge.harness.collected import run_tests

        space = {"candidate": candidate, name: candidate}
        wrong = run_tests(tests, space) or candidate.failed
    signal.setitimer(signal.ITIMER_REAL, 0)
    sys.stdout.flush()
    with open(REPORT, "w") as pipe:
        pipe.write(json.dumps([right, wrong, told, candidate.answered]) + "\n")


if __name__ == "__main__":
    main()
