"""Run programs on inputs, in the sandbox, and collect what each comes to.

A program that cannot be compared is set aside, with the reason: one that does not load, that
answers differently when asked again, that never answers, or that fails on a name it does not have.
"""

import ast
import functools
import json
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tqdm import tqdm

from ideas_lib.programs.ambiguity.outcomes import SECONDS, Outcome, told_outcome
from ideas_lib.programs.sandbox.running import DISK, Running, checked_limits, excerpt
from ideas_lib.resources import resource

__all__ = ["Observer", "source_defect"]

ACTS = resource(__file__, "harness/acts.py")
MEMORY = 2 << 30  # NumPy needs a good part of a gigabyte of addresses, in each of two processes
WALL = 15  # seconds for a call that sleeps, or on a machine that is busy
SLOW = 2  # inputs without an answer, and no more is asked
LOAD = 30  # seconds for what a program does when it is loaded
TOTAL = 120.0  # seconds for a program and all its inputs
WORKERS = 2  # sandboxes at a time
UNDEFINED = ("NameError", "UnboundLocalError")

Row = tuple[Any, ...]


def source_defect(source: str, entry: str) -> str:
    """Say why a program cannot be tried, or nothing: it has to parse, and to bind `entry`."""
    try:
        tree = ast.parse(source)
        source.encode()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return excerpt(f"it does not parse: {error}")
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == entry:
            return f"{entry} is async, which cannot be compared"
    bound = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for each in ast.walk(tree):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            bound.add(each.id)
        elif isinstance(each, ast.alias):
            bound.add(each.asname or each.name)
    return "" if entry in bound else f"it does not define {entry}"


class Observer:
    """Programs by name, and what each came to on every input that was tried so far.

    `aside` has the programs that cannot be compared, name -> reason. `floats` as `told_outcome`.
    Inputs are tuples of arguments, plain data. Raises sandbox.Unavailable.
    """

    def __init__(self, entry: str, *, floats: bool = False) -> None:
        self.entry, self.floats = entry, floats
        self.sources: dict[str, str] = {}
        self.aside: dict[str, str] = {}
        self._seen: dict[str, dict[str, Outcome]] = {}  # by source, then by input

    def add(self, programs: dict[str, str]) -> None:
        """Take in programs, name -> source."""
        for name, source in programs.items():
            self.sources[name] = source
            why = source_defect(source, self.entry)
            if why:
                self.aside[name] = why

    @property
    def compared(self) -> list[str]:
        """The names of the programs that are not set aside, in order."""
        return [name for name in self.sources if name not in self.aside]

    def observe(self, rows: Sequence[Row]) -> None:
        """Try the inputs on every program that has not had them yet; copies are tried once."""
        wanted = {}
        for name in self.compared:
            known = self._seen.setdefault(self.sources[name], {})
            missing = [row for row in rows if repr(row) not in known]
            if missing:
                wanted[self.sources[name]] = missing
        with ThreadPoolExecutor(min(WORKERS, os.cpu_count() or 1)) as pool:
            work = functools.partial(_observed, self.entry, floats=self.floats)
            told = pool.map(work, wanted, wanted.values())
            bar = tqdm(told, desc="trying programs", total=len(wanted), delay=2, leave=False)
            for source, (why, outcomes) in zip(wanted, bar, strict=True):
                for row, outcome in zip(wanted[source], outcomes, strict=False):
                    self._seen[source][repr(row)] = outcome
                why = why or _unfit(self.entry, wanted[source], outcomes)
                for name in self.compared if why else ():
                    if self.sources[name] == source:
                        self.aside[name] = why

    def outcome(self, name: str, row: Row) -> Outcome:
        """Return what a program came to on an input that was observed."""
        return self._seen[self.sources[name]][repr(row)]

    def outcomes(self, name: str) -> list[Outcome]:
        """Return all that a program came to so far."""
        return list(self._seen.get(self.sources[name], {}).values())


def _unfit(entry: str, rows: Sequence[Row], outcomes: Sequence[Outcome]) -> str:
    slow = []
    for row, outcome in zip(rows, outcomes, strict=True):
        call = f"{entry}({', '.join(map(repr, row))})"
        if outcome.kind == "fickle":
            return excerpt(f"it answers differently when asked again: {call}")
        if outcome.kind == "raises" and outcome.value[0] in UNDEFINED:
            return excerpt(f"it raises {outcome.value[0]}: {call}")
        slow += [call] if outcome.kind == "slow" else []
    if len(slow) > SLOW:
        return excerpt(f"it gave no answer within {SECONDS} s to {', '.join(slow[:SLOW])} and more")
    return ""


def _observed(
    entry: str, source: str, rows: Sequence[Row], *, floats: bool
) -> tuple[str, list[Outcome]]:
    """Return why a program is set aside, or nothing, and what it came to on each input."""
    limits = {"busy": SECONDS, "wall": WALL, "slow": SLOW, "load": LOAD}
    files = {
        "acts.py": ACTS.read_text(encoding="utf-8"),
        "program.py": source,
        "inputs.json": json.dumps([entry, limits, [repr(row) for row in rows]]),
    }
    bounds = checked_limits(TOTAL, MEMORY, DISK, several=2)
    with Running([sys.executable, "acts.py"], {"files": files}, bounds) as running:
        result = running.result()
    try:
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        if lines and lines[0][0] == "unloaded":
            return excerpt(f"it cannot be loaded: {lines[0][1]}: {lines[0][2]}"), []
        told: list[dict[int, Outcome]] = [{}, {}]
        for turn, place, act in lines:
            told[turn][place] = told_outcome(act, floats)
        found = [_settled(told[0][place], told[1][place]) for place in range(len(rows))]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        why = result.reason or "its report is broken"
        if result.code == -signal.SIGALRM:
            return f"it was not loaded within {LOAD} s", []
        return excerpt(f"it did not answer {len(rows)} inputs: {why}"), []
    return "", found


def _settled(first: Outcome, second: Outcome) -> Outcome:
    """Return what both passes came to, or that they differ."""
    if first.key == second.key:
        return first
    if "slow" in (first.kind, second.kind):
        return first if first.kind == "slow" else second
    return told_outcome(["fickle"])
