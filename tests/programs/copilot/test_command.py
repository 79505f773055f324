"""A command runs in a copy of a folder, which nothing reaches back from."""

import os
import socket
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import running
from ideas_lib.programs.sandbox.running import run_command

PATIENT = 60.0  # seconds: a machine may be busy


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "package").mkdir(parents=True)
    (folder / "package/__init__.py").write_text("WORD = 'ünder'\n")
    (folder / "main.py").write_text("import package, sys; print(package.WORD, sys.argv[1:])\n")
    (folder / ".hidden").write_text("hidden")
    (folder / "script").write_text("#!/bin/sh\necho from the script\n")
    (folder / "script").chmod(0o755)
    return folder


def told(argv: list[str], tree: Path, **more: object) -> str:
    result = run_command(argv, tree=tree, **{"timeout": PATIENT, **more})  # type: ignore[arg-type]
    assert result.ok, result
    return result.stdout


def test_a_command_runs_in_a_copy(tree: Path) -> None:
    assert told(["python", "main.py", "a", "b c"], tree) == "ünder ['a', 'b c']\n"
    assert told(["./script"], tree) == "from the script\n"
    assert told(["ls", "-A"], tree).split() == [".hidden", "main.py", "package", "script"]
    assert told(["cat"], tree, stdin="in") == "in"
    before = sorted(path.name for path in tree.iterdir())
    told(["sh", "-c", "rm -r package .hidden; echo evil > main.py; echo > new"], tree)
    assert sorted(path.name for path in tree.iterdir()) == before
    assert (tree / "main.py").read_text().startswith("import package")


def test_a_test_suite_runs_in_a_copy(tree: Path) -> None:
    (tree / "test_it.py").write_text(
        "import package, unittest\n"
        "class Test(unittest.TestCase):\n"
        "    def test(self): self.assertEqual(package.WORD, 'under')\n"
    )
    result = run_command(["python", "-m", "unittest"], tree=tree, timeout=PATIENT)
    assert result.code == 1
    assert result.reason == "exit 1: FAILED (failures=1)"


def test_what_is_no_file_stays_out(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(tree)  # the path of a socket has to be short
        listener.bind("socket")
        os.chdir(here)
        names = told(["ls"], tree).split()
    assert names == ["main.py", "package", "script"]


def test_links_are_copied_as_links(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tree / "out").symlink_to(tmp_path / "secret")
    (tree / "up").symlink_to("../secret")
    (tree / "folder").symlink_to(tmp_path)
    (tree / "loop").symlink_to(".")
    (tree / "in").symlink_to("main.py")
    source = (
        "import os, sys; print([os.path.exists(n) for n in sys.argv[1:]], os.path.islink('out'))"
    )
    names = ["out", "up", "folder", "in", "loop"]
    expected = "[False, False, False, True, True] True\n"
    assert told(["python", "-c", source, *names], tree) == expected


def test_a_folder_that_does_not_fit(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TREE", 1 << 20)
    assert told(["true"], tree) == ""
    with open(tree / "sparse", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ValueError, match="into the sandbox: it does not fit into 1048576 bytes"):
        run_command(["true"], tree=tree)


def test_commands_that_make_no_sense(tree: Path) -> None:
    result = run_command(["no-such-command"], tree=tree, timeout=PATIENT)
    assert result.reason == "exit 127: no-such-command: No such file or directory"
    with pytest.raises(NotADirectoryError, match="is no folder to copy"):
        run_command(["true"], tree=tree / "main.py")
    for argv in ([], ["a\0b"], [1]):
        with pytest.raises(ValueError, match="argv has to be a command"):
            run_command(argv, tree=tree)  # type: ignore[arg-type]
