"""What a fork's and its original's runs say: at the reader tier, or from both studies' results.

Reader-tier runs are kept in the fork's work folder until the code of either study changes, so that
they are made once: before the notebook is executed, where a bar can be seen, and not again in it.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import joblib
from tqdm import tqdm

from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.codekey import digest
from ideas_lib.study.finding import Measurement
from ideas_lib.study.provenance import write_atomic
from ideas_lib.study.records import read_records
from ideas_lib.study.study import Study, load_study
from ideas_lib.study.worker import plain_metrics

__all__ = ["MOST", "SECONDS", "Incomparable", "Reading", "Readings", "measured_runs", "reader_runs"]

SECONDS = 100.0  # for all readers together; what runs by then is let end
FEW, LONGER = 4, 3.0  # so many seeds may take longer, by this factor: two give hardly an interval
MOST = 16  # seeds; with more a hint would not be much surer
FIRST_VERDICT_SEED = 100


class Incomparable(ValueError):
    """Raised when two studies do not measure the same outcome."""


@dataclass(frozen=True)
class Reading:
    """One run, as far as it is compared: the outcome, its costs, and a hash of all its metrics."""

    outcome: Any
    params: int | None
    flops: float | None
    whole: str


@dataclass(frozen=True)
class Readings:
    """Runs by slug, arm and seed.

    `alone` says why the baseline's arm could not be read, "" where it was, or where there is none.
    """

    runs: Mapping[str, Mapping[str, Mapping[int, Reading]]]
    alone: str = ""

    def seeds(self, slug: str) -> tuple[int, ...]:
        """Return the seeds that all arms of a study have, in order."""
        first, *others = self.runs[slug].values()
        return tuple(seed for seed in first if all(seed in other for other in others))


def measured_runs(study: Study, outcome: str) -> dict[str, dict[int, Reading]]:
    """Return the runs that a study's finding rests on: arm -> seed -> reading.

    Raises MissingResults and BadResults, and Incomparable where a registered seed is missing.
    """
    deciding = study.experiments[0]
    found: dict[str, dict[int, Reading]] = {arm: {} for arm in study.finding.arms}
    for record in read_records(study.slug):
        where = record["experiment"], record["stage"]
        if where == (deciding.name, "verdict") and record["arm"] in found:
            costs = {name: record[name] for name in ("params", "flops")}
            if outcome in record["metrics"]:
                reading = _reading(record["metrics"] | costs, outcome)
                found[record["arm"]][record["seed"]] = reading
    for arm, runs in found.items():
        missing = [seed for seed in deciding.seeds if seed not in runs]
        if missing:
            raise Incomparable(
                f"results/{study.slug}.jsonl has no {outcome!r} of arm {arm!r} for seeds {missing}:"
                f" run `ideas run {study.slug} --study`"
            )
    return {arm: {seed: runs[seed] for seed in deciding.seeds} for arm, runs in found.items()}


def reader_runs(ours: Study, theirs: Study, jobs: int = -1, seconds: float = SECONDS) -> Readings:
    """Run the readers of a fork and its original, for the arms that decide, on the same seeds.

    Runs in `jobs` processes (-1: one a core), one thread each. After the study's own reader seeds
    come the next ones, while the next seed should end within `seconds`; the first `FEW` may take
    `LONGER`, and two are read however long they take. Raises Incomparable where a reader does not
    give the outcome, and what the reader of an idea's arm raises.
    """
    keys = (ours.code_key(), theirs.code_key(), repr(seconds))
    kept = work_folder(ours.slug) / f"reader-{digest(theirs.slug, *keys)}.json"
    if kept.is_file():
        return _read_kept(kept)
    found = _gathered((ours, theirs), jobs, seconds)
    write_atomic(kept, json.dumps(asdict(found)))
    return _read_kept(kept)


def _read_kept(path: Path) -> Readings:
    text = json.loads(path.read_text(encoding="utf-8"))
    runs = {
        slug: {
            arm: {int(seed): Reading(**reading) for seed, reading in seeds.items()}
            for arm, seeds in arms.items()
        }
        for slug, arms in text["runs"].items()
    }
    return Readings(runs, text["alone"])


def _seeds(study: Study) -> list[int]:
    """Return the seeds to read on: the study's own, and then more, none of a verdict's."""
    own = list(study.reader_seeds)
    found = study.finding
    if isinstance(found, Measurement) and not found.by_seed:
        return own
    more = range(max(own, default=-1) + 1, FIRST_VERDICT_SEED)
    return own + list(more)[: max(0, MOST - len(own))]


def _gathered(studies: tuple[Study, Study], jobs: int, seconds: float) -> Readings:
    tasks = [
        (study.slug, arm, seed)
        for seed in _seeds(studies[0])
        for study in studies
        for arm in study.finding.arms
    ]
    each = sum(len(study.finding.arms) for study in studies)
    runs: dict[str, dict[str, dict[int, Reading]]] = {
        study.slug: {arm: {} for arm in study.finding.arms} for study in studies
    }
    alone = ""
    with (
        joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1),
        tqdm(total=len(tasks), desc=f"comparing, {seconds:g} s", unit="run", leave=False) as bar,
    ):
        pool = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
        top = str(root())
        todo = _in_time(tasks, seconds, each)
        for (slug, arm, seed), found in pool(joblib.delayed(_read)(*task, top) for task in todo):
            bar.update()
            if isinstance(found, str):
                alone = f"the reader of {slug} does not measure arm {arm!r}: {found}"
            else:
                runs[slug][arm][seed] = found
    _clear_progress()
    if alone:
        runs = {s.slug: {s.finding.arms[0]: runs[s.slug][s.finding.arms[0]]} for s in studies}
    return Readings(_complete(runs), alone)


def _complete(runs: Mapping[str, Mapping[str, dict[int, Reading]]]) -> dict[str, Any]:
    """Return the runs of the seeds that every arm of both has, in order."""
    columns = [set(seeds) for arms in runs.values() for seeds in arms.values()]
    both = sorted(set.intersection(*columns))
    return {
        slug: {arm: {seed: seeds[seed] for seed in both} for arm, seeds in arms.items()}
        for slug, arms in runs.items()
    }


def _read(slug: str, arm: str, seed: int, top: str) -> tuple[tuple[str, str, int], Reading | str]:
    """Run one reader in this process; the study is loaded here, so nothing need be pickled.

    Of an arm other than the idea's, what its reader raises is returned, as text.
    """
    os.environ["IDEAS_ROOT"] = top  # a worker may have been started for another checkout
    study = load_study(slug)
    key = slug, arm, seed
    try:
        metrics = dict(study.reader(arm, seed))
        outcome = study.finding.outcome
        if outcome not in metrics:
            raise Incomparable(
                f"the reader of {slug} gives {', '.join(sorted(metrics))}, but not {outcome!r}, the"
                " outcome that its study names"
            )
        return key, _reading(metrics, outcome)
    except Exception as error:
        if arm == study.finding.arms[0]:
            raise
        return key, f"{type(error).__name__}: {error}"


def _reading(metrics: Mapping[str, Any], outcome: str) -> Reading:
    plain = plain_metrics({k: v for k, v in metrics.items() if k != "seconds"}, whole=outcome)
    params, flops = plain.get("params"), plain.get("flops")
    return Reading(
        plain[outcome],
        None if params is None else int(params),
        None if flops is None else float(flops),
        digest(repr(sorted(plain.items()))),
    )


def _in_time(
    tasks: list[tuple[str, str, int]], seconds: float, each: int
) -> Iterator[tuple[str, str, int]]:
    """Yield `each` tasks at a time, while the next ones should end in time, at the pace so far."""
    start = time.monotonic()
    for done in range(0, len(tasks), each):
        took = time.monotonic() - start
        limit = seconds * (LONGER if done < FEW * each else 1)
        if done >= 2 * each and took * (done + each) / done > limit:
            return
        yield from tasks[done : done + each]


def _clear_progress() -> None:
    """Wipe the bar from a notebook's output, where it would be kept; a terminal's is gone."""
    from IPython import get_ipython
    from IPython.display import clear_output

    shell = get_ipython()
    if getattr(shell, "kernel", None) is not None:
        clear_output()
