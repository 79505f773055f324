"""Hostile programs that go for files, and for what the kernel shows as files.

Each attempt says what it prints after `began`, and how the result's reason begins: nothing for a
program that ends by itself. See conftest for what is asserted of all of them.
"""

from collections.abc import Callable
from typing import Any

import pytest

NO_SOCKET = "exit 1: PermissionError"  # with limits per process

ATTEMPTS: dict[str, tuple[str, Any, Any]] = {
    "read the password file": ("tell(attempt(open, '/etc/shadow'))", "ENOENT", ""),
    "read a secret file by its path": ("tell(attempt(open, 'SECRET_FILE'))", "ENOENT", ""),
    "list the folder of the secret": ("tell(attempt(os.listdir, 'SECRET_FOLDER'))", "ENOENT", ""),
    "find the caller's dot files": (
        "home = 'HOME_FOLDER'\n"
        "tell([n for n in ('.ssh', '.bashrc', '.profile', '.config', '.cache', '.gitconfig')"
        " if os.path.lexists(os.path.join(home, n))])",
        "[]",
        "",
    ),
    "read the project": ("tell(attempt(open, 'PROJECT/pyproject.toml'))", "ENOENT", ""),
    "climb above the root": (
        "tell(sorted(set(os.listdir('/')) - set(os.listdir('/box/../../../..'))))",
        "[]",
        "",
    ),
    "follow a symlink out of the box": (
        "os.symlink('SECRET_FILE', 'link'); tell(attempt(open, 'link'))",
        "ENOENT",
        "",
    ),
    "hard-link a library into the box": ("tell(attempt(os.link, os.__file__, 'x'))", "EXDEV", ""),
    "write into the standard library": (
        "tell(attempt(open, os.__file__, 'a') in ('EROFS', 'EACCES'))",
        "True",
        "",
    ),
    "plant a .pth file in site-packages": (
        "import site\n"
        "path = os.path.join(site.getsitepackages()[0], 'evil.pth')\n"
        "tell(attempt(open, path, 'w') in ('EROFS', 'EACCES'))",
        "True",
        "",
    ),
    "make a library writable first": (
        "tell(attempt(os.chmod, os.__file__, 0o777) in ('EROFS', 'EPERM'))",
        "True",
        "",
    ),
    "write to the root folder": (
        "tell(attempt(open, '/evil', 'w') in ('EROFS', 'EACCES'))",
        "True",
        "",
    ),
    "replace /etc/passwd": (
        "tell(attempt(os.rename, 'program.py', '/etc/passwd') in ('EROFS', 'EXDEV', 'EACCES'))",
        "True",
        "",
    ),
    "open the host's disks and memory": (
        "names = ('vda', 'sda', 'nvme0n1', 'mem', 'kmsg', 'kvm', 'fuse', 'tty', 'ptmx', 'vsock')\n"
        "tell([n for n in names if os.path.exists('/dev/' + n)])",
        "[]",
        "",
    ),
    "make a device file": (
        "import stat\ntell(attempt(os.mknod, 'disk', 0o666 | stat.S_IFBLK, os.makedev(254, 0)))",
        "EPERM",
        "",
    ),
    "leave a pipe and a socket behind": (
        "os.mkfifo('pipe'); s = socket.socket(socket.AF_UNIX); s.bind('socket'); tell('made')",
        ("made", ""),
        ("", NO_SOCKET),
    ),
    "use a descriptor that was left open": (
        "tell([fd for fd in range(4096) if attempt(os.fstat, fd) != 'EBADF'])",
        "[0, 1, 2]",
        "",
    ),
    "walk out through a descriptor": (
        "fd = os.open('/', os.O_RDONLY)\n"
        "tell(sorted(set(os.listdir(fd)) ^ set(os.listdir('/'))), attempt(os.open,"
        " '../../SECRET_FILE', os.O_RDONLY, dir_fd=fd))",
        "[] ENOENT",
        "",
    ),
    "open a file by its handle": ("tell(syscall(NR_open_by_handle_at, 3, 0, 0))", "EPERM", ""),
    "leave by chroot": ("tell(attempt(os.chroot, '..'))", "EPERM", ""),
    "look at other processes": ("tell(os.listdir('/proc'))", "['cpuinfo']", ""),
    "read init's environment": ("tell(attempt(open, '/proc/1/environ'))", "ENOENT", ""),
    "go through init's root": ("tell(attempt(os.listdir, '/proc/1/root'))", "ENOENT", ""),
    "write its own memory by /proc": ("tell(attempt(open, '/proc/self/mem', 'wb'))", "ENOENT", ""),
    "set the host's core pattern": (
        "tell(attempt(open, '/proc/sys/kernel/core_pattern', 'w'))",
        "ENOENT",
        "",
    ),
    "use cgroup's release agent": ("tell(attempt(os.listdir, '/sys/fs/cgroup'))", "ENOENT", ""),
    "talk to the container daemon": (
        "tell([p for p in ('/run', '/var/run/docker.sock', '/var') if os.path.exists(p)])",
        "[]",
        "",
    ),
    "mount a fresh /proc": (
        "tell(syscall(NR_mount, b'proc', b'/tmp', b'proc', 0, 0))",
        "EPERM",
        "",
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_contained(name: str, contained: Callable[..., None]) -> None:
    contained(*ATTEMPTS[name], memory=4 << 30)  # enough for several processes, however limited
