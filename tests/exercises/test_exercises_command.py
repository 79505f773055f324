"""The command: what it writes and replaces, and the one line that it fails with."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ideas_lib.cli import main
from ideas_lib.exercises import exercise_folder
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
    edited, own = students[0], week / "students/readme.txt"
    edited.write_text("mine")
    own.write_text("mine")
    again = ask("t.yaml -n 3 --out week --force")
    assert again.exit_code == 0, again.output
    assert edited.read_text() != "mine"
    # What was of the other exercises is gone, but for what somebody else wrote.
    (week / "students/03/sums.md").write_text("mine")
    (tmp_path / "t.yaml").write_text(SUM.replace("title: Sums", "title: More"))
    assert ask("t.yaml -n 2 --out week --force").exit_code == 0
    left = {path.relative_to(week / "students").as_posix() for path in week.glob("students/**/*.*")}
    new = {f"0{n}/more.{kind}" for n in (1, 2) for kind in ("md", "ipynb")}
    assert left == {*new, "readme.txt", "03/sums.md"}
    assert not (week / "teacher/who-got-what.csv").exists()


def test_what_was_edited_is_not_replaced(here, ask, tmp_path):
    assert ask("t.yaml -n 1 --out week").exit_code == 0
    edited = tmp_path / "week/students/01/sums.md"
    edited.write_text("mine")
    found = ask("t.yaml -n 1 --out week")
    assert (found.exit_code, edited.read_text()) == (2, "mine")
    assert "sums.md" in found.output


def test_a_folder_that_is_half_written_is_completed_and_another_is_not_begun_in_it(
    here, ask, tmp_path, monkeypatch
):
    written = exercise_folder.write_output

    def full(path, data, **more):
        if path.suffix == ".xml":
            raise OSError(28, "No space left on device", str(path))
        written(path, data, **more)

    with monkeypatch.context() as patch:
        patch.setattr(exercise_folder, "write_output", full)
        assert ask("t.yaml -n 2 --out week").exit_code == 2
    assert "another number of variants" in ask("t.yaml -n 3 --out week").output
    # What is there already as it would be written is left, though nothing says who wrote it.
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "other"))
    manifest = (tmp_path / "week/teacher/variants.json").read_bytes()
    assert ask("t.yaml -n 2 --out week").exit_code == 0
    assert (tmp_path / "week/teacher/moodle.xml").is_file()
    # The same command with another version of this tool, which draws other numbers.
    (tmp_path / "week/teacher/variants.json").write_bytes(
        manifest.replace(b'"sha256": "', b'"sha256": "0')
    )
    assert "another version of this tool" in ask("t.yaml -n 2 --out week").output


@pytest.mark.parametrize("text", ["{", "[]", '{"made": []}', '{"made": null}', "[" * 9999, "\xff"])
def test_a_damaged_manifest_is_said(here, ask, tmp_path, text):
    manifest = tmp_path / "week/teacher/variants.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(text, encoding="latin-1")
    found = ask("t.yaml -n 1 --out week")
    assert (found.exit_code, found.output.count("\n")) == (2, 1)
    assert "variants.json is damaged" in found.output


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
        ("t.yaml -n 1 --out dangling", "dangling is there, and is no folder"),
        (f"t.yaml -n 1 --out {'w' * 300}", "is no name for a folder: File name too long"),
        ("t.yaml -n 1 --out w --term \udcff", "--term is '\\udcff'"),
        ("t.yaml -n 1 --out w --drafts 3", "--drafts go with --model"),
        ("t.yaml -n 1 --out w --model nosuch", "the template's vary has numbers alone"),
    ],
)
def test_an_error_is_one_line_with_a_way_out(here, ask, tmp_path, words, says):
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "twice.csv").write_text("a\na\n")
    (tmp_path / "dangling").symlink_to("nowhere")
    found = ask(words)
    assert found.exit_code == 2
    assert says in found.output
    assert found.output.count("\n") == 1
    assert "Errno" not in found.output
    assert not (tmp_path / "w").exists()
