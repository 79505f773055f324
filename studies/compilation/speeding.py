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
TILES = 2000  # of the rows, in one long array: a compiler can leave none of them out
ROUNDS = 7
TIMEOUT = 20.0  # seconds for each step
LOOP = """
#include <stdint.h>
{text}
int64_t every(const int32_t *rows, long count) {{
    int64_t total = 0;
    for (long i = 0; i < count; i++) total += {entry}({arguments});
    return total;
}}
"""


def compile_and_time(goal: str) -> dict[str, Any]:
    """Compile a goal of ours to C, and time it; `reached` is 0 where a step was not certified.

    `ns in Python`, `ns in Numba` and `ns in C` are of a call: the fastest round of seven, each in a
    compiled loop where there is one. Numba has the goal with its generators as loops, for it knows
    none, and numbers of 64 bits. The lists are empty where
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
        "ns in Numba": _in_numba(made.forms["loop"], goal, rows),
        "ns in C": _in_c(made.forms["c"], goal, rows),
    }
    sums = {name: call() for name, call in calls.items()}
    if len(set(sums.values())) > 1:
        raise AssertionError(f"{goal}: they add up to {sums}")
    for name, call in calls.items():
        tiles = 1 if name == "ns in Python" else TILES
        report[name] = [_fastest(call) / len(rows) / tiles]
    return report


def _nothing() -> dict[str, list[float]]:
    return {"ns in Python": [], "ns in Numba": [], "ns in C": []}


def _fastest(call: Callable[[], int]) -> float:
    """Return the nanoseconds of the fastest call."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        call()
        found.append(time.perf_counter_ns() - began)
    return min(found)


def _in_python(source: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[], int]:
    names: dict[str, Any] = {}
    exec(compile(source, entry, "exec"), names)  # a goal of ours
    function = names[entry]
    return lambda: sum(int(function(*row)) for row in rows)


def _in_numba(source: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[], int]:
    import numba

    names: dict[str, Any] = {}
    exec(compile(source, entry, "exec"), names)
    names["own"] = numba.njit(names[entry])
    arguments = ", ".join(f"rows[i, {place}]" for place in range(len(rows[0])))
    lines = ["def every(rows):", "    total = 0", "    for i in range(len(rows)):"]
    lines += [f"        total += int(own({arguments}))"]
    exec("\n".join([*lines, "    return total"]), names)
    every, array = numba.njit(names["every"]), np.tile(np.array(rows, dtype=np.int64), (TILES, 1))
    every(array)  # compiles
    return lambda: int(every(array)) // TILES


def _in_c(text: str, entry: str, rows: list[tuple[int, ...]]) -> Callable[[], int]:
    from cffi import FFI

    count = len(rows[0])
    arguments = ", ".join(f"rows[{count} * i + {place}]" for place in range(count))
    with tempfile.TemporaryDirectory() as folder:
        file, library = Path(folder, "it.c"), Path(folder, "it.so")
        file.write_text(LOOP.format(text=text, entry=entry, arguments=arguments), "ascii")
        command = [
            "gcc",
            "-O3",
            "-march=native",
            "-fno-semantic-interposition",
            "-shared",
            "-fPIC",
            "-o",
            str(library),
            str(file),
        ]
        subprocess.run(command, check=True, capture_output=True)
        ffi = FFI()
        ffi.cdef("int64_t every(const int32_t *rows, long count);")
        loaded = ffi.dlopen(str(library))
    array = np.tile(np.array(rows, dtype=np.int32), (TILES, 1))
    pointer = ffi.from_buffer("int32_t[]", array)  # which keeps the array

    def every() -> int:
        return int(loaded.every(pointer, len(array))) // TILES

    return every
