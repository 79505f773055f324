"""Programs to compare: read from files, or written by a language model, each recorded."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from ideas_lib.caching import cache_folder
from ideas_lib.files import read_plain
from ideas_lib.programs.ambiguity.stages import has_body
from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["given_programs", "read_source", "sampled_programs"]

DEFAULT = "qwen2.5-coder-1.5b-instruct"
SAMPLES = 8


def read_source(path: Path) -> str:
    """Return a file's text. Raises ValueError for what is no text in UTF-8, and OSError."""
    try:
        return read_plain(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error.reason}") from None


def given_programs(paths: Sequence[str]) -> dict[str, str]:
    """Return the programs of some files, by path. Raises ValueError, OSError."""
    found: dict[str, str] = {}
    for path in paths:
        if path in found:
            raise ValueError(f"{path} is named twice: a program counts once")
        found[path] = read_source(Path(path))
    return found


def sampled_programs(
    task: FunctionTask,
    *,
    samples: int = SAMPLES,
    endpoint: str | None = None,
    model: str | None = None,
    style: str = "completion",
    already: int = 0,
) -> tuple[str, dict[str, str]]:
    """Have a model write programs; return its name, and the programs by a name for each.

    What it said is recorded in the cache folder, so the same is never asked for twice, and a run
    that was stopped goes on where it was. `already` is how many came before, for other prompts.
    Raises what `lm.Generator` raises.
    """
    from ideas_lib.lm.client import TIMEOUT
    from ideas_lib.lm.endpoint import BASE_URL
    from ideas_lib.lm.generate import Generator
    from ideas_lib.lm.serving.weights import OWN
    from ideas_lib.programs.copilot.sample import Sampling, extract_program

    named = endpoint or os.environ.get(BASE_URL) or os.environ.get(OWN) or DEFAULT
    how = Sampling(style=style)
    key = hashlib.sha256(f"{named}\0{task.prompt}".encode()).hexdigest()[:16]
    record = cache_folder() / "ambiguity" / f"{key}.jsonl"
    kept = record if model or "://" not in named else None  # recorded under the model's name
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
    found = {}
    with Generator(named, model, timeout=TIMEOUT, record=kept) as generator:
        requests = [how.request(task, seed) for seed in range(samples)]
        replies = generator.answers(requests, parallel=samples, together=1)
        bar = tqdm(replies, desc="writing programs", total=samples, delay=2, leave=False)
        for number, reply in enumerate(bar, already + 1):
            program = extract_program(task, reply.text, reply.finished)
            # A small model often stops behind the docstring: that is no program that gives None.
            found[f"sample {number}"] = program if has_body(program, task.entry) else ""
        return generator.model, found
