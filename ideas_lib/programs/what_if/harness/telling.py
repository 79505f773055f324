"""How processes tell one another what becomes of tests: a line of JSON at a time, in pipes."""

import contextlib
import fcntl
import json
import os
import random
import select
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Followed", "Tell", "end_all_younger", "follow_child", "in_child", "is_walled", "teller"]

Tell = Callable[[list[Any]], None]
LOOK = 0.1  # seconds between two looks at a clock
WAITING = 20
DYING = 5.0  # seconds that a process may take to end once its pipe is closed
HIGH = 40  # where descriptors stand that tests are to leave alone


class Followed:
    """What a process told, and how it ended.

    `ended` is "end" if it told so, "timeout" if it was killed, "crash" otherwise; `at` is the test
    that was running then, -1 for none; `why` says of a crash what is known of it, and `broke`
    whether it was an error that nobody caught: pytest catches those of tests.
    """

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.ended, self.at, self.why, self.broke = "crash", -1, "", False

    def named(self, name: str) -> Iterator[list[Any]]:
        """Yield what was told under a name."""
        return (row[1:] for row in self.rows if row[0] == name)


def teller(fd: int) -> Tell:
    """Return a function that writes a row to a pipe."""

    def tell(row: list[Any]) -> None:
        data = json.dumps(row).encode() + b"\n"
        while data:
            data = data[os.write(fd, data) :]

    return tell


def in_child(work: Callable[[Tell], None], *, go_on: bool = False) -> tuple[int, int]:
    """Fork a process that works and tells; return its id, and the pipe to read from.

    Python gives it other random numbers than this process has, unless it is to `go_on` as this
    process would.
    """
    numbers = random.getstate()
    pipe = os.pipe()
    read, write = (_lift(fd) for fd in pipe)
    child = os.fork()
    if child:
        os.close(write)
        return child, read
    try:
        os.close(read)
        if go_on:
            random.setstate(numbers)
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        work(teller(write))
    except BaseException as error:  # whatever a test's process does, it ends here
        with contextlib.suppress(BaseException):
            teller(write)(["broke", f"{type(error).__name__}: {error}"[:500]])
    finally:
        os._exit(0)


def is_walled() -> bool:
    """Say whether this is the first program of a sandbox, where all processes are its own."""
    return os.getppid() == 1 and not os.path.exists("/proc/1")


def end_all_younger(than: int) -> None:
    """Kill what a process that has ended may have left behind: all that began after it."""
    newest = os.fork()
    if not newest:
        os._exit(0)
    os.waitpid(newest, 0)
    for process in range(than + 1, newest):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)


def _lift(fd: int) -> int:
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
    os.close(fd)
    return high


def follow_child(child: int, fd: int, between: float, forward: Tell | None = None) -> Followed:
    """Read what a process tells until it ends, or takes too long; it and its group are dead then.

    `between` is how many seconds of processor time may pass outside of tests; `start` says how many
    a test may take. One that waits has WAITING times as many by the clock. Rows go to `forward` at
    once where there is one, and are not kept.
    """
    found, rest, allowed = Followed(), b"", between
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    spent, began = _spent(child), time.monotonic()
    try:
        while found.ended != "end":
            if not poll.poll(1000 * LOOK):
                waited = time.monotonic() - began
                if _spent(child) - spent > allowed or waited > WAITING * allowed:
                    found.ended = "timeout"
                    break
                continue
            chunk = os.read(fd, 1 << 16)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for row in map(json.loads, lines):
                if forward:
                    forward(row)
                else:
                    found.rows.append(row)
                allowed = between
                if row[0] == "start":
                    found.at, allowed = row[1:]
                elif row[0] == "done":
                    found.at = -1
                elif row[0] == "end":
                    found.ended = "end"
                elif row[0] == "broke":
                    found.why, found.broke = row[1], True
            spent, began = _spent(child), time.monotonic()
    finally:
        os.close(fd)
        ended = _reap(child) if found.ended == "crash" else None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if ended is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    if found.ended == "crash" and not found.why:
        found.why = _ending(ended)
    return found


def _reap(child: int) -> int | None:
    """Wait a moment for a process that has closed its pipe; its status, None if it goes on."""
    until = time.monotonic() + DYING
    while time.monotonic() < until:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return status
        time.sleep(LOOK / 10)
    return None


def _ending(status: int | None) -> str:
    if status is None:
        return "it closed its pipe and went on"
    code = os.waitstatus_to_exitcode(status)
    return f"signal {-code}" if code < 0 else f"exit status {code}"


def _spent(child: int) -> float:
    """Return the processor time of a process, by its clock: there is no /proc to read it from."""
    try:
        return time.clock_gettime((~child << 3) | 2)
    except OSError:  # it has ended
        return 0.0
