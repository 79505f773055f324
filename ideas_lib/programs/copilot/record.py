"""Record candidates for HumanEval: `python -m ideas_lib.programs.copilot.record MODEL`.

They go to `.work/copilot/MODEL.jsonl`, a line each, with what was asked; stopped, the same command
goes on where it was. First come the problems that rules are made on; then the first candidates of
every problem, the next ones, and so on.
"""

import argparse
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.datasets.humaneval import development, problems
from ideas_lib.lm.endpoint import connect
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.copilot.sample import Sampling, ask
from ideas_lib.study.checkout import root

__all__ = ["record", "recorded", "samples_file"]

PATIENCE = 6 * 3600.0  # seconds for a request: a recorder may be stopped for hours, and go on
TOGETHER = 4  # candidates from one reading of the prompt: the slots of the library's own server
AT_ONCE = 4


def samples_file(model: str) -> Path:
    """Return where a model's candidates are written while they come."""
    return root() / ".work" / "copilot" / f"{model}.jsonl"


def recorded(path: Path) -> list[dict[str, Any]]:
    """Return the whole records of a file; a line that was broken off is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines]


def record(
    model: str,
    tasks: dict[str, FunctionTask],
    path: Path,
    samples: int,
    how: Sampling,
    endpoint: str = "",
) -> None:
    """Sample what `path` does not hold yet: so many candidates for each task, by fours.

    The four that begin with sample k of `HumanEval/n` have the seed 1000 k + n. Raises what
    `connect` raises, and ValueError for an endpoint that does not give as many as it is asked for.
    """
    place = connect(endpoint or model)
    path.parent.mkdir(parents=True, exist_ok=True)
    there, jobs = recorded(path), list(_jobs(tasks, samples))
    done = {(row["task"], row["sample"]) for row in there}
    left = [job for job in jobs if (job[0], job[1] + job[2] - 1) not in done]
    torn = {(name, first + k) for name, first, count in left for k in range(count)}
    there = [row for row in there if (row["task"], row["sample"]) not in torn]
    path.write_text("".join(json.dumps(row) + "\n" for row in there), encoding="utf-8")
    turn = threading.Lock()
    with place.client(timeout=PATIENCE) as client, path.open("a", encoding="utf-8") as file:

        def post(path: str, body: dict[str, Any]) -> Any:
            return client.post(f"/{path}", cast_to=object, body=body)

        def work(job: tuple[str, int, int]) -> None:
            name, first, count = job
            request = how.request(tasks[name])
            seed = 1000 * first + int(name.partition("/")[2])
            replies = ask(post, place.model or model, request, seed, count)
            if len(replies) != count:
                raise ValueError(f"{place} gave {len(replies)} replies for n={count}")
            sent = {key: request[key] for key in request if key not in ("prompt", "messages")}
            same = {"task": name, "model": model, "seed": seed, "style": how.style, **sent}
            rows = [
                same | {"sample": first + k, "text": reply.text, "finished": reply.finished}
                for k, reply in enumerate(replies)
            ]
            with turn:
                file.write("".join(json.dumps(row) + "\n" for row in rows))
                file.flush()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            total, begun = len(jobs), len(jobs) - len(left)
            for _ in tqdm(pool.map(work, left), model, total, initial=begun, delay=2):
                pass


def _jobs(tasks: dict[str, FunctionTask], samples: int) -> Iterator[tuple[str, int, int]]:
    """Yield tasks, with the number of a first sample, and how many there are from it on."""
    for first in range(0, samples, TOGETHER):
        for name in tasks:
            yield name, first, min(TOGETHER, samples - first)


def main() -> None:
    """Read the command line, and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("model", help="a name of `ideas models`")
    parser.add_argument("--samples", type=int, default=8, help="candidates for each problem")
    parser.add_argument("--style", default="completion", help="completion or chat")
    parser.add_argument("--endpoint", default="", help="a URL; else a server on this machine")
    wanted = parser.parse_args()
    how = Sampling(style=wanted.style)
    path, tasks = samples_file(wanted.model), problems()
    for some in ({name: tasks[name] for name in tasks if development(name)}, tasks):
        record(wanted.model, some, path, wanted.samples, how, wanted.endpoint)


if __name__ == "__main__":
    main()
