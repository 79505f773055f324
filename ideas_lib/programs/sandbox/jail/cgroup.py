"""A cgroup for one sandbox: the kernel counts what all its processes make it hold, and ends them.

That is memory however it is mapped, files in memory, page tables, buffers of pipes and sockets,
names the kernel remembers. In version 2 the cgroup is made below this process's own, or beside it,
where the system has handed that over (systemd does to a user's services; root may anyway); in
version 1, which has the memory controller on some systems, below its own.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

PREFIX = "ideas-sandbox-"
LEFT = 4 << 20  # bytes of kernel memory that may stay behind; taking it back costs time
MEMBERS, UNLIMITED = "cgroup.procs", "max"


class Cgroup:
    """A cgroup of its own for one sandbox, limited, and still empty.

    Raises OSError when one of its limits cannot be set.
    """

    def __init__(self, parent: Path, version: int, limits: dict[str, int]) -> None:
        sweep(parent)
        self.version, self.folder = version, parent / f"{PREFIX}{os.urandom(8).hex()}"
        self.folder.mkdir()
        self.lock = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX)  # says that it is in use, while this lives
            self.limit(limits)
            self.door = os.open(self.folder / MEMBERS, os.O_WRONLY)
        except OSError:
            os.close(self.lock)
            self.vanish()
            raise
        self.visitor = os.fork()
        if self.visitor == 0:
            self.visit()

    def limit(self, limits: dict[str, int]) -> None:
        """Set the limits; what the kernel swaps out would not be counted, so it swaps nothing."""
        most = limits["memory"]
        if self.version == 1:
            self.write("memory.limit_in_bytes", most)
            if (self.folder / "memory.memsw.limit_in_bytes").exists():
                self.write("memory.memsw.limit_in_bytes", most)
            else:
                self.write("memory.swappiness", 0)
            return
        self.write("memory.max", most)
        self.write("memory.oom.group", 1)
        if (self.folder / "memory.swap.max").exists():  # else nothing is ever swapped
            self.write("memory.swap.max", 0)
        self.write("pids.max", limits["processes"])

    def write(self, name: str, value: int) -> None:
        """Write a number to one of the cgroup's files; none is ever made."""
        fd = os.open(self.folder / name, os.O_WRONLY)
        try:
            os.write(fd, b"%d" % value)
        finally:
            os.close(fd)

    def visit(self) -> NoReturn:
        """Enter, and end: this says whether one may, and only the first has to wait for it."""
        try:
            self.enter()
            os._exit(0)
        finally:
            os._exit(1)

    def opens(self) -> bool:
        """Say, once, whether a process may enter."""
        return os.waitpid(self.visitor, 0)[1] == 0

    def enter(self) -> None:
        """Move this process into it, and let go of it: nothing in there can lead it out again."""
        os.write(self.door, b"0")
        self.close()

    def close(self) -> None:
        """Close the descriptors."""
        os.close(self.door)
        os.close(self.lock)

    def killed(self) -> bool:
        """Say whether the kernel has ended a process because of the limit."""
        name = "memory.oom_control" if self.version == 1 else "memory.events"
        return numbers(self.folder / name).get("oom_kill", 0) > 0

    def remove(self) -> None:
        """Give back what the kernel remembers for it, and remove it; its processes are dead."""
        if self.kernel_memory() > LEFT:
            name = "memory.force_empty" if self.version == 1 else "memory.reclaim"
            with contextlib.suppress(OSError):  # not all could be given back; or an old kernel
                self.write(name, 0 if self.version == 1 else self.kernel_memory())
        self.vanish()
        self.close()

    def vanish(self) -> None:
        """Remove the folder, once the process that died last has been taken out."""
        for _ in range(50):
            with contextlib.suppress(OSError):
                return self.folder.rmdir()
            time.sleep(0.002)
        return None

    def kernel_memory(self) -> int:
        """Return the bytes of the kernel's own memory that it holds."""
        if self.version == 1:
            return int((self.folder / "memory.kmem.usage_in_bytes").read_text())
        return numbers(self.folder / "memory.stat").get("slab", 0)


def make(limits: dict[str, int]) -> Cgroup | None:
    """Return a new cgroup with these limits, or None where none may be made."""
    with contextlib.suppress(OSError):
        for parent, version in cgroup_parents(Path("/proc/self")):
            for _ in range(3):  # another one's `sweep` may take it before it is locked
                with contextlib.suppress(OSError):
                    return Cgroup(parent, version, limits)
    return None


def cgroup_parents(own: Path) -> Iterator[tuple[Path, int]]:
    """Yield the cgroups that a new one may be made in, and their version, the nearest first.

    `own` is a folder like /proc/self. A limit on memory that somebody else has set is never left.
    """
    paths = {}
    for line in (own / "cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        paths["" if not names else "memory" if "memory" in names.split(",") else names] = path
    for kind, root, mounted, options in mounts(own / "mountinfo"):
        if kind == "cgroup" and "memory" in options.split(",") and "memory" in paths:
            yield below(mounted, root, paths["memory"]), 1
        if kind == "cgroup2" and "" in paths:
            folder = below(mounted, root, paths[""])
            for parent in (folder, *folder.parents):
                if hands_on(parent):
                    yield parent, 2
                limit = parent / "memory.max"
                if parent == mounted or (limit.exists() and limit.read_text() != "max\n"):
                    break


def mounts(file: Path) -> Iterator[tuple[str, str, Path, str]]:
    """Yield type, root, place and options of what is mounted, from a file like mountinfo."""
    for line in file.read_text().splitlines():
        first, second = line.split(" - ", 1)
        words, (kind, _, options) = first.split(), second.split(" ", 2)
        yield kind, words[3], Path(words[4]), options


def below(mounted: Path, root: str, path: str) -> Path:
    """Return the folder of a cgroup, of which the folder `root` is mounted."""
    return mounted / os.path.relpath(path, root) if path.startswith(root) else mounted


def hands_on(folder: Path) -> bool:
    """Say whether a cgroup gives those in it limits of memory and processes; make it if it may."""
    given = folder / "cgroup.subtree_control"
    with contextlib.suppress(OSError):
        if not {"memory", "pids"} <= set(given.read_text().split()):
            fd = os.open(given, os.O_WRONLY)
            try:
                os.write(fd, b"+memory +pids")  # refused where processes are in the folder itself
            finally:
                os.close(fd)
        return os.access(folder, os.W_OK) and os.access(folder / MEMBERS, os.W_OK)
    return False


def sweep(parent: Path) -> None:
    """Remove the cgroups of sandboxes whose supervisor was killed."""
    for name in os.listdir(parent):
        if name.startswith(PREFIX):
            with contextlib.suppress(OSError):  # in use, or gone meanwhile
                fd = os.open(parent / name, os.O_RDONLY | os.O_DIRECTORY)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    (parent / name).rmdir()
                finally:
                    os.close(fd)


def numbers(file: Path) -> dict[str, int]:
    """Read a file of names and numbers."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return {name: int(number) for name, number, *_ in pairs}
