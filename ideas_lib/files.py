"""Files of a reader's: read if they are plain files, and never overwritten unless they are ours.

What is written where a reader says is noted in the cache folder by its path and SHA-256. A file
whose bytes are those noted is ours, and the next run may replace it; any other, one that was edited
since included, only by force. A cache folder that is emptied makes us forget, never overwrite.
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from ideas_lib.caching import cache_folder

__all__ = [
    "NotOurs",
    "check_output",
    "check_writable",
    "is_stream",
    "naming",
    "read_plain",
    "was_edited",
    "write_output",
    "write_whole",
]

STREAM = re.compile(r"/(?:dev|proc/(?:self|\d+))/fd/(\d+)|/dev/(stdout|stderr)")
PROBE = 1 << 16  # bytes that tell whether a disk has room
HEAD = 2000  # bytes of a file that its mark stands in
FORCE = "name another file, or replace it by --force"


class NotOurs(FileExistsError):
    """Raised where a file would be replaced that we did not write, or that was edited since."""


def read_plain(path: Path) -> bytes:
    """Return a file's bytes. Raises ValueError for what is no plain file, and OSError."""
    with naming(path):
        # Without waiting: a FIFO would, until somebody writes to it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ValueError(f"{path} is no plain file, but {_kind(path)}")
            return file.read()


def check_output(path: Path, *, force: bool = False, mark: bytes = b"") -> None:
    """Raise where `write_output` would, before the work that it is the end of.

    `mark` stands in the first bytes, HEAD of them, of files that are ours, for those that this
    machine has no note of. Raises NotOurs, and OSError for a folder, a device, what may not be
    written, and a place in no folder.
    """
    if _stream(path) is not None:
        return
    with naming(path):
        target = _target(path)
        if not target.parent.is_dir():
            raise _error(errno.ENOENT, f"{path} cannot be written: {path.parent} is no folder")
        if not os.access(target.parent, os.W_OK):
            raise _error(errno.EACCES, f"{path} cannot be written: its folder is read-only")
        if not target.exists() or target.is_char_device():
            return
        if not target.is_file():
            raise _error(errno.EEXIST, f"{path} is no plain file, but {_kind(path)}")
        if not target.stat().st_mode & 0o222:
            raise _error(errno.EACCES, f"{path} is read-only")
        if not force and not _is_ours(target, mark):
            raise NotOurs(f"{path} is there, and not as this tool wrote it: {FORCE}")


def check_writable(path: Path) -> None:
    """Raise OSError, which names the path, where `write_whole` could not write to it.

    Its folder is made, and a file written in it: only that finds a disk full or read-only.
    """
    if path.exists() and not path.is_file():
        raise _error(errno.EEXIST, f"{path} is no plain file, but {_kind(path)}")
    probe = path.parent / f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
    with naming(path):
        write_whole(probe, b"\n" * PROBE)
        probe.unlink()


def write_output(
    path: Path, content: str | bytes, *, force: bool = False, mark: bytes = b""
) -> None:
    """Write a file whole, where a reader says; one that is there only if it is ours.

    A link is followed, as a shell does; `/dev/stdout` and other streams are written to. Raises as
    `check_output` does, and OSError, which names the path.
    """
    data = content.encode() if isinstance(content, str) else content
    check_output(path, force=force, mark=mark)
    stream = _stream(path)
    with naming(path):
        if stream is not None:
            with os.fdopen(os.dup(stream), "wb") as file:
                file.write(data)
            return
        target = _target(path)
        if target.is_char_device():
            with target.open("wb") as file:
                file.write(data)
            return
        write_whole(target, data, new=not target.exists())
    _note(target, data)


def write_whole(path: Path, data: bytes, *, new: bool = False) -> None:
    """Replace a file by its whole new content, on disk before its name is, or leave it as it is.

    With `new` it must not be there yet, else NotOurs. Raises OSError, which names the path.
    """
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.parent / f".{os.getpid()}-{secrets.token_hex(4)}.tmp"
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if new:
                _appear(beside, path)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.chmod(beside, stat.S_IMODE(path.stat().st_mode))
                os.replace(beside, path)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have every error of the system name this path, as "no space left on device" does not."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename == str(path):  # it has words of its own
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _appear(beside: Path, path: Path) -> None:
    """Give a file its name, unless somebody else has taken the name meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError as error:
        raise NotOurs(f"{path} was made by another meanwhile: {FORCE}") from error
    except OSError:  # a file system without links
        os.replace(beside, path)


def _target(path: Path) -> Path:
    """Return the file itself where the path is a link to it."""
    try:
        return path.resolve()
    except RuntimeError as error:  # before Python 3.13, links in a circle
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from error


def is_stream(path: Path) -> bool:
    """Say whether what is written there is read as it comes: /dev/stdout, or a device."""
    return _stream(path) is not None or path.is_char_device()


def _stream(path: Path) -> int | None:
    """Return the number of an open stream that a path such as /dev/stdout names."""
    found = STREAM.fullmatch(os.path.normpath(path))
    if not found:
        return None
    return int(found[1]) if found[1] else {"stdout": 1, "stderr": 2}[found[2]]


def _kind(path: Path) -> str:
    kinds = {"a folder": path.is_dir, "a FIFO": path.is_fifo, "a socket": path.is_socket}
    return next((name for name, is_one in kinds.items() if is_one()), "a device")


def _error(number: int, words: str) -> OSError:
    """Return an error that says our words alone."""
    made = {errno.ENOENT: FileNotFoundError, errno.EACCES: PermissionError}.get(number, OSError)
    return made(words)


def was_edited(path: Path) -> bool:
    """Say whether a file is there that `write_output` wrote on this machine, with other bytes."""
    with naming(path):
        target = _target(path)
        return target.is_file() and _notes(target).is_file() and not _is_ours(target, b"")


def _notes(target: Path) -> Path:
    name = hashlib.sha256(os.fsencode(target)).hexdigest()
    return cache_folder() / "written" / name[:32]


def _note(target: Path, data: bytes) -> None:
    # Without a note the next run asks for --force, so a cache that is read-only ends nothing.
    with contextlib.suppress(OSError):
        write_whole(_notes(target), hashlib.sha256(data).hexdigest().encode())


def _is_ours(target: Path, mark: bytes) -> bool:
    with target.open("rb") as file:
        try:
            noted = _notes(target).read_text(encoding="ascii")
        except OSError:
            return bool(mark) and mark in file.read(HEAD)
        return noted == hashlib.file_digest(file, "sha256").hexdigest()
