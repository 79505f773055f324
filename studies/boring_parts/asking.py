"""Have the two models write derivations: `python -m studies.boring_parts.asking`.

What they write is recorded in `results/boring-parts-derivations-MODEL.jsonl`, as
`ideas_lib.lm.generate` does; stopped, the same command goes on where it was.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from ideas_lib.essays.boring_parts.equations import messages_for, sample_equation
from ideas_lib.essays.boring_parts.line_reading import read_derivation
from ideas_lib.lm.generate import Generator
from ideas_lib.lm.record import Record
from ideas_lib.lm.request import Decoding, Request
from ideas_lib.study.checkout import root

__all__ = ["ASKED", "MODELS", "record_derivations", "record_file", "recorded_derivations"]

MODELS = ("qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
ASKED = tuple(range(100, 260))  # seeds of equations
HOW = Decoding(temperature=0.0, max_tokens=240)


def record_file(model: str) -> Path:
    """Return where what a model wrote is kept."""
    return root() / "results" / f"boring-parts-derivations-{model}.jsonl"


def request_for(seed: int) -> Request:
    """Return what is asked for an equation."""
    return Request(messages_for(sample_equation(seed).text), seed, HOW)


def record_derivations(
    model: str, seeds: Sequence[int], endpoint: str = "", record: Path | None = None
) -> None:
    """Ask a model for the equations of these seeds, and record it. Raises as `Generator` does."""
    requests = [request_for(seed) for seed in seeds]
    named = model if endpoint else None
    with Generator(endpoint or model, named, record=record or record_file(model)) as generator:
        for _ in tqdm(generator.answers(requests), model, len(requests), delay=2):
            pass


def recorded_derivations(
    models: Sequence[str] = MODELS, seeds: Sequence[int] = ASKED
) -> dict[str, list[str]]:
    """Return "q SEED MODEL" -> lines, the equation first, in the order of seeds and models.

    What is not recorded is left out, and so is what has no line of algebra.
    """
    records = {model: Record(record_file(model)) for model in models}
    found = {}
    for seed in seeds:
        body = request_for(seed).body()
        for model in models:
            line = records[model].get(model, body)
            written = [] if line is None else read_derivation(line["text"])
            if written:
                found[f"q{seed} {model}"] = [sample_equation(seed).text, *written]
    return found


def main() -> None:
    """Read the command line, and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("models", nargs="*", default=MODELS, help="names of `ideas models`")
    parser.add_argument("--endpoint", default="", help="a URL; else a server on this machine")
    wanted = parser.parse_args()
    for model in wanted.models:
        record_derivations(model, ASKED, wanted.endpoint)


if __name__ == "__main__":
    main()
