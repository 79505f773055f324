"""Source edits: only what has to change does, and what cannot be set is refused by name."""

import pytest

from ideas_lib.publish.fork.rewrite import (
    BadSettings,
    parse_changes,
    rename,
    set_settings,
    settings,
    tidied,
)

STUDY = '''"""null-attention, in a docstring."""
SETTINGS = dict(
    heads=2,  # größer
    rate=1e-3, name="rms",
    wide=False,
    shape=(1, 2),
    depth=-1,
    limit=None,
)
'''


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from ideas_lib.gpt.tweaks.null_attention import Null  # null-attention",
            "from ideas_lib.gpt.tweaks.my_idea import Null  # null-attention",
        ),
        (
            "import ideas_lib.gpt.tweaks.null_attention\n"
            "x = ideas_lib.gpt.tweaks.null_attention.Null()",
            "import ideas_lib.gpt.tweaks.my_idea\nx = ideas_lib.gpt.tweaks.my_idea.Null()",
        ),
        (
            "import ideas_lib.gpt.tweaks.null_attention as t",
            "import ideas_lib.gpt.tweaks.my_idea as t",
        ),
        (
            "from ideas_lib.gpt.tweaks import null_attention, other\nnull_attention.Null()",
            "from ideas_lib.gpt.tweaks import my_idea as null_attention, other\n"
            "null_attention.Null()",
        ),
        ("s = 'é'; VARIANTS['null-attention']", "s = 'é'; VARIANTS['my-idea']"),
        (
            'import_module("ideas_lib.gpt.tweaks.null_attention")',
            'import_module("ideas_lib.gpt.tweaks.my_idea")',
        ),
        ("%time null\nload('null-attention')", "%time null\nload('my-idea')"),
        ("x = f\"{load('null-attention')}\"", "x = f\"{load('my-idea')}\""),
    ],
)
def test_rename_moves_literals_and_imports_and_nothing_else(before: str, after: str) -> None:
    assert rename(before, "null-attention", "my-idea") == after


@pytest.mark.parametrize(
    "source",
    [
        'a = "null-attention-2", "no null-attention"',
        "null_attention = null - attention",
        "from ideas_lib.gpt.tweaks.null import Null",
        "from ideas_lib.trees import null_attention",
    ],
)
def test_rename_leaves_what_only_looks_alike(source: str) -> None:
    assert rename(source, "null-attention", "my-idea") == source


def test_a_one_word_slug_is_renamed_only_where_it_names_an_idea() -> None:
    before = 'SLUG = "reference"\nload("reference")\nStudy(slug="reference", title="reference")\n'
    same = 'arm == "reference"\nrow["reference"]\nplot("reference")\nPrediction(idea="reference")'
    renamed = rename(before + same, "reference", "mine")
    assert renamed == before.replace('"reference"', '"mine"', 3) + same


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
