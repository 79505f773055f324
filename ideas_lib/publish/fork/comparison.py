"""What a fork changed: both readers on the same seeds, in their study's outcome, and the diff.

A fork's last cell calls `compare_fork("my-idea", "null-attention")` and shows what comes back.
"""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import joblib
from tqdm import tqdm

from ideas_lib import figures, verdict
from ideas_lib.formatting import number
from ideas_lib.intervals import paired_t
from ideas_lib.measured import Measured
from ideas_lib.publish.fork.differences import changed_settings, code_diff
from ideas_lib.study.checkout import root
from ideas_lib.study.finding import Measurement, Prediction
from ideas_lib.study.study import Study, load_study
from ideas_lib.verdict import Verdict

__all__ = ["ForkComparison", "Incomparable", "compare_fork"]

MINUTES = 9.0  # ten for the whole cell, and `execute` gives no cell more


class Incomparable(ValueError):
    """Raised when two studies do not measure the same outcome."""


@dataclass(frozen=True)
class ForkComparison:
    """Fork against original at the reader tier.

    `effect` is fork minus original. Of a prediction it is signed so that the direction predicted,
    `higher` or not, is positive; of a measurement `higher` is None. `values` holds the outcome of
    each by slug, in the order of `seeds`, or a value for each unit of a measurement that is of
    others. `params` is None where a reader reports none. `settings` maps what differs to (original,
    fork); `diff` is unified, of the study and the idea's own code, the original's under the fork's
    name: a name is no difference.
    """

    fork: str
    original: str
    outcome: str
    higher: bool | None
    seeds: tuple[int, ...]
    skipped: int
    values: Mapping[str, tuple[float, ...]]
    effect: Verdict | Measured
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
        sign = f"{'higher' if self.higher else 'lower'} is predicted and counts as positive; "
        unit, pairs = "", f"{found.n} seeds"
        if isinstance(found, Measured):
            sign, unit = "", f" {found.unit}".rstrip()
            if found.independent != "seed":
                pairs = f"{found.n} by {found.independent}"
        text = (
            f"**{self.fork} minus {self.original}: {effect}{unit},"
            f" {100 * found.confidence:g} % interval {low} to {high}** in `{self.outcome}`"
            f" ({sign}{pairs}, {found.method}). This is the reader tier: a hint, not a verdict."
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
    """Run both studies' readers, for the arm that the finding is of, on the fork's reader seeds.

    Runs in `jobs` processes (-1: one a core), one thread each. No seed is started that would end
    after `minutes`, except the first two. Raises Incomparable, UnknownStudy, or what a reader
    raises.
    """
    ours, theirs = load_study(fork), load_study(original)
    _check(ours, theirs)
    outcome, asked = ours.finding.outcome, theirs.finding
    runs = _measure((ours, theirs), jobs, minutes)
    seeds = tuple(
        seed for seed in ours.reader_seeds if all((s, seed) in runs for s in (fork, original))
    )
    found = {
        slug: [_outcome(runs[slug, seed], slug, outcome) for seed in seeds]
        for slug in (fork, original)
    }
    if isinstance(asked, Measurement) and not asked.by_seed:
        values = _by_unit(found, asked.independent)
    else:
        values = {slug: tuple(map(float, outcomes)) for slug, outcomes in found.items()}
    same = all(_untimed(runs[fork, seed]) == _untimed(runs[original, seed]) for seed in seeds)
    return ForkComparison(
        fork=fork,
        original=original,
        outcome=outcome,
        higher=asked.higher if isinstance(asked, Prediction) else None,
        seeds=seeds,
        skipped=len(ours.reader_seeds) - len(seeds),
        values=values,
        effect=_effect(values[fork], values[original], same, theirs),
        params={slug: _params(runs[slug, seeds[0]]) for slug in (fork, original)},
        settings=changed_settings(fork, original),
        diff=code_diff(fork, original),
    )


def _check(ours: Study, theirs: Study) -> None:
    """Raise Incomparable unless both studies find the same kind of thing, in the same outcome."""
    words = []
    for study in (ours, theirs):
        verb = "predicts" if isinstance(study.finding, Prediction) else "measures"
        words.append(f"{study.slug} {verb} {study.finding.outcome!r}")
    same_kind = type(ours.finding) is type(theirs.finding)
    if not same_kind or ours.finding.outcome != theirs.finding.outcome:
        raise Incomparable(
            f"{' and '.join(words)}: give the fork's study the outcome of the original's, or drop"
            " this comparison"
        )


def _arm(study: Study) -> str:
    """Return the arm that a study's finding is of."""
    found = study.finding
    return found.idea if isinstance(found, Prediction) else found.arm


def _read(slug: str, seed: int, top: str) -> tuple[tuple[str, int], dict[str, Any]]:
    """Run one reader in this process; the study is loaded here, so nothing need be pickled."""
    os.environ["IDEAS_ROOT"] = top  # a worker may have been started for another checkout
    study = load_study(slug)
    return (slug, seed), dict(study.reader(_arm(study), seed))


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


def _outcome(metrics: Mapping[str, Any], slug: str, outcome: str) -> Any:
    if outcome not in metrics:
        raise Incomparable(
            f"the reader of {slug} gives {', '.join(sorted(metrics))}, but not {outcome!r}, the"
            " outcome that its study names"
        )
    return metrics[outcome]


def _by_unit(found: Mapping[str, list[Any]], name: str) -> dict[str, tuple[float, ...]]:
    """Return the mean of each unit that both studies have: slug -> one value a unit.

    A run's outcome maps units to a value or to a list of values, or lists a value a unit.
    """
    units: dict[str, dict[Any, list[float]]] = {}
    for slug, outcomes in found.items():
        units[slug] = {}
        for outcome in outcomes:
            pairs = outcome.items() if isinstance(outcome, Mapping) else enumerate(outcome)
            for unit, value in pairs:
                own = value if isinstance(value, Sequence) else [value]
                units[slug].setdefault(unit, []).extend(map(float, own))
    first, second = units.values()
    both = [unit for unit in first if unit in second]
    if len(both) < 2:
        raise Incomparable(f"the readers have {len(both)} {name} in common: pairs need 2 at least")
    return {slug: tuple(fmean(own[unit]) for unit in both) for slug, own in units.items()}


def _effect(
    ours: tuple[float, ...], theirs: tuple[float, ...], same: bool, study: Study
) -> Verdict | Measured:
    """Return fork minus original; runs that are the same throughout differ by exactly nothing."""
    promise = study.finding
    if isinstance(promise, Measurement):
        found = paired_t(ours, theirs)
        return Measured(
            *found, promise.unit, len(ours), "paired t", independent=promise.independent
        )
    if promise.solved and not same:
        # The share solved, whatever the sign: a prediction of fewer turns the arms around.
        arms = (ours, theirs) if promise.higher else (theirs, ours)
        return verdict.solved(*arms, promise.margin, no_worse=promise.no_worse)
    # A reader that measures fresh draws gets a wider interval than it need, never a narrower one.
    overlap = study.experiments[0].overlap
    return verdict.paired(
        *(ours, theirs, promise.margin),
        higher=promise.higher,
        overlap=overlap,
        no_worse=promise.no_worse,
    )


def _untimed(metrics: Mapping[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in metrics.items() if key != "seconds"))


def _params(metrics: Mapping[str, Any]) -> int | None:
    return None if metrics.get("params") is None else int(metrics["params"])
