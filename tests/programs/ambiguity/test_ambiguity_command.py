"""The command: what it prints, writes and refuses; the magic; a model that writes programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from IPython.core.interactiveshell import InteractiveShell

from ideas_lib.cli import main
from ideas_lib.lm.endpoint import Endpoint


@pytest.fixture
def folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_process: None, texts: dict[str, str]
) -> Path:
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    for name, text in texts.items():
        (place / f"{name}.py").write_text(text)
    return place


def ideas(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["ambiguity", *words], input=typed)


GIVEN = ("shapes.py:rank", "--programs", "competition.py", "helped.py", "dense.py", "strict.py")


def test_from_a_question_to_a_program(folder: Path) -> None:
    shown = ideas(*GIVEN, "--json", "out.json")
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("rank: 4 programs do 3 different things (1.5 bits). Where the")
    assert "← worth most: 1.5 bits" in shown.output
    assert "something else" in shown.output
    assert "never happens (pre: len(set(scores)) == len(scores))" in shown.output
    told = json.loads((folder / "out.json").read_text())
    assert told["bits"] == pytest.approx(1.5)
    assert {tuple(each["programs"]) for each in told["clusters"]} == {
        ("competition.py", "helped.py"),
        ("dense.py",),
        ("strict.py",),
    }
    question = told["questions"][0]
    assert {"input", "outputs", "bits", "property"} <= set(question)
    assert question["property"] == "ties in scores"
    assert sum(len(each["programs"]) for each in question["outputs"]) == 4

    line = shown.output.splitlines()[-1].strip()  # what it proposes is an answer
    (folder / "answers.yaml").write_text(f"{line}\nrank([]): []\n")
    more = (*GIVEN, "--answers", "answers.yaml")
    done = ideas(*more, "--json", "-")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["done"]
    assert (told["bits"], told["questions"], told["stage"]) == (0, [], "program")
    assert told["ruled_out"] == ["dense.py", "strict.py"]
    words = f"nothing left to ask that 4 programs on {told['inputs']} inputs show"
    assert words in told["words"]
    before = (folder / "shapes.py").read_text()
    assert ideas(*more).exit_code == 0
    assert (folder / "shapes.py").read_text() == before, "nothing is written unless it is asked"

    assert "wrote the stage 'program' into shapes.py" in ideas(*more, "--write").output
    made = (folder / "shapes.py").read_text()
    assert made == told["source"]
    again = ideas("shapes.py:rank", "--programs", "competition.py", "dense.py", "--write")
    assert "rank has a body, which stays" in again.output
    assert "return [1 + sum(o > s for o in scores) for s in scores]" in made


def test_a_file_of_json_is_ours_or_stays(folder: Path) -> None:
    (folder / "mine.json").write_text("mine")
    refused = ideas(*GIVEN, "--json", "mine.json")
    assert refused.exit_code == 2
    assert "not as this tool wrote it" in refused.output
    assert (folder / "mine.json").read_text() == "mine"
    assert ideas(*GIVEN, "--json", "mine.json", "--force").exit_code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no.py:rank", "--programs", "dense.py"), "there is no file no.py"),
        (("shapes.py:no", "--programs", "dense.py"), "no function no; functions are: rank, last"),
        (("broken.py:rank", "--programs", "dense.py"), "the source is no Python"),
        (("shapes.py:rank", "--programs", "no.py"), "no.py"),
        (("shapes.py:rank", "--programs", "dense.py", "dense.py"), "dense.py is named twice"),
        (("shapes.py:rank", "--programs", "dense.py", "--answers", "no.yaml"), "no.yaml; --ask"),
        (("shapes.py:rank", "--programs", "dense.py", "--ask"), "--ask needs --answers"),
        (("shapes.py:rank", "dense.py"), "unexpected extra argument"),
        (("shapes.py:rank", "--programs"), "requires an argument"),
        (("shapes.py:rank", "--endpoint", "no-such-model"), "no-such-model"),
        (
            ("shapes.py:rank", "--programs", "dense.py", "--answers", "both.yaml"),
            "both.yaml:1, and [2] by both.yaml:2",
        ),
    ],
)
def test_bad_input_is_one_line(folder: Path, words: tuple[str, ...], told: str) -> None:
    (folder / "broken.py").write_text("def rank(:\n")
    (folder / "both.yaml").write_text("rank([1]): [1]\nrank([1]): [2]\n")
    found = ideas(*words)
    assert found.exit_code == 2, found.output
    assert told in found.output.lower() or told in found.output
    assert len(found.output.strip().splitlines()) == 1
    assert (folder / "both.yaml").read_text() == "rank([1]): [1]\nrank([1]): [2]\n"


def test_when_nothing_fits_or_can_be_compared(folder: Path) -> None:
    (folder / "answers.yaml").write_text("rank([5]): [7]\n")
    none = ideas(*GIVEN, "--answers", "answers.yaml")
    assert none.exit_code == 1
    assert "no program fits: all 4 are ruled out, the last by rank([5]) is [7]" in none.output
    (folder / "syntax.py").write_text("def rank(")
    none = ideas("shapes.py:rank", "--programs", "syntax.py")
    assert none.exit_code == 1
    assert "no program can be compared" in none.output
    assert "set aside: syntax.py: it does not parse" in none.output


def test_a_dialogue_keeps_each_answer(folder: Path) -> None:
    more = (*GIVEN, "--ask", "--answers", "answers.yaml")
    found = ideas(*more, typed="9\n5\n\n\n")
    assert "'9' is none of 1 to 5" in found.output
    kept = (folder / "answers.yaml").read_text()
    assert kept.endswith('"never happens: len(set(scores)) == len(scores)"\n')
    found = ideas(*more, typed="3\n[7]\n")
    assert found.exit_code == 1, found.output  # something else: no program does that
    assert (folder / "answers.yaml").read_text() == kept + '"rank([])": "[7]"\n'
    (folder / "answers.yaml").write_text(kept)
    found = ideas(*more, typed="4\n\n")
    assert "nothing left to ask that 4 programs on" in found.output
    assert (folder / "answers.yaml").read_text().endswith('"never happens: len(scores) > 0"\n')


def test_a_dialogue_survives_an_answer_that_contradicts(folder: Path) -> None:
    (folder / "answers.yaml").write_text("rank([]): []\n")
    found = ideas(*GIVEN, "--ask", "--answers", "answers.yaml", typed="4\nlen(scores) > 4\n\n")
    assert "rank([]) is [] by answers.yaml:1, and never happens by" in found.output
    assert (folder / "answers.yaml").read_text() == "rank([]): []\n"


class Said:
    """An endpoint that says these bodies in turn, by seed."""

    def __init__(self, *bodies: str) -> None:
        self.bodies, self.model, self.sent = bodies, "m", list[dict[str, Any]]()
        self.endpoint = Endpoint("http://127.0.0.1:9/v1")
        self.host, self.here = "127.0.0.1:9", True

    def __call__(self, *_: Any, **__: Any) -> "Said":
        return self

    def close(self) -> None: ...

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.sent.append(body)
        text = self.bodies[body["seed"] % len(self.bodies)]
        if ">>> rank([5])" in body["prompt"]:
            text = "    return [7 for s in scores]\n"
        return {"choices": [{"text": text, "finish_reason": "stop"}]}


def test_a_model_writes_and_writes_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [text.partition("\n")[2] for text in (folder / "dense.py").read_text().split("\0")]
    bodies.append("    return [1 + sum(o > s for o in scores) for s in scores]\n")
    said = Said(*bodies)
    monkeypatch.setattr("ideas_lib.lm.client.Client", said)
    words = ("shapes.py:rank", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m")
    found = ideas(*words, "--samples", "4")
    assert found.exit_code == 0, found.output
    assert "4 programs came from m" in found.output
    assert "4 programs do 2 different things (1.0 bits)" in found.output
    assert len(said.sent) == 4
    assert ideas(*words, "--samples", "4").output == found.output
    assert len(said.sent) == 4, "what was said is not asked for again"
    (folder / "answers.yaml").write_text("rank([5]): [7]\n")
    found = ideas(*words, "--samples", "4", "--answers", "answers.yaml", "--json", "-")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert len(told["programs"]) == 8
    assert told["clusters"] == [
        {"programs": [f"sample {place}" for place in (5, 6, 7, 8)], "share": 1.0}
    ]


def test_a_notebook(folder: Path) -> None:
    shell = InteractiveShell.instance()
    try:
        shell.run_line_magic("load_ext", "ideas_lib.programs.ambiguity")
        cell = (folder / "shapes.py").read_text().partition("def last")[0]
        files = "--programs competition.py dense.py"
        found = shell.run_cell_magic("ambiguity", files, cell)
        assert repr(found).startswith("rank: 2 programs do 2 different things (1.0 bits)")
        assert "rank" not in shell.user_ns
        assert getattr(shell, "rl_next_input", None) is None
        (folder / "answers.yaml").write_text("rank([2, 2, 1]): [1, 1, 3]\n")
        shell.run_cell_magic("ambiguity", f"{files} --answers answers.yaml", cell)
        assert ">>> rank([2, 2, 1])\n    [1, 1, 3]" in str(shell.rl_next_input)
        with pytest.raises(ValueError, match="it takes --programs"):
            shell.run_cell_magic("ambiguity", "--no", cell)
    finally:
        InteractiveShell.clear_instance()
