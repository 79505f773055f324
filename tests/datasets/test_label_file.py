"""A label is somebody's, of the text that is there, and committed before it is compared."""

import subprocess
from dataclasses import dataclass, replace

import pytest

from ideas_lib.datasets.label_file import (
    HandLabel,
    LabelFile,
    LabelsNotCommitted,
    WrongLabel,
    text_digest,
)


@dataclass(frozen=True)
class Said(HandLabel):
    said: str


MINE = Said("draft 1", text_digest("a text"), "a", "2026-12-02", "fit")


@pytest.fixture
def file(tmp_path):
    return LabelFile(tmp_path / "results" / "labels.jsonl", Said)


def test_labels_are_kept_and_read(file):
    assert file.read() == []
    other = replace(MINE, by="b", said="copy")
    file.add(MINE)
    file.add(other)
    assert file.read() == [MINE, other]
    assert file.checked({"draft 1": "a text"}) == [MINE, other]
    with pytest.raises(WrongLabel, match="has a label by a: take out its line"):
        file.add(replace(MINE, said="copy"))


@pytest.mark.parametrize(
    ("texts", "reason"),
    [({"draft 1": "A text"}, "as another text"), ({}, "nothing that was recorded")],
)
def test_a_label_of_another_text_is_refused(file, texts, reason):
    file.add(MINE)
    with pytest.raises(WrongLabel, match=reason):
        file.checked(texts)


def test_a_line_that_is_no_label_is_named(file):
    file.add(MINE)
    line = file.path.read_text()
    file.path.write_text(f"{line}{line}")
    with pytest.raises(WrongLabel, match="two labels by a"):
        file.checked({"draft 1": "a text"})
    file.path.write_text(line + '{"id": "x"}\n')
    with pytest.raises(WrongLabel, match=r"labels\.jsonl:2 is no label"):
        file.read()


def test_labels_have_to_be_committed_as_they_are(file):
    def git(*command):
        who = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        top = file.path.parents[1]
        return subprocess.run(["git", *who, *command], cwd=top, check=True, capture_output=True)

    file.add(MINE)
    git("init", "-q")
    with pytest.raises(LabelsNotCommitted, match=r"labels\.jsonl is not committed"):
        file.commit()
    git("add", ".")
    git("commit", "-q", "-m", "labels")
    first, digest = file.commit(), file.digest()
    assert len(first) == 40
    git("commit", "-q", "--allow-empty", "-m", "something else")
    assert file.commit() == first
    file.add(replace(MINE, by="b"))
    assert file.digest() != digest
    for command in (["status"], ["add", "."]):
        git(*command)
        with pytest.raises(LabelsNotCommitted):
            file.commit()
