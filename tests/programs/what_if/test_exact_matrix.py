"""The matrix is that of running everything, on a repository with what makes selecting wrong."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import run_command
from ideas_lib.programs.what_if import (
    NoTests,
    OutcomeMatrix,
    RepoChange,
    TrialSettings,
    ask_what_if,
    asking_what_if,
)
from tests.programs.what_if.shop import shop_changes, write_shop

SELECTED = (
    *("body", "wrapper", "cached", "session fixture", "endless", "dies", "left behind", "order"),
    *("lazy", "thread"),
)
WHOLE = ("ids", "renamed", "syntax")
PLAIN = "left behind"  # which pytest itself is asked about, too
HOW = TrialSettings(repeats=1, timeout=3.0)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[RepoChange], OutcomeMatrix]:
    """The repository, the changes to it, and what came of them."""
    folder = tmp_path_factory.mktemp("what_if")
    repo = write_shop(folder)
    before = files_of(repo)
    changes = shop_changes(repo, (*SELECTED, *WHOLE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IDEAS_CACHE", str(folder / "cache"))
        matrix = ask_what_if(repo, changes, HOW)
        assert files_of(repo) == before, "the repository was written to"

        def fail(*_: object) -> None:
            raise AssertionError("what was found is not taken up")

        patch.setattr(asking_what_if, "Running", fail)
        again = ask_what_if(repo, changes, HOW)
        assert again.as_objects() == matrix.as_objects()
    return repo, changes, matrix


def plain_pytest(repo: Path, change: RepoChange, folder: Path) -> dict[str, str]:
    """What pytest alone says of each test, in a copy with the change."""
    shutil.copytree(repo, folder)
    for edit in change.edits:
        (folder / edit.path).write_text(edit.after or "")
    words = "PYTHONPATH=src python -m pytest -o addopts= -p no:nbval -q -rA"
    said = run_command(["sh", "-c", words], tree=folder, timeout=170).stdout
    outcomes = {"PASSED": "pass", "FAILED": "fail", "ERROR": "error"}
    found = re.findall(r"^(PASSED|FAILED|ERROR) (\S+)", said, re.M)
    return {test: outcomes[word] for word, test in found}


def files_of(folder: Path) -> dict[Path, tuple[bytes, int]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_the_matrix_is_that_of_running_everything(asked, tmp_path, monkeypatch):
    repo, changes, matrix = asked
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    some = [change for change in changes if change.name in SELECTED]
    whole = ask_what_if(repo, some, replace(HOW, everything=True))
    expected = whole.as_objects()
    found = [cell for cell in matrix.as_objects() if cell["change"] in SELECTED]
    assert [pair for pair in zip(found, expected, strict=True) if pair[0] != pair[1]] == []
    assert len(found) == len(SELECTED) * len(matrix.base.outcomes)
    assert all(row.run == len(whole.base.outcomes) for row in whole.rows)


def test_no_more_is_run_than_has_to_be(asked):
    _, _, matrix = asked
    rows = {row.change: row for row in matrix.rows}
    few = {name: row.run for name, row in rows.items() if not row.why}
    assert few, {row.why for row in matrix.rows}
    assert set(few) == {"body", "wrapper", "endless", "dies", "thread"}
    assert all(count < len(matrix.base.outcomes) / 4 for count in few.values())
    for name, why in {
        "left behind": "test_enter_and_leave",
        "order": "test_registers",
        "session fixture": "test_config",
        "cached": "test_table",
        "lazy": "test_late",
    }.items():
        assert f"::{why}: " in rows[name].why


def test_what_happens_has_its_name(asked):
    _, _, matrix = asked
    flips = {row.change: dict(matrix.flips(row)) for row in matrix.rows}
    assert flips["endless"] == {"timeout": 1}
    assert flips["dies"] == {"crash": 1}
    assert flips["ids"] == {"vanishes": 1, "appears": 1}
    assert flips["renamed"] == {"vanishes": 1, "appears": 1}
    assert flips["left behind"] == {"pass→fail": 1}
    assert flips["syntax"] == {"new error": len(matrix.base.outcomes)}
    assert flips["order"] == {}


def test_pytest_itself_finds_the_same(asked, tmp_path):
    repo, changes, matrix = asked
    (change,) = (change for change in changes if change.name == PLAIN)
    cells = {cell.test: cell.after for cell in matrix.cells() if cell.change == PLAIN}
    assert cells == plain_pytest(repo, change, tmp_path / "copy")


def test_tests_that_can_be_run_no_more_are_an_error_and_no_crashes(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shop").mkdir()
    repo = write_shop(tmp_path / "shop")
    changes = shop_changes(repo, ("syntax",))
    work = asking_what_if._Trial._work

    def broken(self, plan):
        for row in work(self, plan):
            yield ["fault", "OSError: no space"] if row[0] == "run" else row

    monkeypatch.setattr(asking_what_if._Trial, "_work", broken)
    with pytest.raises(NoTests, match="no more, also as they are: OSError: no space"):
        ask_what_if(repo, changes, HOW)
