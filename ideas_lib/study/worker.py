"""One run of a study: measured, checked, and kept whole in `.work/<slug>/<run>.json`.

The process that makes a run holds the run's lock and writes its record, so a run is made once,
and survives whoever asked for it.
"""

import contextlib
import hashlib
import json
import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ideas_lib.study.cache import work_folder
from ideas_lib.study.checkout import root
from ideas_lib.study.provenance import machine, now, versions, write_atomic
from ideas_lib.study.study import Run, Study, load_study

try:
    import fcntl
except ImportError as error:
    raise ImportError("studies run on Linux and macOS: here are no file locks (fcntl)") from error

__all__ = [
    "CodeChanged",
    "RunFailed",
    "RunsFailed",
    "StudyRunning",
    "inside",
    "listed",
    "lock",
    "measure_run",
    "plain_metrics",
    "read_record",
    "run_label",
    "run_of",
    "run_once",
    "save",
    "try_run",
    "work_file",
]

DISTRIBUTIONS = ("ideas-lib", "torch", "numpy", "scipy", "scikit-learn", "openai")
COSTS = ("params", "flops")
COLUMNS = ("arm", "seed", "seconds")  # of results.frame, beside settings, metrics and costs
POINTS = 60


class CodeChanged(RuntimeError):
    """Raised when the code is not, or no longer, the code that the study was started with."""


class RunFailed(RuntimeError):
    """Raised when a run cannot be measured, or reports what cannot be kept; it names the run."""


class RunsFailed(RuntimeError):
    """Raised when all runs were tried and some failed; it names them."""


class StudyRunning(RuntimeError):
    """Raised when another process is running the study."""


def try_run(do: Callable[..., Any], slug: str, top: str, run: Run, more: Any) -> tuple[str, Any]:
    """Return the run's id, and what `do`, `run_once` or `measure_run`, returns for it.

    A RunFailed is returned, not raised, with the traceback as its note: other runs can go on.
    """
    try:
        return run.id, do(slug, top, run, more)
    except RunFailed as error:
        error.add_note("".join(traceback.format_exception(error.__cause__ or error)))
        return run.id, error


def run_once(slug: str, top: str, run: Run, stamp: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's record, made now unless another process has made it meanwhile.

    `top` is the checkout; `stamp` holds the commits, the code key and the seal that the record
    carries. Raises RunFailed and CodeChanged.
    """
    with inside(top):
        path = work_file(slug, run)
        # A worker whose parent was killed may still be at this run: wait, and take what it found.
        with lock(path.parent / "locks" / path.stem, wait=True):
            record = read_record(path, stamp["code_key"])[0]
            if record:
                return record
            metrics, seconds = measure_run(slug, top, run, stamp["code_key"])
            return save(path, _record(slug, run, metrics, seconds, stamp))


def _record(
    slug: str, run: Run, metrics: dict[str, Any], seconds: float, stamp: Mapping[str, Any]
) -> dict[str, Any]:
    costs = {name: metrics.get(name) for name in COSTS}
    return {
        "study": slug,
        "experiment": run.experiment,
        "stage": run.stage,
        "arm": run.arm,
        "seed": run.seed,
        "settings": dict(run.settings),
        "metrics": {name: value for name, value in metrics.items() if name not in costs},
        **costs,
        "seconds": round(seconds, 2),
        "versions": versions(*DISTRIBUTIONS),
        "machine": machine(),
        **stamp,
        "when": now(),
    }


def measure_run(slug: str, top: str, run: Run, code_key: str) -> tuple[dict[str, Any], float]:
    """Make a run, and return its metrics as records keep them, and the seconds it took.

    Raises RunFailed when the measure raises and when a metric cannot be kept or is missing, and
    CodeChanged when the code before or after the run is not the code of that key.
    """
    _one_thread()
    with inside(top):
        study = _same_code(slug, code_key)
        measure = study.experiment(run.experiment).measure
        # What a measurement's units did is kept whole; curves are thinned.
        whole = study.measurement.outcome if study.measurement else ""
        began = time.perf_counter()
        try:
            found = measure(run.arm, run.seed, **dict(run.settings))
            seconds = time.perf_counter() - began
            metrics = plain_metrics(found, whole)
            _check_names(study, run, metrics)
        except Exception as error:
            raise RunFailed(f"{run_label(run)}: {type(error).__name__}: {error}") from error
        _same_code(slug, code_key)
    return metrics, seconds


def save(path: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    """Write a record whole, with its check sum, and return it as it will be read."""
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
        if run_of(record).id != path.stem:
            return None, "holds another run"
        if record["code_key"] != code_key:
            return None, "was measured with other code"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, "is damaged or half-written"
    return record, ""


def run_of(record: Mapping[str, Any]) -> Run:
    """Return the run that a record is of."""
    settings = tuple(sorted(record["settings"].items()))
    return Run(record["experiment"], record["stage"], record["arm"], record["seed"], settings)


def run_label(run: Run) -> str:
    """Name a run: experiment, arm, seed and settings."""
    return ", ".join(
        [
            f"experiment {run.experiment!r}, arm {run.arm!r}, seed {run.seed}",
            *(f"{name}={value!r}" for name, value in run.settings),
        ]
    )


def listed(names: Iterable[str], shown: int = 10) -> str:
    """Return names in one line, sorted; of many, the first and how many more."""
    names = sorted(names)
    more = [f"and {len(names) - shown} more"] if len(names) > shown else []
    return "; ".join([*names[:shown], *more])


def work_file(slug: str, run: Run) -> Path:
    """Return where a run's record is kept."""
    return work_folder(slug) / f"{run.id}.json"


@contextlib.contextmanager
def lock(path: Path, wait: bool) -> Iterator[None]:
    """Hold a lock that the system lets go of when the process ends, however it ends.

    Raises StudyRunning when another process holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise StudyRunning(
                f"another process is running this study (it holds {path.relative_to(root())}):"
                " wait for it, or stop it"
            ) from error
        yield


def plain_metrics(found: Mapping[str, Any], whole: str = "") -> dict[str, Any]:
    """Return metrics as records keep them; the one named `whole` is not thinned.

    Raises ValueError or TypeError, naming the metric.
    """
    return {
        name: _plain(name, value, None if name == whole else POINTS)
        for name, value in found.items()
    }


def _plain(name: str, value: Any, points: int | None = POINTS) -> Any:
    """Return a metric as JSON has it: six digits of a number, `points` of a curve, ends included.

    Raises ValueError or TypeError, naming the metric.
    """
    value = value.tolist() if hasattr(value, "tolist") else value  # NumPy's and PyTorch's
    if isinstance(value, Mapping):
        return {str(k): _plain(f"{name}[{k!r}]", part, points) for k, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        parts = [_plain(f"{name}[{at}]", part, points) for at, part in enumerate(value)]
        if points is None:
            return parts
        step = max(1, math.ceil((len(parts) - 1) / (points - 1)))
        return parts[::step] + (parts[-1:] if (len(parts) - 1) % step else [])
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(
                f"metric {name!r} is {value}: report a finite number, such as the worst score"
                " for a run that diverged"
            )
        return float(f"{value:.6g}")
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(
        f"metric {name!r} is a {type(value).__name__}: report numbers, or lists of them"
    )


def _check_names(study: Study, run: Run, metrics: Mapping[str, Any]) -> None:
    experiment, measured = study.experiment(run.experiment), study.measurement
    needed = {experiment.score} if run.stage == "pilot" else set()
    if experiment is study.experiments[0]:
        if measured is None:
            needed.add(study.finding.outcome)
        elif run.arm == measured.arm:
            measured.units({run.seed: metrics.get(measured.outcome)})
    for name in sorted(needed):
        if not isinstance(metrics.get(name), int | float):
            raise TypeError(f"{name!r}, which decides, must be a number: got {metrics.get(name)!r}")
    taken = sorted({*COLUMNS, *dict(run.settings)} & set(metrics))
    if taken:
        raise ValueError(f"metrics may not be named like a setting or column: rename {taken}")


def _same_code(slug: str, code_key: str) -> Study:
    study = load_study(slug)
    if study.code_key() != code_key:
        raise CodeChanged(
            f"{slug}: the code changed while its study was running, so runs could not be told"
            " apart: start it again"
        )
    return study


def _one_thread() -> None:
    # The fastest way through many small runs, and sums come out the same whatever else runs.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


@contextlib.contextmanager
def inside(top: str) -> Iterator[None]:
    """Have the checkout at `top` be the one, for a while."""
    before = os.environ.get("IDEAS_ROOT")
    os.environ["IDEAS_ROOT"] = top
    try:
        yield
    finally:
        if before is None:
            del os.environ["IDEAS_ROOT"]
        else:
            os.environ["IDEAS_ROOT"] = before
