"""The filter, run by a small interpreter of BPF, for both machines; and the numbers in it."""

import errno
import re
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox.jail import seccomp

ALLOWED, KILLED, DONE = "allowed", "killed", "done"
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def decide(
    machine: str,
    nr: int,
    *args: int,
    architecture: int | None = None,
    program: list[tuple[int, int, int, int]] | None = None,
) -> str:
    """Run the filter on a system call and say what becomes of it."""
    program = program or seccomp.program(machine)
    which = seccomp.MACHINES.index(machine)
    given = seccomp.ARCHITECTURE[which] if architecture is None else architecture
    arg0, arg1, arg2, *_ = (*args, 0, 0, 0)
    data = {seccomp.NR: nr, seccomp.ARCH: given}
    data |= {seccomp.ARG0: arg0, seccomp.ARG1: arg1, seccomp.ARG2: arg2}
    at = accumulator = 0
    for _ in program:
        code, true, false, k = program[at]
        if code == seccomp.LOAD:
            accumulator = data[k] & 0xFFFFFFFF
            at += 1
        elif code == seccomp.RETURN:
            if k in (seccomp.ALLOW, seccomp.DONE):
                return ALLOWED if k == seccomp.ALLOW else DONE
            return KILLED if k == seccomp.KILL else errno.errorcode[k & 0xFFFF]
        elif code == seccomp.AND:
            accumulator &= k
            at += 1
        else:
            tests = {
                seccomp.EQUAL: accumulator == k,
                seccomp.GREATER: accumulator > k,
                seccomp.ANY: bool(accumulator & k),
            }
            at += 1 + (true if tests[code] else false)
    raise AssertionError("the filter has no end")


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_every_number_below_the_youngest(machine: str) -> None:
    which = seccomp.MACHINES.index(machine)
    denied = {numbers[which] for numbers in seccomp.DENIED.values()} - {None}
    special = {seccomp.CLONE3, seccomp.SOCKET[which], seccomp.SOCKETPAIR[which]}
    for nr in set(range(seccomp.YOUNGEST + 1)) - special:
        assert decide(machine, nr) == ("EPERM" if nr in denied else ALLOWED), nr
    assert decide(machine, seccomp.CLONE3) == "ENOSYS"
    assert decide(machine, seccomp.YOUNGEST + 1) == "ENOSYS"


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_other_doors_are_shut(machine: str) -> None:
    assert decide(machine, 39, architecture=0x40000003) == KILLED  # i386
    assert decide(machine, 39, architecture=0) == KILLED
    for nr in (seccomp.X32, seccomp.X32 + 39, 0xFFFFFFFF):
        assert decide(machine, nr) == "EPERM"


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_clone_makes_processes_and_threads_but_no_namespace(machine: str) -> None:
    clone = seccomp.CLONE[seccomp.MACHINES.index(machine)]
    fork, thread = 0x01200011, 0x003D0F00  # the flags that glibc passes
    assert decide(machine, clone, fork) == ALLOWED
    assert decide(machine, clone, thread) == ALLOWED
    for bit in (7, 17, 25, 26, 27, 28, 29, 30):  # time, mount, cgroup, uts, ipc, user, pid, net
        assert decide(machine, clone, fork | 1 << bit) == "EPERM"


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_only_unix_sockets(machine: str) -> None:
    which = seccomp.MACHINES.index(machine)
    for nr in (seccomp.SOCKET[which], seccomp.SOCKETPAIR[which]):
        made = [family for family in range(64) if decide(machine, nr, family) == ALLOWED]
        assert made == [seccomp.AF_UNIX]
        assert decide(machine, nr, 0xFFFFFFFF) == "EPERM"


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_locks_on_parts_of_files_lock_nothing(machine: str) -> None:
    fcntl = seccomp.FCNTL[seccomp.MACHINES.index(machine)]
    done = [command for command in range(2000) if decide(machine, fcntl, 3, command) == DONE]
    assert done == [6, 7, 37, 38]  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
    assert decide(machine, fcntl, 3, 1031) == ALLOWED


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_where_no_cgroup_counts(machine: str, alone: bool) -> None:
    which = seccomp.MACHINES.index(machine)
    filter_ = seccomp.tight(machine, alone)

    def says(nr: int, *args: int) -> str:
        return decide(machine, nr, *args, program=filter_)

    assert says(seccomp.SOCKET[which], 1, 1) == "EPERM"
    kinds = [kind for kind in range(16) if says(seccomp.SOCKETPAIR[which], 1, kind) == ALLOWED]
    assert kinds == [1]
    assert says(seccomp.SOCKETPAIR[which], 1, 0o2004001) == ALLOWED  # non-blocking, close-on-exec
    assert says(seccomp.SETSOCKOPT[which], 3, 1, 7) == "EPERM"
    assert says(seccomp.SETSOCKOPT[which], 3, 1, 8) == ALLOWED
    assert says(seccomp.FCNTL[which], 3, 1031) == "EPERM"
    assert says(seccomp.FCNTL[which], 3, 1) == ALLOWED
    fork = "EAGAIN" if alone else ALLOWED
    assert says(seccomp.CLONE[which], 0x01200011) == fork
    assert says(seccomp.CLONE[which], 0x003D0F00) == ALLOWED  # a thread
    for nr in (seccomp.FORK[which], seccomp.VFORK[which]):
        assert nr is None or says(nr) == fork


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_numbers_are_the_kernels(machine: str) -> None:
    header = HEADERS[machine]
    if not header.is_file():
        pytest.skip(f"needs {header}")
    known = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text()))
    which = seccomp.MACHINES.index(machine)
    ours = {name: numbers[which] for name, numbers in seccomp.DENIED.items()}
    ours |= {"clone": seccomp.CLONE[which], "clone3": seccomp.CLONE3}
    ours |= {"socket": seccomp.SOCKET[which], "socketpair": seccomp.SOCKETPAIR[which]}
    ours |= {"fork": seccomp.FORK[which], "vfork": seccomp.VFORK[which]}
    ours |= {"setsockopt": seccomp.SETSOCKOPT[which], "fcntl": seccomp.FCNTL[which]}
    for name, nr in ours.items():
        if nr is None:
            assert name not in known or name == "memfd_secret", name
        elif name in known:
            assert int(known[name]) == nr, name
    assert len(ours.keys() & known.keys()) > 40
