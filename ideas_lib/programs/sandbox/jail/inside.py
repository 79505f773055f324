"""The first process inside: it builds the private root, gives up every right, starts the program.

It is the init of its process namespace: when it ends, the kernel kills whatever is left in there.
"""

import errno
import fcntl
import os
import platform
import resource
import select
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from ideas_lib.programs.sandbox.jail import kernel, seccomp
from ideas_lib.programs.sandbox.jail.cgroup import Cgroup

NOBODY = 65534
BASE = "/tmp"  # on the host: only covered, and only in this process's view, for a moment
OLD, SCRATCH = "/old", "/scratch"
FOLDERS = {"/box": 0o755, "/tmp": 0o1777, "/dev/shm": 0o1777}  # all that can be written to
DEVICES = ("null", "zero", "full", "random", "urandom")
ETC = {
    "passwd": "nobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "nogroup:x:65534:\n",
}
READ_ONLY = kernel.ATTR_RDONLY | kernel.ATTR_NOSUID


class Unfit(Exception):
    """What was to be put into the box cannot be."""


def start_inside(
    spec: dict[str, Any], fds: list[int], status: int, group: Cgroup | None
) -> NoReturn:
    """Isolate this process, start the program on `fds`, wait for it, and end with it.

    It moves into `group` before all else, so that the files it writes are counted too.

    `status` is told `failed WHY` or `unfit WHY`; or `started`, maybe `noexec WHY`, and then
    `exit CODE` (minus the signal's number for a program that a signal killed).
    """
    try:
        if group:
            group.enter()
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # an init ignores what it has no handler for
        stdin = prepare(spec, status)
        os.write(status, b"started\n")
        program = os.fork()
        if program == 0:
            become(spec, [stdin, *fds], status)
        for fd in (stdin, *fds):
            os.close(fd)
        while True:
            child, code = os.wait()  # the orphans too
            if child == program:
                break
        os.write(status, b"exit %d\n" % os.waitstatus_to_exitcode(code))
    except Unfit as error:
        os.write(status, f"unfit {error}".encode(errors="replace")[:4000])
    except Exception as error:  # whatever it is, the program must not run
        os.write(status, f"failed {error}".encode(errors="replace")[:4000])
    finally:
        os._exit(0)


def prepare(spec: dict[str, Any], status: int) -> int:
    """Build the walls and give up all rights; return what is to be standard input."""
    os.setsid()
    os.umask(0o022)
    if spec["isolated"]:
        kernel.unshare(kernel.NEWNS)
        stdin = build_root(spec)
        give_up_rights(spec["limits"])
        end_with_parent(status)
        os.chdir("/box")
    else:
        box = Path(spec["folder"], "box")
        box.mkdir()
        stdin = fill(spec, box, "")
        os.chdir(box)
        set_limits({**spec["limits"], "tasks": sys.maxsize})  # else the user's own would count
    return stdin


def build_root(spec: dict[str, Any]) -> int:
    """Replace the root by a private one: Python and the system's libraries, read-only.

    Returns a descriptor of what the program reads as standard input.
    """
    limits = spec["limits"]
    kernel.mount("none", "/", flags=kernel.REC | kernel.PRIVATE)
    closed = kernel.NOSUID | kernel.NODEV
    kernel.mount("tmpfs", BASE, "tmpfs", closed, "size=1m,nr_inodes=4k,mode=755")
    os.chdir(BASE)
    os.mkdir(OLD[1:])
    kernel.pivot_root(".", OLD[1:])
    os.chdir("/")
    os.mkdir(SCRATCH)
    room = f"size={limits['disk']},nr_inodes={limits['inodes']},mode=755"
    kernel.mount("tmpfs", SCRATCH, "tmpfs", closed, room)
    for folder, mode in FOLDERS.items():
        inner = SCRATCH + "/" + os.path.basename(folder)
        os.makedirs(folder)
        os.mkdir(inner)
        os.chown(inner, NOBODY, NOBODY)
        os.chmod(inner, mode)
        kernel.mount(inner, folder, flags=kernel.BIND)
    for source, target in spec["binds"]:
        bind(source, target, kernel.ATTR_NODEV)
    for device in DEVICES:
        bind(f"/dev/{device}", f"/dev/{device}", kernel.ATTR_NOEXEC)
    for path, aim in spec["links"]:
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(aim, path)
    os.makedirs("/etc", exist_ok=True)
    for name, text in ETC.items():
        Path("/etc", name).write_text(text)
    stdin = fill(spec, Path(SCRATCH, "box"), OLD)
    kernel.unmount(OLD)
    os.rmdir(OLD)
    kernel.unmount(SCRATCH)
    os.rmdir(SCRATCH)
    kernel.restrict("/", READ_ONLY | kernel.ATTR_NODEV, recursive=False)
    return stdin


def bind(source: str, target: str, more: int) -> None:
    """Make a folder or a file of the host visible, read-only; `source` is free of links."""
    source = OLD + source
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    kernel.mount(source, target, flags=kernel.BIND | kernel.REC)
    kernel.restrict(target, READ_ONLY | more)


def fill(spec: dict[str, Any], box: Path, root: str) -> int:
    """Put the copied tree and the given files into the box; return standard input, opened."""
    give = spec["isolated"]
    stdin = box.parent / "stdin"
    try:
        if spec["tree"]:
            for source, target in walk_tree(root + spec["tree"], str(box)):
                copy(source, target, give)
        for name, text in spec["files"].items():
            path = box / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, text)
            if give:
                os.chown(path, NOBODY, NOBODY)
        write(stdin, spec["stdin"])
    except (OSError, ValueError) as error:
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        room = f"it does not fit into {spec['limits']['disk']} bytes"
        raise Unfit(room if full else str(error).replace(OLD, "")) from None
    fd = os.open(stdin, os.O_RDONLY)
    stdin.unlink()
    return fd


def write(path: Path, text: str) -> None:
    """Write a text as it is."""
    path.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")


def walk_tree(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Walk a folder, parents first, following no link; give each path and where it goes."""
    folders = [(source, target)]
    while folders:
        here, there = folders.pop()
        for entry in os.scandir(here):
            yield entry.path, f"{there}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                folders.append((entry.path, f"{there}/{entry.name}"))


def copy(source: str, target: str, give: bool) -> None:
    """Copy a file, a folder's name or a link as such; leave pipes, sockets and devices out.

    `give` hands the copy over to `nobody`.
    """
    mode = os.lstat(source).st_mode
    if stat.S_ISLNK(mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISDIR(mode):
        os.mkdir(target)
    elif stat.S_ISREG(mode):
        with open(source, "rb") as read, open(target, "xb") as write:
            while chunk := read.read(1 << 20):
                write.write(chunk)
        os.chmod(target, 0o755 if mode & stat.S_IXUSR else 0o644)
    else:
        return
    if give:
        os.chown(target, NOBODY, NOBODY, follow_symlinks=False)


def set_limits(limits: dict[str, int]) -> None:
    """Set the limits that hold for each process; the hard ones, so that none can be raised."""
    wanted = {
        "CPU": limits["seconds"],
        "FSIZE": limits["disk"],
        "NPROC": limits["tasks"],
        "CORE": 0,
        "MEMLOCK": 1 << 16,
        "MSGQUEUE": 0,
        "SIGPENDING": 256,
    }
    for name, most in wanted.items():
        lower(name, most)


def lower(name: str, most: int) -> None:
    """Set one limit, or keep the one there is if it is lower already."""
    kind = getattr(resource, f"RLIMIT_{name}", None)
    if kind is None:  # some only Linux has
        return
    hard = resource.getrlimit(kind)[1]
    hard = sys.maxsize if hard == resource.RLIM_INFINITY else hard
    soft = min(most, hard)
    # One second lies between the signal for too much processor time and the one that always kills.
    try:
        resource.setrlimit(kind, (soft, min(most + (name == "CPU"), hard)))
    except ValueError:
        if sys.platform.startswith("linux"):  # macOS knows some limits, and takes none for them
            raise


def give_up_rights(limits: dict[str, int]) -> None:
    """Become nobody, with no capability, no way to a new one, and few system calls."""
    set_limits(limits)
    kernel.drop_capabilities()
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    kernel.clear_capabilities()
    kernel.prctl(kernel.NO_NEW_PRIVS, kernel.register(1))
    seccomp.install()
    kernel.prctl(kernel.DUMPABLE, kernel.register(0))  # the program is of the same uid


def end_with_parent(status: int) -> None:
    """Have the kernel kill this process, and so everything in here, when the supervisor dies."""
    kernel.prctl(kernel.PDEATHSIG, kernel.register(signal.SIGKILL))
    poll = select.poll()
    poll.register(status, 0)
    if poll.poll(0):  # it had died before: nobody reads any more
        os._exit(1)


def become(spec: dict[str, Any], fds: list[int], status: int) -> NoReturn:
    """Become the program, with `fds` as its descriptors 0, 1, 2, ... and no other."""
    try:
        status = fcntl.fcntl(status, fcntl.F_DUPFD_CLOEXEC, 100)  # gone once the program starts
        if spec["isolated"]:
            os.setsid()
        away = [os.dup(fd) for fd in fds]  # out of the way of the numbers they are to have
        while min(away) < len(fds):
            away = [os.dup(fd) for fd in away]
        for target, fd in enumerate(away):
            os.dup2(fd, target)
        os.closerange(len(fds), status)
        for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and so would the program
            signal.signal(getattr(signal, name), signal.SIG_DFL)
        lower("NOFILE", spec["limits"]["open"])
        lower("AS", spec["limits"]["space"])
        if spec["limits"]["tight"]:
            seccomp.put(seccomp.tight(platform.machine(), bool(spec["limits"]["alone"])))
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])
    except Exception as error:
        words = getattr(error, "strerror", None) or error
        os.write(2, f"{spec['argv'][0]}: {words}\n".encode(errors="replace"))
        os.write(status, f"noexec {words}\n".encode(errors="replace"))
    finally:
        os._exit(127)
