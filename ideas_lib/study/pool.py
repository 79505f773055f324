"""Processes to share work out to: this machine's, or a Dask cluster's; and a bar with time left."""

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from tqdm import tqdm

__all__ = ["WorkersLost", "pool", "shared_out"]


class WorkersLost(RuntimeError):
    """Raised when worker processes cannot be reached, or were killed."""


@contextlib.contextmanager
def pool(
    jobs: int | None = None, backend: str = "loky", address: str | None = None
) -> Iterator[int]:
    """Choose what `shared_out` uses inside the block, and yield its number of processes.

    `jobs` of this machine's cores, all by default, or with `backend="dask"` every worker of the
    scheduler at `address`. Raises ValueError, and WorkersLost when there is no such scheduler.
    """
    if backend == "loky":
        if jobs is not None and jobs < 1:
            raise ValueError(f"jobs={jobs} must be at least 1")
        jobs = jobs or cores()
        with joblib.parallel_config(backend="loky", n_jobs=jobs, inner_max_num_threads=1):
            yield jobs
    elif backend == "dask":
        if jobs is not None:
            raise ValueError(f"jobs={jobs} is for backend='loky': a Dask cluster uses its workers")
        with _cluster(address) as workers, joblib.parallel_config(backend="dask"):
            yield workers
    else:
        raise ValueError(f"backend={backend!r} is neither 'loky' nor 'dask'")


@contextlib.contextmanager
def _cluster(address: str | None) -> Iterator[int]:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise ModuleNotFoundError(
            "backend='dask' needs distributed: pip install '.[dask]'"
        ) from error
    if not address:
        raise ValueError("backend='dask' needs the address of a scheduler, as tcp://10.0.0.1:8786")
    try:
        with dask.config.set({"distributed.comm.timeouts.connect": "5s"}):
            client = Client(address, timeout="5s")  # joblib finds the client that was made last
    except (OSError, ValueError) as error:
        raise WorkersLost(
            f"no Dask scheduler answers at {address!r}: start one with `dask scheduler`"
        ) from error
    with client:
        threads = client.nthreads()
        if not threads or max(threads.values()) > 1:
            raise WorkersLost(
                f"the cluster at {address} has {len(threads)} workers, with"
                f" {max(threads.values(), default=0)} threads each: runs need processes of their"
                " own. Start workers with `dask worker --nworkers auto --nthreads 1`"
            )
        yield len(threads)


def shared_out(
    function: Callable[..., Any], calls: Iterable[tuple[Any, ...]], what: str, done: int = 0
) -> Iterator[Any]:
    """Yield what `function` returns for each call, as they come in, under a bar named `what`.

    The bar counts `done` as finished before. Raises WorkersLost when a worker is killed.
    """
    calls = list(calls)
    fresh = joblib.Parallel(return_as="generator_unordered")(
        joblib.delayed(function)(*call) for call in calls
    )
    total = len(calls) + done
    with tqdm(total=total, initial=done, desc=what, unit="run", dynamic_ncols=True) as bar:
        try:
            for item in fresh:
                bar.update()
                yield item
        except TerminatedWorkerError as error:
            raise WorkersLost(
                "a worker process was killed, perhaps for want of memory. Finished runs are kept:"
                " run the same command again, with fewer jobs if it happens again"
            ) from error


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
