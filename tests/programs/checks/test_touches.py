"""What a program may touch is named from its text, and what it tried from the sandbox."""

import doctest

import pytest

from ideas_lib.programs.checks import may_touch, read_task, see_attempts, touches

TASK = read_task("import os\nos.getcwd()\ndef f(x):\n    'f(1) == 2'\n")


@pytest.mark.parametrize(
    ("program", "kind", "what"),
    [
        ("import os\ndef f(x): os.system('ls')", "processes", "os.system, line 2"),
        ("from os import system as s\ndef f(x): s('ls')", "processes", "os.system"),
        ("import subprocess as sp\ndef f(x): sp.run(['ls'])", "processes", "subprocess.run"),
        ("from os import *\ndef f(x): system('ls')", "processes", "system"),
        ("def f(x): return open(x)", "files", "open, line 1"),
        ("import builtins\ndef f(x): return builtins.open(x)", "files", "builtins.open"),
        ("from pathlib import Path\ndef f(x): Path(x).unlink()", "files", ".unlink"),
        ("import urllib.request\ndef f(x): urllib.request.urlopen(x)", "network", "urlopen"),
        ("def f(x):\n    import socket", "network", "import socket, line 2"),
        ("def f(x): return eval(x)", "code made as it runs", "eval"),
        ("def f(x): return __import__('o' + 's')", "code made as it runs", "__import__"),
        ("import importlib\ndef f(x): importlib.import_module(x)", "code", "import_module"),
        ("def f(x): return getattr(x, 'a' + 'b')", "code", "getattr of a name made as it runs"),
        ("def f(x): return getattr(x, 'system')", "processes", "getattr 'system'"),
        ("import pickle\ndef f(x): return pickle.loads(x)", "code", "pickle.loads"),
        ("import ctypes\ndef f(x): pass", "native code", "import ctypes"),
        ("def f(x): return ().__class__.__base__.__subclasses__()", "Python", "__subclasses__"),
        ("print(1)\ndef f(x): pass", "run when it is loaded", "print(1), line 1"),
        ("def f(x=print(1)): pass", "run when it is loaded", "print(1)"),
        ("@print\ndef f(x): pass", "run when it is loaded", "print"),
        ("class A:\n    print(1)\ndef f(x): pass", "run when it is loaded", "print(1), line 2"),
        ("def f(x) -> print(1): pass", "run when it is loaded", "print(1)"),
        ("x = [print(i) for i in ()]\ndef f(x): pass", "run when it is loaded", "print(i)"),
        ("if 1:\n    del f\ndef f(x): pass", "run when it is loaded", "del f"),
        ("import math\nmath.pi = 3\ndef f(x): pass", "run when it is loaded", "math.pi"),
    ],
)
def test_what_it_may_touch(program: str, kind: str, what: str) -> None:
    said = [line for line in may_touch(program) if kind in line]
    assert said
    assert what in said[0]


@pytest.mark.parametrize(
    "program",
    [
        "import math, re\nP = re.compile('x')\ndef f(x): return math.sqrt(len(P.findall(x)))",
        "from functools import lru_cache\n@lru_cache(None)\ndef f(x): return sorted(x)",
        "import os\ndef f(x): return os.path.join('a', x)",
        "def f(input, open): return open(input)",
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(x): return P(x, x)",
        TASK.prompt + "    return x + 1",
    ],
)
def test_what_touches_nothing(program: str) -> None:
    assert may_touch(program, TASK) == []


@pytest.mark.parametrize(
    ("body", "tried"),
    [
        ("os.system('touch x')\n    return 2", ["os.system b'touch x'"]),
        ("open('y', 'w').write('a')\n    return 2", ["open 'y' to write"]),
        ("open('/etc/shadow')", ["open '/etc/shadow'", "FileNotFoundError"]),
        ("os.remove('/etc/passwd')", ["os.remove '/etc/passwd'", "Read-only file system"]),
        ("import subprocess\n    subprocess.run(['ls'])", ["subprocess.Popen 'ls'"]),
        ("import urllib.request as u\n    u.urlopen('http://example.com')", ["http", "URLError"]),
        ("import ctypes\n    ctypes.CDLL(None).getpid()", ["ctypes.dlsym"]),
        ("return x\nos.kill(1, 9)", ["os.kill 1, 9"]),
        ("os._exit(0)", ["its process ended early: exit 0"]),
        ("open('\\x1b[2J')", [r"\x1b[2J"]),
        ("return x + 1", []),
        ("import numpy\n    return numpy.zeros(3).sum() + x", []),
    ],
)
def test_what_it_tried(body: str, tried: list[str]) -> None:
    told = see_attempts(TASK, f"{TASK.prompt}    {body}\n", [(1,)])
    assert bool(told) == bool(tried)
    for word in tried:
        assert any(word in line for line in told), told
    assert all(map(str.isprintable, told))


def test_the_worked_example() -> None:
    assert doctest.testmod(touches).failed == 0
