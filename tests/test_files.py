"""Files of a reader's: what we did not write stays, whatever it is and wherever it lies."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ideas_lib import files
from ideas_lib.files import NotOurs, check_output, read_plain, write_output, write_whole

MARK = b"<!-- made by the tool -->"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "made.csv"


def test_what_we_wrote_is_replaced_and_what_was_edited_since_is_not(out):
    write_output(out, "a,b\n")
    write_output(out, "a,c\n")
    out.write_text("a,c\nmine\n")
    for act in (check_output, lambda path: write_output(path, "new")):
        with pytest.raises(NotOurs, match=r"made\.csv is there.*--force"):
            act(out)
    assert out.read_text() == "a,c\nmine\n"
    write_output(out, "new", force=True)
    write_output(out, "newer")
    assert out.read_text() == "newer"
    assert [file.name for file in out.parent.iterdir()] == ["made.csv"]


@pytest.mark.parametrize("mine", ["", "notes\n", "\0" * 5000, MARK.decode() + " and my notes"])
def test_a_file_of_the_readers_stays(out, mine):
    out.write_text(mine)
    with pytest.raises(NotOurs):
        write_output(out, "table")
    assert out.read_text() == mine


def test_a_copy_and_a_moved_file_are_the_readers(out):
    write_output(out, "table")
    other = out.with_name("copy.csv")
    other.write_bytes(out.read_bytes())
    with pytest.raises(NotOurs):
        write_output(other, "table")


def test_a_mark_counts_where_nothing_is_noted_and_not_against_the_note(out, cache):
    out.write_bytes(MARK)
    write_output(out, MARK + b"1", mark=MARK)
    out.write_bytes(MARK + b"edited")
    with pytest.raises(NotOurs):
        write_output(out, MARK + b"2", mark=MARK)
    out.write_bytes(b"x" * files.HEAD + MARK)
    for note in (cache / "written").iterdir():
        note.unlink()
    with pytest.raises(NotOurs):
        write_output(out, MARK, mark=MARK)


def test_a_cache_that_is_gone_or_cannot_be_written_ends_nothing(out, cache):
    cache.write_text("a file where the folder should be")
    write_output(out, "one")
    with pytest.raises(NotOurs):
        write_output(out, "two")


def test_a_link_is_followed_and_what_it_leads_to_is_not_replaced(out, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    out.symlink_to(notes)
    with pytest.raises(NotOurs):
        write_output(out, "table")
    assert notes.read_text() == "mine"
    notes.unlink()
    write_output(out, "table")  # of a link to nothing, as a shell does
    assert out.is_symlink()
    assert notes.read_text() == "table"
    write_output(notes, "again")
    out.unlink()
    out.symlink_to(out)
    with pytest.raises(OSError, match=r"made\.csv"):
        write_output(out, "table")


def test_hard_links_keep_the_old_bytes(out):
    write_output(out, "old")
    other = out.with_name("other.csv")
    os.link(out, other)
    write_output(out, "new")
    assert (out.read_text(), other.read_text()) == ("new", "old")


@pytest.mark.parametrize("force", [False, True])
def test_folders_and_pipes_are_no_outputs(out, force):
    with pytest.raises(OSError, match="no plain file, but a folder"):
        write_output(out.parent, "table", force=force)
    os.mkfifo(out)
    with pytest.raises(OSError, match="no plain file, but a FIFO"):
        write_output(out, "table", force=force)
    with pytest.raises(FileNotFoundError, match="no/x.csv cannot be written: .*no is no folder"):
        check_output(out.parent / "no" / "x.csv", force=force)


@pytest.mark.parametrize("force", [False, True])
def test_a_file_that_is_read_only_stays(out, force):
    write_output(out, "old")
    out.chmod(0o444)
    with pytest.raises(PermissionError, match=r"made\.csv is read-only"):
        write_output(out, "new", force=force)
    assert out.read_text() == "old"


def test_the_mode_of_a_file_stays_and_a_new_one_has_the_usual(out):
    write_output(out, "old")
    usual = out.with_name("usual")
    usual.touch()
    assert out.stat().st_mode == usual.stat().st_mode
    out.chmod(0o640)
    write_output(out, "new")
    assert out.stat().st_mode & 0o777 == 0o640


def test_a_file_that_appears_meanwhile_stays(out, monkeypatch):
    link = os.link

    def late(source, target):
        out.write_text("mine")
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(NotOurs, match="was made by another meanwhile"):
        write_output(out, "table")
    assert out.read_text() == "mine"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_names_the_path_and_leaves_the_old_file(out, monkeypatch, step):
    write_output(out, "old")

    def full(*args):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match=r"No space left on device: '.*made\.csv'"):
        write_output(out, "new")
    assert out.read_text() == "old"
    assert [file.name for file in out.parent.iterdir()] == ["made.csv"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_device_is_written_to_and_named():
    write_output(Path("/dev/null"), "table")
    with pytest.raises(OSError, match="No space left on device: '/dev/full'"):
        write_output(Path("/dev/full"), "table")


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no /dev/stdout")
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_a_stream_is_written_to_where_it_stands(out, name):
    code = (
        "import sys; from pathlib import Path; from ideas_lib.files import write_output\n"
        "print('before', flush=True); write_output(Path(sys.argv[1]), 'table\\n'); print('after')"
    )
    words = [sys.executable, "-c", code, name]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert told == "before\ntable\nafter\n"
    out.write_text("first\n")
    with out.open("a") as file:
        subprocess.run(words, stdout=file, check=True)
    assert out.read_text() == "first\nbefore\ntable\nafter\n"


@pytest.mark.parametrize("name", ["x", "x" * 250])
def test_names_of_any_length_that_the_system_takes(out, name):
    write_output(out.with_name(name), "table")
    with pytest.raises(OSError, match="File name too long"):
        write_output(out.with_name("x" * 300), "table")


def test_only_plain_files_are_read(out):
    os.mkfifo(out)
    with pytest.raises(ValueError, match=r"made\.csv is no plain file, but a FIFO"):
        read_plain(out)
    with pytest.raises(IsADirectoryError, match="out"):
        read_plain(out.parent)
    if os.path.exists("/dev/zero"):
        with pytest.raises(ValueError, match="no plain file, but a device"):
            read_plain(Path("/dev/zero"))
    with pytest.raises(FileNotFoundError, match="no.csv"):
        read_plain(out.with_name("no.csv"))
    plain = out.with_name("plain")
    write_whole(plain, b"1\n")
    assert read_plain(plain) == b"1\n"
