"""A strong simple tester beside the certifier: arguments at the edges, as many as fit into a time.

A model's programs run in the sandbox alone.
"""

import ast
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from ideas_lib.programs.compilation.interpreter import contract_holds
from ideas_lib.programs.compilation.program import IntegerProgram, read_integer_program
from ideas_lib.programs.compilation.scope import sample_edges
from ideas_lib.programs.compilation.subset import Outside
from ideas_lib.programs.sandbox.running import DISK, Running, checked_limits
from studies.compilation.proposing import goal_sources, proposed_steps

__all__ = ["Tested", "distinct_steps", "edge_rows", "steps_that_pass", "try_step"]

WIDTH = 32
ROWS = 20_000  # at most, of which a test takes what it has time for
DRAWN = 60_000
FIXED = 0.5  # seconds of tests that a step has to pass to count
PATIENCE = 10.0  # seconds more, for a program that hangs
MEMORY = 512 << 20
TESTER = """\
import json, sys, time

goal, step, rows, seconds = json.load(open("job.json"))
both = []
for source, entry in (goal, step):
    names = {}
    exec(source, names)
    both.append(names[entry])

def told(function, row):
    try:
        return int(function(*row))
    except Exception as error:
        return type(error).__name__

until, tried, differs = time.process_time() + seconds, 0, None
for row in rows:
    if tried and time.process_time() > until:
        break
    one, other = (told(each, row) for each in both)
    tried += 1
    if one != other:
        differs = [row, str(one), str(other)]
        break
json.dump([tried, differs], sys.stdout)
"""


@dataclass(frozen=True)
class Tested:
    """How many arguments a step was tried on, and the first on which it differs, if any."""

    tried: int
    differs: tuple[int, ...] | None
    hangs: bool = False

    @property
    def passes(self) -> bool:
        """Say whether nothing was found."""
        return self.differs is None and not self.hangs


def edge_rows(program: IntegerProgram, rng: random.Random) -> list[tuple[int, ...]]:
    """Draw arguments that the contract allows, most of them where programs go wrong.

    Half are near the numbers of the goal and of its precondition and between them, half are the
    certifier's.
    """
    numbers = {
        int(node.value)
        for part in (ast.parse(program.source), *program.pre)
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, int)
    }
    marks = sorted({each for n in numbers for each in (n - 1, n, n + 1, -n)} | {0, 1})
    half = 1 << (WIDTH - 1)
    count = len(program.parameters)
    edges = sample_edges(program.parameters, WIDTH, DRAWN, rng)
    found: dict[tuple[int, ...], None] = {}

    def near() -> int:
        value = rng.choice(marks) if rng.random() < 0.4 else rng.randint(marks[0], marks[-1])
        return max(-half, min(half - 1, value))

    for edge in edges:
        for row in (edge, tuple(near() for _ in range(count))):
            if row not in found and contract_holds(program, row):
                found[row] = None
        if len(found) >= ROWS:
            break
    return list(found)


def try_step(goal: str, step: str, rows: Sequence[tuple[int, ...]], seconds: float) -> Tested:
    """Try a step on as many of these arguments as `seconds` of processor time have room for."""
    pairs = [(source, source.split("(")[0].split()[-1]) for source in (goal, step)]
    files = {"tester.py": TESTER, "job.json": json.dumps([*pairs, list(rows), seconds])}
    bounds = checked_limits(seconds + PATIENCE, MEMORY, DISK)
    with Running([sys.executable, "tester.py"], {"files": files}, bounds) as running:
        result = running.result()
    if not result.ok:
        return Tested(0, None, hangs=True)
    tried, differs = json.loads(result.stdout)
    return Tested(tried, tuple(differs[0]) if differs else None)


def distinct_steps(goal: str) -> tuple[list[str], dict[str, int]]:
    """Return a model's different programs for a goal that can be read, and what became of all.

    Those that only repeat the goal are no steps.
    """
    program = read_integer_program(goal_sources()[goal])
    seen, found = {_form(program)}, []
    counts = {"written": 0, "outside": 0, "the goal again": 0, "another's": 0}
    for source in proposed_steps(goal):
        counts["written"] += 1
        try:
            step = read_integer_program(source)
        except Outside:
            counts["outside"] += 1
            continue
        if len(step.parameters) != len(program.parameters):
            counts["outside"] += 1
        elif _form(step) == _form(program):
            counts["the goal again"] += 1
        elif _form(step) in seen:
            counts["another's"] += 1
        else:
            seen.add(_form(step))
            found.append(source)
    return found, counts


def _form(program: IntegerProgram) -> str:
    """Return a program's text without names of its own: parameters and function are numbered."""
    node = ast.parse(ast.unparse(program.functions[program.entry])).body[0]
    assert isinstance(node, ast.FunctionDef)
    node.name = "f"
    if ast.get_docstring(node):
        node.body = node.body[1:]
    return ast.dump(node)


def steps_that_pass(goal: str) -> list[str]:
    """Return the steps that pass a first test, of `FIXED` seconds."""
    source = goal_sources()[goal]
    rows = edge_rows(read_integer_program(source), random.Random(goal))
    steps, _ = distinct_steps(goal)
    return [step for step in steps if try_step(source, step, rows, FIXED).passes]


if __name__ == "__main__":
    for place, name in enumerate(goal_sources()):
        made, counted = distinct_steps(name)
        print(100 + place, name, len(made), len(steps_that_pass(name)), counted, flush=True)
