"""How many phrases a second does `compare` score, beside minicons on the same weights?

    python benchmarks/logprobs.py               contexts of 5 tokens, and of 420
    python benchmarks/logprobs.py --case short

Both take turns in rounds, on contexts that neither has seen before, with 12 phrases each; reading
the context counts. minicons runs the weights in 32 bits in this process; `compare` asks a llama.cpp
server of its own, and begins with no scores from before. Each uses as many threads as
OMP_NUM_THREADS says, or all cores. Loading and the first round, with the checks, do not count.
"""

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
from tqdm import tqdm

from ideas_lib.lm.scoring.logprobs import compare
from ideas_lib.lm.serving.catalogue import DEFAULT
from ideas_lib.lm.serving.weights import fetch_weights

Runner = Callable[[list[str]], list[float]]  # contexts -> a logprob for each and each phrase
ONE = ["red", "green", "blue", "black", "white", "grey", "pink", "brown", "old", "large", "small"]
PHRASES = [*(f" {word}" for word in ONE), " painted in gold"]
SENTENCE = "On the {n}th day of the voyage the wind blew from the east and the crew mended sails. "


@dataclass(frozen=True)
class Case:
    """Contexts of one length: how many a round, and the ratio to minicons that is aimed at."""

    name: str
    contexts: int
    sentences: int
    target: float

    def round(self, number: int) -> list[str]:
        """Return contexts that no other round has."""
        first = number * self.contexts
        return [self._context(first + place) for place in range(self.contexts)]

    def _context(self, number: int) -> str:
        told = "".join(SENTENCE.format(n=100 * number + n) for n in range(self.sentences))
        return f"{told}House {number} was"


CASES = {"short": Case("short", 4, 0, 1.0), "long": Case("long", 1, 17, 10.0)}


def minicons(path: Path) -> Runner:
    """Return minicons' scorer of all phrases after each context."""
    from minicons.scorer import IncrementalLMScorer
    from transformers import AutoModelForCausalLM, AutoTokenizer

    here: dict[str, Any] = {"gguf_file": path.name}
    model = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.float32, **here).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it gives the tokenizer a padding token
        scorer = IncrementalLMScorer(
            model, "cpu", tokenizer=AutoTokenizer.from_pretrained(path.parent, **here)
        )

    def run(contexts: list[str]) -> list[float]:
        found = []
        for context in contexts:
            found += scorer.conditional_score(
                [context] * len(PHRASES),
                PHRASES,
                separator="",
                reduction=lambda logprobs: logprobs.sum().item(),
            )
        return found

    return run


def ours(model: str, store: Path) -> Runner:
    """Return `compare`, as the same function."""

    def run(contexts: list[str]) -> list[float]:
        return compare(contexts, PHRASES, endpoint=model, store=store).frame["logprob"].tolist()

    return run


def race(case: Case, runners: dict[str, Runner], rounds: int) -> str:
    """Let both take turns; say how many pairs a second each scores, and whether they agree."""
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    apart = []
    for number in tqdm(range(rounds + 1), desc=case.name, unit="round", leave=False):
        contexts, found = case.round(number), {}
        for name, run in runners.items() if number % 2 else reversed(runners.items()):
            begin = time.perf_counter()
            found[name] = run(contexts)
            if number:
                seconds[name].append(time.perf_counter() - begin)
        apart += [abs(a - b) for a, b in zip(*found.values(), strict=True)]
    rates = {
        name: case.contexts * len(PHRASES) / statistics.median(times)
        for name, times in seconds.items()
    }
    first, second = rates
    ratio = rates[first] / rates[second]
    word = "met" if ratio >= case.target else "missed"
    return (
        f"{case.name}: {first} {rates[first]:.1f} pairs/s, {second} {rates[second]:.2f} pairs/s, "
        f"ratio {ratio:.1f} (target: at least {case.target:g}, {word}); "
        f"apart by {statistics.fmean(apart):.3f} nats a phrase, at most {max(apart):.3f}"
    )


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--model", default=DEFAULT, show_default=True, help="One of `ideas models`.")
@click.option(
    "--case",
    "cases",
    type=click.Choice([*CASES]),
    multiple=True,
    default=[*CASES],
    help="Which contexts; may be given twice (default: both).",
)
@click.option(
    "--rounds", type=click.IntRange(1), default=6, show_default=True, help="Rounds that count."
)
def main(model: str, cases: tuple[str, ...], rounds: int) -> None:
    """Run what is asked for, and print it."""
    path = fetch_weights(model)
    click.echo(f"{model}, {torch.get_num_threads()} threads each, {rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        runners = {
            "compare": ours(model, Path(folder, "scores.sqlite")),
            "minicons": minicons(path),
        }
        for case in cases:
            click.echo(race(CASES[case], runners, rounds))


if __name__ == "__main__":
    main()
