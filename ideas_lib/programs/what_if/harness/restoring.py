"""Files as they were: see what has changed in some folders, and put it back.

What is mounted within them is left alone: Python and its packages are read-only, and may lie
anywhere, below /tmp too.

A file is taken for unchanged if inode, size, mode and both times are; nobody can set the time of
the last change, but two within one tick of the clock look the same, so a copy waits for the next.
"""

import contextlib
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator

__all__ = ["FolderCopy", "fill_folder"]

TICK = 0.02  # seconds; kernels count in 1 to 10 ms


class FolderCopy:
    """Some folders, and a copy of what is in them beside."""

    def __init__(self, folders: list[str], shadow: str) -> None:
        self.folders, self.shadow = folders, shadow
        self.known: dict[str, tuple[object, ...]] = {}

    def copy(self) -> None:
        """Take what is there now for what is to be there."""
        now = self.scan()
        if now != self.known:
            time.sleep(TICK)
            now = self.scan()
        for path in [path for path in self.known if now.get(path) != self.known[path]]:
            _remove(self.shadow + path)
        for path in sorted(path for path in now if now[path] != self.known.get(path)):
            _copy(path, self.shadow + path)
        self.known = now

    def restore(self) -> None:
        """Have all be there again as it was copied."""
        now = self.scan()
        if now == self.known:
            return
        changed = {path for path in self.known | now if now.get(path) != self.known.get(path)}
        for path in sorted(changed & now.keys(), reverse=True):
            if not (_is_folder(now[path]) and _is_folder(self.known.get(path))):
                _remove(path)
        for path in sorted(changed & self.known.keys()):
            _copy(self.shadow + path, path)
        self.known = self.scan()

    def scan(self) -> dict[str, tuple[object, ...]]:
        """Return what tells of each file and folder whether it has changed."""
        return {path: _mark(path) for folder in self.folders for path in walk_files(folder)}

    def differences(self, before: dict[str, tuple[object, ...]]) -> dict[str, str]:
        """Return what is in files, links and folders that are not as they were at a scan."""
        now = self.scan()
        paths = {path for path in before | now if now.get(path) != before.get(path)}
        found = {path: _digest(path) for path in paths}
        # A folder changes its time with what is in it; its being there is all that counts.
        both = before.keys() & now.keys()
        return {p: d for p, d in found.items() if not (p in both and d.startswith("folder"))}


def fill_folder(folder: str, source: str) -> None:
    """Have a folder hold what another holds, and nothing else."""
    for each in os.listdir(folder):
        _remove(os.path.join(folder, each))
    if source:
        shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True)


def walk_files(folder: str) -> Iterator[str]:
    """Yield all that is below a folder, parents first, following no link, into no other disk."""
    todo = [folder]
    while todo:
        above = todo.pop()
        with contextlib.suppress(OSError):
            device = os.lstat(above).st_dev
            with os.scandir(above) as entries:
                for entry in entries:
                    is_folder = entry.is_dir(follow_symlinks=False)
                    if is_folder and entry.stat(follow_symlinks=False).st_dev != device:
                        continue
                    yield entry.path
                    if is_folder:
                        todo.append(entry.path)


def _mark(path: str) -> tuple[object, ...]:
    try:
        one = os.lstat(path)
    except OSError:  # it is gone meanwhile
        return ()
    if stat.S_ISDIR(one.st_mode):
        return (one.st_mode, one.st_mtime_ns)
    return (one.st_mode, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns)


def _is_folder(mark: tuple[object, ...] | None) -> bool:
    return bool(mark) and isinstance(mark[0], int) and stat.S_ISDIR(mark[0])  # type: ignore[index]


def _digest(path: str) -> str:
    try:
        if os.path.islink(path):
            return f"link {os.readlink(path)}"
        mode = stat.S_IMODE(os.lstat(path).st_mode)
        if os.path.isdir(path):
            return f"folder {mode}"
        with open(path, "rb") as file:
            return f"{mode} {hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        return f"nothing to be read: {error.errno}"


def _copy(source: str, target: str) -> None:
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with contextlib.suppress(OSError):  # a pipe, a socket, or what may not be read
        if os.path.islink(source):
            os.symlink(os.readlink(source), target)
        elif os.path.isdir(source):
            os.makedirs(target, exist_ok=True)
            shutil.copystat(source, target)
        elif stat.S_ISREG(os.lstat(source).st_mode):
            shutil.copy2(source, target)


def _remove(path: str) -> None:
    is_folder = os.path.isdir(path) and not os.path.islink(path)
    for each in reversed([path, *(walk_files(path) if is_folder else ())]):
        with contextlib.suppress(OSError):  # what something is mounted in cannot be removed
            (os.rmdir if stat.S_ISDIR(os.lstat(each).st_mode) else os.unlink)(each)
