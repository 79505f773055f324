"""The system calls that nothing in the sandbox may make.

Namespaces already take away what these calls would reach; the filter makes the kernel's surface
smaller, and closes what namespaces leave open: memory that no limit counts (memfd, System V), and
sockets that know no network namespace (vsock). Only Unix sockets are left. Calls of another
architecture kill the process; calls younger than Linux 5.17 do not exist, so libraries fall back.
Locks on parts of files, which no limit counts either, seem to succeed and lock nothing: databases
of one process work. Locks on whole files (flock) are real.

Where no cgroup counts memory, `tight` adds a second filter: of sockets only connected pairs of
streams, no larger buffers, and maybe no second process.
"""

import ctypes
import errno
import platform
import struct

from ideas_lib.programs.sandbox.jail import kernel

# name -> its number on x86_64, on aarch64 (None: there is none there)
DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory, the kernel's machinery
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "fanotify_init": (300, 262),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "syslog": (103, 116),
    "lookup_dcookie": (212, 18),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    # memory that belongs to no process, and what runs out for all users together
    "vmsplice": (278, 75),
    "io_setup": (206, 0),
    "memfd_create": (319, 279),
    "memfd_secret": (447, None),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
    # the clock, the machine's name, and its disks
    "sync": (162, 81),
    "syncfs": (306, 267),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "settimeofday": (164, 170),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
MACHINES = ("x86_64", "aarch64")
ARCHITECTURE = (0xC000003E, 0xC00000B7)  # AUDIT_ARCH_*
CLONE, CLONE3, SOCKET, SOCKETPAIR = (56, 220), 435, (41, 198), (53, 199)
YOUNGEST = 450  # set_mempolicy_home_node, Linux 5.17
FORK, VFORK, SETSOCKOPT, FCNTL = (57, None), (58, None), (54, 208), (72, 25)
X32 = 0x40000000  # x86_64's second, 32-bit door
NAMESPACES = 0x7E020080  # every CLONE_NEW* that clone takes, and CLONE_NEWTIME
THREAD = 0x10000  # CLONE_THREAD: the new one shares the memory
AF_UNIX, SOCK_STREAM, SNDBUF = 1, 1, 7
LOCKS = (6, 7, 37, 38)  # fcntl's F_SETLK, F_SETLKW, and those of an open file
GROW_PIPE = 1031

# struct seccomp_data: nr at 0, arch at 4, args (64 bit each) from 16
NR, ARCH, ARG0, ARG1, ARG2 = 0, 4, 16, 24, 32
LOAD, AND, EQUAL, GREATER, ANY, RETURN = 0x20, 0x54, 0x15, 0x25, 0x45, 0x06  # BPF codes
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
DONE = ERRNO | 0  # no error, and nothing done


def program(machine: str) -> list[tuple[int, int, int, int]]:
    """Return the filter for a machine as BPF instructions: (code, jump if true, if false, k).

    Each check is a pair: a test, and what is returned when it holds; else the next is looked at.
    """
    which = MACHINES.index(machine)
    deny, none = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, ARCHITECTURE[which]), (RETURN, 0, 0, KILL)]
    steps += [(LOAD, 0, 0, NR), (GREATER, 0, 1, X32 - 1), (RETURN, 0, 0, deny)]
    steps += [(GREATER, 0, 1, YOUNGEST), (RETURN, 0, 0, none)]
    steps += [(EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, none)]  # glibc then uses clone
    for numbers in DENIED.values():
        if (nr := numbers[which]) is not None:
            steps += [(EQUAL, 0, 1, nr), (RETURN, 0, 0, deny)]
    steps += [(EQUAL, 0, 4, CLONE[which]), (LOAD, 0, 0, ARG0)]
    steps += [(ANY, 0, 1, NAMESPACES), (RETURN, 0, 0, deny), (RETURN, 0, 0, ALLOW)]
    for nr in (SOCKET[which], SOCKETPAIR[which]):
        steps += [(EQUAL, 0, 4, nr), (LOAD, 0, 0, ARG0)]
        steps += [(EQUAL, 1, 0, AF_UNIX), (RETURN, 0, 0, deny), (RETURN, 0, 0, ALLOW)]
    steps += [(EQUAL, 0, 2 + 2 * len(LOCKS), FCNTL[which]), (LOAD, 0, 0, ARG1)]
    for command in LOCKS:
        steps += [(EQUAL, 0, 1, command), (RETURN, 0, 0, DONE)]
    return [*steps, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ALLOW)]


def tight(machine: str, alone: bool) -> list[tuple[int, int, int, int]]:
    """Return the filter that is put on top where no cgroup counts; `alone` refuses processes."""
    which = MACHINES.index(machine)
    deny, again = ERRNO | errno.EPERM, ERRNO | errno.EAGAIN
    steps = [(LOAD, 0, 0, NR), (EQUAL, 0, 1, SOCKET[which]), (RETURN, 0, 0, deny)]
    steps += [(EQUAL, 0, 5, SOCKETPAIR[which]), (LOAD, 0, 0, ARG1), (AND, 0, 0, 0xF)]
    steps += [(EQUAL, 1, 0, SOCK_STREAM), (RETURN, 0, 0, deny), (RETURN, 0, 0, ALLOW)]
    steps += [(EQUAL, 0, 4, SETSOCKOPT[which]), (LOAD, 0, 0, ARG2)]
    steps += [(EQUAL, 0, 1, SNDBUF), (RETURN, 0, 0, deny), (RETURN, 0, 0, ALLOW)]
    steps += [(EQUAL, 0, 4, FCNTL[which]), (LOAD, 0, 0, ARG1)]
    steps += [(EQUAL, 0, 1, GROW_PIPE), (RETURN, 0, 0, deny), (RETURN, 0, 0, ALLOW)]
    if alone:
        for nr in (FORK[which], VFORK[which]):
            steps += [(EQUAL, 0, 1, nr), (RETURN, 0, 0, again)] if nr is not None else []
        steps += [(EQUAL, 0, 3, CLONE[which]), (LOAD, 0, 0, ARG0)]
        steps += [(ANY, 1, 0, THREAD), (RETURN, 0, 0, again)]
    return [*steps, (RETURN, 0, 0, ALLOW)]


def install() -> None:
    """Put the filter on this process and all it starts; it cannot be taken off again.

    Raises OSError on a machine that the table has no numbers for. Wants no_new_privs to be set.
    """
    if platform.machine() not in MACHINES:
        raise OSError(errno.ENOSYS, f"no system-call filter for {platform.machine()}")
    put(program(platform.machine()))


def put(steps: list[tuple[int, int, int, int]]) -> None:
    """Put a filter on this process, on top of those it has."""
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    filter_ = Program(len(steps), ctypes.addressof(code))
    kernel.prctl(kernel.SECCOMP, kernel.register(2), ctypes.byref(filter_))
