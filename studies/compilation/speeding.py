"""What a certified form gains: nanoseconds a call, beside the goal in Python and in Numba."""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from ideas_lib.programs.compilation.compiling import NotCertified, compile_goal
from ideas_lib.programs.compilation.program import read_integer_program
from ideas_lib.programs.compilation.subset import Outside
from studies.compilation.proposing import goal_sources
from studies.compilation.testing_steps import edge_rows

__all__ = ["compile_and_time"]

ROWS = 500
ROUNDS = 7
LEAST = 0.02  # seconds that a timed round takes at least
TIMEOUT = 20.0  # seconds for each step
LOOP = """
#include <stdint.h>
{text}
int64_t every(const int32_t *rows, long count, long times) {{
    int64_t total = 0;
    for (long k = 0; k < times; k++) {{
        for (long i = 0; i < count; i++) total += {entry}({arguments});
        __asm__ volatile("" : "+r"(total) : "r"(rows) : "memory");
    }}
    return total;
}}
"""


def compile_and_time(goal: str) -> dict[str, Any]:
    """Compile a goal of ours to C, and time it; `reached` is 0 where a step was not certified.

    `ns in Python`, `ns in Numba` and `ns in C` are of a call: the fastest round of seven, each in a
    compiled loop where there is one. Numba's numbers have 64 bits. The lists are empty where
    nothing was reached.
    """
    source = goal_sources()[goal]
    program = read_integer_program(source)
    began = time.monotonic()
    try:
        made = compile_goal(program, "c", timeout=TIMEOUT, second=False)
    except (NotCertified, Outside) as error:
        why = str(error)
        numbers: dict[str, Any] = {"reached": 0.0, "leaves int32": float("leave" in why)}
        return numbers | {"took": time.monotonic() - began} | _nothing()
    report: dict[str, Any] = {"reached": 1.0, "leaves int32": 0.0}
    report["took"] = time.monotonic() - began
    rows = edge_rows(program, Random(goal))[:ROWS]
    calls = {
        "ns in Python": _in_python(source, goal, rows),
        "ns in Numba": _in_numba(source, goal, rows),
        "ns in C": _in_c(made.forms["c"], goal, rows),
    }
    sums = {name: call(1) for name, call in calls.items()}
    if len(set(sums.values())) > 1:
        raise AssertionError(f"{goal}: they add up to {sums}")
    for name, call in calls.items():
        report[name] = [_fastest(call) / len(rows)]
    return report


def _nothing() -> dict[str, list[float]]:
    return {"ns in Python": [], "ns in Numba": [], "ns in C": []}


def _fastest(call: Callable[[int], int]) -> float:
    """Return nanoseconds for all rows once."""
    times = 1
    while True:
        began = time.perf_counter_ns()
        call(times)
        if time.perf_counter_ns() - began > LEAST * 1e9:
            break
        times *= 4
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        call(times)
        found.append((time.perf_counter_ns() - began) / times)
    return min(found)


def _in_python(source: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[int], int]:
    names: dict[str, Any] = {}
    exec(compile(source, entry, "exec"), names)  # a goal of ours
    function = names[entry]
    return lambda times: sum(int(function(*row)) for _ in range(times) for row in rows) // times


def _in_numba(source: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[int], int]:
    import numba

    names: dict[str, Any] = {}
    exec(compile(source, entry, "exec"), names)
    names["own"] = numba.njit(names[entry])
    arguments = ", ".join(f"rows[i, {place}]" for place in range(len(rows[0])))
    lines = ["def every(rows, times):", "    total = 0", "    for _ in range(times):"]
    lines += ["        for i in range(len(rows)):", f"            total += int(own({arguments}))"]
    exec("\n".join([*lines, "    return total"]), names)
    every, array = numba.njit(names["every"]), np.array(rows, dtype=np.int64)
    return lambda times: int(every(array, times)) // times


def _in_c(text: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[int], int]:
    from cffi import FFI

    count = len(rows[0])
    arguments = ", ".join(f"rows[{count} * i + {place}]" for place in range(count))
    with tempfile.TemporaryDirectory() as folder:
        file, library = Path(folder, "it.c"), Path(folder, "it.so")
        file.write_text(LOOP.format(text=text, entry=entry, arguments=arguments), "ascii")
        command = ["gcc", "-O2", "-shared", "-fPIC", "-o", str(library), str(file)]
        subprocess.run(command, check=True, capture_output=True)
        ffi = FFI()
        ffi.cdef("int64_t every(const int32_t *rows, long count, long times);")
        loaded = ffi.dlopen(str(library))
    array = np.array(rows, dtype=np.int32)
    pointer = ffi.cast("const int32_t *", ffi.from_buffer(array))
    return lambda times: int(loaded.every(pointer, len(rows), times)) // times
