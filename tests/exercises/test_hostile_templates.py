"""A template may come from anybody: what it runs is shut in, and what it says is shown safely."""

from pathlib import Path

import pytest

from ideas_lib.exercises import deciding, drawing
from ideas_lib.exercises.drawing import make_variants
from ideas_lib.exercises.exercise import BadExercise

SOLUTIONS = {
    "while True: pass": "it took more than",
    "import os; os._exit(0)": "it ended early",
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "it ended early",
    "raise SystemExit('\\x1b[2J')": "SystemExit",
    "return 'x' * 10**6": "answered too much",
    "return lambda: 0": "cannot be written down",
    "import os; [os.write(fd, b'[]') for fd in range(9) if fd > 2]": "the solution fails",
}


def test_solutions_that_do_harm_are_found_out(monkeypatch):
    monkeypatch.setattr(deciding, "EACH", 1.0)
    rest = {"calls": ["f()"], "tests": "", "starter": "", "wrong": []}
    draws = [{"solution": f"def f():\n    {code}", **rest} for code in SOLUTIONS]
    for told, says in zip(deciding.ask_sandbox("program", draws), SOLUTIONS.values(), strict=True):
        assert says in told["broken"], told


def test_nothing_outside_is_touched(changed, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(drawing, "TRIES", 1)
    file = tmp_path / "there"
    file.write_text("as it was")
    rule = f"constraints: [\"open('{file}', 'w') or a\"]"
    with pytest.raises(BadExercise, match="No such file|Permission"):
        make_variants([changed(("calls: [", f"{rule}\ncalls: ["))], 1)
    assert file.read_text() == "as it was"


def test_a_template_that_kills_its_judge_is_one_line(changed):
    rule = "constraints: [\"__import__('os').kill(-1, 9) or a\"]"
    with pytest.raises(BadExercise) as error:
        make_variants([changed(("calls: [", f"{rule}\ncalls: ["))], 1)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("text", ["", "[", "{}", "[1]", "[{}, {}]", "[" * 10**5])
def test_a_forged_word_of_the_sandbox_is_no_word(text):
    with pytest.raises(BadExercise, match="made the sandbox answer"):
        deciding.read_decisions(text, 1)
    told = deciding.read_decisions('[{"refused": "\\u001b[2J", "broken": "\\u001b"}]', 1)
    assert all(each.isprintable() for each in told[0].values())


PROGRAM = {"key": "k", "expected": ["1"], "wrong": ["why"]}
ANSWER = {"key": "k", "answer": "1/2", "items": [], "number": 0.5, "whole": False,
          "wrong": [["why", "2", 2.0]]}  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "change"),
    [
        ("program", {"expected": []}),
        ("program", {"expected": "1"}),
        ("program", {"expected": ["\x1b"]}),
        ("program", {"wrong": []}),
        ("program", {"key": 1}),
        ("program", {"wrong": None}),
        ("answer", {"answer": None}),
        ("answer", {"number": float("inf")}),
        ("answer", {"number": True}),
        ("answer", {"items": [1]}),
        ("answer", {"whole": 1}),
        ("answer", {"wrong": [["why"]]}),
        ("answer", {"wrong": [["why", "2", "2"]]}),
        ("answer", {"wrong": 2 * ANSWER["wrong"]}),
    ],
)
def test_a_forged_decision_is_none(subject, change):
    right = {"program": PROGRAM, "answer": ANSWER}
    deciding.check_told(dict(right[subject]), subject, calls=1, wrong=1)
    with pytest.raises(BadExercise, match="made the sandbox answer"):
        deciding.check_told(right[subject] | change, subject, calls=1, wrong=1)
    other = right["answer" if subject == "program" else "program"]
    with pytest.raises(BadExercise, match="made the sandbox answer"):
        deciding.check_told(dict(other), subject, calls=1, wrong=1)


@pytest.mark.parametrize("derived", [5, ["c"], {}, {"d": 1}, None])
@pytest.mark.parametrize("rule", ["", "derived: {c: a + b}\n"])
def test_forged_names_are_none(changed, monkeypatch, derived, rule):
    told = {"derived": derived if rule or derived != {} else {"c": 1}}
    monkeypatch.setattr(drawing, "ask_sandbox", lambda do, draws, **more: [told] * len(draws))
    exercise = changed(("calls: [", f"{rule}constraints: [a]\ncalls: ["))
    with pytest.raises(BadExercise, match="made the sandbox answer for other names"):
        make_variants([exercise], 1)


@pytest.mark.parametrize("value", ["\x1b", None, [["a"]], {"decimal": "x"}, {"decimal": "nan"}])
def test_a_derived_value_that_is_none_is_refused(value):
    with pytest.raises(BadExercise, match="what is derived has to be"):
        deciding.received(value)
