r"""Say whether a program is right on examples or tests, from outside the process it runs in.

    >>> from ideas_lib.programs.judge import check_program
    >>> check_program("def add(a, b):\n    return a + b", "add", examples=[((1, 2), 3)]).passed
    True

A check has two sandboxes. In one is the candidate: it is told the arguments of one call after the
other, and answers with plain data. In the other are the tests and what they expect: they call
the candidate by a pipe, and compare. The caller reads the tests' report only.

**What is guaranteed**, for any candidate, under the sandbox's own guarantees: `passed` means that
the tests ran to their end, that the candidate answered at least one call, and that every test
held of the answers. The tests run in processes and on values that the candidate cannot touch: its
exit code, its output, patched builtins, objects with an `__eq__` of their own, a forged or
missing answer change nothing but the answers, and expected values are never where it is.

**What is not**: a program that knows the answers beforehand is right on them; it has seen whatever
was in its author's prompt. Each call is made in a fork of the freshly loaded program, so an honest
program keeps no state between calls, but a hostile one may (in a file, say), and then is right on
this order of calls. Arguments are copies: a change that the program makes in them is not seen.
What it prints, how long it takes within the limit, and what type of number it returns (1, 1.0,
True) are not compared. Tests are believed: one that asserts nothing holds. But each of them has
to be seen to run, from its first line on: else the verdict is "not all tests ran", and names them.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.judge.harness.values import encode
from ideas_lib.programs.sandbox.running import DISK, GRACE, Running, checked_limits, excerpt
from ideas_lib.resources import resource

HARNESS = {  # what runs inside, by name
    "candidate": resource(__file__, "harness/candidate.py"),
    "collected": resource(__file__, "harness/collected.py"),
    "tester": resource(__file__, "harness/tester.py"),
    "values": resource(__file__, "harness/values.py"),
}
SIDES = {"candidate": ("candidate", "values"), "tester": ("tester", "collected", "values")}
REPORT = 32 << 20  # bytes that are read of a report


@dataclass(frozen=True)
class CheckResult:
    """What the tests found.

    `passed` is explained in the module. `reason` is empty then; otherwise it is the first thing
    that was not as expected, or the limit that was broken (`timeout: ...`, as in a sandbox's
    Result). `outcomes` has one entry an example, in order. `calls` is the number of answers.
    """

    passed: bool
    reason: str
    outcomes: tuple[bool, ...]
    calls: int


@dataclass(frozen=True)
class _Report:
    """What the tests' side reported, and how both sides ended."""

    outcomes: tuple[bool, ...] = ()
    wrong: str = ""
    answers: tuple[str, ...] = ()
    calls: int = 0


def check_program(
    source: str,
    entry: str,
    *,
    examples: Iterable[tuple[Sequence[Any], Any]] = (),
    tests: str = "",
    timeout: float = 10.0,
    memory: int = 512 << 20,
) -> CheckResult:
    """Judge a program by what its function `entry` returns.

    Args:
        source: The program; it is imported as a module named `program`.
        entry: The function that is called.
        examples: Pairs of positional arguments and the value expected of them, all plain data
            (see `harness.values`); equal means `==`, and nan equals nan.
        tests: Python source. It has the function under its name and as `candidate`; if it defines
            `check(candidate)`, that is called, and so is each function named `test...`, async or
            not, and each test of a class `Test...` or a subclass of TestCase. Installed packages
            can be imported, hypothesis for one, whose deadline and health checks are off.
        timeout: Seconds of wall time for all calls together. From the first answer on, reading
            and comparing answers is in it, and has a second more.
        memory: Bytes, for each of the two sandboxes.

    Raises:
        TypeError: An example has something that is no plain data.
        ValueError: There is neither an example nor a test.
        sandbox.Unavailable: The system cannot isolate programs.
    """
    rows: list[tuple] = [(tuple(args), {}, expected) for args, expected in examples]
    if not rows and not tests.strip():
        raise ValueError("nothing to judge by: give examples or tests")
    report, broken = _play(source, entry, (rows, [], tests), timeout, memory)
    if report is None:
        return CheckResult(False, excerpt(broken), (False,) * len(rows), 0)
    reason = (broken if report.wrong else "") or report.wrong
    if not reason and not report.calls:
        reason = "the tests never had an answer from the program"
    return CheckResult(not reason, excerpt(reason), report.outcomes, report.calls)


def run_on_inputs(
    source: str,
    entry: str,
    inputs: Iterable[Sequence[Any]],
    *,
    timeout: float = 10.0,
    memory: int = 512 << 20,
) -> list[str] | None:
    """Return what a program answers to each input, as text; None if a limit broke it off.

    Two programs behave alike on an input when the texts are equal. The text is `raised NAME` for
    an exception, and otherwise `harness.values.decode` reads it, but do not: comparing the texts
    is enough, and hostile data can make a dict or a set that takes very long to build.
    """
    rows: list[tuple] = [(tuple(args), {}) for args in inputs]
    report, _ = _play(source, entry, ([], rows, ""), timeout, memory)
    return None if report is None else list(report.answers)


def _play(
    source: str, entry: str, task: tuple[list, list, str], timeout: float, memory: int
) -> tuple[_Report | None, str]:
    """Run both sides; return the report, and the limit that was broken, if one was."""
    try:
        source.encode()
    except UnicodeEncodeError as error:
        return None, f"it is no text that could be a file: {error}"
    (asked, ask), (answered, answer), (report, tell) = pipes = [os.pipe() for _ in range(3)]
    here = {fd for pipe in pipes for fd in pipe}
    slow = checked_limits(2 * timeout + 10, memory, DISK)  # the candidate's time runs out first
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: _close(here))
        text = encode((entry, *task, float(timeout)))
        tester = _side("tester", {"task": text}, (answered, ask, tell), slow)
        stack.enter_context(tester)
        files, quick = {"program.py": source}, checked_limits(timeout, memory, DISK, several=2)
        candidate = _side("candidate", files, (asked, answer), quick)
        stack.enter_context(candidate)
        _close(here - {report})
        here.intersection_update({report})
        told = _read(report, slow["timeout"] + GRACE)
        judged = tester.result()
        candidate.stop()
        ended = candidate.result()
    broken = ended.reason if ended.code is None and not ended.reason.startswith("stopped") else ""
    if judged.code == -signal.SIGALRM:  # its answers took too long to read or to compare
        broken = broken or f"timeout: ran longer than {timeout:g} s"
    if not judged.ok or not told:
        return None, broken or f"the tests' side ended early: {judged.reason or 'no report'}"
    right, wrong, texts, calls = json.loads(told)
    return _Report(tuple(right), wrong, tuple(texts), calls), broken


def _side(
    name: str, files: Mapping[str, str], channels: Sequence[int], limits: Mapping[str, Any]
) -> Running:
    """Start one side: its module of the harness, and the files it works on."""
    package = "ideas_lib/programs/judge/harness"
    parents = ("ideas_lib", "ideas_lib/programs", "ideas_lib/programs/judge", package)
    code = {f"{parent}/__init__.py": "" for parent in parents}
    for module in SIDES[name]:
        code[f"{package}/{module}.py"] = HARNESS[module].read_text()
    argv = [sys.executable, "-m", f"ideas_lib.programs.judge.harness.{name}"]
    return Running(argv, {"files": {**code, **files}}, limits, channels=channels)


def _close(fds: Iterable[int]) -> None:
    for fd in fds:
        os.close(fd)


def _read(fd: int, seconds: float) -> bytes:
    """Read a report: a line, or nothing if it does not come, or is too long to be one."""
    told, poll, end = bytearray(), select.poll(), time.monotonic() + seconds
    poll.register(fd, select.POLLIN)
    while not told.endswith(b"\n"):
        # A pipe may never end: a process that another thread forked holds all that is open here.
        if len(told) > REPORT or not poll.poll(1000 * max(0.0, end - time.monotonic())):
            return b""
        chunk = os.read(fd, 1 << 20)
        if not chunk:
            return b""
        told += chunk
    return bytes(told)
