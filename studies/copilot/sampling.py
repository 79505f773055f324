"""Have a model write candidates for HumanEval: `python -m studies.copilot.sampling MODEL`.

They are recorded in `.work/copilot/MODEL.jsonl`, as `ideas_lib.lm.generate` does; stopped, the same
command goes on where it was. First come the problems that rules are made on; then the first four
candidates of every problem, the next ones, and so on.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.datasets.humaneval import Problem, is_development, load_humaneval
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.record import Record
from ideas_lib.lm.request import Request
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.copilot.sample import Sampling
from ideas_lib.study.cache import work_folder

__all__ = ["candidate_request", "function_task", "record_candidates", "recorded_candidates"]

TOGETHER = 4  # candidates from one reading of the prompt


def function_task(problem: Problem) -> FunctionTask:
    """Return what a problem asks for, without its tests: nothing that is tried may see them."""
    return FunctionTask(problem.prompt, problem.entry_point)


def candidate_request(problem: Problem, sample: int, how: Sampling) -> Request:
    """Return what is asked for a problem's candidate: its seed follows that of the one before.

    The four that begin with sample k of `HumanEval/n` begin with the seed 1000 k + n.
    """
    return how.request(function_task(problem), _first_seed(problem, sample) + sample % TOGETHER)


def record_candidates(
    model: str, problems: Iterable[Problem], samples: int, how: Sampling, endpoint: str = ""
) -> None:
    """Ask for so many candidates for each problem, and record them. Raises as `Generator` does."""
    asked = list(problems)
    requests = [
        candidate_request(problem, sample, how)
        for first in range(0, samples, TOGETHER)
        for problem in asked
        for sample in range(first, min(first + TOGETHER, samples))
    ]
    named = model if endpoint else None
    with Generator(endpoint or model, named, record=_record(model)) as generator:
        answers = generator.answers(requests, together=TOGETHER)
        for _ in tqdm(answers, model, len(requests), delay=2):
            pass


def recorded_candidates(
    model: str, problems: Iterable[Problem], samples: int, how: Sampling
) -> list[dict[str, Any]]:
    """Return the candidates of the problems of which all are recorded, a row each.

    `seed` is that of the first of the four.
    """
    record, rows = Record(_record(model)), []
    for problem in problems:
        requests = [candidate_request(problem, sample, how) for sample in range(samples)]
        said = [record.get(model, request.body()) for request in requests]
        for sample, line in enumerate(said if all(said) else ()):
            body = requests[sample].body()
            sent = {key: body[key] for key in body if key not in ("prompt", "messages")}
            row = {"task": problem.task_id, "model": model, "style": how.style} | sent
            row |= {"seed": _first_seed(problem, sample), "sample": sample}
            rows.append(row | {"text": line["text"], "finished": line["finished"]})
    return rows


def _first_seed(problem: Problem, sample: int) -> int:
    number = int(problem.task_id.partition("/")[2])
    return 1000 * (sample - sample % TOGETHER) + number


def _record(model: str) -> Path:
    return work_folder("copilot") / f"{model}.jsonl"


def main() -> None:
    """Read the command line, and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", help="a name of `ideas models`")
    parser.add_argument("--samples", type=int, default=8, help="candidates for each problem")
    parser.add_argument("--style", default="completion", help="completion or chat")
    parser.add_argument("--endpoint", default="", help="a URL; else a server on this machine")
    wanted = parser.parse_args()
    how, problems = Sampling(style=wanted.style), load_humaneval().values()
    early = [problem for problem in problems if is_development(problem.task_id)]
    for some in (early, problems):
        record_candidates(wanted.model, some, wanted.samples, how, wanted.endpoint)


if __name__ == "__main__":
    main()
