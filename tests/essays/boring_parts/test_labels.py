"""A label is somebody's, says why, and is of the text that is there."""

import subprocess
import sys
from dataclasses import replace

import pytest

from ideas_lib.essays.boring_parts.labels import (
    BadLabels,
    add_label,
    check_labels,
    make_label,
    read_labels,
    shown_derivation,
)

LINES = ["2x + 4 = 10", "2x = 14", "x = 7"]
GIVEN = dict(id="q1 m", lines=LINES, broken=1, cause="sign", why="4 kept its sign", by="a",
             when="2026-12-02")  # fmt: skip


def test_a_label_is_kept_and_read(tmp_path):
    path = tmp_path / "labels.jsonl"
    label = make_label(**GIVEN)
    add_label(path, label)
    add_label(path, replace(label, by="b", broken=None, cause="", why=""))
    with pytest.raises(BadLabels, match="already"):
        add_label(path, label)
    labels = read_labels(path)
    assert [each.by for each in labels] == ["a", "b"]
    check_labels(labels, {"q1 m": LINES})


@pytest.mark.parametrize(
    ("change", "reason"),
    [(dict(broken=0), "line 0"), (dict(broken=3), "line 3"), (dict(cause="bad"), "'bad'"),
     (dict(why="no"), "few words"), (dict(by=""), "by whom"), (dict(broken=None), "no cause")],
)  # fmt: skip
def test_what_is_no_label_is_refused(change, reason):
    with pytest.raises(BadLabels, match=reason):
        make_label(**{**GIVEN, **change})


def test_a_label_of_another_text_is_refused():
    label = make_label(**GIVEN)
    with pytest.raises(BadLabels, match="another text"):
        check_labels([label], {"q1 m": [*LINES, "x = 8"]})
    with pytest.raises(BadLabels, match="recorded"):
        check_labels([label], {})
    with pytest.raises(BadLabels, match="two labels"):
        check_labels([label, label], {"q1 m": LINES})


def test_a_file_that_is_none_is_named(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text("{}\n")
    with pytest.raises(BadLabels, match=r"labels\.jsonl:1"):
        read_labels(path)


def test_the_labeller_sees_lines_and_nothing_else():
    assert shown_derivation(LINES) == "  0   2x + 4 = 10\n  1   2x = 14\n  2   x = 7"


def test_labels_know_no_algebra():
    code = (
        "import sys; import ideas_lib.essays.boring_parts.labels;"
        "print([m for m in sys.modules if 'sympy' in m or m.endswith(('checking', 'solving'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
