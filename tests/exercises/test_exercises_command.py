"""The command: what it writes and replaces, and the one line that it fails with."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ideas_lib.cli import main
from ideas_lib.exercises.moodle import check_moodle
from tests.exercises.toy_templates import SUM


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.yaml").write_text(SUM)

    def run(words: str) -> Result:
        return CliRunner().invoke(main, ["exercises", *words.split()])

    return run


def who(path: Path) -> dict[str, str]:
    with path.open() as file:
        return {row["id"]: row["file"] for row in csv.DictReader(file)}


def test_a_class_from_the_roster_to_the_files(here, ask, tmp_path):
    (tmp_path / "r.csv").write_text("id,name\na,A\nb,B\n")
    first = ask("t.yaml -n 3 --students r.csv --out week")
    assert first.exit_code == 0, first.output
    assert "3 variants of 'Sums'" in first.output
    week = tmp_path / "week"
    before = {path: path.read_bytes() for path in sorted(week.rglob("*")) if path.is_file()}
    assert len(before) == 3 * 3 + 5
    assert check_moodle((week / "teacher/moodle.xml").read_bytes()) == []
    mine = who(week / "teacher/who-got-what.csv")
    assert all((week / file).is_file() for file in mine.values())
    # One joins: nobody moves, and no file of a student's changes.
    (tmp_path / "r.csv").write_text("id,name\nc,C\nb,B\na,A\n")
    assert ask("t.yaml -n 3 --students r.csv --out week").exit_code == 0
    assert {**who(week / "teacher/who-got-what.csv"), **mine} == who(
        week / "teacher/who-got-what.csv"
    )
    students = [path for path in before if "students" in path.parts]
    assert all(path.read_bytes() == before[path] for path in students)
    # Another template would change what they have.
    (tmp_path / "t.yaml").write_text(SUM.replace("to: 9", "to: 8"))
    other = ask("t.yaml -n 3 --out week")
    assert other.exit_code == 2
    assert "made with another template" in other.output
    edited = students[0]
    edited.write_text("mine")
    again = ask("t.yaml -n 3 --out week --force")
    assert again.exit_code == 0, again.output
    assert edited.read_text() != "mine"


def test_what_was_edited_is_not_replaced(here, ask, tmp_path):
    assert ask("t.yaml -n 1 --out week").exit_code == 0
    edited = tmp_path / "week/students/01/sums.md"
    edited.write_text("mine")
    found = ask("t.yaml -n 1 --out week")
    assert (found.exit_code, edited.read_text()) == (2, "mine")
    assert "sums.md" in found.output


def test_json_is_for_programs(here, ask):
    found = json.loads(ask("t.yaml -n 2 --json").stdout)
    assert [each["variant"] for each in found["variants"]] == [1, 2]
    assert found["files"] == []


@pytest.mark.parametrize("name", ["", " answer", " units"])
def test_the_examples_are_printed(ask, name):
    found = ask(f"--example{name}")
    assert (found.exit_code, found.output[:6]) == (0, "# Save")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "name a template"),
        ("t.yaml", "say how many by -n"),
        ("t.yaml -n 2", "where to write"),
        ("t.yaml -n 0 --out w", "0 is not in the range"),
        ("none.yaml -n 1 --out w", "'none.yaml' does not exist"),
        (". -n 1 --out w", "directory"),
        ("bytes.yaml -n 1 --out w", "not in UTF-8"),
        ("t.yaml -n 1 --out t.yaml", "t.yaml is there, and is no folder"),
        ("t.yaml -n 1 --out t.yaml/w", "t.yaml is there, and is no folder"),
        ("t.yaml -n 1 --out w --students none.csv", "none.csv"),
        ("t.yaml -n 1 --out w --students twice.csv", "'a' is on line 1 already"),
        ("t.yaml -n 999 --out w", "128 different draws, and 999"),
    ],
)
def test_an_error_is_one_line_with_a_way_out(here, ask, tmp_path, words, says):
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "twice.csv").write_text("a\na\n")
    found = ask(words)
    assert found.exit_code == 2
    assert says in found.output
    assert found.output.count("\n") == 1
    assert "Errno" not in found.output
    assert not (tmp_path / "w").exists()
