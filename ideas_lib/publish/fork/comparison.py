"""What a fork changed: both readers on the same seeds, in the prediction's outcome, and the diff.

A fork's last cell calls `compare("my-idea", "null-attention")` and shows what comes back.
"""

import difflib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from tqdm import tqdm

from ideas_lib import figures, verdict
from ideas_lib.formatting import number
from ideas_lib.publish.fork import rewrite
from ideas_lib.study.checkout import root
from ideas_lib.study.study import Study, load_study, study_file
from ideas_lib.verdict import Verdict

__all__ = ["ForkComparison", "Incomparable", "compare_fork"]

MINUTES = 9.0  # ten for the whole cell, and `execute` gives no cell more


class Incomparable(ValueError):
    """Raised when two studies do not measure the same outcome."""


@dataclass(frozen=True)
class ForkComparison:
    """Fork against original at the reader tier.

    `effect` is fork minus original, signed so that the prediction's direction is positive, and
    `values` holds the outcome of each by slug, in the order of `seeds`. `params` is None where a
    reader reports none. `settings` maps what differs to (original, fork); `diff` is unified, of
    the study and the tweak, the original's under the fork's name: a name is no difference.
    """

    fork: str
    original: str
    outcome: str
    higher: bool
    seeds: tuple[int, ...]
    skipped: int
    values: Mapping[str, tuple[float, ...]]
    effect: Verdict
    params: Mapping[str, int | None]
    settings: Mapping[str, tuple[Any, Any]]
    diff: str

    def _ipython_display_(self) -> None:
        from IPython.display import Markdown, display

        display(Markdown(self.words()))
        figures.show(*self.figure())

    def words(self) -> str:
        """Return the comparison as Markdown: effect, parameters, settings and code diff."""
        return "\n\n".join([self._effect(), self._parameters(), self._settings(), self._code()])

    def figure(self) -> tuple[Any, str]:
        """Return a figure of both outcomes, a dot a seed, and its alt text."""
        arms = {slug: self.values[slug] for slug in (self.original, self.fork)}
        return figures.plot_strip(arms, outcome=self.outcome, idea=self.fork)

    def _effect(self) -> str:
        found = self.effect
        signed = f"+.{found.digits()}f"
        effect, low, high = (number(x, signed) for x in (found.effect, found.low, found.high))
        better = "higher" if self.higher else "lower"
        text = (
            f"**{self.fork} minus {self.original}: {effect}, {100 * found.confidence:g} % interval"
            f" {low} to {high}** in `{self.outcome}` ({better} is predicted and counts as positive;"
            f" {found.n} seeds, {found.method}). This is the reader tier: a hint, not a verdict."
        )
        if self.skipped:
            text += f" {self.skipped} more seeds would not have ended within {MINUTES:g} minutes."
        return text

    def _parameters(self) -> str:
        fork, original = self.params[self.fork], self.params[self.original]
        if fork is None or original is None:
            return "Parameters: not reported by the reader-tier run."
        if fork == original:
            return f"Parameters: {fork:,} in both."
        more = number(fork - original, "+,")
        return f"Parameters: {fork:,} against {original:,} in the original ({more})."

    def _settings(self) -> str:
        if not self.settings:
            return "Settings: none differs."
        lines = [f"- `{key}`: {was!r} → {now!r}" for key, (was, now) in self.settings.items()]
        return "\n".join(["Settings that differ (original → fork):", "", *lines])

    def _code(self) -> str:
        if not self.diff:
            return "Code: the same, but for the name."
        fence = "```"
        while fence in self.diff:
            fence += "`"
        return f"Code that differs, beside the name:\n\n{fence}diff\n{self.diff}\n{fence}"


def compare_fork(
    fork: str, original: str, jobs: int = -1, minutes: float = MINUTES
) -> ForkComparison:
    """Run both studies' readers, for the prediction's idea arm, on the fork's reader seeds.

    Runs in `jobs` processes (-1: one a core), one thread each. No seed is started that would end
    after `minutes`, except the first two. Raises Incomparable, UnknownStudy, or what a reader
    raises.
    """
    ours, theirs = load_study(fork), load_study(original)
    promise = ours.prediction
    outcomes = (promise.outcome, theirs.prediction.outcome)
    if outcomes[0] != outcomes[1]:
        raise Incomparable(
            f"{fork} predicts {outcomes[0]!r} and {original} {outcomes[1]!r}: give the fork's"
            " prediction the same outcome, or drop this comparison"
        )
    runs = _measure((ours, theirs), jobs, minutes)
    seeds = tuple(
        seed for seed in ours.reader_seeds if all((s, seed) in runs for s in (fork, original))
    )
    values = {
        slug: tuple(_outcome(runs[slug, seed], slug, promise.outcome) for seed in seeds)
        for slug in (fork, original)
    }
    same = all(_untimed(runs[fork, seed]) == _untimed(runs[original, seed]) for seed in seeds)
    return ForkComparison(
        fork=fork,
        original=original,
        outcome=promise.outcome,
        higher=theirs.prediction.higher,
        seeds=seeds,
        skipped=len(ours.reader_seeds) - len(seeds),
        values=values,
        effect=_effect(values[fork], values[original], same, theirs),
        params={slug: _params(runs[slug, seeds[0]]) for slug in (fork, original)},
        settings=_changed(fork, original),
        diff=_diff(fork, original),
    )


def _read(slug: str, seed: int, top: str) -> tuple[tuple[str, int], dict[str, Any]]:
    """Run one reader in this process; the study is loaded here, so nothing need be pickled."""
    os.environ["IDEAS_ROOT"] = top  # a worker may have been started for another checkout
    study = load_study(slug)
    return (slug, seed), dict(study.reader(study.prediction.idea, seed))


def _measure(
    studies: tuple[Study, Study], jobs: int, minutes: float
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the metrics by slug and seed, as many seeds as the time allows."""
    seeds = studies[0].reader_seeds
    tasks = _in_time([(study.slug, seed) for seed in seeds for study in studies], minutes * 60)
    found = {}
    with (
        joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1),
        tqdm(total=2 * len(seeds), desc="comparing", unit="run", leave=False) as progress,
    ):
        pool = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
        top = str(root())
        for key, metrics in pool(joblib.delayed(_read)(*key, top) for key in tasks):
            found[key] = metrics
            progress.update()
    _clear_progress()
    return found


def _in_time(tasks: list[tuple[str, int]], seconds: float) -> Iterator[tuple[str, int]]:
    """Yield pairs of tasks while the next pair should end in time, at the pace so far."""
    start = time.monotonic()
    for done in range(0, len(tasks), 2):
        if done >= 4 and (time.monotonic() - start) * (done + 2) / done > seconds:
            return
        yield from tasks[done : done + 2]


def _clear_progress() -> None:
    """Wipe the bar from a notebook's output, where it would be kept; a terminal's is gone."""
    from IPython import get_ipython
    from IPython.display import clear_output

    shell = get_ipython()
    if getattr(shell, "kernel", None) is not None:
        clear_output()


def _outcome(metrics: Mapping[str, Any], slug: str, outcome: str) -> float:
    if outcome not in metrics:
        raise Incomparable(
            f"the reader of {slug} gives {', '.join(sorted(metrics))}, but not {outcome!r}, the"
            " outcome its prediction names"
        )
    return float(metrics[outcome])


def _effect(
    ours: tuple[float, ...], theirs: tuple[float, ...], same: bool, study: Study
) -> Verdict:
    """Return fork minus original; runs that are the same throughout differ by exactly nothing."""
    promise = study.prediction
    if promise.solved and not same:
        # The share solved, whatever the sign: a prediction of fewer turns the arms around.
        arms = (ours, theirs) if promise.higher else (theirs, ours)
        return verdict.solved(*arms, promise.margin)
    # A reader that measures fresh draws gets a wider interval than it need, never a narrower one.
    overlap = study.experiments[0].overlap
    return verdict.paired(ours, theirs, promise.margin, higher=promise.higher, overlap=overlap)


def _untimed(metrics: Mapping[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in metrics.items() if key != "seconds"))


def _params(metrics: Mapping[str, Any]) -> int | None:
    return None if metrics.get("params") is None else int(metrics["params"])


def _changed(fork: str, original: str) -> dict[str, tuple[Any, Any]]:
    """Return the literal settings that differ; what is no literal is left to the diff."""
    try:
        now, was = (
            rewrite.settings(study_file(slug).read_text("utf-8")) for slug in (fork, original)
        )
    except rewrite.BadSettings:
        return {}
    keys = [*was, *(key for key in now if key not in was)]
    pairs = {key: (was.get(key, "absent"), now.get(key, "absent")) for key in keys}
    return {key: (before, after) for key, (before, after) in pairs.items() if before != after}


def _diff(fork: str, original: str) -> str:
    top = root()
    parts: list[str] = []
    for folder in (top / "studies", top / "ideas_lib" / "gpt" / "tweaks"):
        ours, theirs = (folder / f"{slug.replace('-', '_')}.py" for slug in (fork, original))
        old, new = _lines(theirs), _lines(ours)
        if theirs.is_file():
            old = rewrite.rename("\n".join(old), original, fork).split("\n")
        before, after = (path.relative_to(top).as_posix() for path in (theirs, ours))
        parts += difflib.unified_diff(old, new, before, after, lineterm="")
    return "\n".join(parts)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n") if path.is_file() else []
