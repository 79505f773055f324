"""It refuses where it cannot isolate, and has the same walls for every user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import running
from ideas_lib.programs.sandbox.running import Unavailable, run, run_command

PROGRAMS = Path(running.__file__).parent
PATIENT = 60.0  # seconds: a machine may be busy


@pytest.fixture
def library() -> Iterator[Path]:
    """A copy of the library that every user can read."""
    folder = Path(tempfile.mkdtemp(prefix="library-", dir="/tmp"))
    shutil.copytree(
        PROGRAMS.parents[1], folder / "ideas_lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


REFUSED = """
from ideas_lib.programs.sandbox.jail import kernel, seccomp
from ideas_lib.programs.sandbox import Unavailable, run
kernel.prctl(kernel.NO_NEW_PRIVS, kernel.register(1))
seccomp.install()  # as a container does that forbids namespaces
try: run('print("it ran")')
except Unavailable as error: print(error)
print(run('import os; print(sorted(os.environ)[0], len(os.listdir(".")))', unsafe=True, timeout=60))
"""
UNSAFE = """
from ideas_lib.programs.sandbox import run
def unsafe(source, seconds):
    result = run(source, unsafe=True, timeout=seconds)
    print(result.isolated, result.ok, result.reason, *result.stdout.splitlines()[:1])
unsafe('print(open("program.py").read()[:9], input("x"))', 60)
unsafe('print(1)', 60)
unsafe('while True: pass', 0.5)
unsafe('a = bytearray(1 << 31)', 60)
unsafe('while True: print(1)', 60)
import os; print([name for name in os.listdir("/tmp") if name.startswith("unsafe-")])
"""


def test_it_refuses_where_namespaces_are_forbidden_and_says_why(library: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", REFUSED], cwd=library, capture_output=True, text=True
    )
    first, *others, last = done.stdout.splitlines()
    assert first == "cannot isolate programs here: unshare: Operation not permitted"
    assert any("sysctl" in line for line in others)
    assert "unsafe=True" in others[-1]
    assert "it ran" not in done.stdout
    assert last.startswith(r"Result(ok=True, stdout='HOME 1\n'"), done
    assert last.endswith("isolated=False, memory_limit='none')")


def test_unsafe_has_limits_all_the_same(library: Path) -> None:
    # Inside a sandbox, where there is nothing to harm, and no sandbox to be had.
    (library / "main.py").write_text(UNSAFE)
    result = run_command(["python", "main.py"], tree=library, timeout=PATIENT)
    assert result.stdout.splitlines() == [
        "False False exit 1: EOFError: EOF when reading a line x",
        "False True  1",
        "False False timeout: ran longer than 0.5 s",
        "False False exit 1: MemoryError",
        "False False output: wrote more than 1048576 bytes to stdout 1",
        "[]",
    ]


def test_it_refuses_on_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Unavailable, match="cannot isolate programs on darwin"):
        run("print(1)")


def test_it_refuses_when_python_is_not_to_be_had_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "visible", lambda: ([], []))
    with pytest.raises(Unavailable, match="cannot be started in there.*: No such file"):
        run("print(1)")


def test_no_program_can_ask_to_be_run_without_walls() -> None:
    # What a broken sandbox would say, said by the program: it is not run again, and unsafely.
    source = (
        f"import os; os.write(2, b'{sys.executable}: No such file\\nnoexec x\\n'); os._exit(127)"
    )
    result = run(source, unsafe=True, timeout=PATIENT)
    assert result.isolated
    assert result.code == 127


def test_unsafe_isolates_where_it_can() -> None:
    assert run("print(1)", unsafe=True, timeout=PATIENT).isolated


AS_ANOTHER_USER = """
import os, sys, time
from ideas_lib.programs.sandbox import run
from ideas_lib.programs.sandbox.running import PROCESSES
from ideas_lib.programs.judge import check_program
result = run("import os; print(os.getuid(), os.getgroups(), os.listdir('.'))", timeout=60)
print(result.isolated, result.stdout, end="")
print(run("open('/box/x', 'w'); open('/evil', 'w')", timeout=60).reason)
print(run("import os; os.kill(PID, 9)".replace("PID", str(os.getpid())), timeout=60).reason)
bomb = '''
import os, time
n = 0
while True:
    try: child = os.fork()
    except OSError: break
    if child == 0: time.sleep(100)
    n += 1
print(n)
'''
print(int(run(bomb, timeout=60).stdout) < PROCESSES)
print(run("while True: pass", timeout=0.5).reason)
eater = "import os, time; os.fork(); os.fork(); a = bytearray(b'x') * (60 << 20); time.sleep(9)"
eaten = run(eater, timeout=60, memory=1 << 27)
print(eaten.reason.split(":")[0] == ("memory" if eaten.memory_limit == "cgroup" else "exit 1"))
print(run("import socket; socket.socket()", timeout=60).reason)
print(run(f"open({__file__!r})", timeout=60).reason.split(":")[1])
print(check_program("def f(x): return x + 1", "f", examples=[((1,), 2)], timeout=60).passed)
print(check_program("def f(x): return x", "f", examples=[((1,), 2)], timeout=60).passed)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else; this is nobody")
@pytest.mark.parametrize("user", [65534, 4321])
def test_an_ordinary_user_has_the_same_walls(user: int, library: Path) -> None:
    script = library / "main.py"
    script.write_text(AS_ANOTHER_USER)
    environment = {"PYTHONPATH": str(library), "PATH": os.defpath}
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            done = subprocess.run(
                [python, str(script)],
                user=user,
                group=user,
                extra_groups=[],
                env=environment,
                cwd="/",
                capture_output=True,
                text=True,
            )
            break
        except PermissionError:  # Python is in a folder that is root's alone
            continue
    else:
        pytest.skip("no Python that another user may run")
    assert done.stdout.splitlines() == [
        "True 65534 [] ['program.py']",
        "exit 1: OSError: [Errno 30] Read-only file system: '/evil'",
        "exit 1: ProcessLookupError: [Errno 3] No such process",
        "True",
        "timeout: ran longer than 0.5 s",
        "True",
        "exit 1: PermissionError: [Errno 1] Operation not permitted",
        " FileNotFoundError",
        "True",
        "False",
    ], done.stderr
