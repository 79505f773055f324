"""What rules show of recorded candidates."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.copilot import calibration
from ideas_lib.programs.copilot import evidence as tried
from ideas_lib.programs.copilot import shown as module
from ideas_lib.programs.copilot.draw import plot_precision_coverage
from ideas_lib.programs.copilot.shown import RULES, Selection, best_candidate, load_evidence, select


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
    assert best_candidate(rule, ROWS) == expected


@pytest.mark.parametrize("rule", RULES)
def test_nothing_comes_through(rule: str) -> None:
    assert best_candidate(rule, (row("parse", False),)) == (0.0, False)


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


def test_what_was_written_is_read_again(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(tried, "samples_kept", lambda model: tmp_path / "samples.jsonl")
    rows = [
        {"task": "HumanEval/53", "sample": k, "text": text, "finished": True, "model": "m"}
        for k, text in enumerate(("    return x + y\n", "    return y + x\n\nprint(1)\n"))
    ]
    tried._keep("m", rows)
    header, *kept = map(json.loads, (tmp_path / "samples.jsonl").read_text().splitlines())
    assert header["model"] == "m"
    assert "mypy" in header["versions"]
    assert [row["sample"] for row in kept] == [0, 1]
    one, other = tried.written("m")["HumanEval/53"]
    assert one.endswith("    return x + y\n")
    assert other.endswith("    return y + x\n")


def test_development_problems_are_left_out(monkeypatch: Any, tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    lines = [{"task": f"HumanEval/{n}", "sample": k, **row()} for n in (0, 1, 5) for k in (0, 1)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(module, "evidence_file", lambda model: file)
    assert {task: len(rows) for task, rows in load_evidence("any").items()} == {"HumanEval/1": 2}
    with pytest.raises(ValueError, match=r"evidence.jsonl has the SHA-256 [0-9a-f]{64}, not 0123"):
        load_evidence("any", "0123")
    monkeypatch.setattr(calibration, "FILE", tmp_path / "calibration.json")
    monkeypatch.setattr("sys.argv", ["calibration", "m"])
    calibration.main()
    known = json.loads(calibration.FILE.read_text())
    assert known == {"m": {"samples": 2, "scores": [0.0], "right": [False]}}


def test_the_picture_says_what_it_shows() -> None:
    problems = {"a": ROWS, "b": (row("", False, 1), row("types")), "c": (row("names", False),)}
    rungs = {rule: select(rule, problems) for rule in ("parses", "examples")}
    line = [select("agreement", problems, threshold) for threshold in (0.25, 0.45, 0.9)]
    figure, alt = plot_precision_coverage(rungs, {"agreement": line})
    assert "parses: 0 of 3 right (0.00 to 0.71)" in alt
    assert "agreement, from the lowest threshold to the highest: 1 of 2 right" in alt
    assert alt.endswith("then 0 of 1 right (0.00 to 0.97).")
    _, drawn = figure.axes[0].get_lines()
    assert list(drawn.get_xdata()) == pytest.approx([2 / 3, 1 / 3])  # what shows nothing is out
    with pytest.raises(ValueError, match="nothing is shown at all"):
        plot_precision_coverage({"parses": Selection(3, 0, 0)}, {})
