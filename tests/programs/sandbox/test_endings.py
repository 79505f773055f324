"""Whatever a program started is dead when its sandbox ends, however that ends."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ideas_lib.programs.sandbox import running
from ideas_lib.programs.sandbox.running import run

PROGRAMS = Path(running.__file__).parent
PATIENT = 60.0  # seconds: a machine may be busy


def alive(marker: str) -> list[str]:
    """Return the host's processes that carry a marker in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if marker.encode() in (entry / "cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                pass
    return found


def hang(marker: str) -> str:
    """Return a program that runs for ever, with a marker in its command line."""
    command = ["python", "-c", "while True: pass", marker]
    return f"import os, sys; os.execv(sys.executable, {command})"


def wait_for(condition: object, seconds: float = PATIENT) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def test_daemons_die_with_their_program() -> None:
    marker = uuid.uuid4().hex
    command = ["python", "-c", "import time; open('/tmp/up', 'w'); time.sleep(600)", marker]
    daemon = f"""
        import os, sys, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.closerange(0, 100)
                os.execv(sys.executable, {command})
            os._exit(0)
        os.wait()
        while not os.path.exists("/tmp/up"):
            time.sleep(0.01)
        time.sleep(2)
        print("gone")
        """
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(run, textwrap.dedent(daemon), timeout=PATIENT)
        assert wait_for(lambda: alive(marker))  # the test can see it
        assert result.result().stdout == "gone\n"
    assert alive(marker) == []


def test_all_dies_when_the_caller_is_killed() -> None:
    marker = uuid.uuid4().hex
    caller = f"from ideas_lib.programs.sandbox import run; run({hang(marker)!r}, timeout=600)"
    root = str(PROGRAMS.parents[2])
    with subprocess.Popen([sys.executable, "-c", caller], cwd=root) as process:
        assert wait_for(lambda: alive(f"while True: pass\0{marker}\0"))
        process.kill()
    assert wait_for(lambda: not alive(marker))


def test_all_dies_when_the_supervisor_is_killed() -> None:
    marker = uuid.uuid4().hex
    box = {"files": {"program.py": hang(marker)}}
    limits = running.checked_limits(600, 1 << 29, 1 << 20)
    with running.Running([sys.executable, "program.py"], box, limits) as started:
        assert wait_for(lambda: alive(marker))
        assert started._process
        started._process.kill()
        with pytest.raises(RuntimeError, match="the sandbox's supervisor died"):
            started.result()
    assert wait_for(lambda: not alive(marker))


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_stopping_it(seconds: float) -> None:
    box = {"files": {"program.py": "import time; time.sleep(600)"}}
    limits = running.checked_limits(600, 1 << 29, 1 << 20)
    with running.Running([sys.executable, "program.py"], box, limits) as started:
        time.sleep(seconds)  # 0: before it is set up
        started.stop()
        result = started.result()
    assert result.reason == "stopped: the caller closed it"
    assert not result.ok


def test_ctrl_c_ends_it() -> None:
    marker, seen = uuid.uuid4().hex, []

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        seen.append(wait_for(lambda: alive(marker)))
        signal.pthread_kill(threading.main_thread().ident, signal.SIGALRM)  # type: ignore[arg-type]

    before = signal.signal(signal.SIGALRM, interrupt)
    thread = threading.Thread(target=wait)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            run(hang(marker), timeout=600)
    finally:
        thread.join()
        signal.signal(signal.SIGALRM, before)
    assert seen == [True]
    assert wait_for(lambda: not alive(marker))
