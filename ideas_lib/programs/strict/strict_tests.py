"""Make strict tests of a problem, and judge programs by them, in the sandbox.

The canonical solution says what is right, but for two that are mistaken and mended in
`datasets.humaneval_reference`. An input counts if the problem's contract holds of it
(`datasets.humaneval_contract`), and the canonical solution answers it, quickly and with plain data;
what it refuses is left out. So it passes by construction.
"""

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.datasets.humaneval import Problem, humaneval_contract, humaneval_reference
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.harness.values import decode, encode
from ideas_lib.programs.judge.judging import check_program, run_on_inputs
from ideas_lib.programs.strict.likeness import Row, draw_rows, edge_rows

__all__ = ["COUNT", "NoStrictTests", "StrictResult", "StrictTests", "judge_strictly"]
__all__ += ["make_strict_tests"]

COUNT = 2000  # inputs of a problem
TRIED = 3  # times as many are drawn at most, for some are refused
QUICK, SLOW = 0.02, 2.0  # a call's seconds of processor: the canonical solution's, a program's
SECONDS = 60.0  # for all calls of a program
BATCH, LETTERS = 50, 200_000  # inputs sent together; letters of an answer that is kept
ASKED = "_asked_together"
# Appended to a program. The calls of a batch are made in one process, so that thousands take a
# second; each has arguments of its own, and ends after a while, however busy the machine is.
ASK = f"""

def {ASKED}(limit, rows):
    import copy, signal
    class Slow(BaseException): pass
    def ring(*_): raise Slow
    signal.signal(signal.SIGVTALRM, ring)
    said = []
    for args in copy.deepcopy(rows):
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, limit)
            try:
                kind = "value" if ALLOWED else "refused"
                value = ENTRY(*args) if kind == "value" else None
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except Slow:
            said.append(["slow", None])
            if limit > {QUICK} or said.count(["slow", None]) > 3: break
        except Exception as error:
            said.append(["raised", type(error).__name__])
        else:
            said.append([kind, value])
    return said
"""
# Numbers may differ by what rounding does; a list may be a tuple: what HumanEval's own tests say of
# that stands beside this.
TESTS = """
def near(one, other):
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(near, one, other))
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and abs(one - other) <= 1e-6 * max(1, abs(one), abs(other))
    return one == other

def check(candidate):
    for rows, wanted in CASES:
        said = candidate(LIMIT, rows)
        assert isinstance(said, list) and len(said) <= len(rows), "it answers otherwise"
        for args, want, answer in zip(rows, wanted, said):
            kind, value = answer
            shown = ", ".join(map(repr, args))[:200]
            assert kind == "value", f"on ({shown}): {kind} {value or ''}".strip()
            assert near(value, want), f"on ({shown}): {value!r:.80}, not {want!r:.80}"
        assert len(said) == len(rows), "it answers otherwise"
"""


class NoStrictTests(ValueError):
    """Raised for a problem of which too little is known to make tests."""


@dataclass(frozen=True)
class StrictTests:
    """Inputs of a problem's function, no two alike, and what its canonical solution answers."""

    task_id: str
    entry: str
    inputs: tuple[Row, ...]
    answers: tuple[Any, ...]


@dataclass(frozen=True)
class StrictResult:
    """Whether a program answers every input as the canonical solution does; if not, `reason`."""

    passed: bool
    reason: str


def make_strict_tests(problem: Problem, count: int = COUNT, seed: int = 0) -> StrictTests:
    """Return up to `count` inputs, edge cases first, and the answers to them.

    Raises NoStrictTests for a problem whose contract nobody has read, that says nothing of what
    arguments look like, or whose canonical solution answers none; and sandbox.Unavailable.
    """
    task = FunctionTask(problem.prompt, problem.entry_point)
    try:
        pre, helpers = humaneval_contract(problem.task_id)
    except KeyError:
        raise NoStrictTests(f"{problem.task_id} has no contract: nobody has read it") from None
    rows = _known_rows(problem, task)
    if not rows:
        raise NoStrictTests(f"nothing says what the arguments of {problem.task_id} look like")
    names = ", ".join(arg.arg for arg in task.node.args.args)
    contract = f"\n{helpers}\ndef _allowed({names}):\n    return {pre}\n"
    source = problem.prompt + humaneval_reference(problem) + contract
    asked = ASK.replace("ALLOWED", "_allowed(*copy.deepcopy(args))")
    source += asked.replace("ENTRY", problem.entry_point)
    inputs, answers = [], []
    drawn = itertools.islice(draw_rows(rows, seed), 2 * TRIED * count)  # some have few that differ
    fresh = _distinct(itertools.chain(rows, edge_rows(rows), drawn))
    for _ in range(TRIED):  # of a batch that is slow all through, the rest is left out
        some = list(itertools.islice(fresh, count))
        if not some:
            break
        for row, answer in _answered(source, some):
            inputs.append(row)
            answers.append(answer)
        if len(inputs) >= count:
            break
    if not inputs:
        raise NoStrictTests(f"the canonical solution of {problem.task_id} answers no input")
    return StrictTests(
        problem.task_id, problem.entry_point, tuple(inputs[:count]), tuple(answers[:count])
    )


def judge_strictly(tests: StrictTests, program: str, seconds: float = SECONDS) -> StrictResult:
    """Say whether a program answers every input as the canonical solution does.

    A call that takes 100 times as long as the canonical solution was given is an error too. Raises
    sandbox.Unavailable.
    """
    source = program + ASK.replace("ALLOWED", "True").replace("ENTRY", tests.entry)
    batches = zip(_batches(tests.inputs), _batches(tests.answers), strict=True)
    cases = "".join(f"    ({list(rows)!r}, {list(wanted)!r}),\n" for rows, wanted in batches)
    text = f"LIMIT = {SLOW}\nCASES = [\n{cases}]\n{TESTS}"
    found = check_program(source, ASKED, tests=text, timeout=seconds)
    return StrictResult(found.passed, found.reason)


def _answered(source: str, rows: Sequence[Row]) -> Iterator[tuple[Row, Any]]:
    """Yield the rows that the canonical solution answers, each with its answer."""
    batches = _batches(rows)
    calls = [(QUICK, list(batch)) for batch in batches]
    said = run_on_inputs(source, ASKED, calls, timeout=SECONDS)
    for batch, text in zip(batches, said or (), strict=False):
        if text.startswith("raised ") or len(text) > LETTERS:
            continue
        for row, (kind, value) in zip(batch, decode(text), strict=False):
            if kind == "value" and "inf" not in (written := repr(value)) and "nan" not in written:
                yield row, value


def _batches(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]


def _distinct(rows: Iterator[Row]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in rows:
        text = encode(row)
        if text not in seen:
            seen.add(text)
            yield row


def _known_rows(problem: Problem, task: FunctionTask) -> list[Row]:
    """Return the arguments of the docstring's examples and of HumanEval's own tests.

    Where all of those are computed, the types stand in for them.
    """
    found = [example.args for example in read_examples(task) if example.args is not None]
    for node in ast.walk(ast.parse(problem.test)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "candidate":
            try:
                found.append(tuple(map(ast.literal_eval, node.args)))
            except ValueError:  # computed
                continue
    parameters = task.node.args.args
    whole = [row for row in found if len(row) == len(parameters)]
    if whole:
        return whole
    typed = [
        SOME.get(ast.unparse(arg.annotation)) if arg.annotation else None for arg in parameters
    ]
    known = [values for values in typed if values]
    return list(zip(*known, strict=True)) if len(known) == len(parameters) else []


SOME: dict[str, tuple[Any, ...]] = {
    "int": (0, 5, 12),
    "float": (0.0, 1.5, 12.0),
    "str": ("abc", "hello world", "zyxwvutsrq"),
}
