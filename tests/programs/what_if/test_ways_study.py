"""The study's three ways to a matrix, and what foretells a cell, by hand."""

import math
from pathlib import Path

import pytest

from ideas_lib.programs.what_if.repo_changes import FileEdit, RepoChange
from studies.what_if.plain_runs import plain_run
from studies.what_if.predicting import BY_OPERATOR, FEATURES, RATE, cells_of, log_loss
from studies.what_if.three_ways import ask_three_ways

TESTS = """
import pytest
from shop import total

def test_passes(): assert total([1, 2]) == 3
def test_fails(): assert total([]) == 1
@pytest.mark.skip
def test_skipped(): pass
@pytest.mark.xfail
def test_expected(): assert False
def test_hangs():
    while total([1]) == 7: pass
@pytest.fixture
def broken(): raise ValueError
def test_error(broken): pass
"""


def shop(folder: Path) -> Path:
    repo = folder / "shop"
    repo.mkdir()
    (repo / "shop.py").write_text("def total(prices):\n    return sum(prices)\n")
    (repo / "test_shop.py").write_text(TESTS)
    return repo


def test_plain_runs_say_what_pytest_says(tmp_path: Path) -> None:
    found, seconds = plain_run(shop(tmp_path), None)
    assert {test.partition("::")[2]: word for test, word in found.items()} == {
        **{"test_passes": "pass", "test_fails": "fail", "test_skipped": "skip"},
        **{"test_expected": "xfail", "test_hangs": "pass", "test_error": "error"},
    }
    assert seconds > 0


def test_a_test_that_hangs_is_a_timeout_and_the_others_are_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studies.what_if.plain_runs.SECONDS", 6.0)
    repo = shop(tmp_path)
    before = (repo / "shop.py").read_text()
    edit = FileEdit("shop.py", before, "def total(prices):\n    return 7\n")
    found, _ = plain_run(repo, RepoChange("seven", (edit,)))
    assert found["test_shop.py::test_hangs"] == "timeout"
    assert found["test_shop.py::test_passes"] == "fail"
    assert found["test_shop.py::test_expected"] == "xfail"
    assert (repo / "shop.py").read_text() == before


def test_three_ways_to_the_same_matrix() -> None:
    found = ask_three_ways(0, 5)
    assert found["tests"] > 10
    assert [row["differing"] for row in found["changes"]] == [[0, 0]] * 5
    assert all(found[way]["changes"] > 0 for way in ("plain", "all", "some"))
    assert any(row["flips"] for row in found["changes"])


def cell(operator: str, flip: bool, alike: float = 0.0) -> dict[str, object]:
    row = {"operator": operator, "flip": flip, "touching": 2, "share": 0.5, "alike": alike}
    return row | {"weight": 0.5, "change": 0}


def test_bits_of_a_rate_are_those_of_a_coin() -> None:
    others = [[cell("a", True), cell("a", False)]]
    bits, said, was = log_loss(RATE, others, [cell("a", True), cell("b", False)])
    assert (bits, said, was) == (1.0, [0.5, 0.5], [1.0, 0.0])


def test_operators_and_features_tell_what_there_is_to_tell() -> None:
    others = [[cell("a", True, 1.0), cell("b", False)] * 20]
    own = [cell("a", True, 1.0), cell("b", False)]
    rate, operator, features = (
        log_loss(arm, others, own)[0] for arm in (RATE, BY_OPERATOR, FEATURES)
    )
    assert rate == 1.0
    assert operator < 0.2
    assert features < 0.3


def test_each_change_weighs_the_same() -> None:
    change = {"operator": "a", "function": "read_line", "touched": [0, 1], "flips": [[1, "fail"]]}
    found = {"changes": [change, change | {"touched": None}], "tests": 4}
    cells = cells_of(found | {"ids": ["t.py::test_line_read", "t.py::test_other", "", ""]})
    assert [each["flip"] for each in cells] == [False, True]
    assert [each["alike"] for each in cells] == [1.0, 0.0]
    assert math.isclose(sum(each["weight"] for each in cells), 1.0)
