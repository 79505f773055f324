"""Run studies: every arm on every seed, in parallel, resumable, nothing lost and nothing twice.

Finished runs wait in `.work/<slug>/` (see `worker`) and go to `results/<slug>.jsonl` when all are
there. A killed study picks up where it was.
"""

import json
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.confirmation import NotReproduced, confirm
from ideas_lib.study.pool import pool, shared_out
from ideas_lib.study.provenance import head, sealed_commit, write_atomic
from ideas_lib.study.records import check_results, confirmation_file, results_file
from ideas_lib.study.study import Run, Study, load_study, study_file
from ideas_lib.study.tuning import beyond, choose_settings
from ideas_lib.study.worker import (
    RunFailed,
    RunsFailed,
    listed,
    lock,
    read_record,
    run_of,
    run_once,
    save,
    try_run,
    work_file,
)

__all__ = ["NotReproduced", "confirm", "run_all", "run_study"]

Records = dict[str, dict[str, Any]]  # by the run's id


def run_study(
    slug: str, jobs: int | None = None, backend: str = "loky", address: str | None = None
) -> Path:
    """Run what a study still lacks, and return the path of its results.

    First every arm's tuning on pilot seeds, further than the grid where the best lies at its edge
    (see `tuning.beyond`), then the verdict seeds with each arm's best settings.
    For `jobs`, `backend` and `address` see `pool.pool`. Raises Unsealed when the study's file is
    not committed, for the prediction comes first; OSError and BadResults, before any run, when the
    results cannot be written; StudyRunning when another process is at it; RunsFailed, after all
    other runs, when some failed.
    """
    study = load_study(slug)
    check_results(slug)  # before hours of runs, not after
    path = study_file(slug)
    sealed = sealed_commit(path.parent if path.name == "__init__.py" else path)
    stamp = {
        "commit": head(),
        "prediction_commit": sealed,
        "code_key": study.code_key(),
        "seal": study.seal(),
    }
    return run_all(study, stamp, jobs, backend, address)


def run_all(
    study: Study,
    stamp: Mapping[str, Any],
    jobs: int | None = None,
    backend: str = "loky",
    address: str | None = None,
) -> Path:
    """Run what a study lacks, whether or not it is committed, and return the path of its results.

    Every record carries the `stamp`; its `code_key` says which finished runs count. Raises what
    `run_study` raises of runs.
    """
    slug = study.slug
    with pool(jobs, backend, address) as workers, lock(work_folder(slug) / "study.lock", False):
        pilots = [run for experiment in study.experiments for run in experiment.pilots()]
        print(_estimate(study, pilots, stamp["code_key"], workers), file=sys.stderr)
        done = _complete(study, pilots, stamp, "tuning")
        done |= _go_beyond(study, done, stamp)
        chosen = {e.name: choose_settings(e, done) for e in study.experiments}
        for name, settings in chosen.items():
            for arm, best in settings.items():
                if best:
                    _say(f"{name}, {arm}: {_listed(best)}")
        verdicts = [run for e in study.experiments for run in e.verdicts(chosen[e.name])]
        done |= _complete(study, verdicts, stamp, "verdict seeds")
        path = results_file(slug)
        lines = (json.dumps(record, allow_nan=False) for record in _in_order(study, done))
        write_atomic(path, "".join(f"{line}\n" for line in lines))
        confirmation_file(slug).unlink(missing_ok=True)  # of what was measured before
    return path


def _go_beyond(study: Study, done: Records, stamp: Mapping[str, Any]) -> Records:
    """Return the tuning runs beyond the grids, as long as an arm's best lies at its edge.

    One that fails is said and does not count: nobody asked for it, and a rate may be too high.
    """
    further: Records = {}
    tried: set[str] = set()
    while True:
        wanted = [run for e in study.experiments for run in beyond(e, done | further)]
        runs = [run for run in wanted if run.id not in tried]
        if not runs:
            return further
        tried |= {run.id for run in runs}
        for name, arm, settings in dict.fromkeys((r.experiment, r.arm, r.settings) for r in runs):
            _say(f"{name}, {arm}: the best lies at an edge, trying {_listed(dict(settings))}")
        further |= _attempt(study, runs, stamp, "tuning, further")[0]


def _complete(study: Study, runs: Sequence[Run], stamp: Mapping[str, Any], what: str) -> Records:
    """Return the records of all runs, making those that are missing or do not count."""
    done, failed = _attempt(study, runs, stamp, what)
    if failed:
        raise RunsFailed(
            f"{study.slug}: {len(failed)} of {len(runs)} runs failed ({what}). The others are kept:"
            f" the same command makes only these again. {listed(map(str, failed))}"
        )
    return done


def _attempt(
    study: Study, runs: Sequence[Run], stamp: Mapping[str, Any], what: str
) -> tuple[Records, list[RunFailed]]:
    """Return the records of the runs, and what failed, making those that do not count."""
    done: Records = {}
    for run in runs:
        path = work_file(study.slug, run)
        record, why = read_record(path, stamp["code_key"])
        if why:
            _say(f"{path.relative_to(root())} {why}: running it again")
        if record:
            done[run.id] = record
    todo = {run.id: run for run in runs if run.id not in done}
    failed: list[RunFailed] = []
    calls = [(run_once, study.slug, str(root()), run, dict(stamp)) for run in todo.values()]
    for name, found in shared_out(try_run, calls, what, len(done)) if calls else ():
        if isinstance(found, RunFailed):
            _say(f"failed: {found}" if failed else "failed: " + "".join(found.__notes__))
            failed.append(found)
            continue
        done[name] = found
        path = work_file(study.slug, todo[name])
        if not path.is_file():  # it was made on a machine with a disk of its own
            save(path, found)
    return done, failed


def _estimate(study: Study, pilots: Sequence[Run], code_key: str, workers: int) -> str:
    """Say how many runs are left and how long they may take, as long as those that are done."""
    verdicts = [run for e in study.experiments for run in e.verdicts({arm: {} for arm in e.arms})]
    files = sorted(work_folder(study.slug).glob("*.json"))
    kept = [record for path in files if (record := read_record(path, code_key)[0])]
    took: dict[str, list[float]] = {}
    for record in kept:
        took.setdefault(record["experiment"], []).append(record["seconds"])
    there = {_untuned(run_of(record)) for record in kept}
    left = [run for run in (*pilots, *verdicts) if _untuned(run) not in there]
    seconds = sum(
        statistics.fmean(took.get(run.experiment) or [study.experiment(run.experiment).seconds])
        for run in left
    )
    total = len(pilots) + len(verdicts)
    return (
        f"{study.slug}: {len(pilots)} tuning runs and {len(verdicts)} on verdict seeds,"
        f" {total - len(left)} of them done. The other {len(left)} take about"
        f" {_duration(seconds / workers)} with {workers} at a time; stop it when you like, the"
        " same command resumes it."
    )


def _say(text: str) -> None:
    tqdm.write(f"  {text}", file=sys.stderr)


def _listed(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in settings.items())


def _untuned(run: Run) -> str:
    # Which settings the verdict seeds get is not known before the tuning is done.
    return (replace(run, settings=()) if run.stage == "verdict" else run).id


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _in_order(study: Study, done: Records) -> list[dict[str, Any]]:
    # The order of the study's file, whatever order the runs came in.
    names = [experiment.name for experiment in study.experiments]

    def place(record: Mapping[str, Any]) -> tuple[Any, ...]:
        arms = study.experiment(record["experiment"]).arms
        settings = json.dumps(record["settings"])
        where = names.index(record["experiment"]), record["stage"], arms.index(record["arm"])
        return *where, settings, record["seed"]

    return sorted(done.values(), key=place)
