"""Run studies: every arm on every seed, in parallel, resumable, nothing lost and nothing twice.

Each run is written whole to `.work/<slug>/<run>.json` by the process that made it, and to
`results/<slug>.jsonl` when all are there. A killed study picks up where it was.
"""

import contextlib
import fcntl
import hashlib
import json
import math
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import joblib
from tqdm import tqdm

from ideas_lib.provenance import head, machine, now, sealed_commit, versions, write_atomic
from ideas_lib.results import FIELDS, confirmation_file, load, results_file
from ideas_lib.root import root
from ideas_lib.study import Experiment, Run, Study, load_study, study_file

__all__ = ["NotReproduced", "confirm", "run_study"]

DISTRIBUTIONS = ("ideas-lib", "torch", "numpy", "scipy", "scikit-learn", "openai")


class NotReproduced(RuntimeError):
    """Raised when today's code does not give what was measured."""


def run_study(
    slug: str, jobs: int | None = None, backend: str = "loky", address: str | None = None
) -> Path:
    """Run what a study still lacks, and return the path of its results.

    First every arm's tuning on pilot seeds, then the verdict seeds with each arm's best settings.
    Raises Unsealed when the study's file is not committed: the prediction comes first.
    """
    study = load_study(slug)
    stamp = {
        "commit": head(),
        "prediction_commit": sealed_commit(study_file(slug)),
        "code_key": study.code_key(),
        "seal": study.seal(),
    }
    workers = _workers(jobs, backend, address)
    with workers, _only_one(slug):
        pilots = [run for experiment in study.experiments for run in experiment.pilots()]
        _estimate(study, pilots, stamp["code_key"], jobs)
        done = _complete(study, pilots, stamp, jobs, "tuning")
        chosen = {e.name: choose(e, done) for e in study.experiments}
        for name, settings in chosen.items():
            for arm, best in settings.items():
                if best:
                    tqdm.write(f"  {name}, {arm}: {_words(best)}", file=sys.stderr)
        verdicts = [r for e in study.experiments for r in e.verdicts(chosen[e.name])]
        done += _complete(study, verdicts, stamp, jobs, "verdict seeds")
        done.sort(key=lambda r: (_order(study, r), json.dumps(r["settings"]), r["seed"]))
        path = results_file(slug)
        write_atomic(path, "".join(json.dumps(r, allow_nan=False) + "\n" for r in done))
    return path


def choose(experiment: Experiment, done: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return each arm's settings with the best mean score over the pilot seeds."""
    if len(experiment.grid) == 1:
        return {arm: dict(experiment.grid[0]) for arm in experiment.arms}
    sign = 1 if experiment.score_higher else -1
    best: dict[str, tuple[float, dict[str, Any]]] = {}
    for arm in experiment.arms:
        for settings in experiment.grid:
            scores = [
                r["metrics"][experiment.score]
                for r in done
                if r["experiment"] == experiment.name
                and (r["stage"], r["arm"], r["settings"]) == ("pilot", arm, dict(settings))
            ]
            mean = sign * statistics.fmean(scores)
            if arm not in best or mean > best[arm][0]:
                best[arm] = mean, dict(settings)
    return {arm: settings for arm, (_, settings) in best.items()}


def confirm(slug: str, jobs: int | None = None) -> str:
    """Run the first verdict seed of every arm again, and compare its metrics with the results.

    On the machine of the results they must be equal; on another one, the study's outcome must be
    within its tolerance. Returns what was found, and writes it beside the results. Raises
    NotReproduced, naming the runs that differ.
    """
    results = load(slug)
    study = results.study
    first = [
        next(r for r in results.select(e.name, arm=arm) if r["seed"] == e.seeds[0])
        for e in study.experiments
        for arm in e.arms
    ]
    tasks = [joblib.delayed(_measure)(slug, str(root()), _run_of(record)) for record in first]
    fresh = joblib.Parallel(n_jobs=jobs or _cores(), return_as="generator")(tasks)
    same_machine, worst, different = True, 0.0, []
    for old, (metrics, _) in zip(first, _progress(fresh, len(first), "confirming"), strict=True):
        same_machine &= old["machine"] == machine()
        gap = _gap(old["metrics"], json.loads(json.dumps(metrics)))
        worst = max(worst, gap)
        allowed = 0.0 if old["machine"] == machine() else study.tolerance
        if gap > allowed:
            different.append(f"{old['experiment']}, {old['arm']}: {gap:.3g}")
    if different:
        raise NotReproduced(
            f"{slug}: today's code does not give what was measured. Largest difference per run: "
            + "; ".join(different)
            + f". Run `ideas run {slug} --study` to measure anew"
        )
    found = {
        "code_key": study.code_key(),
        "when": now(),
        "machine": machine(),
        "tolerance": study.tolerance,
        "worst": worst,
        "identical": worst == 0.0,
        "runs": len(first),
    }
    write_atomic(confirmation_file(slug), json.dumps(found, indent=1) + "\n")
    how = "identically" if worst == 0.0 else f"within {worst:.3g}"
    return f"{slug}: {len(first)} runs, one seed per arm, reproduced {how}."


# One run ------------------------------------------------------------------------------------


def _measure(slug: str, top: str, run: Run) -> tuple[Mapping[str, Any], float]:
    os.environ["IDEAS_ROOT"] = top
    _one_thread()
    study = load_study(slug)
    began = time.perf_counter()
    metrics = study.experiment(run.experiment).measure(run.arm, run.seed, **dict(run.settings))
    return metrics, time.perf_counter() - began


def _one_thread() -> None:
    # One process per core, one thread each, is the fastest way through many small runs.
    if "torch" in sys.modules or _installed("torch"):
        import torch

        torch.set_num_threads(1)


def _installed(name: str) -> bool:
    from importlib.util import find_spec

    return find_spec(name) is not None


def _work(slug: str, top: str, run: Run, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return a run's record, made now unless another process has made it meanwhile."""
    os.environ["IDEAS_ROOT"] = top
    path = _work_file(slug, run)
    # A worker whose parent was killed may still be at this run: wait for it, then take its record.
    with _lock(path.with_suffix(".lock"), wait=True):
        record = read_record(path, stamp["code_key"])[0]
        if record:
            return record
        metrics, seconds = _measure(slug, top, run)
        record = {
            "study": slug,
            "experiment": run.experiment,
            "stage": run.stage,
            "arm": run.arm,
            "seed": run.seed,
            "settings": dict(run.settings),
            "metrics": {k: _thin(v) for k, v in metrics.items() if k not in ("params", "flops")},
            "params": metrics.get("params"),
            "flops": metrics.get("flops"),
            "seconds": round(seconds, 2),
            "versions": versions(*DISTRIBUTIONS),
            "machine": machine(),
            **stamp,
            "when": now(),
        }
        assert tuple(sorted(record)) == tuple(sorted(FIELDS))
        text = json.dumps(record, allow_nan=False)
        check = hashlib.sha256(text.encode()).hexdigest()
        write_atomic(path, json.dumps({"sha256": check, "record": text}))
        return json.loads(text)


def read_record(path: Path, code_key: str) -> tuple[dict[str, Any] | None, str]:
    """Return a finished run's record and "", or None and why it does not count."""
    if not path.is_file():
        return None, ""
    try:
        outer = json.loads(path.read_text(encoding="utf-8"))
        text = outer["record"]
        if hashlib.sha256(text.encode()).hexdigest() != outer["sha256"]:
            return None, "is damaged"
        record = json.loads(text)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, "is damaged or half-written"
    if record["code_key"] != code_key:
        return None, "was measured with other code"
    return record, ""


def _thin(value: Any, points: int = 60) -> Any:
    """Keep at most `points` of a curve, its ends among them, and six digits of a number."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        step = max(1, math.ceil((len(value) - 1) / (points - 1)))
        kept = list(value[::step])
        if (len(value) - 1) % step:
            kept.append(value[-1])
        return [_thin(v) for v in kept]
    if isinstance(value, Mapping):
        return {k: _thin(v) for k, v in value.items()}
    return float(f"{value:.6g}") if isinstance(value, float) else value


# Many runs ----------------------------------------------------------------------------------


def _complete(
    study: Study, runs: Sequence[Run], stamp: Mapping[str, str], jobs: int | None, what: str
) -> list[dict[str, Any]]:
    """Return the records of all runs, making those that are missing or do not count."""
    done, todo = [], []
    for run in runs:
        path = _work_file(study.slug, run)
        record, why = read_record(path, stamp["code_key"])
        if why:
            tqdm.write(f"  {path.relative_to(root())} {why}: running it again", file=sys.stderr)
        if record:
            done.append(record)
        else:
            todo.append(run)
    if todo:
        tasks = [joblib.delayed(_work)(study.slug, str(root()), run, dict(stamp)) for run in todo]
        fresh = joblib.Parallel(n_jobs=jobs or _cores(), return_as="generator_unordered")(tasks)
        done += list(_progress(fresh, len(todo), what, len(runs) - len(todo)))
    return done


def _progress(items: Iterable[Any], total: int, what: str, done: int = 0) -> Iterator[Any]:
    bar = tqdm(total=total + done, initial=done, desc=what, unit="run", dynamic_ncols=True)
    with bar:
        for item in items:
            yield item
            bar.update()


def _estimate(study: Study, pilots: Sequence[Run], code_key: str, jobs: int | None) -> None:
    """Say how many runs are left, and about how long they take."""
    verdicts = [r for e in study.experiments for r in e.verdicts({a: {} for a in e.arms})]
    work = sum(study.experiment(r.experiment).seconds for r in (*pilots, *verdicts))
    kept = [
        record
        for path in sorted(_folder(study.slug).glob("*.json"))
        if (record := read_record(path, code_key)[0])
    ]
    left = work - sum(study.experiment(r["experiment"]).seconds for r in kept)
    workers = jobs or _cores()
    print(
        f"{study.slug}: {len(pilots)} tuning runs and {len(verdicts)} on verdict seeds, "
        f"{len(kept)} of them done. About {max(0, left) / workers / 60:.0f} minutes on {workers} "
        f"processes; stop it when you like, the same command resumes it.",
        file=sys.stderr,
    )


def _workers(jobs: int | None, backend: str, address: str | None) -> Any:
    if backend == "loky":
        return joblib.parallel_config(backend="loky", inner_max_num_threads=1)
    if backend != "dask":
        raise ValueError(f"backend={backend!r} is neither 'loky' nor 'dask'")
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise RuntimeError("--backend dask needs `pip install distributed`") from error
    Client(address)  # joblib finds the client that was made last
    return joblib.parallel_config(backend="dask")


def _run_of(record: Mapping[str, Any]) -> Run:
    settings = tuple(sorted(record["settings"].items()))
    return Run(record["experiment"], record["stage"], record["arm"], record["seed"], settings)


def _gap(old: Any, new: Any) -> float:
    """Return the largest difference between two measurements' numbers, to six digits."""
    if isinstance(old, Mapping):
        return max((_gap(v, _thin(new)[k]) for k, v in old.items()), default=0.0)
    if isinstance(old, list):
        return max((_gap(a, b) for a, b in zip(old, new, strict=True)), default=0.0)
    return abs(old - new) if isinstance(old, int | float) else float(old != new)


def _order(study: Study, record: Mapping[str, Any]) -> tuple[int, str, int]:
    names = [e.name for e in study.experiments]
    arms = study.experiment(record["experiment"]).arms
    return names.index(record["experiment"]), record["stage"], arms.index(record["arm"])


def _words(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value:g}" for key, value in settings.items())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _folder(slug: str) -> Path:
    return root() / ".work" / slug


def _work_file(slug: str, run: Run) -> Path:
    return _folder(slug) / f"{run.id}.json"


def _only_one(slug: str) -> contextlib.AbstractContextManager[None]:
    return _lock(_folder(slug) / "study.lock", wait=False)


@contextlib.contextmanager
def _lock(path: Path, wait: bool) -> Iterator[None]:
    """Hold a lock that the system lets go of when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise RuntimeError(
                f"another process is running this study ({path.relative_to(root())} is held)"
            ) from error
        yield
