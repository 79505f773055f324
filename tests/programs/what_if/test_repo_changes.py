"""Changes are read from patches and made by mutation, and what cannot be read is one clear line."""

import subprocess
from pathlib import Path

import pytest

from ideas_lib.programs.what_if import BadChange, mutation_changes, patch_change
from ideas_lib.programs.what_if.repo_changes import copy_repo, uncommitted

SOURCE = "def clip(x, top):\n    if x > top:\n        return top\n    return x\n"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "src").mkdir(parents=True)
    (folder / "src/clip.py").write_text(SOURCE)
    (folder / "old.txt").write_text("one\ntwo\n")
    return folder


def diff(repo: Path, tmp_path: Path, *words: str) -> Path:
    """What git writes of the changes in a folder since they were committed."""
    text = subprocess.check_output(["git", "diff", *words], cwd=repo)
    path = tmp_path / "a.diff"
    path.write_bytes(text)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=repo, check=True)
    return path


def commit(repo: Path) -> None:
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "it"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *words], cwd=repo, check=True)


def test_a_patch_is_what_git_says_it_is(repo: Path, tmp_path: Path) -> None:
    commit(repo)
    (repo / "src/clip.py").write_text(SOURCE.replace(">", ">="))
    (repo / "old.txt").rename(repo / "new.txt")
    (repo / "src/more.py").write_text("X = 1\n")
    subprocess.run(["git", "add", "-A"], cwd=repo, check=True)
    found = patch_change(repo, diff(repo, tmp_path, "--cached", "-M"))
    edits = {edit.path: (edit.before, edit.after) for edit in found.edits}
    assert edits == {
        "src/clip.py": (SOURCE, SOURCE.replace(">", ">=")),
        "old.txt": ("one\ntwo\n", None),
        "new.txt": (None, "one\ntwo\n"),
        "src/more.py": (None, "X = 1\n"),
    }
    assert (repo / "src/clip.py").read_text() == SOURCE


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a.diff does not apply"),
        ("no patch at all\n", "a.diff does not apply"),
        ("--- a/gone.py\n+++ b/gone.py\n@@ -1 +1 @@\n-x\n+y\n", "gone.py: No such file"),
        ("--- a/src/clip.py\n+++ b/src/clip.py\n@@ -1 +1 @@\n-x\n+y\n", "patch failed"),
        ("--- a/../out.py\n+++ b/../out.py\n@@ -0,0 +1 @@\n+y\n", "a.diff does not apply"),
    ],
)
def test_a_patch_that_does_not_apply(repo: Path, tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "a.diff").write_text(text)
    with pytest.raises(BadChange, match=why):
        patch_change(repo, tmp_path / "a.diff")
    assert not (tmp_path / "out.py").exists()


def test_mutations_are_drawn_from_a_file(repo: Path) -> None:
    every = list(mutation_changes(repo, ["src/clip.py"], None, 0))
    some = list(mutation_changes(repo, ["src/clip.py"], 2, 0))
    assert len(some) == 2 < len(every)
    assert {each.name for each in some} < {each.name for each in every}
    assert every[0].name.startswith("src/clip.py:2:7 in clip, condition_negation")
    assert len({each.key for each in every}) == len(every)


@pytest.mark.parametrize("path", ["src/none.py", "../repo2.py", "src"])
def test_a_file_that_is_not_there_cannot_be_mutated(repo: Path, path: str) -> None:
    with pytest.raises(BadChange, match="is no file in"):
        list(mutation_changes(repo, [path], 1, 0))


def test_a_copy_has_no_bytecode_and_no_environment(repo: Path, tmp_path: Path) -> None:
    for name in (".git/x", "src/__pycache__/a.pyc", "mine/pyvenv.cfg", "build/kept.txt"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).touch()
    copy_repo(repo, tmp_path / "copy")
    found = {p.relative_to(tmp_path / "copy").as_posix() for p in (tmp_path / "copy").rglob("*")}
    assert found == {"src", "src/clip.py", "old.txt", "build", "build/kept.txt"}


def test_what_is_not_committed_is_known(repo: Path, tmp_path: Path) -> None:
    assert uncommitted(tmp_path) == []
    commit(repo)
    assert uncommitted(repo) == []
    (repo / "old.txt").write_text("three\n")
    assert uncommitted(repo) == ["old.txt"]
