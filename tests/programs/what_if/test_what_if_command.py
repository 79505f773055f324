"""`ideas what-if`: what it says, writes, and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ideas_lib.cli import main
from ideas_lib.programs.what_if import Base, ChangeRow, OutcomeMatrix, asking_what_if
from ideas_lib.programs.what_if.outcome_matrix import flip_name, whole_row

BASE = Base(
    {"t.py::a": "pass", "t.py::b": "fail", "t.py::c": "pass", "t.py::d": "pass"},
    frozenset({"t.py::d"}),
    {},
    3,
)
MATRIX = OutcomeMatrix(
    BASE,
    [
        ChangeRow(
            "m.py:1 <x>", {"t.py::a": "fail", "t.py::b": "pass", "t.py::d": "fail"}, 4, "on import"
        ),
        ChangeRow("m.py:2", {**BASE.outcomes}, 1),
    ],
)


def what_if(*words: str) -> Result:
    return CliRunner().invoke(main, ["what-if", *words])


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "m.py").write_text("def f(x):\n    return x + 1\n")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Has nothing run, and gives what is asked."""
    found: list[Any] = []

    def ask(*words: Any, **options: Any) -> OutcomeMatrix:
        found.append((words, options))
        return MATRIX

    monkeypatch.setattr(asking_what_if, "ask_what_if", ask)
    return found


def test_it_says_what_flips_and_what_was_run(repo: Path, asked: list[Any]) -> None:
    done = what_if(str(repo), "--mutate", "m.py", "--repeats", "2", "--timeout", "1")
    assert done.exit_code == 0, done.output
    assert done.output == (
        "2 changes × 4 tests: 3 cells of 8 flip; 5 tests run to know\n"
        "1 test does not pass before any change: t.py::b\n"
        "1 test gave several things before any change: t.py::d\n"
        "\n"
        "#1 m.py:1 <x>\n"
        "    1 pass→fail: t.py::a\n"
        "    1 fail→pass: t.py::b\n"
        "    1 vanishes: t.py::c\n"
        "    4 of 4 tests run: on import\n"
        "#2 m.py:2\n"
        "    no test gives anything else\n"
        "    1 of 4 tests run\n"
    )
    ((folder, changes, how), options) = asked[0]
    assert (folder, how.repeats, how.timeout, options["fresh"]) == (repo, 2, 1.0, False)
    assert len(changes) > 2


def test_json_has_every_cell_and_html_asks_nobody(repo: Path, asked: list[Any]) -> None:
    words = (str(repo), "--mutate", "m.py", "--json", f"{repo}/a.json", "--html", f"{repo}/a.html")
    assert what_if(*words).exit_code == 0
    cells = json.loads((repo / "a.json").read_text())
    assert len(cells) == 8
    assert cells[0] == {
        **{"change": "m.py:1 <x>", "test": "t.py::a", "before": "pass", "after": "fail"}
    }
    assert [c["after"] for c in cells if c["test"] == "t.py::d"] == ["flaky", "flaky"]
    page = (repo / "a.html").read_text()
    assert "m.py:1 &lt;x&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    (repo / "a.html").write_text("mine")
    refused = what_if(*words)
    assert refused.exit_code == 2
    assert "--force" in refused.output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "give --patch FILE, --mutate FILE or --propose TEXT"),
        (("--propose", "better"), "does not say what to change"),
        (("--propose", "m.py:g better"), "there is no function g in m.py: there is f"),
        (("--propose", "m.py:f better", "--endpoint", "nobody"), "no model's name"),
        (("--mutate", "none.py"), "none.py is no file in"),
        (("--patch", "none.diff"), "none.diff"),
        (("--mutate", "m.py", "-n", "0"), "0 is not in the range"),
        (("--mutate", "bad.py"), "bad.py, line 1 is no Python"),
        (("--mutate", "empty.py"), "nothing to mutate in empty.py"),
    ],
)
def test_errors_are_one_line(repo: Path, words: tuple[str, ...], why: str) -> None:
    (repo / "bad.py").write_text("def f(:\n")
    (repo / "empty.py").touch()
    done = what_if(str(repo), *words)
    assert done.exit_code == 2
    assert why in done.output
    assert len(done.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("before", "after", "flip"),
    [
        ("pass", "pass", ""),
        ("pass", "fail", "pass→fail"),
        ("fail", "pass", "fail→pass"),
        ("pass", "error", "new error"),
        ("error", "pass", "error→pass"),
        ("fail", "timeout", "timeout"),
        ("pass", "crash", "crash"),
        ("absent", "pass", "appears"),
        ("pass", "absent", "vanishes"),
        ("pass", "skip", "pass→skip"),
    ],
)
def test_flips(before: str, after: str, flip: str) -> None:
    assert flip_name(before, after) == flip


def test_tests_that_cannot_be_collected_are_errors_and_others_vanish() -> None:
    base = {"a.py::x": "pass", "b.py::y": "pass", "b.py::C::z": "pass"}
    told = {"outcomes": {}, "ended": "end", "code": 1, "broken": ["b.py"]}
    assert whole_row("c", base, told, "").outcomes == {"b.py::y": "error", "b.py::C::z": "error"}
    assert set(whole_row("c", base, {**told, "code": 4}, "").outcomes.values()) == {"error"}
    killed = {**told, "ended": "timeout", "code": -1}
    assert set(whole_row("c", base, killed, "").outcomes.values()) == {"timeout"}
