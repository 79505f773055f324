import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ideas_lib.results import load
from ideas_lib.study import runner
from ideas_lib.study.pool import WorkersLost
from ideas_lib.study.provenance import Unsealed
from ideas_lib.study.records import FIELDS, BadResults
from ideas_lib.study.runner import run_study
from ideas_lib.study.study import load_study
from ideas_lib.study.worker import CodeChanged, RunsFailed, StudyRunning

SCRIPT = "from ideas_lib.study.runner import run_study; run_study('toy', jobs=2)"
RUNS = 20  # 8 to tune, 8 and 4 on verdict seeds


@pytest.fixture
def start(toy) -> Iterator:
    """Start the study in a process group of its own; whatever is left of it ends with the test."""
    started: list[subprocess.Popen] = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-c", SCRIPT]
        kept = {"stderr": subprocess.PIPE, "text": True, "start_new_session": True}
        started.append(subprocess.Popen(command, cwd=toy.path, **kept))
        return started[-1]

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def until(condition) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "waited for two minutes"
        time.sleep(0.01)


def at_work(toy) -> set[str]:
    """Return the verdict runs of the idea that have begun, and wait for `toy.ask(wait=...)`."""
    return {run for run in toy.log() if run.startswith("idea 10")}


def test_killed_with_its_workers_it_resumes_and_nothing_is_lost_or_twice(
    toy, start, tmp_path_factory
):
    toy.ask(wait="idea 10")
    first = start()
    until(lambda: len(at_work(toy)) == 2)
    with pytest.raises(StudyRunning, match=r"another process .* \.work/toy/study\.lock"):
        run_study("toy", jobs=1)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    lost = at_work(toy)
    assert not toy.results.exists()
    toy.ask(wait="")
    second = start()
    said = second.communicate(timeout=120)[1]
    assert second.returncode == 0, said
    done = RUNS - 8  # all of the idea's verdict runs, and those of the other experiment, come after
    assert f"12 on verdict seeds, {done} of them done. The other 8 take" in said
    log = toy.log()
    assert {run for run in log if log.count(run) > 1} == lost, "only what was at work is made again"
    assert len(log) == RUNS + 2
    killed = toy.records()
    toy.git("clean", "-qfdx", "-e", "ideas_lib", "-e", "_toc.yml")
    run_study("toy", jobs=1)
    assert toy.records() == killed, "an uninterrupted run, with one process, finds the same"
    assert len(killed) == RUNS


def test_killed_without_its_workers_they_and_the_next_ones_share_what_is_left(toy, start):
    toy.ask(wait="idea 10")
    first = start()
    until(lambda: len(at_work(toy)) == 2)
    first.kill()
    first.wait()
    second = start()
    until(lambda: "verdict seeds" in second.stderr.readline())
    toy.ask(wait="")
    assert second.wait(timeout=120) == 0
    assert sorted(toy.log()) == sorted(set(toy.log()))
    assert len(toy.log()) == len(toy.records()) == RUNS


def test_a_worker_that_is_killed_stops_the_study_which_then_resumes(toy):
    toy.ask(die="idea 102")
    with pytest.raises(WorkersLost, match="a worker process was killed"):
        run_study("toy", jobs=2)
    before = len(list((toy.path / ".work/toy").glob("*.json")))
    assert before >= 8, "the tuning was done"
    toy.ask(die="")
    log = len(toy.log())
    run_study("toy", jobs=1)
    assert len(toy.log()) - log == RUNS - before
    assert len(load("toy").records) == RUNS


def test_records_carry_all_of_their_provenance(toy):
    sealed = toy.git("rev-parse", "HEAD").strip()
    (toy.path / "studies/later.py").touch()
    head = toy.commit()
    assert run_study("toy", jobs=1) == toy.results
    study = load_study("toy")
    for line in toy.results.read_text().splitlines():
        record = json.loads(line)
        assert set(record) == set(FIELDS)
        assert record["study"] == "toy"
        assert (record["commit"], record["prediction_commit"]) == (head, sealed)
        assert (record["code_key"], record["seal"]) == (study.code_key(), study.seal())
        assert record["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
        assert "cores" in record["machine"]
        assert record["when"].endswith("+00:00")
        assert record["seconds"] >= 0
        assert (record["params"], record["flops"]) in {(7, None), (None, 12)}
        assert not {"params", "flops"} & set(record["metrics"])


def test_results_stand_in_the_order_of_the_study(toy):
    run_study("toy", jobs=1)
    order = [(r["experiment"], r["stage"], r["arm"], r["seed"]) for r in toy.records()]
    arms = ("none", "idea")
    assert order == [
        *(("main", "pilot", arm, seed) for arm in arms for _ in (0.1, 1.0) for seed in (0, 1)),
        *(("main", "verdict", arm, seed) for arm in arms for seed in range(100, 104)),
        *(("other", "verdict", arm, seed) for arm in arms for seed in (100, 101)),
    ]


@pytest.mark.parametrize(("higher", "rates"), [(True, (0.1, 1.0)), (False, (1.0, 0.1))])
def test_only_the_rate_with_the_best_mean_gets_verdict_seeds(toy, higher, rates, capsys):
    if not higher:
        toy.edit('score="score",', 'score="score", score_higher=False,')
    run_study("toy", jobs=1)
    found = {(r["arm"], r["settings"]["rate"]) for r in load("toy").select("main")}
    assert found == set(zip(("none", "idea"), rates, strict=True))
    assert {r["settings"]["rate"] for r in load("toy").select("main", "pilot")} == {0.1, 1.0}
    assert f"main, idea: rate={rates[1]}" in capsys.readouterr().err


def test_settings_that_json_turns_into_others_are_still_found(toy):
    toy.edit('grid=({"rate": 0.1}, {"rate": 1.0})', 'grid=({"rate": (0.1, 0)}, {"rate": (1.0, 0)})')
    toy.edit('    obey(f"{arm} {seed} {rate}.")', '    rate = rate[0]\n    obey(f"{arm} {seed}")')
    run_study("toy", jobs=1)
    assert load("toy").select("main", arm="idea")[0]["settings"] == {"rate": [1.0, 0]}


def test_the_mean_decides_not_the_best_run(toy):
    toy.edit(
        '    return {\n        "score": score,',
        "    score += (seed == 1 and rate == 0.1) * 3 - (seed == 0 and rate == 0.1) * 6\n"
        '    return {\n        "score": score,',
    )
    run_study("toy", jobs=1)
    assert {r["settings"]["rate"] for r in load("toy").select("main")} == {1.0}


def damage(path: Path) -> str:
    path.write_text(path.read_text().replace("score", "scare"))
    return "is damaged"


def halve(path: Path) -> str:
    path.write_text(path.read_text()[:100])
    return "is damaged or half-written"


def empty(path: Path) -> str:
    path.write_text("")
    return "is damaged or half-written"


def swap(path: Path) -> str:
    path.write_text(next(p for p in sorted(path.parent.glob("*.json")) if p != path).read_text())
    return "holds another run"


@pytest.mark.parametrize("hurt", [damage, halve, empty, swap])
def test_a_work_file_that_cannot_be_trusted_is_named_and_made_again(toy, hurt, capsys):
    run_study("toy", jobs=1)
    whole = toy.records()
    file = sorted((toy.path / ".work/toy").glob("main-verdict-*.json"))[0]
    why = hurt(file)
    begun = len(toy.log())
    run_study("toy", jobs=1)
    assert f".work/toy/{file.name} {why}: running it again" in capsys.readouterr().err
    assert len(toy.log()) == begun + 1
    assert toy.records() == whole


def test_records_of_other_code_are_named_and_made_again(toy, capsys):
    run_study("toy", jobs=1)
    toy.edit("noise=0.1", "noise=0.3")
    run_study("toy", jobs=1)
    assert capsys.readouterr().err.count("was measured with other code: running it again") == RUNS
    assert len(toy.log()) == 2 * RUNS
    assert load("toy").standing().code == "current"


def test_what_is_done_is_not_made_again_after_a_comment(toy):
    run_study("toy", jobs=1)
    toy.edit("SETTINGS =", "# words\nSETTINGS =")
    run_study("toy", jobs=1)
    assert len(toy.log()) == RUNS


@pytest.mark.parametrize("committed", [False, True])
def test_a_prediction_that_is_not_committed_is_refused_before_any_run(toy, committed):
    if committed:
        toy.edit("margin=0.5", "margin=0.4", commit=False)
    else:
        toy.git("rm", "-q", "--cached", "studies/toy.py")
        toy.git("commit", "-qm", "gone")
    with pytest.raises(Unsealed, match=r"`git add studies/toy.py && git commit`, then this again"):
        run_study("toy", jobs=1)
    assert toy.log() == []


def test_runs_that_fail_are_named_and_the_others_are_made(toy, capsys):
    toy.ask(**{"raise": "idea 1."})
    toy.edit('obey(f"{arm} {seed} {rate}.")', 'obey(f"{arm} {seed}.")')
    with pytest.raises(RunsFailed) as failed:
        run_study("toy", jobs=1)
    for part in (
        "toy: 2 of 8 runs failed (tuning)",
        "experiment 'main', arm 'idea', seed 1, rate=0.1: OSError: asked to raise at idea 1.",
        "rate=1.0: OSError",
        "the same command makes only these again",
    ):
        assert part in str(failed.value)
    assert 'in obey\n    raise OSError(f"asked' in capsys.readouterr().err, "where it was raised"
    assert len(toy.log()) == 8, "no verdict seed before the tuning is whole"
    assert not toy.results.exists()
    toy.ask(**{"raise": ""})
    run_study("toy", jobs=1)
    assert len(toy.log()) == RUNS + 2


def test_code_that_changes_under_a_study_stops_it(toy):
    toy.ask(edit="idea 1")
    with pytest.raises(CodeChanged, match="the code changed while its study was running"):
        run_study("toy", jobs=1)
    kept = [json.loads(p.read_text())["record"] for p in (toy.path / ".work/toy").glob("*.json")]
    assert not any(json.loads(text)["arm"] == "idea" and json.loads(text)["seed"] for text in kept)


def test_a_record_from_a_machine_with_a_disk_of_its_own_is_kept(toy, monkeypatch):
    def far_away(do, slug, top, run, more):
        found = try_run(do, slug, top, run, more)
        next((toy.path / ".work/toy").glob(f"{run.id}.json")).unlink()
        return found

    try_run = runner.try_run
    monkeypatch.setattr(runner, "try_run", far_away)
    run_study("toy", jobs=1)
    assert len(list((toy.path / ".work/toy").glob("*.json"))) == RUNS


def test_the_estimate_goes_by_what_is_declared_and_then_by_what_was_measured(toy, capsys):
    toy.ask(**{"raise": "idea 10"})
    with pytest.raises(RunsFailed):
        run_study("toy", jobs=1)
    said = capsys.readouterr().err
    # 16 runs of 30 s and 4 of 60 s
    expected = "toy: 8 tuning runs and 12 on verdict seeds, 0 of them done. The other 20 take about"
    assert f"{expected} 12 minutes with 1 at a time; stop it when you like" in said
    assert said.index(expected) < said.index("tuning:")
    toy.ask(**{"raise": ""})
    run_study("toy", jobs=1)
    assert "14 of them done. The other 6 take about 0 seconds" in capsys.readouterr().err


def test_results_that_cannot_be_written_are_noticed_before_any_run(toy, monkeypatch):
    toy.results.parent.write_text("a file, where the folder should be")
    with pytest.raises(OSError, match=r"results"):
        run_study("toy", jobs=1)
    toy.results.parent.unlink()
    toy.results.mkdir(parents=True)
    with pytest.raises(OSError, match=r"toy\.jsonl is no plain file, but a folder"):
        run_study("toy", jobs=1)
    toy.results.rmdir()

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*results/toy\.jsonl'"):
        run_study("toy", jobs=1)
    assert not toy.log()
    assert list(toy.results.parent.iterdir()) == []


@pytest.mark.parametrize("mine", [b"my notes\n", b'{"study": "other"}\n', b"\xff" * 9])
def test_a_file_in_the_place_of_results_that_is_not_theirs_stays(toy, mine):
    toy.results.parent.mkdir(exist_ok=True)
    toy.results.write_bytes(mine)
    with pytest.raises(BadResults, match=r"toy\.jsonl holds no run of toy, and would be replaced"):
        run_study("toy", jobs=1)
    assert toy.results.read_bytes() == mine
    assert not toy.log()
