import os
import subprocess
import sys

import pytest

from ideas_lib.study.pool import WorkersLost, cores, pool, shared_out


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def test_work_is_shared_out_under_a_bar_that_counts_what_was_done_before(capsys):
    with pool(1) as workers:
        found = list(shared_out(square, [(n,) for n in range(4)], "squares", done=6))
    assert workers == 1
    assert sorted(value for value, _ in found) == [0, 1, 4, 9]
    said = capsys.readouterr().err
    assert "squares:" in said
    assert "6/10" in said
    assert "10/10" in said


def test_without_a_number_every_core_is_used():
    with pool() as workers:
        assert workers == cores() >= 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"jobs": 0}, "jobs=0 must be at least 1"),
        ({"jobs": -1}, "jobs=-1 must be at least 1"),
        ({"backend": "threads"}, "backend='threads' is neither 'loky' nor 'dask'"),
        ({"backend": "dask", "jobs": 2}, "jobs=2 is for backend='loky'"),
    ],
)
def test_what_cannot_be_is_refused(asked, words):
    with pytest.raises(ValueError, match=words), pool(**asked):
        pass


DASK = """
import sys
from distributed import LocalCluster
from ideas_lib.study import pool, runner
if __name__ == "__main__":
    for address in sys.argv[2:]:
        try:
            with pool.pool(backend="dask", address=address):
                pass
        except (ValueError, pool.WorkersLost) as error:
            print(error)
    local = dict(n_workers=1, threads_per_worker=int(sys.argv[1]), dashboard_address=None)
    with LocalCluster(**local) as cluster:
        try:
            print(runner.run_study("toy", backend="dask", address=cluster.scheduler_address))
        except pool.WorkersLost as error:
            print(error)
"""


def dask(toy, threads: int, *addresses: str) -> str:
    """Run DASK in a process of its own: distributed warns, logs and starts threads."""
    pytest.importorskip("distributed", reason="the extra `dask` is not installed")
    script = toy.path / "dask_script.py"
    script.write_text(DASK)
    command = [sys.executable, str(script), str(threads), *addresses]
    done = subprocess.run(command, cwd=toy.path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_study_runs_on_a_dask_cluster(toy):
    assert dask(toy, 1) == f"{toy.results}\n"
    assert len(toy.log()) == len(set(toy.log())) == len(toy.records()) == 20
    on_dask = toy.records()
    from ideas_lib.study.runner import run_study

    toy.git("clean", "-qfdx", "-e", "ideas_lib", "-e", "_toc.yml")
    run_study("toy", jobs=1)
    assert toy.records() == on_dask


def test_a_wrong_address_and_workers_with_threads_are_refused(toy):
    nobody, nowhere, threads = dask(toy, 2, "tcp://127.0.0.1:1", "").split("\n", 2)
    assert nobody.startswith("no Dask scheduler answers at 'tcp://127.0.0.1:1': start one")
    assert nowhere.startswith("backend='dask' needs the address of a scheduler")
    assert "1 workers, with 2 threads each: runs need processes of their own" in threads
    assert "--nthreads 1" in threads
    assert toy.log() == []


def test_dask_is_asked_for_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    missing = pytest.raises(ModuleNotFoundError, match=r"pip install '\.\[dask\]'")
    with missing, pool(backend="dask", address="x:1"):
        pass


def test_a_killed_worker_is_told():
    with pool(2), pytest.raises(WorkersLost, match="a worker process was killed"):
        list(shared_out(os.abort, [()] * 2, "aborting"))
