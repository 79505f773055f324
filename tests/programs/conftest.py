"""Tripwires that no program may touch, and what is asserted of every hostile program."""

import functools
import os
import platform
import re
import shutil
import socket
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import running
from ideas_lib.programs.sandbox.jail.seccomp import CLONE, DENIED, MACHINES
from ideas_lib.programs.sandbox.running import OUTPUT, PROCESSES, Result, Unavailable, run
from ideas_lib.programs.sandbox.view import environment

ROOT = Path(__file__).parents[2]
WHICH = MACHINES.index(platform.machine()) if platform.machine() in MACHINES else 0
MODULES = ("mmap", "socket", "subprocess", "threading")

PRELUDE = """
import ctypes, errno, os, signal, sys, time
print("began", flush=True)
libc = ctypes.CDLL(None, use_errno=True)
def syscall(nr, *args):
    args = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    if libc.syscall(ctypes.c_long(nr), *args) == -1:
        return errno.errorcode[ctypes.get_errno()]
    return "worked"
def attempt(call, *args, **kwargs):
    try:
        return call(*args, **kwargs)
    except Exception as error:
        return errno.errorcode.get(getattr(error, "errno", 0), type(error).__name__)
def tell(*words):
    print(*words, flush=True)
"""


collect_ignore_glob = [] if sys.platform.startswith("linux") else ["test_[!v]*.py"]

NO_SANDBOX = (  # these start none
    *("test_values", "test_seccomp", "test_mutate", "test_certify", "test_fuzzing"),
    *("test_certificates", "test_code_pairs", "test_watching", "test_repo_changes"),
    *("test_what_if_command", "test_proposed_edits"),
)


LIMITS = ("cgroup", "per process")  # what may keep a program to its memory; see SECURITY.md
Either = str | None | tuple[str | None, str | None]  # the same for both LIMITS, or one for each


@functools.cache
def forbidden() -> str:
    """Return why this system isolates nothing, or nothing where it does."""
    try:
        run("pass", timeout=60.0)
    except Unavailable as error:
        return str(error)
    return ""


@functools.cache
def best_limit() -> str:
    """Return which of LIMITS this system has to offer."""
    return run("pass", timeout=60.0).memory_limit


@pytest.fixture(params=LIMITS)
def memory_limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each of LIMITS in turn; a cgroup only where one can be made."""
    if request.param == "per process":
        monkeypatch.setattr(running, "CGROUP", False)
    elif best_limit() != "cgroup":
        pytest.skip("no cgroup may be made here")
    return str(request.param)


def pytest_runtest_setup(item: pytest.Item) -> None:
    # Before any fixture, for some of them run programs.
    if not item.path.stem.startswith(NO_SANDBOX) and (why := forbidden()):
        pytest.skip(why)


@dataclass
class Tripwires:
    """What no program may reach: a file, a variable, a port, sockets; and what noticed it."""

    folder: Path
    word: str = field(default_factory=lambda: uuid.uuid4().hex)
    touched: list[str] = field(default_factory=list)
    port: int = 0

    def names(self) -> tuple[str, str]:
        """Return the addresses of the Unix sockets: a file, and an abstract name."""
        return str(self.folder / "socket"), f"\0ideas-{self.folder.name}"

    def program(self, source: str) -> str:
        """Put the real places and numbers into a program, and the prelude before it."""
        numbers = {f"NR_{name}": str(nr[WHICH]) for name, nr in DENIED.items()}
        places = {
            **{"SECRET_FILE": str(self.folder / "secret"), "SECRET_FOLDER": str(self.folder)},
            **{"SOCKET_FILE": self.names()[0], "ABSTRACT": self.names()[1][1:]},
            **{"PORT": str(self.port), "CALLER": str(os.getpid()), "HOME_FOLDER": str(Path.home())},
            **{"PROJECT": str(ROOT), "LIMIT": str(PROCESSES), "VARIABLES": str(len(environment()))},
            **{"NR_CLONE": str(CLONE[WHICH]), **numbers},
        }
        pattern = "|".join(sorted(map(re.escape, places), key=len, reverse=True))
        source = re.sub(rf"\b({pattern})\b", lambda found: places[found[0]], source)
        imports = [f"import {name}\n" for name in MODULES if name + "." in source]
        return PRELUDE + "".join(imports) + source

    def untouched(self) -> None:
        """Assert that nobody was here."""
        assert self.touched == []
        assert sorted(path.name for path in self.folder.iterdir()) == ["secret", "socket"]
        assert (self.folder / "secret").read_text() == self.word


@pytest.fixture(scope="session")
def _tripwires() -> Iterator[Tripwires]:
    # Not in pytest's own folder: others could not read that anyway.
    wires = Tripwires(Path(f"/tmp/tripwire-{uuid.uuid4().hex[:12]}"))
    wires.folder.mkdir(mode=0o755)
    (wires.folder / "secret").write_text(wires.word)
    listeners = [socket.create_server(("127.0.0.1", 0))]
    wires.port = listeners[0].getsockname()[1]
    for name in wires.names():
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name)
        listener.listen()
        listeners.append(listener)

    def listen(listener: socket.socket) -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peer.close()
            wires.touched.append(str(listener.getsockname()))

    threads = [threading.Thread(target=listen, args=(one,), daemon=True) for one in listeners]
    for thread in threads:
        thread.start()
    yield wires
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()
    shutil.rmtree(wires.folder)


@pytest.fixture
def tripwires(_tripwires: Tripwires, monkeypatch: pytest.MonkeyPatch) -> Tripwires:
    monkeypatch.setenv("SECRET_WORD", _tripwires.word)
    return _tripwires


@pytest.fixture
def contained(tripwires: Tripwires) -> Callable[..., Result]:
    """Run a program and assert that it did only what it says: see the attempts."""

    def check(source: str, printed: Either, reason: Either, memory: int = 512 << 20) -> Result:
        kind = LIMITS.index(best_limit() if running.CGROUP else "per process")
        printed = printed[kind] if isinstance(printed, tuple) else printed
        reason = (reason[kind] if isinstance(reason, tuple) else reason) or ""
        soon = reason.startswith("timeout: ran")  # the others get far more than they need
        result = run(tripwires.program(source), timeout=1.5 if soon else 60, memory=memory)
        words = f"{result.reason}\n{result.stderr[-2000:]}"
        assert result.memory_limit == LIMITS[kind]
        assert result.stdout.startswith("began\n"), words
        if printed is not None:
            assert result.stdout.removeprefix("began\n").strip() == printed, words
        assert result.reason.startswith(reason), words
        assert result.ok == (not result.reason) == (not reason), words
        assert result.isolated
        assert len(result.reason) < 300
        assert result.reason.isprintable()
        assert max(len(result.stdout), len(result.stderr)) <= OUTPUT
        assert tripwires.word not in result.stdout + result.stderr + result.reason
        tripwires.untouched()
        return result

    return check
