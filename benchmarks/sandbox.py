"""What does a sandbox cost, beside Python itself?

    python benchmarks/sandbox.py

Everything runs in turn, one of each in every round, in an order drawn anew each round: whatever
else the machine does hits all of them alike. The cost is the median, over the rounds, of the
difference to bare Python in the same round.
"""

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import click
from tqdm import tqdm

from ideas_lib.programs.judge.judging import check_program
from ideas_lib.programs.sandbox.running import run
from ideas_lib.programs.sandbox.view import environment

TARGET = 150.0  # milliseconds that `run("pass")` may take beyond bare Python
BARE, CLEAN = 'python -c "pass"', 'run("pass")'


def bare(source: str = "pass") -> None:
    """Run Python with no walls, and the same variables."""
    subprocess.run([sys.executable, "-c", source], env=environment(), check=True)


def clean(source: str = "pass") -> None:
    """Run a program in a sandbox."""
    result = run(source, timeout=60)
    if not result.ok:
        raise RuntimeError(f"the sandbox did not run {source!r}: {result.reason}")


def judged() -> None:
    """Judge a program by one example: two sandboxes."""
    verdict = check_program("def f(x): return x", "f", examples=[((1,), 1)], timeout=60)
    if not verdict.passed:
        raise RuntimeError(f"the judge was wrong: {verdict.reason}")


CONTESTANTS: dict[str, Callable[[], None]] = {
    BARE: bare,
    CLEAN: clean,
    'python -c "import numpy"': lambda: bare("import numpy"),
    'run("import numpy")': lambda: clean("import numpy"),
    "check(..., one example)": judged,
}


def measure(rounds: int, contestants: dict[str, Callable[[], None]]) -> dict[str, list[float]]:
    """Return the milliseconds that each took in each round, but the first."""
    order, names = random.Random(0), list(contestants)
    took: dict[str, list[float]] = {name: [] for name in names}
    for _ in tqdm(range(1 + rounds), unit="round", leave=False, disable=None):
        for name in order.sample(names, len(names)):
            began = time.perf_counter()
            contestants[name]()
            took[name].append(1e3 * (time.perf_counter() - began))
    return {name: times[1:] for name, times in took.items()}


def beyond(took: dict[str, list[float]], name: str, other: str) -> float:
    """Return the median over the rounds of what one took more than the other."""
    return statistics.median(a - b for a, b in zip(took[name], took[other], strict=True))


@click.command(help=__doc__.split("\n", 1)[0])
@click.option("--rounds", type=click.IntRange(1), default=40, show_default=True)
def main(rounds: int) -> None:
    """Measure, and print it."""
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    click.echo(f"Python {sys.version.split()[0]}, {cores} cores, load {load:.1f} before it began")
    took = measure(rounds, CONTESTANTS)
    click.echo(f"{'':28}{'ms':>7}  {'ms over bare':>12}  {'x bare':>6}")
    for name, times in took.items():
        median = statistics.median(times)
        ratio = statistics.median(a / b for a, b in zip(times, took[BARE], strict=True))
        click.echo(f"{name:28}{median:7.0f}  {beyond(took, name, BARE):12.0f}  {ratio:6.2f}")
    cost = beyond(took, CLEAN, BARE)
    word = "met" if cost <= TARGET else "missed"
    click.echo(f"a sandbox costs {cost:.0f} ms (target: at most {TARGET:.0f}, {word})")
    if load > 0.5:
        click.echo(
            "Something else ran beside it: the numbers are worth less than on an idle machine."
        )


if __name__ == "__main__":
    main()
