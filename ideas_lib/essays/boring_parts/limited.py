"""Ask for what may never end, in a process that is ended if it takes too long.

    with Limited(seconds=5) as ask:
        ask("solutions", "x^2 = 4")   # {'values': [-2.0, 2.0], ...}

What is asked for is one of a few functions on lines of text; a line is read by `line_reading`, and
is never run. The process has a limit of memory, too, where the system has such limits.
"""

import atexit
import contextlib
import json
import queue
import signal
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["JOBS", "Limited", "answer_questions", "shared_process"]

JOBS = ("solutions", "same_difference", "constant_ratio")
START = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    " from ideas_lib.essays.boring_parts.limited import answer_questions; answer_questions()"
)
MEMORY = 4 << 30
SLOWER = 10  # times by the clock
STARTUP = 120.0  # seconds in which Python and SymPy are there


class Limited:
    """A process that answers; one that takes more than `seconds` is ended, and another begins.

    The seconds are of processor time, so that a busy machine changes no answer; where a system does
    not count them, and for what cannot be interrupted, ten times as many by the clock are the end.
    Each answer is kept: the same question is not asked twice. It is made to be used in a `with`.
    Raises ValueError for a limit that is not above 0.
    """

    def __init__(self, seconds: float = 5.0) -> None:
        if not seconds > 0:
            raise ValueError(f"seconds={seconds} must be above 0")
        self.seconds = seconds
        self._known: dict[tuple[str, ...], Any] = {}
        self._process: subprocess.Popen[str] | None = None
        self._said: queue.Queue[str] = queue.Queue()

    def __enter__(self) -> "Limited":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __call__(self, job: str, *lines: str) -> Any:
        """Return what a job says of lines; {"why": reason} where it took too long or broke.

        Raises ValueError for a job that there is not.
        """
        if job not in JOBS:
            raise ValueError(f"{job!r} is none of {', '.join(JOBS)}")
        asked = (job, *lines)
        if asked not in self._known:
            self._known[asked] = self._answer(asked)
        return self._known[asked]

    def stop(self) -> None:
        """End the process; the next question starts another."""
        if self._process is None:
            return
        self._process.kill()
        with contextlib.suppress(OSError):  # its pipe may hold what it never read
            self._process.communicate()
        self._process = None

    def _answer(self, asked: tuple[str, ...]) -> Any:
        try:
            process = self._running()
            assert process.stdin is not None, "it has a pipe"
            process.stdin.write(json.dumps([self.seconds, *asked]) + "\n")
            process.stdin.flush()
            said = self._said.get(timeout=SLOWER * self.seconds)
        except (queue.Empty, OSError):
            self.stop()
            said = ""
        if not said:  # it ended itself, or was ended
            self.stop()
            return {"why": f"SymPy gave no answer within {self.seconds:g} s"}
        return json.loads(said)

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            root = str(Path(__file__).parents[3])
            self._said = queue.Queue()
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, root],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
            threading.Thread(target=_listen, args=(self._process, self._said), daemon=True).start()
            with contextlib.suppress(queue.Empty):
                self._said.get(timeout=STARTUP)
        return self._process


def _listen(process: "subprocess.Popen[str]", said: "queue.Queue[str]") -> None:
    assert process.stdout is not None, "it has a pipe"
    with contextlib.suppress(ValueError, OSError):  # closed while it was read
        for line in process.stdout:
            said.put(line)
    said.put("")


def answer_questions() -> None:
    """Answer questions from standard input, a line each, until it ends."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from ideas_lib.essays.boring_parts import solving

    jobs = {job: getattr(solving, job) for job in JOBS}
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        seconds, job, *lines = json.loads(line)
        _alarm(seconds)
        try:
            answer = jobs[job](*lines)
        except (ArithmeticError, MemoryError, NotImplementedError, RecursionError) as error:
            answer = {"why": f"SymPy failed: {type(error).__name__}"}
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            answer = {"why": f"SymPy failed: {type(error).__name__}"}
        _alarm(0.0)
        print(json.dumps(answer), flush=True)


def _alarm(seconds: float) -> None:
    """End this process after so many seconds of processor time; 0 takes it back."""
    with contextlib.suppress(AttributeError):
        signal.setitimer(signal.ITIMER_PROF, seconds)  # what it does if nobody listens: it ends


@cache
def shared_process(seconds: float) -> Limited:
    """Return this process's own `Limited` with that limit; it ends with the process."""
    found = Limited(seconds)
    atexit.register(found.stop)
    return found
