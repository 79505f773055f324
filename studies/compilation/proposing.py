"""Have a model write the goals faster: `python -m studies.compilation.proposing`.

It goes on after two functions of others, each twice, and the goal. What it says is recorded in
`.work/compilation/MODEL.jsonl`; stopped, the same command goes on where it was. At the end all of
it goes to `results/compilation-proposals-MODEL.jsonl`. `--show GOAL` prints a prompt, and asks
nobody.
"""

import argparse
import ast
import json
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Decoding, Request
from ideas_lib.resources import resource
from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import machine, now, versions, write_atomic

__all__ = ["GOALS", "MODEL", "goal_sources", "proposals_file", "proposed_steps"]

GOALS = resource(__file__, "goals.py")
MODEL = "qwen2.5-coder-1.5b-instruct"
SAMPLES, TOGETHER = 8, 4
HOW = Decoding(
    temperature=0.8,
    top_p=0.95,
    max_tokens=160,
    stop=("\ndef ", "\n#", "\nprint(", "\nif __name__"),
)
SHOWN = '''# Each function is here twice: as it is easy to read, and the same with little work.


def times_ten(n):
    """Add a number up ten times."""
    total = 0
    for _ in range(10):
        total = total + n
    return total


def fast_times_ten(n):
    return n * 10


def is_even(n):
    """Say whether a number is even.

    pre: 0 <= n < 100
    """
    return any(n == 2 * k for k in range(50))


def fast_is_even(n):
    return n & 1 == 0


'''


@cache
def goal_sources() -> dict[str, str]:
    """Return the goals' texts, by name, in the file's order."""
    text = GOALS.read_text(encoding="utf-8")
    return {
        node.name: f"{ast.get_source_segment(text, node)}\n"
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


def proposals_file(model: str) -> Path:
    """Return where what a model wrote is kept."""
    return root() / "results" / f"compilation-proposals-{model}.jsonl"


def proposed_steps(goal: str, model: str = MODEL) -> list[str]:
    """Return the programs that a model wrote for a goal, as they came.

    Raises LookupError where it was not asked for it.
    """
    found = [
        _head(goal) + row["text"].rstrip() + "\n"
        for row in map(json.loads, proposals_file(model).read_text("utf-8").splitlines())
        if row.get("goal") == goal
    ]
    if not found:
        raise LookupError(
            f"{model} wrote nothing for {goal}: python -m studies.compilation.proposing"
        )
    return found


def _head(goal: str) -> str:
    first = goal_sources()[goal].splitlines()[0]
    return first.replace("def ", "def fast_", 1) + "\n"


def _request(goal: str, sample: int) -> Request:
    number = list(goal_sources()).index(goal)
    seed = 1000 * (100 + number) + sample
    return Request(f"{SHOWN}{goal_sources()[goal]}\n\n{_head(goal)}", seed, HOW)


def main() -> None:
    """Read the command line, and ask."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", default=MODEL, help="a name of `ideas models`")
    parser.add_argument("--show", metavar="GOAL", help="print a goal's prompt, and ask nobody")
    wanted = parser.parse_args()
    if wanted.show:
        print(_request(wanted.show, 0).prompt, end="")
        return
    asked = [(goal, sample) for goal in goal_sources() for sample in range(SAMPLES)]
    record = work_folder("compilation") / f"{wanted.model}.jsonl"
    with Generator(wanted.model, record=record) as generator:
        answers = generator.answers([_request(*each) for each in asked], together=TOGETHER)
        replies = list(tqdm(answers, wanted.model, len(asked)))
    how = {"temperature": HOW.temperature, "top_p": HOW.top_p, "max_tokens": HOW.max_tokens}
    rows: list[dict[str, Any]] = [
        {"model": wanted.model, "when": now(), "machine": machine()}
        | how
        | {"versions": versions("ideas-lib", "openai", "xllamacpp")}
    ]
    for (goal, sample), reply in zip(asked, replies, strict=True):
        row = {"goal": goal, "sample": sample, "text": reply.text, "finished": reply.finished}
        rows.append(row)
    write_atomic(proposals_file(wanted.model), "".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
