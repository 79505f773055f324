"""Folders as they were: all that a test wrote goes, and what is mounted within them stays."""

import os
import shutil
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import run_command
from ideas_lib.programs.what_if.harness import restoring
from ideas_lib.programs.what_if.harness.restoring import FolderCopy, fill_folder, walk_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "some"
    (made / "below" / "deep").mkdir(parents=True)
    (made / "below" / "a.txt").write_text("a")
    (made / "link").symlink_to("below")
    return made


def test_all_that_is_there_is_put_back(folder: Path) -> None:
    copy = FolderCopy([str(folder)], f"{folder}-copy")
    copy.copy()
    before = copy.scan()
    (folder / "below" / "a.txt").write_text("b")
    (folder / "new").mkdir()
    (folder / "new" / "b.txt").write_text("b")
    (folder / "below" / "deep").rmdir()
    (folder / "link").unlink()
    found = {os.path.relpath(path, folder) for path in copy.differences(before)}
    assert found == {"below/a.txt", "new", "new/b.txt", "below/deep", "link"}
    copy.restore()
    assert (folder / "below" / "a.txt").read_text() == "a"
    assert sorted(each.name for each in folder.rglob("*")) == ["a.txt", "below", "deep", "link"]


def test_a_folder_is_emptied_and_filled(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "c.txt").write_text("c")
    fill_folder(str(folder), str(tmp_path / "other"))
    assert [each.name for each in folder.rglob("*")] == ["c.txt"]
    fill_folder(str(folder), "")
    assert list(folder.iterdir()) == []


def test_what_is_on_another_disk_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Entry:
        """An entry of a folder, whose folder `below` is mounted from elsewhere."""

        def __init__(self, entry: os.DirEntry[str]) -> None:
            self.entry, self.path = entry, entry.path

        def is_dir(self, *, follow_symlinks: bool) -> bool:
            return self.entry.is_dir(follow_symlinks=follow_symlinks)

        def stat(self, *, follow_symlinks: bool) -> os.stat_result:
            found = self.entry.stat(follow_symlinks=follow_symlinks)
            other = found.st_dev + (self.entry.name == "below")
            return os.stat_result((*found[:2], other, *found[3:]))

    class Scan:
        def __init__(self, path: str) -> None:
            self.path = path

        def __enter__(self) -> list[Entry]:
            with real(self.path) as entries:
                return [Entry(each) for each in entries]

        def __exit__(self, *_: object) -> None:
            pass

    real = os.scandir
    monkeypatch.setattr(os, "scandir", Scan)
    assert list(walk_files(str(folder))) == [f"{folder}/link"]
    copy = FolderCopy([str(folder)], f"{folder}-copy")
    copy.copy()
    monkeypatch.undo()
    assert [each.name for each in Path(f"{folder}-copy").rglob("*.txt")] == []


def test_packages_below_tmp_are_none_of_a_tests_files(tmp_path: Path) -> None:
    # Where the checkout's environment lies there, as it may: then it is mounted there as well.
    shutil.copy(restoring.__file__, tmp_path / "restoring.py")
    (tmp_path / "program.py").write_text(
        "import os, sys\n"
        "from restoring import walk_files\n"
        "count = sum(1 for top in ('/tmp', '/dev/shm') for _ in walk_files(top))\n"
        "print(count < 50, os.path.isdir(sys.prefix))\n"
    )
    told = run_command(["python", "program.py"], tree=tmp_path)
    assert told.stdout.split() == ["True", "True"], told
