"""Hostile programs that go for other processes, for more rights, and for the network.

Each attempt says what it prints after `began`, and how the result's reason begins: nothing for a
program that ends by itself. See conftest for what is asserted of all of them.
"""

import platform
from collections.abc import Callable
from typing import Any

import pytest

from ideas_lib.programs.sandbox.jail.seccomp import DENIED, MACHINES
from ideas_lib.programs.sandbox.running import run

NO_SOCKET = "exit 1: PermissionError"  # with limits per process

ATTEMPTS: dict[str, tuple[str, Any, Any]] = {
    "read the environment": (
        "tell('SECRET_WORD' in os.environ, len(os.environ) == VARIABLES)",
        "False True",
        "",
    ),
    "trace the caller": ("tell(syscall(NR_ptrace, 16, CALLER, 0, 0))", "EPERM", ""),
    "trace init": ("tell(syscall(NR_ptrace, 16, 1, 0, 0))", "EPERM", ""),
    "read the caller's memory": (
        "tell(syscall(NR_process_vm_readv, CALLER, 0, 0, 0, 0, 0), attempt(open,"
        " '/proc/CALLER/mem'))",
        "EPERM ENOENT",
        "",
    ),
    "read init's memory": ("tell(syscall(NR_process_vm_readv, 1, 0, 0, 0, 0, 0))", "EPERM", ""),
    "steal a descriptor of init": (
        "tell(syscall(NR_pidfd_getfd, os.pidfd_open(1), 0, 0))",
        "EPERM",
        "",
    ),
    "kill the caller": ("tell(attempt(os.kill, CALLER, signal.SIGKILL))", "ESRCH", ""),
    "kill all there is": ("attempt(os.kill, -1, signal.SIGKILL); tell('alive')", "alive", ""),
    "kill init": (
        "os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGSTOP); time.sleep(0.1); tell('alive')",
        "alive",
        "",
    ),
    "interrupt init": (
        "for s in signal.valid_signals() - {9, 19}: os.kill(1, s)\ntime.sleep(0.1); tell('alive')",
        "alive",
        "",
    ),
    "kill its own group": ("os.kill(0, signal.SIGKILL)", "", "signal: SIGKILL"),
    "type into the terminal": (
        "import fcntl, termios\ntell(attempt(fcntl.ioctl, 0, termios.TIOCSTI, b'x'))",
        "ENOTTY",
        "",
    ),
    "become root": (
        "tell(attempt(os.setuid, 0), attempt(os.setgroups, [0]), os.getuid())",
        "EPERM EPERM 65534",
        "",
    ),
    "use a capability": (
        "header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()\n"
        "libc.capget(header, sets); tell(list(sets))",
        "[0, 0, 0, 0, 0, 0]",
        "",
    ),
    "gain rights by a setuid program": (
        "tell(libc.prctl(39, 0, 0, 0, 0))\n"  # PR_GET_NO_NEW_PRIVS
        "out = attempt(subprocess.run, ['/bin/su', '-c', 'id -u'], stdin=subprocess.DEVNULL,"
        " capture_output=True, text=True)\n"
        "tell(getattr(out, 'stdout', ''))",
        "1",
        "",
    ),
    "a new user namespace": ("tell(syscall(NR_unshare, 0x10000000))", "EPERM", ""),
    "a new user namespace by clone": (
        "tell(syscall(NR_CLONE, 0x10000011, 0, 0, 0, 0))",
        "EPERM",
        "",
    ),
    "a new user namespace by clone3": (
        "args = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)\n"
        "tell(syscall(435, args, 64))",
        "ENOSYS",
        "",
    ),
    "enter init's namespaces": (
        "tell(syscall(NR_setns, os.pidfd_open(1), 0x10000000))",
        "EPERM",
        "",
    ),
    "remount a library writable": (
        "tell(syscall(NR_mount, b'none', os.path.dirname(os.__file__).encode(), 0, 0x1020, 0))",
        "EPERM",
        "",
    ),
    "unmount what hides the host": ("tell(syscall(NR_umount2, b'/', 2))", "EPERM", ""),
    "set mount attributes": ("tell(syscall(NR_mount_setattr, -100, b'/', 0, 0, 0))", "EPERM", ""),
    "change the clock": (
        "tell(attempt(time.clock_settime, time.CLOCK_REALTIME, 0.0))",
        "EPERM",
        "",
    ),
    "rename the machine": (
        "tell(attempt(socket.sethostname, 'evil'), socket.gethostname())",
        "EPERM sandbox",
        "",
    ),
    "take all of the processor": (
        "tell(attempt(os.nice, -10), attempt(os.sched_setscheduler, 0, os.SCHED_FIFO,"
        " os.sched_param(1)))",
        "EPERM EPERM",
        "",
    ),
    "raise its own limits": (
        "import resource as r\n"
        "tell(*[attempt(r.setrlimit, k, (1 << 40, 1 << 40)) for k in"
        " (r.RLIMIT_AS, r.RLIMIT_NPROC, r.RLIMIT_FSIZE, r.RLIMIT_CPU, r.RLIMIT_CORE)])",
        "ValueError ValueError ValueError ValueError ValueError",
        "",
    ),
    "preload a library into a privileged program": (
        "env = {**os.environ, 'LD_PRELOAD': '/box/evil.so'}\n"
        "out = subprocess.run(['id', '-u'], env=env, capture_output=True, text=True)\n"
        "tell(out.stdout.strip())",
        "65534",
        "",
    ),
    "a shell that reads the secret": (
        "out = subprocess.run('cat SECRET_FILE', shell=True, capture_output=True, text=True)\n"
        "tell(out.returncode, 'No such file' in out.stderr)",
        "1 True",
        "",
    ),
    "run a program from memory": ("tell(attempt(os.memfd_create, 'evil'))", "EPERM", ""),
    "the kernel's key ring": (
        "tell(syscall(NR_keyctl, 0, -4, 1), syscall(NR_add_key, b'user', b'a', b'b', 1, -4))",
        "EPERM EPERM",
        "",
    ),
    "System V shared memory": ("tell(syscall(NR_shmget, 0, 1 << 30, 0o1600))", "EPERM", ""),
    "connect to the caller's port": (
        "tell(attempt(socket.create_connection, ('127.0.0.1', PORT), 2))",
        "EPERM",
        "",
    ),
    "connect by IPv6": ("tell(attempt(socket.socket, socket.AF_INET6))", "EPERM", ""),
    "ask a name server": (
        "tell(attempt(socket.socket, socket.AF_INET, socket.SOCK_DGRAM))",
        "EPERM",
        "",
    ),
    "look a name up": ("tell(attempt(socket.gethostbyname, 'example.org'))", "gaierror", ""),
    "a raw socket": (
        "tell(attempt(socket.socket, socket.AF_PACKET, socket.SOCK_RAW))",
        "EPERM",
        "",
    ),
    "a netlink socket": (
        "tell(attempt(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW))",
        "EPERM",
        "",
    ),
    "a socket to the machine's host": (
        "tell(attempt(socket.socket, socket.AF_VSOCK))",
        "EPERM",
        "",
    ),
    "an abstract Unix socket of the caller": (
        "s = socket.socket(socket.AF_UNIX); tell(attempt(s.connect, chr(0) + 'ABSTRACT'))",
        ("ECONNREFUSED", ""),
        ("", NO_SOCKET),
    ),
    "a Unix socket file of the caller": (
        "s = socket.socket(socket.AF_UNIX); tell(attempt(s.connect, 'SOCKET_FILE'))",
        ("ENOENT", ""),
        ("", NO_SOCKET),
    ),
    "fetch a page": (
        "import urllib.request\ntell(attempt(urllib.request.urlopen, 'http://127.0.0.1:PORT/'))",
        "URLError",
        "",
    ),
    "a system call from the future": ("tell(syscall(460), syscall(100000))", "ENOSYS ENOSYS", ""),
}
if platform.machine() == "x86_64":
    ATTEMPTS |= {
        "a system call of another architecture": (
            "code = mmap.mmap(-1, 4096, prot=7)\n"
            # mov eax, 20; int 0x80; ret
            "code.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3]))\n"
            "ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()",
            "",
            "signal: SIGSYS",
        ),
        "a system call by the 32-bit door": ("tell(syscall(0x40000000 + 39))", "EPERM", ""),
    }


@pytest.mark.parametrize("name", ATTEMPTS)
def test_contained(name: str, contained: Callable[..., None]) -> None:
    contained(*ATTEMPTS[name], memory=4 << 30)  # enough for several processes, however limited


@pytest.mark.parametrize("name", DENIED)
def test_denied_system_call(name: str, denied: dict[str, str]) -> None:
    if name not in denied:
        pytest.skip(f"no such call on {platform.machine()}")
    assert denied[name] == "EPERM"


@pytest.fixture(scope="module")
def denied(_tripwires: Any) -> dict[str, str]:
    which = MACHINES.index(platform.machine())
    calls = {name: numbers[which] for name, numbers in DENIED.items() if numbers[which] is not None}
    source = f"for name, nr in {calls}.items(): print(name, syscall(nr, -1, 0, 0, 0, 0, 0))"
    lines = run(_tripwires.program(source), timeout=60).stdout.splitlines()
    assert lines[0] == "began"
    return dict(line.split() for line in lines[1:])
