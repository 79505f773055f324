"""Programs that lie, stall, die or break out, in the sandbox: each is told as what it is."""

from pathlib import Path

import pytest

from ideas_lib.programs.ambiguity import observing
from ideas_lib.programs.ambiguity.observing import Observer, source_defect
from ideas_lib.programs.sandbox import running

ROWS = [([2, 1],), ([],)]
ASKED_AGAIN = "it answers differently when asked again: f([2, 1])"
TABLE = {
    "import numpy as np\ndef f(x): return np.array(x) * 2": ["array([4, 2])", "array([])"],
    "def f(x): x.sort()": ["None, leaving ([1, 2],)", "None"],
    "def f(x):\n  yield from x": ["iter([2, 1])", "iter([])"],
    "import random\ndef f(x): return random.random()": ASKED_AGAIN,
    "def f(x): return [*{'a', 'b', 'c', *map(str, x)}]": ASKED_AGAIN,
    "n = [0]\ndef f(x):\n  n[0] = n[0] or 9 - len(x)\n  return n[0]": ASKED_AGAIN,
    "def f(x):\n  while not x: pass\n  return 1": ["1", "no answer within 1 s"],
    "import os\ndef f(x):\n  if not x: os._exit(0)\n  return 1": ["1", "its process dies"],
    "import os\ndef f(x):\n  for n in range(3, 20):\n    try: os.write(n, b'[9]\\n')\n"
    "    except OSError: pass\n  return 1": "it did not answer 2 inputs: its report is broken",
    "import sys; sys.exit(0)\nf = 1": "it cannot be loaded: SystemExit: 0",
    "f = 1": "it cannot be loaded: TypeError: f is no function",
    "def f(x): return open('SECRET').read()": ["raises FileNotFoundError"] * 2,
    "def f(x): return y": "it raises NameError: f([2, 1])",
}


@pytest.mark.parametrize("cgroup", [True, False])
def test_what_becomes_of_them(
    cgroup: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "CGROUP", cgroup)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    some = dict(TABLE if cgroup else list(TABLE.items())[:1])  # NumPy fits without a cgroup too
    observer = Observer("f")
    observer.add({source: source.replace("SECRET", str(secret)) for source in some})
    observer.observe(ROWS)
    for source, expected in some.items():
        found = observer.aside.get(source) or [observer.outcome(source, r).shown for r in ROWS]
        assert found == expected, source


def test_one_that_is_never_done_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "WALL", 0.3)
    observer = Observer("f")
    observer.add({"sleeps": "import time\ndef f(x):\n  time.sleep(60)\n"})
    observer.observe([(place,) for place in range(20)])
    assert observer.aside == {"sleeps": "it gave no answer within 1 s to f(0), f(1) and more"}
    assert observer.compared == []


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def f(x:", "it does not parse"),
        ("\0", "it does not parse"),
        ("x = '\udc80'", "it does not parse"),
        ("def g(x): 1", "it does not define f"),
        ("async def f(x): 1", "f is async"),
        ("def f(x): 1", ""),
        ("from m import f", ""),
        ("f = lambda x: x", ""),
    ],
)
def test_what_is_found_without_a_run(source: str, why: str) -> None:
    assert source_defect(source, "f").startswith(why)
    assert bool(source_defect(source, "f")) == bool(why)
