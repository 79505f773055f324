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
from ideas_lib.study.study import Experiment, Run, Study, load_study, study_file
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

    First every arm's tuning on pilot seeds, then the verdict seeds with each arm's best settings.
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
        chosen = {e.name: choose_settings(e, done) for e in study.experiments}
        for name, settings in chosen.items():
            for arm, best in settings.items():
                if best:
                    _say(f"{name}, {arm}: " + ", ".join(f"{k}={v!r}" for k, v in best.items()))
        verdicts = [run for e in study.experiments for run in e.verdicts(chosen[e.name])]
        done |= _complete(study, verdicts, stamp, "verdict seeds")
        path = results_file(slug)
        lines = (json.dumps(record, allow_nan=False) for record in _in_order(study, done))
        write_atomic(path, "".join(f"{line}\n" for line in lines))
        confirmation_file(slug).unlink(missing_ok=True)  # of what was measured before
    return path


def choose_settings(experiment: Experiment, done: Records) -> dict[str, Mapping[str, Any]]:
    """Return each arm's settings with the best mean score over the pilot seeds.

    `done` holds the pilots' records. Of equals the first in the grid is taken.
    """
    if len(experiment.grid) == 1:
        return dict.fromkeys(experiment.arms, experiment.grid[0])
    scores: dict[tuple[str, Any], list[float]] = {}
    for run in experiment.pilots():
        score = done[run.id]["metrics"][experiment.score]
        scores.setdefault((run.arm, run.settings), []).append(score)
    sign = 1 if experiment.score_higher else -1

    def mean(arm: str, settings: Mapping[str, Any]) -> float:
        return sign * statistics.fmean(scores[arm, tuple(sorted(settings.items()))])

    return {
        arm: max(experiment.grid, key=lambda settings: mean(arm, settings))
        for arm in experiment.arms
    }


def _complete(study: Study, runs: Sequence[Run], stamp: Mapping[str, Any], what: str) -> Records:
    """Return the records of all runs, making those that are missing or do not count."""
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
    if failed:
        raise RunsFailed(
            f"{study.slug}: {len(failed)} of {len(runs)} runs failed ({what}). The others are kept:"
            f" the same command makes only these again. {listed(map(str, failed))}"
        )
    return done


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
