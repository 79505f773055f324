"""What the model said goes in, and only what held comes out: Python, terminal, notebook."""

import json
import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from IPython.core.interactiveshell import InteractiveShell

from ideas_lib.cli import main
from ideas_lib.lm.client import EndpointFailed
from ideas_lib.lm.endpoint import Endpoint
from ideas_lib.programs import copilot
from ideas_lib.programs.checks import behaviour
from ideas_lib.programs.checks.symbolic import find_distinguishing_input
from ideas_lib.programs.checks.task import read_task
from ideas_lib.programs.copilot import completion
from ideas_lib.programs.copilot.calibration import calibrated_samples, calibrated_threshold
from ideas_lib.programs.copilot.rule import Threshold

DOCSTRING = '"""Return a + b.\n\n    >>> add(2, 3)\n    5\n    """'
SOURCE = f"def add(a: int, b: int) -> int:\n    {DOCSTRING}\n"
GOOD, BAD = "    return a + b\n", "    return a * b\n"
OTHER = "    return sum((a, b))\n"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "SECONDS", 60.0)  # for a machine that is busy
    # How long CrossHair may search for a difference that is not there is another test's matter.
    brief = partial(find_distinguishing_input, seconds=1.0)
    searched = "ideas_lib.programs.copilot.candidates.find_distinguishing_input"
    monkeypatch.setattr(searched, brief)


class Said:
    """An endpoint that says these bodies in turn, by seed."""

    def __init__(self, *bodies: str) -> None:
        self.bodies, self.model, self.sent = bodies, "a model", []
        self.endpoint = Endpoint("http://127.0.0.1:9/v1")

    def __call__(self, endpoint: str | None, model: str | None, **_: Any) -> "Said":
        self.named = endpoint, model
        return self

    def close(self) -> None: ...

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append((path, body))
        text = self.bodies[body["seed"] % len(self.bodies)]
        return {"choices": [{"text": text, "finish_reason": "stop"}]}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch):
    def install(*bodies: str) -> Said:
        said = Said(*bodies)
        monkeypatch.setattr("ideas_lib.lm.client.Client", said)
        return said

    return install


def test_complete(says, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(GOOD, BAD, OTHER)
    for name in ("IDEAS_WEIGHTS", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    found = copilot.complete(SOURCE, samples=3)
    assert (found.shown, found.code) == (True, SOURCE + GOOD)
    assert any("was not calibrated" in line for line in found.evidence)
    assert {body["seed"] for _, body in said.sent} == {0, 1, 2}
    assert said.named == (completion.DEFAULT, None)
    assert not copilot.complete(SOURCE, samples=2, tests="assert add(1, 1) == 3").shown


def test_who_waits_is_told_what_for() -> None:
    task, told = read_task(SOURCE), []
    found = completion.judged(task, [SOURCE + GOOD, SOURCE + OTHER], None, began=told.append)
    assert told == list(completion.STAGES)
    assert found.shown


def test_which_endpoint_is_asked(says, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(GOOD)
    for name, value in (("IDEAS_WEIGHTS", "mine.gguf"), ("OPENAI_BASE_URL", "http://here/v1")):
        monkeypatch.setenv(name, value)
        copilot.complete(SOURCE, samples=1)
        assert said.named == (value, None)
    copilot.complete(SOURCE, samples=1, endpoint="http://there/v1", model="one of it")
    assert said.named == ("http://there/v1", "one of it")
    with pytest.raises(EndpointFailed, match="server for mine has no model 'one of it'"):
        copilot.complete(SOURCE, samples=1, endpoint="mine.gguf", model="one of it")


def test_a_bound_holds_only_for_a_model_that_is_sampled_here(says) -> None:
    """Another's endpoint may call its model what it likes, and give one program eight times."""
    said = says(GOOD)
    said.model = completion.DEFAULT
    for endpoint, shown in ((completion.DEFAULT, True), ("http://there/v1", False)):
        found = copilot.complete(SOURCE, endpoint=endpoint)
        assert found.shown is shown
        words = "\n".join(found.evidence)
        assert ("was not calibrated" in words) is not shown
        assert "1 different program agrees on" in words


def test_a_model_that_is_always_wrong_is_never_shown(says) -> None:
    says(BAD, "    return add(a, b)\n", "    return (\n", "    return c\n")
    found = copilot.complete(SOURCE, samples=4)
    assert (found.shown, found.code) == (False, "")
    fell = [candidate.fell for candidate in found.candidates]
    assert fell == ["examples", "examples", "parse", "names"]


def test_a_terminal(says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(GOOD, OTHER)
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "taken away, and back again at the end")
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY")
    file = tmp_path / "sums.py"
    file.write_text(SOURCE + "    return 0\n\n\ndef other(): ...\n")
    shown = CliRunner().invoke(main, ["copilot", f"{file}:add", "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["code"] == SOURCE + GOOD
    assert file.read_text().endswith("other(): ...\n")
    kept = Path(os.environ["HYPOTHESIS_STORAGE_DIRECTORY"])
    assert kept == tmp_path / "cache" / "hypothesis", "nothing is left where the reader works"

    tests = tmp_path / "tests.py"
    tests.write_text("assert add(1, 1) == 3\n")
    none = CliRunner().invoke(main, ["copilot", f"{file}:add", "--tests", str(tests)])
    assert none.exit_code == 1
    assert "No program is shown: none held" in none.output
    assert "assert add(1, 1) == 3" in none.output
    high = CliRunner().invoke(main, ["copilot", f"{file}:add", "--level", "3"])
    assert high.exit_code == 2
    assert "3.0 is not in the range 0<x<1" in high.output
    for wrong, words in ((f"{file}:sub", "no function sub"), ("no.py:f", "no file no.py")):
        failed = CliRunner().invoke(main, ["copilot", wrong])
        assert failed.exit_code == 2
        assert words in failed.output


def test_a_notebook(says) -> None:
    said = says(GOOD, OTHER)
    shell = InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "ideas_lib.programs.copilot")
        found = shell.run_cell_magic("copilot", "--endpoint http://here/v1 --model that", SOURCE)
        assert found.shown
        assert said.named == ("http://here/v1", "that")
        assert "add" not in shell.user_ns
        assert shell.rl_next_input == SOURCE + GOOD
        with pytest.raises(ValueError, match="it takes --endpoint"):
            shell.run_cell_magic("copilot", "--no", SOURCE)
    finally:
        InteractiveShell.clear_instance()


def test_calibration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scores, right = [1.0] * 40 + [0.0] * 10, [True] * 40 + [False] * 10
    known = {"m": {"samples": 8, "scores": scores, "right": right}}
    file = tmp_path / "calibration.json"
    monkeypatch.setattr("ideas_lib.programs.copilot.calibration.CALIBRATION", file)
    file.write_text("{}")
    assert calibrated_threshold("m", 8, 0.1, 0.9) is None
    file.write_text(json.dumps(known))
    found = calibrated_threshold("m", 8, 0.1, 0.9)
    assert isinstance(found, Threshold)
    assert (found.shown, found.wrong) == (40, 0)
    known["m"]["scores"] = [0.25] * 50
    file.write_text(json.dumps(known))
    few = calibrated_threshold("m", 8, 0.5, 0.9)
    assert few is not None
    assert few.score is None  # a quarter is too few, right or not
    assert (calibrated_samples("m"), calibrated_samples("other")) == (8, 0)
    assert (
        calibrated_threshold("m", 4, 0.1, 0.9) is calibrated_threshold("other", 8, 0.1, 0.9) is None
    )


def test_a_real_model() -> None:
    found = copilot.complete(SOURCE, endpoint="smollm2-135m-instruct", samples=2)
    assert found.evidence[0] == "2 candidates came from smollm2-135m-instruct"
    assert len(found.candidates) == 2
    assert all(candidate.program.startswith("def add") for candidate in found.candidates)
