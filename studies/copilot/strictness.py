"""Judge again what the tool would show, more strictly: `python -m studies.copilot.strictness`.

Of each model's problems, the program that the tool picks, if HumanEval's own tests find it right:
it is tried on the inputs of `ideas_lib.programs.strict`. A line each goes to
`results/copilot-strict-MODEL.jsonl`; what is there is kept. With `--mutants`, instead: whether
HumanEval's own tests, and the strict ones, notice small mistakes in the canonical solution, drawn
at random; a line each goes to `results/copilot-strict-mutants.jsonl`. No model is asked.
"""

import argparse
import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ideas_lib.datasets.humaneval import (
    Problem,
    humaneval_reference,
    is_development,
    load_humaneval,
)
from ideas_lib.programs.judge.judging import check_program
from ideas_lib.programs.mutate.listing import list_mutations
from ideas_lib.programs.strict.strict_tests import (
    NoStrictTests,
    judge_strictly,
    make_strict_tests,
)
from ideas_lib.study.checkout import root
from ideas_lib.study.pool import pool, shared_out
from studies.copilot.evidence import SECONDS, written_programs
from studies.copilot.selection import best_row, load_evidence, strict_file

__all__ = ["MUTANTS", "judge_mutants", "judge_picks", "picked"]

EACH = 4  # mutants of a problem
MUTANTS = root() / "results" / "copilot-strict-mutants.jsonl"


def picked(model: str) -> dict[str, tuple[int, float, str]]:
    """Return what the tool picks, where that is right: problem -> sample, score, program."""
    programs, found = written_programs(model), {}
    for name, rows in load_evidence(model).items():
        row = best_row("agreement, searched", rows)
        if row is not None and row["right"]:
            sample = row["sample"]
            found[name] = (sample, row["searched"] / len(rows), programs[name][sample])
    return found


def judge_picks(problem: Problem, picks: Mapping[str, tuple[int, str]]) -> list[dict[str, Any]]:
    """Judge programs for one problem: model -> sample and program, a line for each."""
    try:
        tests = make_strict_tests(problem)
    except NoStrictTests as error:
        return [
            _line(problem, model, sample, 0, None, str(error))
            for model, (sample, _) in picks.items()
        ]
    lines = []
    for model, (sample, program) in picks.items():
        found = judge_strictly(tests, program)
        lines.append(_line(problem, model, sample, len(tests.inputs), found.passed, found.reason))
    return lines


def _line(
    problem: Problem, model: str, sample: int, inputs: int, right: bool | None, reason: str
) -> dict[str, Any]:
    line = {"task": problem.task_id, "model": model, "sample": sample, "inputs": inputs}
    return line | {"right": right, "reason": reason}


def judge_mutants(problem: Problem, seed: int) -> list[dict[str, Any]]:
    """Judge EACH mutants of the canonical solution, or all, by both kinds of tests."""
    try:
        tests = make_strict_tests(problem)
    except NoStrictTests:
        return []
    source, name = problem.prompt + humaneval_reference(problem), problem.entry_point
    every = [one for one in list_mutations(source) if one.function.split(".")[0] == name]
    rng, lines = random.Random(f"{seed} {problem.task_id}"), []
    for mutation in rng.sample(every, min(EACH, len(every))):
        mutant = mutation.apply(source)
        own = check_program(mutant, name, tests=problem.hidden_tests, timeout=SECONDS).passed
        strict = judge_strictly(tests, mutant).passed
        line = {"task": problem.task_id, "mutation": str(mutation), "inputs": len(tests.inputs)}
        lines.append(line | {"own": not own, "strict": not strict})
    return lines


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def _write(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    ordered = sorted(lines, key=lambda line: int(line["task"].partition("/")[2]))
    path.write_text("".join(json.dumps(line) + "\n" for line in ordered), "utf-8")


def _judge(models: list[str], least: float, jobs: int | None) -> None:
    kept = {model: _read(strict_file(model)) for model in models}
    calls: dict[str, dict[str, tuple[int, str]]] = {}
    for model in models:
        done = {line["task"] for line in kept[model]}
        for name, (sample, score, program) in picked(model).items():
            if name not in done and score >= least:
                calls.setdefault(name, {})[model] = sample, program
    problems = load_humaneval()
    with pool(jobs):
        tasks = [(problems[name], picks) for name, picks in calls.items()]
        for lines in shared_out(judge_picks, tasks, "strictly"):
            for line in lines:
                model = line.pop("model")
                kept[model].append(line)
                _write(strict_file(model), kept[model])


def main() -> None:
    """Read the command line, and judge what is not judged yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("models", nargs="*", help="models whose candidates are recorded")
    parser.add_argument("--least", type=float, default=0.0, help="only what has this score")
    parser.add_argument("--mutants", type=int, default=0, help="problems to take a mutant of")
    parser.add_argument("--jobs", type=int, help="problems at once (default: the cores)")
    wanted = parser.parse_args()
    _judge(wanted.models, wanted.least, wanted.jobs)
    if wanted.mutants:
        names = [name for name in load_humaneval() if not is_development(name)]
        random.Random(0).shuffle(names)
        problems, lines = load_humaneval(), []
        with pool(wanted.jobs):
            tasks = [(problems[name], 0) for name in names[: wanted.mutants]]
            for found in shared_out(judge_mutants, tasks, "mutants"):
                lines += found
                _write(MUTANTS, lines)


if __name__ == "__main__":
    main()
