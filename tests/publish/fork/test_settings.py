"""Settings: only what has to change does, and what cannot be set is refused by name."""

import pytest

from ideas_lib.publish.fork.settings import (
    BadSettings,
    parse_changes,
    set_settings,
    settings,
    tidied,
)

STUDY = """SETTINGS = dict(
    heads=2,  # größer
    rate=1e-3, name="rms",
    wide=False,
    shape=(1, 2),
    depth=-1,
    limit=None,
)
"""


def test_settings_are_read_from_both_kinds_of_literal() -> None:
    assert settings(STUDY)["heads"] == 2
    assert settings('SETTINGS: dict = {"a": 1, "b": [2]}') == {"a": 1, "b": [2]}
    assert settings("x = 1") == {}
    with pytest.raises(BadSettings, match="literal"):
        settings("SETTINGS = dict(a=f())")
    with pytest.raises(BadSettings, match="literal"):
        settings("SETTINGS = dict(**other)")


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ("heads=8", "heads", 8),
        ("rate=1", "rate", 1.0),
        ("rate=-2e-4", "rate", -2e-4),
        ("name=layer", "name", "layer"),
        ("name='layer'", "name", "layer"),
        ("name=3", "name", "3"),
        ("wide=True", "wide", True),
        ("shape=(3,)", "shape", (3,)),
        ("limit=7", "limit", 7),
        ("depth = 4", "depth", 4),
    ],
)
def test_a_change_takes_the_type_that_stands_there(change: str, key: str, value: object) -> None:
    found = parse_changes(STUDY, [change])
    assert found == {key: value}
    assert type(found[key]) is type(value)
    edited = set_settings(STUDY, found)
    assert settings(edited) == settings(STUDY) | {key: value}
    same = [line for line in STUDY.splitlines() if key not in line]
    assert [line for line in edited.splitlines() if key not in line] == same


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["width=3"], r"no setting 'width'; this study has heads=2, rate=0.001"),
        (["heads=2.0"], r"heads=2.0 is of type float; it must be int, as heads=2 is"),
        (["heads=eight"], "heads=eight is of type str"),
        (["heads=True"], "heads=True is of type bool"),
        (["wide=1"], "wide=1 is of type int"),
        (["shape=[1]"], "type list"),
        (["rate=1e999"], "finite"),
        (["heads"], "not KEY=VALUE"),
        (["=8"], "not KEY=VALUE"),
        (["heads=8", "heads=4"], "twice"),
        (["heads=__import__('os')"], "type str"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(changes: list[str], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        parse_changes(STUDY, changes)


def test_changes_keep_comments_and_other_bytes() -> None:
    edited = set_settings(STUDY, {"heads": 16, "limit": 9})
    assert edited == STUDY.replace("heads=2,", "heads=16,").replace("limit=None", "limit=9")


def test_tidied_sorts_imports_and_leaves_broken_text(tmp_path, monkeypatch) -> None:
    (tmp_path / "_toc.yml").touch()
    (tmp_path / "ideas_lib").mkdir()
    monkeypatch.setenv("IDEAS_ROOT", str(tmp_path))
    path = tmp_path / "studies" / "x.py"
    assert tidied("import os\nimport abc\nx=1\n", path) == "import abc\nimport os\n\nx = 1\n"
    assert tidied("x = (", path) == "x = ("
