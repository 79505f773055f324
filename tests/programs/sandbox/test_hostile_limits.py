"""Hostile programs that go for the limits, and for the words of the result.

Each attempt says what it prints after `began`, and how the result's reason begins: nothing for a
program that ends by itself. Where that depends on what limits memory, there are two: in a cgroup,
with limits per process. See conftest for what is asserted of all of them.
"""

from collections.abc import Callable
from typing import Any

import pytest

from ideas_lib.programs.sandbox.running import run

ALONE = "exit 1: BlockingIOError"  # with limits per process there is one process

ATTEMPTS: dict[str, tuple[str, Any, Any]] = {
    "fork bomb": (
        "while True:\n try: os.fork()\n except OSError: pass",
        "",
        "timeout: ran longer than 1.5 s",
    ),
    # Many processes write their last lines at once, so which of them ends the text is open.
    "fork bomb that gives up": ("while True: os.fork()", "", "exit 1: "),
    "thread bomb": (
        "n = 0\n"
        "def wait(): time.sleep(9)\n"
        "try:\n"
        "    while True: threading.Thread(target=wait, daemon=True).start(); n += 1\n"
        "except RuntimeError: tell(n < LIMIT); os._exit(0)",
        "True",
        "",
    ),
    "memory bomb": ("a = []\nwhile True: a.append(bytearray(1 << 24))", "", "exit 1: MemoryError"),
    "memory bomb of many processes": (
        "for _ in range(6):\n    if os.fork() == 0: break\n"
        "a = bytearray(160 << 20)\nfor i in range(0, len(a), 4096): a[i] = 1\ntime.sleep(9)",
        "",
        ("memory: its processes together held", ALONE),
    ),
    "memory shared by many processes": (
        "a = [mmap.mmap(-1, 120 << 20) for _ in range(1)]\n"
        "for _ in range(5):\n    if os.fork() == 0: a.append(mmap.mmap(-1, 120 << 20)); break\n"
        "for m in a:\n    for i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(9)",
        "",
        ("memory: its processes together held", ALONE),
    ),
    "endless loop": ("while True: pass", "", "timeout: ran longer than 1.5 s"),
    "endless sleep": ("time.sleep(1000)", "", "timeout: ran longer than 1.5 s"),
    "stop itself": ("os.kill(os.getpid(), signal.SIGSTOP)", "", "timeout: ran longer than 1.5 s"),
    "block every signal": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
        "",
        "timeout: ran longer than 1.5 s",
    ),
    "close its output and go on": (
        "os.closerange(0, 256)\nwhile True: time.sleep(1)",
        "",
        "timeout: ran longer than 1.5 s",
    ),
    "hang in a thread after the end": (
        "threading.Thread(target=time.sleep, args=(1000,)).start()",
        "",
        "timeout: ran longer than 1.5 s",
    ),
    "hang at exit": (
        "import atexit\natexit.register(time.sleep, 1000)\nsys.exit(0)",
        "",
        "timeout: ran longer than 1.5 s",
    ),
    "flood stdout": (
        "while True: print('x' * 10000)",
        None,
        "output: wrote more than 1048576 bytes to stdout",
    ),
    "flood stderr without a line's end": (
        "while True: os.write(2, b'x' * 10000)",
        "",
        "output: wrote more than 1048576 bytes to stderr",
    ),
    "flood from many processes": (
        "for _ in range(4): os.fork()\nwhile True: os.write(1, b'x' * 10000)",
        None,
        ("output: wrote more than 1048576 bytes to stdout", ALONE),
    ),
    "fill the disk": (
        "f = open('/tmp/a', 'wb')\ndef fill():\n    while True: f.write(b'x' * 65536); f.flush()\n"
        "tell(attempt(fill) in ('ENOSPC', 'EFBIG'))",
        "True",
        "",
    ),
    "fill shared memory": (
        "def fill():\n"
        "    for i in range(1000): open(f'/dev/shm/{i}', 'wb').write(bytes(1 << 20))\n"
        "tell(attempt(fill))",
        "ENOSPC",
        "",
    ),
    "a file of a petabyte": ("tell(attempt(os.truncate, 'program.py', 1 << 50))", "EFBIG", ""),
    "use up the inodes": (
        "def fill():\n    for i in range(10**6): os.mknod(f'/tmp/{i}')\ntell(attempt(fill))",
        "ENOSPC",
        "",
    ),
    "use up the descriptors": (
        "keep = []\ndef fill():\n    while True: keep.append(os.open('/box', os.O_RDONLY))\n"
        "tell(attempt(fill))",
        "EMFILE",
        "",
    ),
    "fill the kernel's buffers": (
        "for _ in range(5):\n    if os.fork() == 0: break\n"
        "pairs = []\n"
        "def fill():\n"
        "    while True:\n"
        "        pairs.append(socket.socketpair()); pairs[-1][0].setblocking(False)\n"
        "        try: pairs[-1][0].send(bytes(1 << 17))\n"
        "        except BlockingIOError: pass\n"
        "attempt(fill); time.sleep(60)",
        "",
        ("sockets: more than 512 open at once", ALONE),
    ),
    "a tree of folders without end": (
        "def fill():\n    while True: os.mkdir('d'); os.chdir('d')\ntell(attempt(fill))",
        "ENOSPC",
        "",
    ),
    "recurse without end": ("def f(): f()\nf()", "", "exit 1: RecursionError"),
    "end by a signal without a name": ("os.kill(os.getpid(), 40)", "", "signal: 40"),
    "crash the interpreter": ("ctypes.string_at(0)", "", "signal: SIGSEGV"),
    "leave a core dump": (
        "import resource\nos.fork() or ctypes.string_at(0)\nos.wait()\n"
        "tell(resource.getrlimit(resource.RLIMIT_CORE), os.listdir('.'))",
        ("(0, 0) ['program.py']", ""),
        ("", ALONE),
    ),
    "leave zombies": (
        "def fill():\n    while True: os.fork() or os._exit(0)\ntell(attempt(fill))",
        "EAGAIN",
        "",
    ),
    "lock memory": ("tell(libc.mlockall(3), libc.mlock(bytes(1 << 20), 1 << 20))", "-1 -1", ""),
    "bytes that are no text": (
        "sys.stdout.buffer.write(bytes([255, 254, 65]) + b'\\n')",
        "\ufffd\ufffdA",
        "",
    ),
    "terminal escapes in the last line": (
        "sys.exit('\\x1b[2J\\x1b]0;evil\\x07\\r safe')",
        "",
        r"exit 1: \x1b[2J\x1b]0;evil\x07",
    ),
    "an exception that cannot be printed": (
        "class Evil(Exception):\n"
        "    def __str__(self): raise Evil\n"
        "    __repr__ = __str__\n"
        "raise Evil",
        "",
        "exit 1: ",
    ),
    "an exception with a message of a megabyte": (
        "raise ValueError('x' * 10**6)",
        "",
        "exit 1: ValueError: xxx",
    ),
    "pretend that all is well": (
        "os.write(1, b'{\"ok\": true}\\n'); os._exit(3)",
        '{"ok": true}',
        "exit 3",
    ),
    "write on every descriptor": (
        "for fd in range(3, 300): attempt(os.write, fd, b'exit 0\\n')\nos._exit(4)",
        "",
        "exit 4",
    ),
}


@pytest.mark.usefixtures("memory_limit")
@pytest.mark.parametrize("name", ATTEMPTS)
def test_contained(name: str, contained: Callable[..., None]) -> None:
    contained(*ATTEMPTS[name])


def test_processor_time_of_many_threads_is_counted(tripwires: Any) -> None:
    source = (
        "import hashlib\n"
        "def burn():\n    while True: hashlib.sha256(bytes(1 << 20))\n"
        "[threading.Thread(target=burn).start() for _ in range(8)]"
    )
    result = run(tripwires.program(source), timeout=2, memory=256 << 20)
    # On one processor both limits come at the same time; on more, this one comes first.
    assert result.reason in (
        "timeout: a process used 2 s of processor time",
        "timeout: ran longer than 2 s",
    )
