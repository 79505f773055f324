import datetime
import os
import re
import subprocess
import sys

import pytest

from ideas_lib.study.provenance import (
    Unsealed,
    head,
    machine,
    now,
    sealed_commit,
    versions,
    write_atomic,
)


def test_the_machine_is_described_and_never_named():
    assert re.fullmatch(r"\w+ \w+,.* \d+ cores", machine())
    assert os.uname().nodename not in machine()


def test_versions_are_of_what_is_installed():
    found = versions("numpy", "no-such-distribution")
    assert set(found) == {"python", "numpy"}
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))


def test_now_is_in_utc_to_the_second():
    at = datetime.datetime.fromisoformat(now())
    assert at.utcoffset() == datetime.timedelta(0)
    assert at.microsecond == 0
    assert abs(datetime.datetime.now(datetime.UTC) - at) < datetime.timedelta(seconds=60)


def test_the_sealed_commit_is_the_last_that_touched_the_file(toy):
    first = head()
    assert sealed_commit(toy.study) == first
    (toy.path / "studies/later.py").touch()
    second = toy.commit()
    assert (head(), sealed_commit(toy.study)) == (second, first)
    toy.edit("margin=0.5", "margin=0.6")
    assert sealed_commit(toy.study) == head() != second


def test_a_file_that_is_not_committed_as_it_stands_is_not_sealed(toy):
    toy.edit("margin=0.5", "margin=0.6", commit=False)
    way_out = r"studies/toy\.py is not committed .* Run `git add studies/toy\.py && git commit`"
    with pytest.raises(Unsealed, match=way_out):
        sealed_commit(toy.study)
    toy.git("add", ".")
    with pytest.raises(Unsealed, match=way_out):
        sealed_commit(toy.study)
    toy.commit()
    assert sealed_commit(toy.study) == head()


def test_a_file_that_git_does_not_know_or_ignores_is_not_sealed(toy):
    for name in ("studies/new.py", "ignored.py"):
        (toy.path / name).touch()
        with pytest.raises(Unsealed, match=f"{name} is not committed"):
            sealed_commit(toy.path / name)


def test_outside_git_nothing_is_sealed(toy, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(toy.path.parent))
    (toy.path / ".git").rename(toy.path / ".gone")
    with pytest.raises(Unsealed, match="sealed by a git commit, and git says: .*not a git repo"):
        sealed_commit(toy.study)
    monkeypatch.setenv("PATH", str(toy.path))
    with pytest.raises(Unsealed, match="git says: .*No such file"):
        head()


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "made/here/a.txt"
    write_atomic(path, "öld")
    write_atomic(path, "néw")
    assert path.read_text(encoding="utf-8") == "néw"
    assert [file.name for file in path.parent.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, step):
    def full(*args: object) -> None:
        raise OSError("the disk is full")

    path = tmp_path / "a.txt"
    write_atomic(path, "old")
    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="the disk is full"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_is_killed_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    write_atomic(path, "old")
    code = (
        "import os, sys; from pathlib import Path\n"
        "from ideas_lib.study.provenance import write_atomic\n"
        "os.fsync = lambda file: os.kill(os.getpid(), 9)\n"
        "write_atomic(Path(sys.argv[1]), 'new')"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == -9
    assert path.read_text() == "old"
    write_atomic(path, "next")
    assert path.read_text() == "next"


def test_two_writers_never_mix(tmp_path):
    path = tmp_path / "a.txt"
    code = (
        "import sys; from pathlib import Path\n"
        "from ideas_lib.study.provenance import write_atomic\n"
        "for _ in range(50): write_atomic(Path(sys.argv[1]), sys.argv[2] * 5000)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), word]) for word in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if path.is_file():
            seen.add(path.read_text())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen | {path.read_text()} <= {"a" * 5000, "b" * 5000}
    assert list(tmp_path.iterdir()) == [path]
