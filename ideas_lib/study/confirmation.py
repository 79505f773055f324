"""Confirm results: one seed of every arm, run again with today's code and compared."""

import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from ideas_lib.files import check_writable
from ideas_lib.study.checkout import root
from ideas_lib.study.closure import Checkout
from ideas_lib.study.earlier import NoEarlierCode, checkout_earlier, measure_earlier
from ideas_lib.study.pool import pool, shared_out
from ideas_lib.study.provenance import machine, now, versions, write_atomic
from ideas_lib.study.records import BadResults, confirmation_file, fingerprint, read_records
from ideas_lib.study.study import Run, Study, load_study, study_file
from ideas_lib.study.worker import (
    COSTS,
    RunFailed,
    RunsFailed,
    listed,
    measure_run,
    run_label,
    run_of,
    try_run,
)

__all__ = ["NotReproduced", "confirm"]

# The last digits of what a server computes depend on which requests it happens to batch.
SERVER = "ideas_lib/lm/serving/server.py"


class NotReproduced(RuntimeError):
    """Raised when today's code does not give what was measured."""


@dataclass(frozen=True)
class Gap:
    """How far one metric of one run is from what was measured; infinite when not comparable.

    `shift` is how far the number that decides has moved: of an outcome that holds a value for each
    unit, the mean over units.
    """

    size: float
    shift: float
    metric: str
    run: str
    decides: bool  # the finding's outcome, in the deciding experiment
    exact: bool  # it has to be zero: measured on this machine, and by no server

    def __str__(self) -> str:
        return (
            f"{self.run}: {self.metric!r} differs by {self.size if self.exact else self.shift:.3g}"
        )


def confirm(slug: str, jobs: int | None = None) -> str:
    """Run the first verdict seed of every arm again, and compare with the results.

    On the machine of the results every metric must come out the same. On another one, or where a
    server measures, the finding's outcome, in the deciding experiment, must be within the study's
    tolerance, or its mean where each unit has a value; how far other metrics are is told, not
    judged. Where it is not, the code that measured it is run on this machine too, and every metric
    of the two must be the same. Returns what was found, and writes it beside the results. Raises
    NotReproduced, naming what differs, and RunsFailed.
    """
    study, records = load_study(slug), read_records(slug)
    check_writable(confirmation_file(slug))
    code_key = study.code_key()
    olds = {run_of(record).id: record for record in _first_seeds(study, records)}
    calls = [(measure_run, slug, str(root()), run_of(old), code_key) for old in olds.values()]
    with pool(jobs):
        news = dict(shared_out(try_run, calls, "confirming"))
    failed = [str(found) for found in news.values() if isinstance(found, RunFailed)]
    if failed:
        raise RunsFailed(f"{slug}: {len(failed)} of {len(news)} runs failed. {listed(failed)}")
    served = SERVER in Checkout(root()).loads(study_file(slug).read_text(encoding="utf-8"))
    pairs = [(old, news[name][0]) for name, old in olds.items()]
    gaps = [gap for old, new in pairs for gap in _gaps(study, old, new, served)]
    wrong = [gap for gap in gaps if _is_wrong(gap, study.tolerance)]
    earlier: dict[str, int] = {}
    if wrong and not served and not any(gap.exact for gap in wrong):
        far = {gap.run for gap in wrong}
        some = [(old, new) for old, new in pairs if run_label(run_of(old)) in far]
        earlier, wrong = _like_earlier(slug, some, jobs, wrong)
    if wrong:
        raise NotReproduced(
            f"{slug}: today's code does not give what was measured{_since(olds.values())}."
            f" {listed(map(str, wrong))}. `ideas run {slug} --study` measures it anew"
        )
    worst = max(gap.shift for gap in gaps if gap.decides)
    found = {
        "code_key": code_key,
        "results": fingerprint(slug),
        "when": now(),
        "machine": machine(),
        "tolerance": study.tolerance,
        "worst": worst,
        "identical": not any(gap.size for gap in gaps),
        "runs": len(olds),
        "like_earlier": earlier,
    }
    write_atomic(confirmation_file(slug), json.dumps(found, indent=1) + "\n")
    how = _how(study, worst, gaps, served)
    if earlier:
        same = ", ".join(f"{runs} with that of {commit[:12]}" for commit, runs in earlier.items())
        how = (
            f"on another machine, which moves {study.finding.outcome!r} by up to {worst:.3g}: the"
            f" code that measured it was run here too, and gives the same to the last digit: {same}"
        )
    return f"{slug}: {len(olds)} runs, one seed per arm, reproduced {how}."


def _like_earlier(
    slug: str, pairs: Iterable[tuple[Mapping[str, Any], Any]], jobs: int | None, wrong: list[Gap]
) -> tuple[dict[str, int], list[Gap]]:
    """Compare today's metrics with those of the code that measured them, run here.

    Returns how many runs are the same by commit, and what is still wrong.
    """
    runs = {run_of(old).id: (old, new) for old, new in pairs}
    try:
        folders = {old["commit"]: "" for old, _ in runs.values()}
        for commit in folders:
            folders[commit] = str(checkout_earlier(slug, commit))
        calls = [
            (name, slug, folders[old["commit"]], run_of(old)) for name, (old, _) in runs.items()
        ]
        with pool(jobs):
            found = dict(shared_out(_earlier, calls, "running the earlier code"))
    except NoEarlierCode as error:
        tqdm.write(f"  {error}", file=sys.stderr)
        return {}, wrong
    same = Counter[str]()
    left: list[Gap] = []
    for name, (old, new) in runs.items():
        own = {metric: value for metric, value in new.items() if metric in found[name]}
        if own == found[name]:
            same[old["commit"]] += 1
        else:
            left += [gap for gap in wrong if gap.run == run_label(run_of(old))]
    return dict(same), left


def _earlier(name: str, slug: str, folder: str, run: Run) -> tuple[str, dict[str, Any]]:
    return name, measure_earlier(slug, folder, run)


def _is_wrong(gap: Gap, tolerance: float) -> bool:
    return gap.size > 0 if gap.exact else gap.decides and gap.shift > tolerance


def _how(study: Study, worst: float, gaps: list[Gap], served: bool) -> str:
    different = [gap for gap in gaps if gap.size]
    if not different:
        return "identically"
    largest = max(different, key=lambda gap: gap.size)
    return (
        f"{'by a server' if served else 'on another machine'}:"
        f" {study.finding.outcome!r} is within {worst:.3g}, where"
        f" {study.tolerance:g} is allowed. Not judged: {len(different)} of {len(gaps)} metrics"
        f" differ, most of all {largest}"
    )


def _first_seeds(study: Study, records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    there = {(r["experiment"], r["arm"], r["seed"]): r for r in records if r["stage"] == "verdict"}
    for experiment in study.experiments:
        for arm in experiment.arms:
            seed = experiment.seeds[0]
            found = there.get((experiment.name, arm, seed))
            if found is None:
                raise BadResults(
                    f"results/{study.slug}.jsonl lacks experiment {experiment.name!r}, arm {arm!r},"
                    f" seed {seed}: run `ideas run {study.slug} --study`"
                )
            yield found


def _gaps(
    study: Study, old: Mapping[str, Any], new: Mapping[str, Any], served: bool
) -> Iterator[Gap]:
    before = old["metrics"] | {name: old[name] for name in COSTS if old[name] is not None}
    run, measured = run_of(old), study.measurement
    deciding = old["experiment"] == study.experiments[0].name
    if measured:
        deciding = deciding and run.arm == measured.arm
    exact = old["machine"] == machine() and not served
    for name in sorted(before.keys() | new.keys()):
        size = _size(before[name], new[name]) if name in before and name in new else math.inf
        decides = deciding and name == study.finding.outcome
        shift = size
        if decides and measured and math.isfinite(size):
            means = [_mean(measured.units({run.seed: found[name]})) for found in (before, new)]
            shift = abs(means[1] - means[0])
        yield Gap(size, shift, name, run_label(run), decides, exact)


def _mean(units: Mapping[str, list[float]]) -> float:
    return statistics.fmean(map(statistics.fmean, units.values()))


def _size(old: Any, new: Any) -> float:
    """Return the largest difference between two metrics, to any depth of lists and mappings."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and old.keys() == new.keys():
        return max((_size(old[key], new[key]) for key in old), default=0.0)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return max(map(_size, old, new), default=0.0)
    if isinstance(old, int | float) and isinstance(new, int | float):
        return abs(old - new)
    return 0.0 if old == new else math.inf


def _since(olds: Any) -> str:
    """Name the releases that are others than the records'."""
    then = next(iter(olds))["versions"]
    today = versions(*(name for name in then if name != "python"))
    changed = [
        f"{k} {v} is {today.get(k, 'missing')}" for k, v in then.items() if today.get(k) != v
    ]
    return f" ({', '.join(changed)} now)" if changed else ""
