"""Call a program on inputs, inside the sandbox, and tell what each call comes to.

The program is `program.py`; `inputs.json` has its function's name, limits in seconds, and each
input as the Python text of a tuple. It goes through the inputs twice, the second time from the end,
in two processes: they differ in how texts are hashed, and in whatever a program takes from chance,
time, or the calls before. On each input the function is called twice. A call that ends the process,
or has no time left, is tried no more, and the next one has a process of its own. Standard library
only; the caller reads `data_of` too, so nothing happens on import.

An act, as JSON: `["value", data]`, `["changes", data, [data, ...]]` with the arguments as they are
afterwards, `["raises", name]`, `["fickle"]`, `["slow"]`, `["died"]`, or `["long", hash, start]`.
Data: None, True, False, texts, or `[kind, ...]`, see `data_of`.
"""

import contextlib
import hashlib
import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

DEPTH = 40
SIZE = 6000  # characters of an act
ITEMS = 1000  # of an iterator
PASSES = ("0", "1")  # seeds of hashes
NAMES = {"__builtins__": {}, "nan": float("nan"), "inf": float("inf")}
KNOWN = {"set": set, "frozenset": frozenset, "range": range}


def main() -> None:
    """Try all inputs once; then again, as another process; tell a JSON line for each."""
    turn = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with open("inputs.json", encoding="utf-8") as file:
        entry, limits, texts = json.load(file)
    out = os.dup(1) if turn == 0 else int(sys.argv[2])
    os.set_inheritable(out, True)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(quiet, stream)
    signal.alarm(limits["load"])
    try:
        call = getattr(importlib.import_module("program"), entry)
        if not callable(call):
            raise TypeError(f"{entry} is no function")
    except BaseException as error:  # a program may end in any way it likes
        tell(out, ["unloaded", type(error).__name__, message_of(error)])
        return
    signal.alarm(0)
    slow = set(map(int, filter(None, sys.argv[3:4] and sys.argv[3].split(","))))
    order = [place for place in range(len(texts)) if place not in slow]
    for place in slow:
        tell(out, [turn, place, ["slow"]])
    for place, act in tried(call, texts, order[:: 1 - 2 * turn], limits):
        slow |= {place} if act == ["slow"] else set()
        tell(out, [turn, place, act])
    if turn + 1 < len(PASSES):
        seeds = {**os.environ, "PYTHONHASHSEED": PASSES[turn + 1]}
        argv = [sys.executable, sys.argv[0], str(turn + 1), str(out), ",".join(map(str, slow))]
        os.execve(sys.executable, argv, seeds)


def tell(out: int, line: object) -> None:
    """Write a line of JSON."""
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(out, data) :]


def message_of(error: BaseException) -> str:
    """Return what an exception says, whatever its __str__ does."""
    try:
        return str(error)[:200]
    except BaseException:
        return ""


def tried(
    call: Any, texts: list[str], order: list[int], limits: dict[str, float]
) -> Iterator[tuple[int, Any]]:
    """Yield the place and the act of inputs, in this order; who ends the process has another."""
    slow = 0
    while order:
        if slow > limits["slow"]:
            yield order.pop(0), ["slow"]
            continue
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            with contextlib.suppress(BaseException):
                for place in order:
                    tell(write, limited(call, texts[place], limits))
            os._exit(0)
        os.close(write)
        lines = Lines(read)
        while order and (told := lines.next(limits["wall"] + 1)):
            yield order.pop(0), read_act(told)
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, 0 if lines.ended else signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if order:
            late = -code in (signal.SIGPROF, signal.SIGALRM, signal.SIGKILL)
            slow += late
            yield order.pop(0), ["slow"] if late else ["died"]


def read_act(told: bytes) -> Any:
    """Return what a line tells; a program may have written it."""
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return ["died"]


class Lines:
    """The lines that come from a pipe, each in time and none too long."""

    def __init__(self, read: int) -> None:
        self.read, self.rest, self.ended = read, b"", False
        self.poll = select.poll()
        self.poll.register(read, select.POLLIN)

    def next(self, seconds: float) -> bytes:
        """Return a whole line, or nothing where none comes within so many seconds."""
        end = time.monotonic() + seconds
        while b"\n" not in self.rest:
            left = 1000 * max(0.0, end - time.monotonic())
            if len(self.rest) > 8 * SIZE or not self.poll.poll(left):
                return b""
            chunk = os.read(self.read, 1 << 16)
            if not chunk:
                self.ended = True
                return b""
            self.rest += chunk
        line, _, self.rest = self.rest.partition(b"\n")
        return line + b"\n"


def limited(call: Any, text: str, limits: dict[str, float]) -> list[Any]:
    """Call twice, within `limits`: processor time, and wall time for who sleeps."""
    for clock, number, seconds in (
        (signal.ITIMER_PROF, signal.SIGPROF, limits["busy"]),
        (signal.ITIMER_REAL, signal.SIGALRM, limits["wall"]),
    ):
        signal.signal(number, signal.SIG_DFL)
        signal.setitimer(clock, seconds)
    first, second = acted(call, text), acted(call, text)
    return first if first == second else ["fickle"]


def acted(call: Any, text: str) -> list[Any]:
    """Return the act of one call."""
    args = eval(text, {**NAMES, **KNOWN})
    given = data_of(args)
    try:
        value = data_of(call(*args))
    except BaseException as error:
        return ["raises", type(error).__name__[:80]]
    after = data_of(args)
    act = ["value", value] if after == given else ["changes", value, after[1:]]
    return shortened_act(act)


def shortened_act(act: list[Any]) -> list[Any]:
    """Return an act as it is, or, where it is long, what tells it from others."""
    told = json.dumps(act)
    if len(told) <= SIZE:
        return act
    return ["long", hashlib.sha256(told.encode()).hexdigest()[:16], told[:60]]


def data_of(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON that equal values share; True, 1 and 1.0 differ.

    Subclasses count as what they are built on, NumPy's numbers as Python's, sets and dicts in any
    order. An iterator is gone through. What is no data is told by its repr, or its attributes.
    """
    if depth > DEPTH:
        return ["object", type(value).__name__, "deeper than can be compared"]
    if getattr(type(value), "__module__", "") == "numpy":
        if hasattr(value, "tolist"):
            plain = value.tolist()
            scalar = getattr(value, "ndim", 0) == 0
            return data_of(plain, depth) if scalar else ["array", data_of(plain, depth + 1)]
    if value is None or value is True or value is False:
        return value
    if "enum" in sys.modules and isinstance(value, sys.modules["enum"].Enum):
        return ["object", type(value).__name__, f"{type(value).__name__}.{value.name}"[:200]]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return ["int", f"{int.__index__(value):x}"]
    if isinstance(value, float):
        return ["float", float.__repr__(value)]
    if isinstance(value, complex):
        return ["complex", float.__repr__(value.real), float.__repr__(value.imag)]
    if isinstance(value, bytes | bytearray):
        return ["bytes", bytes(value).hex()]
    return _collected(value, depth)


def _collected(value: Any, depth: int) -> Any:
    ordered: tuple[Any, ...] = (list, tuple)
    unordered: tuple[Any, ...] = (set, frozenset)
    for kind in ordered:
        if isinstance(value, kind):
            return [kind.__name__, *(data_of(item, depth + 1) for item in kind.__iter__(value))]
    for some in unordered:
        if isinstance(value, some):
            items = [data_of(item, depth + 1) for item in some.__iter__(value)]
            return [some.__name__, *sorted(items, key=json.dumps)]
    if isinstance(value, dict):
        pairs = [[data_of(part, depth + 1) for part in pair] for pair in dict.items(value)]
        return ["dict", *sorted(pairs, key=json.dumps)]
    if isinstance(value, Iterator):
        items = [data_of(item, depth + 1) for item in islice(value, ITEMS + 1)]
        return ["iterator", *items[:ITEMS], *(["more"] if len(items) > ITEMS else [])]
    name = type(value).__name__
    if name in ("coroutine", "function", "type", "module", "builtin_function_or_method"):
        return ["object", name, f"a {name}"]
    told = repr(value)
    if " at 0x" not in told:
        return ["object", name, told[:200]]
    parts = getattr(value, "__dict__", None)
    return ["object", name, f"a {name}", data_of(parts, depth + 1)]


if __name__ == "__main__":
    main()
