"""The copilot's study: candidates are recorded, tried, and shown by rules."""

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.datasets.humaneval import load_humaneval
from ideas_lib.lm.endpoint import Endpoint
from ideas_lib.programs.copilot import calibration
from ideas_lib.programs.copilot.sample import Sampling
from ideas_lib.study.study import load_study

load_study("copilot")
PARTS = ("sampling", "evidence", "selection", "plot", "calibrating")
sampling, evidence, selection, plot, calibrating = (
    import_module(f"studies.copilot.{part}") for part in PARTS
)
RULES, Selection, select = selection.RULES, selection.Selection, selection.select
GOOD = "    return x + y\n"


def row(fell: str = "", right: bool = True, alike: int = 0, **more: int) -> dict[str, Any]:
    counts = {"alike": alike, "different": alike, "searched": alike} | more
    return {"fell": fell, "right": right, **counts}


ROWS = (
    row("parse", False),
    row("examples", False),
    row("", False, 1),
    row("", True, 2, different=1),
    row("", True, 2, different=1, searched=1),
)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("parses", (1.0, False)),
        ("examples", (1.0, False)),  # the first that comes so far is wrong
        ("share that passes", (0.6, False)),
        ("different programs", (0.2, False)),
        ("agreement", (0.4, True)),
        ("agreement, searched", (0.4, True)),
    ],
)
def test_the_program_that_a_rule_picks(rule: str, expected: tuple[float, bool]) -> None:
    assert selection.best_candidate(rule, ROWS) == expected


@pytest.mark.parametrize("rule", RULES)
def test_nothing_comes_through(rule: str) -> None:
    assert selection.best_candidate(rule, (row("parse", False),)) == (0.0, False)


def test_what_a_rule_shows() -> None:
    problems = {"a": ROWS, "b": (row("", False, 1), row("types")), "c": (row("names", False),)}
    assert select("agreement", problems) == Selection(3, 2, 1)
    some = select("agreement", problems, 0.45)
    assert some == Selection(3, 1, 0)
    assert some.coverage == pytest.approx(1 / 3)
    middle, low, high = some.precision
    assert (middle, low) == (0, 0)
    assert high == pytest.approx(0.975)
    assert math.isnan(select("agreement", problems, 0.9).precision[0])


class Said:
    """An endpoint that says the same body, and notes what it was asked for."""

    def __init__(self) -> None:
        self.model, self.asked = "m", []
        self.endpoint, self.here = Endpoint("http://127.0.0.1:9/v1"), True

    def __call__(self, *_: Any, **__: Any) -> "Said":
        return self

    def close(self) -> None: ...

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((body["seed"], body.get("n", 1)))
        return {"choices": [{"text": GOOD, "finish_reason": "length"}] * body.get("n", 1)}


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Said:
    found = Said()
    monkeypatch.setattr("ideas_lib.lm.client.Client", found)
    monkeypatch.setattr(sampling, "work_folder", lambda slug: tmp_path / slug)
    return found


def test_recording_goes_on_where_it_was(said: Said, tmp_path: Path) -> None:
    known, how, url = load_humaneval(), Sampling(), "http://here/v1"
    problems = [known["HumanEval/0"], known["HumanEval/53"]]
    sampling.record_candidates("m", problems, 4, how, url)
    path = tmp_path / "copilot" / "m.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    assert sorted(said.asked) == [(0, 4), (53, 4)]
    path.write_text("".join(lines[:-1]) + lines[-1][:20])
    said.asked.clear()
    sampling.record_candidates("m", problems, 5, how, url)
    lost = json.loads(lines[-1])["request"]["seed"]
    assert sorted(said.asked) == [(lost, 1), (4000, 1), (4053, 1)]
    rows = sampling.recorded_candidates("m", problems, 5, how)
    places = [(row["task"], row["sample"], row["seed"]) for row in rows]
    seeds = ((0, (0, 0, 0, 0, 4000)), (53, (53, 53, 53, 53, 4053)))
    assert places == [
        (f"HumanEval/{n}", sample, seed) for n, some in seeds for sample, seed in enumerate(some)
    ]
    assert {(row["text"], row["finished"], row["temperature"]) for row in rows} == {
        (GOOD, False, 0.8)
    }
    assert sampling.recorded_candidates("m", problems, 6, how) == [], "of no problem all are there"


def test_what_was_written_is_read_again(monkeypatch: Any, said: Said, tmp_path: Path) -> None:
    monkeypatch.setattr(evidence, "samples_file", lambda model: tmp_path / "samples.jsonl")
    problem = load_humaneval()["HumanEval/53"]
    sampling.record_candidates("m", [problem], 2, Sampling(), "http://here/v1")
    rows = sampling.recorded_candidates("m", [problem], 2, Sampling())
    rows[0] |= {"finished": True}
    rows[1] |= {"finished": True, "text": "    return y + x\n\nprint(1)\n"}
    evidence._keep("m", rows)
    header, *kept = map(json.loads, (tmp_path / "samples.jsonl").read_text().splitlines())
    assert (header["model"], header["max_tokens"]) == ("m", 320)
    assert "mypy" in header["versions"]
    assert [sorted(row) for row in kept] == [["finished", "sample", "seed", "task", "text"]] * 2
    one, other = evidence.written_programs("m")["HumanEval/53"]
    assert one.endswith(GOOD)
    assert other.endswith("    return y + x\n")


@pytest.mark.parametrize("model", ["qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct"])
def test_the_seeds_of_what_was_recorded_are_those_that_are_asked_for(model: str) -> None:
    known = load_humaneval()
    header, *rows = evidence._read(evidence.samples_file(model))
    assert len(rows) in (164 * 4, 164 * 8)
    for each in rows:
        problem, sample = known[each["task"]], each["sample"]
        body = sampling.candidate_request(problem, sample, Sampling()).body()
        assert (body["seed"], body["prompt"]) == (each["seed"] + sample % 4, problem.prompt)
        assert {key: body[key] for key in ("temperature", "top_p", "max_tokens", "stop")} == {
            key: header[key] for key in ("temperature", "top_p", "max_tokens", "stop")
        }


def test_development_problems_are_left_out(monkeypatch: Any, tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    lines = [{"task": f"HumanEval/{n}", "sample": k, **row()} for n in (0, 1, 5) for k in (0, 1)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(selection, "evidence_file", lambda model: file)
    assert {task: len(rows) for task, rows in selection.load_evidence("any").items()} == {
        "HumanEval/1": 2
    }
    with pytest.raises(ValueError, match=r"evidence.jsonl has the SHA-256 [0-9a-f]{64}, not 0123"):
        selection.load_evidence("any", "0123")
    strict = tmp_path / "strict.jsonl"
    strict.write_text("")
    monkeypatch.setattr(selection, "strict_file", lambda model: strict)
    other = {"samples": 1, "scores": [1.0], "right": [True]}
    monkeypatch.setattr(calibration, "CALIBRATION", tmp_path / "calibration.json")
    calibration.CALIBRATION.write_text(json.dumps({"other": other}))
    calibrating.calibrate("m")
    known = json.loads(calibration.CALIBRATION.read_text())
    assert known == {"other": other, "m": {"samples": 2, "scores": [0.0], "right": [False]}}


@pytest.mark.parametrize(("label", "right"), [(True, True), (False, False), (None, False)])
def test_a_program_is_right_if_the_stricter_tests_say_so_too(
    label: bool | None, right: bool, monkeypatch: Any, tmp_path: Path
) -> None:
    file, strict = tmp_path / "evidence.jsonl", tmp_path / "strict.jsonl"
    file.write_text(json.dumps({"task": "HumanEval/1", "sample": 0, **row(alike=1)}) + "\n")
    strict.write_text(json.dumps({"task": "HumanEval/1", "right": label}) + "\n")
    monkeypatch.setattr(selection, "evidence_file", lambda model: file)
    monkeypatch.setattr(selection, "strict_file", lambda model: strict)
    monkeypatch.setattr(calibration, "CALIBRATION", tmp_path / "calibration.json")
    calibration.CALIBRATION.write_text("{}")
    calibrating.calibrate("m")
    known = json.loads(calibration.CALIBRATION.read_text())
    assert known == {"m": {"samples": 1, "scores": [1.0], "right": [right]}}


def test_the_calibration_that_ships_is_that_of_the_evidence(
    monkeypatch: Any, tmp_path: Path
) -> None:
    shipped = calibration.CALIBRATION.read_text()
    monkeypatch.setattr(calibration, "CALIBRATION", tmp_path / "calibration.json")
    calibration.CALIBRATION.write_text("{}")
    calibrating.calibrate(*json.loads(shipped))
    assert json.loads(calibration.CALIBRATION.read_text()) == json.loads(shipped)


def test_the_picture_says_what_it_shows() -> None:
    problems = {"a": ROWS, "b": (row("", False, 1), row("types")), "c": (row("names", False),)}
    rungs = {rule: select(rule, problems) for rule in ("parses", "examples")}
    line = [select("agreement", problems, threshold) for threshold in (0.25, 0.45, 0.9)]
    figure, alt = plot.plot_precision_coverage(rungs, {"agreement": line})
    assert "parses: 0 of 3 right (0.00 to 0.71)" in alt
    assert "agreement, from the lowest threshold to the highest: 1 of 2 right" in alt
    assert alt.endswith("then 0 of 1 right (0.00 to 0.97).")
    _, drawn = figure.axes[0].get_lines()
    assert list(drawn.get_xdata()) == pytest.approx([2 / 3, 1 / 3])  # what shows nothing is out
    with pytest.raises(ValueError, match="nothing is shown at all"):
        plot.plot_precision_coverage({"parses": Selection(3, 0, 0)}, {})
