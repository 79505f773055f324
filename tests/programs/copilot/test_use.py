"""What the model said goes in, and only what held comes out: Python, terminal, notebook."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from click.testing import CliRunner
from IPython.core.interactiveshell import InteractiveShell

from ideas_lib.programs import copilot
from ideas_lib.programs.checks import behaviour
from ideas_lib.programs.checks.task import read_task
from ideas_lib.programs.copilot import completion, copilot_command
from ideas_lib.programs.copilot.asked import Asked
from ideas_lib.programs.copilot.calibration import calibrated, usual
from ideas_lib.programs.copilot.record import record, recorded
from ideas_lib.programs.copilot.rule import Threshold
from ideas_lib.programs.copilot.sample import Sampling

DOCSTRING = '"""Return a + b.\n\n    >>> add(2, 3)\n    5\n    """'
SOURCE = f"def add(a: int, b: int) -> int:\n    {DOCSTRING}\n"
GOOD, BAD = "    return a + b\n", "    return a * b\n"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "SECONDS", 60.0)  # for a machine that is busy


class Said:
    """An endpoint that says these bodies in turn, by seed."""

    def __init__(self, *bodies: str) -> None:
        self.bodies, self.model, self.sent = bodies, "a model", []

    def __call__(self, endpoint: str | None, model: str | None) -> "Said":
        self.named = endpoint, model
        return self

    def __enter__(self) -> "Said":
        return self

    def __exit__(self, *_: TracebackType | None) -> None: ...

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append((path, body))
        text = self.bodies[body["seed"] % len(self.bodies)]
        return {"choices": [{"text": text, "finish_reason": "stop"}]}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch):
    def install(*bodies: str) -> Said:
        said = Said(*bodies)
        monkeypatch.setattr("ideas_lib.programs.copilot.asked.Asked", said)
        return said

    return install


def test_complete(says, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(GOOD, BAD)
    for name in ("IDEAS_WEIGHTS", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    found = copilot.complete(SOURCE, samples=2)
    assert (found.shown, found.code) == (True, SOURCE + GOOD)
    assert any("was not calibrated" in line for line in found.evidence)
    assert {body["seed"] for _, body in said.sent} == {0, 1}
    assert said.named == (completion.DEFAULT, None)
    assert not copilot.complete(SOURCE, samples=2, tests="assert add(1, 1) == 3").shown


def test_who_waits_is_told_what_for() -> None:
    task, told = read_task(SOURCE), []
    found = completion.judged(task, [SOURCE + GOOD, SOURCE + BAD], None, began=told.append)
    assert told == list(completion.STAGES)
    assert found.shown


def test_which_endpoint_is_asked(says, monkeypatch: pytest.MonkeyPatch) -> None:
    said = says(GOOD)
    for name, value in (("IDEAS_WEIGHTS", "mine.gguf"), ("OPENAI_BASE_URL", "http://here/v1")):
        monkeypatch.setenv(name, value)
        copilot.complete(SOURCE, samples=1)
        assert said.named == (value, None)
    copilot.complete(SOURCE, samples=1, endpoint="named", model="one of it")
    assert said.named == ("named", "one of it")


def test_a_model_that_is_always_wrong_is_never_shown(says) -> None:
    says(BAD, "    return add(a, b)\n", "    return (\n", "    return c\n")
    found = copilot.complete(SOURCE, samples=4)
    assert (found.shown, found.code) == (False, "")
    fell = [candidate.fell for candidate in found.candidates]
    assert fell == ["examples", "examples", "parse", "names"]


def test_a_terminal(says, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(GOOD)
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", "taken away, and back again at the end")
    monkeypatch.delenv("HYPOTHESIS_STORAGE_DIRECTORY")
    file = tmp_path / "sums.py"
    file.write_text(SOURCE + "    return 0\n\n\ndef other(): ...\n")
    shown = CliRunner().invoke(copilot_command.copilot, [f"{file}:add", "--json"])
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.stdout)["code"] == SOURCE + GOOD
    assert file.read_text().endswith("other(): ...\n")
    kept = Path(os.environ["HYPOTHESIS_STORAGE_DIRECTORY"])
    assert kept == tmp_path / "cache" / "hypothesis", "nothing is left where the reader works"

    tests = tmp_path / "tests.py"
    tests.write_text("assert add(1, 1) == 3\n")
    none = CliRunner().invoke(copilot_command.copilot, [f"{file}:add", "--tests", str(tests)])
    assert none.exit_code == 1
    assert "No program is shown: none held" in none.output
    assert "assert add(1, 1) == 3" in none.output
    high = CliRunner().invoke(copilot_command.copilot, [f"{file}:add", "--level", "3"])
    assert high.exit_code == 2
    assert "3.0 is not in the range 0<x<1" in high.output
    for wrong, words in ((f"{file}:sub", "no function sub"), ("no.py:f", "no file no.py")):
        failed = CliRunner().invoke(copilot_command.copilot, [wrong])
        assert failed.exit_code == 2
        assert words in failed.output


def test_a_notebook(says) -> None:
    said = says(GOOD)
    shell = InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "ideas_lib.programs.copilot")
        found = shell.run_cell_magic("copilot", "--endpoint here --model that", SOURCE)
        assert found.shown
        assert said.named == ("here", "that")
        assert "add" not in shell.user_ns
        assert shell.rl_next_input == SOURCE + GOOD
        with pytest.raises(ValueError, match="it takes --endpoint"):
            shell.run_cell_magic("copilot", "--no", SOURCE)
    finally:
        InteractiveShell.clear_instance()


def test_recording_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sent = []

    class Client:
        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *_: object) -> None: ...

        def post(self, path: str, *, cast_to: type, body: dict[str, Any]) -> dict[str, Any]:
            sent.append((body["seed"], body.get("n", 1)))
            return {"choices": [{"text": GOOD, "finish_reason": "length"}] * body.get("n", 1)}

    class Place:
        model = "served"

        def client(self, timeout: float) -> Client:
            return Client()

    monkeypatch.setattr("ideas_lib.programs.copilot.record.connect", lambda _: Place())
    tasks, path = (
        {"T/0": read_task(SOURCE), "T/1": read_task(SOURCE)},
        tmp_path / "folder" / "m.jsonl",
    )
    record("m", tasks, path, 4, Sampling())
    whole = path.read_text()
    path.write_text(whole[: whole.rindex('{"task"')] + '{"broken')
    record("m", tasks, path, 5, Sampling())
    lost = json.loads(whole.splitlines()[-1])["seed"]
    assert sorted(sent) == sorted([(0, 4), (1, 4), (lost, 4), (4000, 1), (4001, 1)])
    rows = {(row["task"], row["sample"]): row for row in recorded(path)}
    assert len(rows) == len(recorded(path))
    assert sorted(rows) == [(task, sample) for task in tasks for sample in range(5)]
    assert [rows["T/1", sample]["seed"] for sample in range(5)] == [1, 1, 1, 1, 4001]
    assert rows["T/0", 0]["temperature"] == 0.8
    assert (rows["T/0", 0]["text"], rows["T/0", 0]["finished"]) == (GOOD, False)

    monkeypatch.setattr(Client, "post", lambda *_, **__: {"choices": []})
    with pytest.raises(ValueError, match="gave 0 replies for n=4"):
        record("m", tasks, tmp_path / "other.jsonl", 4, Sampling())


def test_calibration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scores, right = [1.0] * 40 + [0.0] * 10, [True] * 40 + [False] * 10
    known = {"m": {"samples": 8, "scores": scores, "right": right}}
    file = tmp_path / "calibration.json"
    monkeypatch.setattr("ideas_lib.programs.copilot.calibration.FILE", file)
    assert calibrated("m", 8, 0.1, 0.9) is None
    file.write_text(json.dumps(known))
    found = calibrated("m", 8, 0.1, 0.9)
    assert isinstance(found, Threshold)
    assert (found.shown, found.wrong) == (40, 0)
    known["m"]["scores"] = [0.25] * 50
    file.write_text(json.dumps(known))
    few = calibrated("m", 8, 0.5, 0.9)
    assert few is not None
    assert few.score is None  # a quarter is too few, right or not
    assert (usual("m"), usual("other")) == (8, 0)
    assert calibrated("m", 4, 0.1, 0.9) is calibrated("other", 8, 0.1, 0.9) is None


def test_a_real_model_with_its_weights_as_they_come() -> None:
    with Asked("smollm2-135m-instruct") as wire:
        assert wire.endpoint.identity
        assert "f16" not in wire.endpoint.identity
    found = copilot.complete(SOURCE, endpoint="smollm2-135m-instruct", samples=2)
    assert found.evidence[0] == "2 candidates came from smollm2-135m-instruct"
    assert len(found.candidates) == 2
    assert all(candidate.program.startswith("def add") for candidate in found.candidates)
