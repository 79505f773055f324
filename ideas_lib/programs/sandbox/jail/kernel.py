"""The Linux system calls that Python's standard library does not have, by ctypes.

Every function raises OSError with the call's name when the kernel says no. Constants are those of
the kernel's public headers (linux/sched.h, mount.h, prctl.h, capability.h).
"""

import ctypes
import errno
import os
import platform

NEWNS, NEWUTS, NEWIPC = 0x00020000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

NOSUID, NODEV, NOEXEC, BIND, REC, PRIVATE = 0x2, 0x4, 0x8, 0x1000, 0x4000, 0x40000
DETACH = 2  # umount2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV, ATTR_NOEXEC = 0x1, 0x2, 0x4, 0x8

PDEATHSIG, DUMPABLE, SECCOMP, CAPBSET_DROP, NO_NEW_PRIVS = 1, 4, 22, 24, 38

PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442  # the same everywhere
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *args: object) -> None:
    """Call a function of the C library; raise OSError, with its name, if it returns -1."""
    if getattr(libc, name)(*args) == -1:
        error = ctypes.get_errno()
        words = " ".join([name, *(os.fsdecode(arg) for arg in args if isinstance(arg, bytes))])
        raise OSError(error, f"{words}: {os.strerror(error)}")


def register(value: int) -> ctypes.c_long:
    """Return an argument of a system call as wide as a register."""
    return ctypes.c_long(value)


def unshare(flags: int) -> None:
    """Leave the namespaces that the flags name, for new ones."""
    call("unshare", ctypes.c_int(flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount, see mount(2)."""
    call(
        "mount",
        os.fsencode(source),
        os.fsencode(target),
        kind.encode() or None,
        ctypes.c_ulong(flags),
        data.encode() or None,
    )


def restrict(target: str, attributes: int, recursive: bool = True) -> None:
    """Set attributes of a mount, and of those below it: ATTR_RDONLY and so on."""

    class Attributes(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]

    wanted = Attributes(set=attributes)
    call(
        "syscall",
        register(MOUNT_SETATTR),
        register(AT_FDCWD),
        os.fsencode(target),
        register(AT_RECURSIVE if recursive else 0),
        ctypes.byref(wanted),
        register(ctypes.sizeof(wanted)),
    )


def pivot_root(new: str, old: str) -> None:
    """Make `new` the root, and put the old one at `old`."""
    nr = PIVOT_ROOT[platform.machine()]
    call("syscall", register(nr), os.fsencode(new), os.fsencode(old))


def unmount(target: str) -> None:
    """Take a mount, and all below it, out of sight."""
    call("umount2", os.fsencode(target), DETACH)


def prctl(option: int, *args: object) -> None:
    """Call prctl(2); its unused arguments are 0, as some options demand."""
    call("prctl", option, *args, *[register(0)] * (4 - len(args)))


def drop_capabilities() -> None:
    """Give up every capability, and the way to get one back from a file."""
    for capability in range(64):
        try:
            prctl(CAPBSET_DROP, register(capability))
        except OSError as error:
            if error.errno == errno.EINVAL and capability > 0:
                return  # this kernel has no more
            raise


def clear_capabilities() -> None:
    """Empty this process's capability sets: effective, permitted and inheritable."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())
