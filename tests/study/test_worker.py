import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ideas_lib.study.study import Run, load_study
from ideas_lib.study.worker import (
    RunFailed,
    StudyRunning,
    listed,
    lock,
    measure_run,
    read_record,
    run_label,
    run_of,
    run_once,
    try_run,
    work_file,
)

RUN = Run("main", "verdict", "idea", 100, (("rate", 1.0),))


def reporting(toy, metrics: str, run: Run = RUN) -> dict:
    """Return what a record keeps when the toy's measure returns `metrics`, a line of Python."""
    toy.edit("    noise = SETTINGS", f"    return {metrics}\n    noise = SETTINGS", commit=False)
    return measure_run("toy", str(toy.path), run, load_study("toy").code_key())[0]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("0.123456789", 0.123457),
        ("1234567.8", 1234570.0),
        ("1234567", 1234567),
        ("True", True),
        ("None", None),
        ("'words'", "words"),
        ("(1, 2.00000001)", [1, 2.0]),
        ("{'a': {3: [0.5]}}", {"a": {"3": [0.5]}}),
        ("[]", []),
        ("np.float32(0.1)", 0.1),
        ("np.int64(3)", 3),
        ("np.arange(3.0)", [0.0, 1.0, 2.0]),
    ],
)
def test_metrics_are_kept_as_json_has_them(toy, value, kept):
    toy.edit("import math\n", "import math\nimport numpy as np\n", commit=False)
    assert reporting(toy, f"{{'score': 1, 'x': {value}}}")["x"] == kept


@pytest.mark.parametrize("points", [59, 60, 61, 119, 150, 1000])
def test_a_curve_keeps_its_ends_and_is_evenly_thinned(toy, points):
    kept = reporting(toy, f"{{'score': 1, 'x': range({points})}}")["x"]
    assert (kept[0], kept[-1]) == (0, points - 1)
    assert len(kept) <= 60
    if points <= 60:
        assert kept == list(range(points))
    assert len(set(np.diff(kept)[:-1])) == 1


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ("{'score': 1, 'loss': math.nan}", "metric 'loss' is nan: report a finite number"),
        ("{'score': 1, 'c': [0.0, -math.inf]}", r"metric 'c\[1\]' is -inf"),
        ("{'score': 1, 'm': {'a': math.nan}}", r"metric \"m\['a'\]\" is nan"),
        ("{'score': 1, 'x': object()}", "metric 'x' is a object: report numbers"),
        ("{'loss': 1}", "'score', which decides, must be a number: got None"),
        ("{'score': [1.0]}", r"'score', which decides, must be a number: got \[1.0\]"),
        ("{'score': 1, 'rate': 2}", r"rename \['rate'\]"),
        ("{'score': 1, 'seconds': 2, 'arm': 1}", r"rename \['arm', 'seconds'\]"),
        ("None", "AttributeError"),
    ],
)
def test_metrics_that_cannot_be_kept_are_named_with_their_run(toy, metrics, words):
    with pytest.raises(RunFailed, match=words) as failed:
        reporting(toy, metrics)
    run = "experiment 'main', arm 'idea', seed 100, rate=1.0: "
    assert str(failed.value).startswith(run)


def test_pilots_need_the_score_and_verdicts_the_outcome(toy):
    toy.edit('score="score"', 'score="solved"', commit=False)
    pilot = Run("main", "pilot", "idea", 0, (("rate", 1.0),))
    with pytest.raises(RunFailed, match="'solved', which decides, must be a number"):
        reporting(toy, "{'score': 1}", pilot)
    toy.edit("    return {'score': 1}\n", "", commit=False)
    assert reporting(toy, "{'score': 1}") == {"score": 1}


def measures(toy) -> None:
    """Make the toy's study a measurement by package."""
    old = 'prediction=Prediction("the idea helps", "score", "idea", "none", margin=0.5)'
    how = "'How many?', 'share', 'idea', 'of all', 'It could be none.', 'package'"
    toy.edit(old, f"measurement=Measurement({how})", commit=False)
    toy.edit("import Experiment,", "import Measurement, Experiment,", commit=False)


def test_what_units_did_is_kept_whole(toy):
    measures(toy)
    values = [k / 7 for k in range(150)]
    found = reporting(toy, f"{{'share': {values}, 'curve': {values}, 'score': 1}}")
    assert found["share"] == [float(f"{value:.6g}") for value in values]
    assert len(found["curve"]) == 51


def test_only_the_arm_that_is_measured_must_report_the_outcome(toy):
    measures(toy)
    with pytest.raises(RunFailed, match="arm 'idea'.*'share', which decides, must hold a number"):
        reporting(toy, "{'score': 1, 'share': 0.5}", replace(RUN, arm="idea"))
    toy.edit("{'score': 1, 'share': 0.5}", "{'score': 1}", commit=False)
    key = load_study("toy").code_key()
    assert measure_run("toy", str(toy.path), replace(RUN, arm="none"), key)[0] == {"score": 1}


def test_a_failure_is_returned_with_where_it_was_raised(toy):
    toy.ask(**{"raise": "idea"})
    name, error = try_run(measure_run, "toy", str(toy.path), RUN, load_study("toy").code_key())
    assert name == RUN.id
    assert isinstance(error, RunFailed)
    assert "OSError: asked to raise at idea" in str(error)
    assert ", in obey\n" in error.__notes__[0]


def test_work_is_done_once_and_its_record_is_read_back(toy):
    stamp = {"commit": "c", "prediction_commit": "p", "seal": "s"}
    stamp["code_key"] = load_study("toy").code_key()
    record = run_once("toy", str(toy.path), RUN, stamp)
    assert run_once("toy", str(toy.path), RUN, stamp) == record
    assert len(toy.log()) == 1
    path = work_file("toy", RUN)
    assert read_record(path, stamp["code_key"]) == (record, "")
    assert run_of(record) == RUN
    assert record["metrics"]["score"] == float(f"{record['metrics']['score']:.6g}")
    assert len(record["metrics"]["curve"]) <= 60
    assert (record["params"], record["flops"]) == (7, None)
    assert record.items() >= stamp.items()
    assert read_record(path, "other") == (None, "was measured with other code")
    assert read_record(path.with_name("none.json"), "other") == (None, "")


@pytest.mark.parametrize(
    "text", ["[]", "3", '{"sha256": 1, "record": 2}', '{"record": "{}"}', "\0"]
)
def test_what_is_no_record_counts_as_damaged(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    assert read_record(path, "key") == (None, "is damaged or half-written")


def test_a_lock_is_let_go_of_when_its_holder_is_killed(toy):
    path = toy.path / ".work/a.lock"
    code = (
        "import sys, time; from pathlib import Path; from ideas_lib.study.worker import lock\n"
        "with lock(Path(sys.argv[1]), wait=False):\n    print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StudyRunning, match=r"it holds \.work/a\.lock"), lock(path, wait=False):
            pass
        holder.kill()
        with lock(path, wait=True):
            pass


def test_threads_are_one_in_workers(toy, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert reporting(toy, "{'score': int(os.environ['OMP_NUM_THREADS'])}")["score"] == 1


def test_the_environment_is_as_it_was(toy, monkeypatch):
    key = load_study("toy").code_key()
    monkeypatch.delenv("IDEAS_ROOT")
    metrics, seconds = measure_run("toy", str(toy.path), RUN, key)
    assert metrics["score"] > 0.5
    assert 0 <= seconds < 60
    monkeypatch.chdir(toy.path)
    assert load_study("toy").code_key() == key


def test_a_run_in_words_and_lists_of_them():
    assert run_label(Run("e", "pilot", "a", 3)) == "experiment 'e', arm 'a', seed 3"
    assert listed(["b", "a"]) == "a; b"
    assert listed(map(str, range(14)), shown=3) == "0; 1; 10; and 11 more"


def test_no_two_runs_share_a_file():
    runs = [
        Run(e, s, a, n, (("lr", lr),))
        for e in ("a b", "a-b") for s in ("pilot", "verdict") for a in ("x", "x!")
        for n in (1, 11) for lr in (1, 1.0, "1", math.pi)
    ]  # fmt: skip
    assert len({run.id for run in runs}) == len(runs)
    assert all(Path(run.id).name == run.id for run in runs)
