"""Ordinary programs work in the sandbox as they would outside."""

import os
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from ideas_lib.programs.sandbox import running
from ideas_lib.programs.sandbox.running import Result, run

PATIENT = 60.0  # seconds: a machine may be busy


def ran(source: str, **limits: object) -> Result:
    result = run(textwrap.dedent(source), **{"timeout": PATIENT, **limits})  # type: ignore[arg-type]
    assert result.isolated
    return result


def test_a_program_and_its_output() -> None:
    result = ran("import sys; print('out'); print('err', file=sys.stderr)")
    assert result == Result(
        True, "out\n", "err\n", "", 0, result.seconds, memory_limit=result.memory_limit
    )
    assert result.memory_limit in ("cgroup", "per process")
    assert 0 < result.seconds < PATIENT


def test_text_passes_as_it_is() -> None:
    text = "ä€🦊\r\n\tend\x00\x1b[1m"
    echo = "import sys; sys.stdout.write(sys.stdin.read())"
    assert ran(echo, stdin=text).stdout == text
    assert ran(f"print({text!r}, end='')").stdout == text
    assert ran("import sys; print(len(sys.stdin.read()))", stdin="x" * 10**6).stdout == "1000000\n"
    assert ran("print(input())").reason == "exit 1: EOFError: EOF when reading a line"


def test_an_exception_shows_its_traceback() -> None:
    result = ran(
        """
        def divide(a, b):
            return a / b
        divide(1, 0)
        """
    )
    assert not result.ok
    assert result.code == 1
    assert result.reason == "exit 1: ZeroDivisionError: division by zero"
    assert 'File "/box/program.py", line 4, in <module>' in result.stderr
    assert "return a / b" in result.stderr
    assert ran("x = = 1").reason == "exit 1: SyntaxError: invalid syntax"


@pytest.mark.parametrize(
    ("source", "code", "reason"),
    [
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(7)", 7, "exit 7"),
        ("raise SystemExit('no')", 1, "exit 1: no"),
        ("import os; os.abort()", -6, "signal: SIGABRT"),
        ("import os; os.kill(os.getpid(), 15)", -15, "signal: SIGTERM"),
        ("import os; os.execvp('false', ['false'])", 1, "exit 1"),
    ],
)
def test_how_it_ended(source: str, code: int, reason: str) -> None:
    result = ran(source)
    assert (result.code, result.reason, result.ok) == (code, reason, code == 0)


def test_output_before_the_time_limit_is_kept() -> None:
    result = run("print('so far', flush=True)\nwhile True: pass", timeout=1.5)
    assert (result.stdout, result.code, result.ok) == ("so far\n", None, False)
    assert result.reason == "timeout: ran longer than 1.5 s"
    assert 1.5 <= result.seconds < PATIENT


@pytest.mark.usefixtures("memory_limit")
def test_packages_can_be_imported_and_not_written_to() -> None:
    result = ran(
        """
        import json, os, sqlite3, numpy, yaml
        print(numpy.arange(4).sum(), os.access(os.path.dirname(numpy.__file__), os.W_OK))
        base = sqlite3.connect("a.db")
        base.execute("create table t (a)"); base.execute("insert into t values (1)"); base.commit()
        print(base.execute("select a from t").fetchall())
        """
    )
    assert result.stdout == "6 False\n[(1,)]\n", result.stderr


@pytest.mark.usefixtures("memory_limit")
def test_threads_processes_and_files_work() -> None:
    result = ran(
        """
        import multiprocessing, os, subprocess, tempfile
        from concurrent.futures import ThreadPoolExecutor
        if __name__ == "__main__":
            with multiprocessing.Pool(2) as pool:
                print(pool.map(abs, [-1, 2]))
            with ThreadPoolExecutor(16) as pool:
                print(sum(pool.map(abs, range(100))))
            print(subprocess.check_output(["echo", "hello"], text=True).strip())
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"x"); print(os.path.dirname(file.name))
            open("own", "w").close(); print(sorted(os.listdir(".")))
        """,
        memory=16 << 30,  # enough for several processes, however limited
    )
    lines = ["[1, 2]", "4950", "hello", "/tmp", "['own', 'program.py']"]
    assert result.stdout.splitlines() == lines, result.stderr


def test_memory_that_processes_share_counts_once() -> None:
    if ran("pass").memory_limit != "cgroup":
        pytest.skip("needs a cgroup, and none may be made here")
    # A forked child shares its parent's pages, one on its way to exec the whole address space.
    result = ran(
        """
        import os, subprocess, time
        a = bytearray(b"x") * (100 << 20)
        children = [os.fork() for _ in range(2)]
        if 0 in children:
            time.sleep(1); os._exit(0)
        for _ in range(100):
            subprocess.run(["true"])
        """,
        memory=200 << 20,
    )
    assert result.ok, result


def test_the_same_program_does_the_same() -> None:
    source = "print(list({'a', 'b', 'c', 'd', 'e', 'f', 'g'}), sorted(__import__('os').environ))"
    assert ran(source).stdout == ran(source).stdout


def test_many_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: ran(f"print({i})").stdout, range(16)))
    assert results == [f"{i}\n" for i in range(16)]


def test_nothing_is_left_open() -> None:
    before = os.listdir("/proc/self/fd")
    for source in ("pass", "1/0"):
        ran(source)
    run("while True: pass", timeout=0.2)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"timeout": 0}, "timeout=0: it has to be above 0, and 86400 seconds at most"),
        ({"timeout": float("nan")}, "timeout=nan"),
        ({"timeout": float("inf")}, "timeout=inf"),
        ({"memory": 1000}, "memory=1000: Python needs 67108864 bytes at least"),
    ],
)
def test_limits_that_make_no_sense(limits: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        run("pass", **limits)  # type: ignore[arg-type]


@pytest.mark.usefixtures("memory_limit")
def test_the_least_memory_is_enough_for_python() -> None:
    assert ran("print(1)", memory=running.LEAST).ok


def test_a_program_that_cannot_be_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "DISK", 1 << 20)
    for more in ({"source": "'\ud800'"}, {"source": "", "stdin": "x" * (running.DISK + 1)}):
        with pytest.raises(ValueError, match="cannot put the program's files into the sandbox"):
            run(**more)  # type: ignore[arg-type]
