"""What a fork changed: idea minus baseline in it, beside the same in its original, and the diff.

A fork's first cell calls `compare_fork("my-idea", "null-attention")` and shows what comes back.
"""

import contextlib
import sys

from ideas_lib import results
from ideas_lib.publish.fork.differences import changed_settings, code_diff, touched
from ideas_lib.publish.fork.effects import difference, sides
from ideas_lib.publish.fork.fork_answer import ForkComparison
from ideas_lib.publish.fork.readers import (
    MOST,
    SECONDS,
    Incomparable,
    Readings,
    measured_runs,
    reader_runs,
)
from ideas_lib.study.finding import Prediction
from ideas_lib.study.study import Study, load_study

__all__ = ["ForkComparison", "Incomparable", "compare_fork", "make_runs"]


def compare_fork(
    fork: str, original: str, jobs: int = -1, seconds: float = SECONDS
) -> ForkComparison:
    """Compare what the idea does in a fork with what it does in its original.

    Where both studies have been run, with the fork's code as it is, from their results; else by
    their readers: see `readers.reader_runs`. The direction and the margin are the original's.
    Raises Incomparable, UnknownStudy, BadResults, or what a reader raises.
    """
    ours, theirs = load_study(fork), load_study(original)
    _check(ours, theirs)
    why = _unmeasured(ours, theirs)
    if why:
        readings = reader_runs(ours, theirs, jobs, seconds)
    else:
        outcome = ours.finding.outcome
        readings = Readings({study.slug: measured_runs(study, outcome) for study in (ours, theirs)})
    asked, overlap = theirs.finding, theirs.experiments[0].overlap
    runs = readings.runs[fork], readings.runs[original]
    mine, other = sides((fork, original), runs, asked, overlap)
    found, how = difference(mine, other, asked, overlap, _same(ours, theirs, readings))
    notes = [readings.alone and f"Compared is the idea's arm alone: {readings.alone}.", why]
    return ForkComparison(
        fork=mine,
        original=other,
        outcome=asked.outcome,
        higher=asked.higher if isinstance(asked, Prediction) else None,
        difference=found,
        how=how,
        tier=_tier(ours, theirs, readings, seconds if why else 0.0),
        notes=tuple(filter(None, [*notes, *_standing(theirs, bool(why))])),
        settings=changed_settings(fork, original),
        diff=code_diff(fork, original),
        touched=touched(fork, original),
    )


def make_runs(fork: str, original: str) -> None:
    """Make the runs that `compare_fork` needs, under a bar, so that a notebook finds them made.

    Raises what `compare_fork` raises.
    """
    ours, theirs = load_study(fork), load_study(original)
    _check(ours, theirs)
    if _unmeasured(ours, theirs):
        reader_runs(ours, theirs)


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


def _unmeasured(ours: Study, theirs: Study) -> str:
    """Say why the studies' results cannot be compared and what would help, "" where they can."""
    again = f"`ideas run {ours.slug} --study` measures it on the registered seeds"
    if not results.exists(ours.slug):
        first = f"rewrite the prediction in its study, which is still {theirs.slug}'s, commit it,"
        if ours.finding.promise() != theirs.finding.promise():
            first = "commit its study,"
        return f"The fork's own study has not been run: {first} and {again}."
    if not results.exists(theirs.slug):
        return f"{theirs.slug} has no results to compare the fork's with."
    standing = results.load(ours.slug).standing()
    if standing.code == "earlier" or not standing.sealed:
        return f"The fork has results, but not of its code as it is now: {again}."
    return ""


def _standing(theirs: Study, small: bool) -> list[str]:
    """Say that the original's results are of earlier code, where they are compared."""
    words = "" if small else results.load(theirs.slug).standing().words
    return [f"{theirs.slug}: {words}"] if "earlier code" in words else []


def _tier(ours: Study, theirs: Study, readings: Readings, seconds: float) -> str:
    """Say what the numbers rest on; `seconds` is what the readers had, 0 where none ran."""
    mine, other = readings.seeds(ours.slug), readings.seeds(theirs.slug)
    if not seconds:
        many = f"{len(mine)} registered seeds" if mine == other else (
            f"{len(mine)} registered seeds in {ours.slug}, {len(other)} in {theirs.slug}"
        )  # fmt: skip
        return f"From the results of both studies: {many}."
    return (
        f"Reader tier, a hint and no verdict: {len(mine)} seeds, the same in both; as many as end"
        f" within about {seconds:g} seconds, {MOST} at most."
    )


def _same(ours: Study, theirs: Study, readings: Readings) -> bool:
    """Say whether the runs of both are the same throughout."""
    whole = [
        {
            (arm, seed): r.whole
            for arm, own in readings.runs[slug].items()
            for seed, r in own.items()
        }
        for slug in (ours.slug, theirs.slug)
    ]
    return whole[0] == whole[1]


if __name__ == "__main__":
    with contextlib.suppress(Exception):
        make_runs(*sys.argv[1:])
