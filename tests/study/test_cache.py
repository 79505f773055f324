"""What runs share: made once by one of them, for this code alone."""

import time
from multiprocessing import get_context

import numpy as np
import pytest

from ideas_lib.study.cache import shared_file, work_folder
from ideas_lib.study.study import load_study


def test_what_was_made_is_there_for_the_next_and_other_code_begins_anew(toy):
    made = []

    def make(path):
        made.append(path.suffix)
        np.save(path, np.arange(3))

    first = shared_file(load_study("toy"), "numbers.npy", make)
    assert shared_file(load_study("toy"), "numbers.npy", make) == first
    assert np.load(first).tolist() == [0, 1, 2]
    assert first.parent.parent == work_folder("toy") == toy.path / ".work/toy"
    toy.edit("noise=0.1", "noise=0.2")
    other = shared_file(load_study("toy"), "numbers.npy")
    assert other.parent.is_dir()
    assert not other.exists()
    assert shared_file(load_study("toy"), "numbers.npy", make) == other
    assert made == [".npy", ".npy"]


def test_what_could_not_be_made_leaves_nothing(toy):
    def fail(path):
        path.write_text("half")
        raise OSError("no more")

    study = load_study("toy")
    with pytest.raises(OSError, match="no more"):
        shared_file(study, "text.txt", fail)
    folder = shared_file(study, "text.txt").parent
    assert [path.name for path in folder.iterdir()] == [".text.txt.lock"]
    assert shared_file(study, "text.txt", lambda path: path.write_text("whole")).read_text()


def make_slowly(path):
    with path.with_name("made.txt").open("a") as file:
        file.write("once\n")
    time.sleep(0.3)
    path.write_text("whole")


def ask(_):
    return shared_file(load_study("toy"), "text.txt", make_slowly).read_text()


def test_of_processes_that_want_the_same_one_makes_it(toy):
    with get_context("fork").Pool(4) as pool:
        assert pool.map(ask, range(4)) == ["whole"] * 4
    folder = shared_file(load_study("toy"), "text.txt").parent
    assert (folder / "made.txt").read_text() == "once\n"
