"""No wrong program is judged right, whatever it tries from where it is."""

import time

import pytest

from ideas_lib.programs.judge.judging import CheckResult, check_program, run_on_inputs

PATIENT = 60.0
EXPECTED = 918273645  # what `f(20)` should be, and no wrong program knows
EXAMPLES = [((20,), EXPECTED)]
TESTS = f"def check(candidate):\n    assert candidate(20) == {EXPECTED}\n"

# name: (a wrong program, what the verdict says)
WRONG = {
    "returns something else": ("def f(x): return x", "gave 20, not 918273645"),
    "returns True": ("def f(x): return True", "gave True, not"),
    "returns nothing": ("def f(x): pass", "gave None, not"),
    "ends before the tests": ("import os; os._exit(0)", "it ended, or was stopped"),
    "ends by an exception": ("import sys; sys.exit(0)", "it cannot be loaded: SystemExit: 0"),
    "ends in the call": ("import os\ndef f(x): os._exit(0)", "ended with code 0 before"),
    "ends in the call with an exception": ("def f(x): raise SystemExit(0)", "SystemExit: 0"),
    "prints that it passed": (
        "def f(x): print('1 passed'); print('ok'); return 1",
        "gave 1, not",
    ),
    "ends with 0 at exit": (
        "import atexit, os\natexit.register(os._exit, 0)\ndef f(x): return 1",
        "gave 1, not",
    ),
    "says its assertion failed": ("def f(x): raise AssertionError", "AssertionError"),
    "stops an iteration": ("def f(x): raise StopIteration", "CandidateRaised: StopIteration"),
    "is equal to everything": (
        "class Equal:\n    def __eq__(self, other): return True\n    __hash__ = object.__hash__\n"
        "def f(x): return Equal()",
        "a Equal is no plain data",
    ),
    "is an int equal to everything": (
        "class Equal(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\n"
        "def f(x): return Equal(3)",
        "gave 3, not",
    ),
    "is a dict whose items lie": (
        "class Lie(dict):\n    def items(self): return [(1, 2)]\n"
        "    def __eq__(self, o): return True\n"
        "def f(x): return Lie()",
        "gave {}, not",
    ),
    "lies about its class": (
        "class Lie:\n    __class__ = int\n    __hash__ = None\n"
        "    def __eq__(self, o): return True\n"
        "def f(x): return Lie()",
        "cannot be judged",
    ),
    "reduces to a command": (
        "import os\nclass Evil:\n    def __reduce__(self): return os.system, ('true',)\n"
        "def f(x): return Evil()",
        "a Evil is no plain data",
    ),
    "returns a pickle of 10 MB": (
        "import pickle\ndef f(x): return pickle.dumps('x' * 10**7)",
        "longer than 1048576",
    ),
    "returns a function": ("def f(x): return f", "a function is no plain data"),
    "returns an endless generator": (
        "import itertools\ndef f(x): return itertools.count()",
        "a count is no plain data",
    ),
    "returns a list in itself": ("def f(x):\n    a = []; a.append(a); return a", "nested deeper"),
    "returns nan": ("def f(x): return float('nan')", "gave nan, not"),
    "returns an int of a million digits": (
        "def f(x): return 1 << 3_000_000",
        "gave a long int, not",
    ),
    "raises what cannot be printed": (
        "class Evil(Exception):\n    def __str__(self): raise Evil\n    __repr__ = __str__\n"
        "def f(x): raise Evil",
        "CandidateRaised: Evil: its message cannot be shown",
    ),
    "raises terminal escapes": (
        "def f(x): raise ValueError('\\x1b[2J\\r1 passed')",
        r"f(20) ValueError: \x1b[2J\r1 passed",
    ),
    "patches the built-ins": (
        "import builtins\n"
        "for name in ('all', 'any', 'len', 'bool', 'isinstance'):\n"
        "    setattr(builtins, name, lambda *a, **k: True)\n"
        "def f(x): return 1",
        "",
    ),
    "patches the comparison": (
        "import ideas_lib.programs.judge.harness.values as v\nv.same = lambda a, b: True\n"
        "def f(x): return 1",
        "gave 1, not",
    ),
    "patches what encodes its value": (
        "import sys\nmain = sys.modules['__main__']\nmain.encode = lambda v, d=0: 'true'\n"
        "def f(x): return 1",
        "broke off",
    ),
    "writes a report of its own": (
        "import os\n"
        "for fd in range(3, 20):\n"
        "    try: os.write(fd, b'[[true], \"\", [], 1]\\n')\n"
        "    except OSError: pass\n"
        "def f(x): return 1",
        "broke off",
    ),
    "answers what was not asked": (
        'import os\nos.write(4, b\'["tuple",["int","9"],"value",true]\\n\')\ndef f(x): return 1',
        "it answered what was not asked",
    ),
    "answers with a kind of its own": (
        'import os\nos.write(4, b\'["tuple",["int","1"],"passed",true]\\n\')\ndef f(x): return 1',
        "forged its answer",
    ),
    "answers with no end": (
        "import os\nwhile True: os.write(4, b'x' * 65536)",
        "its answer has no end",
    ),
    "answers with deep JSON": (
        "import os\nos.write(4, b'[' * 100000 + b'\\n')\ndef f(x): return 1",
        "broke off",
    ),
    "answers with bytes that are no text": (
        "import os\nos.write(4, b'\\xff\\xfe\\n')\ndef f(x): return 1",
        "broke off",
    ),
    "closes the channel": (
        "import os\nos.close(4)\ndef f(x): return 1",
        "it ended, or was stopped",
    ),
    "kills the loop that called it": (
        "import os, signal\ndef f(x): os.kill(os.getppid(), signal.SIGKILL); return 1",
        "",
    ),
    "kills all it can": ("import os\ndef f(x): os.kill(-1, 9); return 1", ""),
    "looks for the tests in its files": (
        "import os\n"
        "found = [open(os.path.join(d, n)).read() for d, _, ns in os.walk('/box') for n in ns]\n"
        f"def f(x): return {EXPECTED // 5} * 5 if '{EXPECTED}'[::-1][::-1] in"
        " ''.join(t for t in found if 'def f' not in t) else 2",
        "gave 2, not",
    ),
    "looks for the expected value in memory": (
        "import gc, sys\n"
        "def f(x):\n"
        "    seen = [v for o in gc.get_objects() if isinstance(o, (list, dict, tuple))"
        " for v in (o.values() if isinstance(o, dict) else o) if type(v) is int]\n"
        "    frame = sys._getframe()\n"
        "    while frame:\n"
        "        seen += [v for v in frame.f_locals.values() if type(v) is int]\n"
        "        frame = frame.f_back\n"
        f"    return next((v for v in seen if v > {EXPECTED - 1} and v < {EXPECTED + 1}), 4)",
        "gave 4, not",
    ),
    "has no such function": ("def g(x): return x", "AttributeError"),
    "is no Python": ("def f(x) return x", "it cannot be loaded: SyntaxError"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_is_not_right(name: str) -> None:
    source, words = WRONG[name]
    verdict = check_program(source, "f", examples=EXAMPLES, timeout=PATIENT)
    assert not verdict.passed
    assert verdict.outcomes == (False,)
    assert words in verdict.reason
    assert verdict.reason.isprintable()


@pytest.mark.parametrize(
    "name", ["ends before the tests", "patches the built-ins", "kills all it can"]
)
def test_nor_by_tests(name: str) -> None:
    assert not check_program(WRONG[name][0], "f", tests=TESTS, timeout=PATIENT).passed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(x):\n    while True: pass", "timeout: ran longer than 1.5 s"),
        ("while True: pass", "timeout: ran longer than 1.5 s"),
        ("import os\ndef f(x): os.kill(os.getpid(), 19)", "timeout: ran longer than 1.5 s"),
        ("def f(x):\n    while True: print('x' * 1000)", "output: wrote more than"),
    ],
)
def test_a_broken_limit_is_the_reason(source: str, words: str) -> None:
    # Not a whole number: at a whole one the limit on processor time may come first, in other words.
    patient = 1.5 if words.startswith("timeout") else PATIENT
    verdict = check_program(source, "f", examples=EXAMPLES * 3, timeout=patient)
    assert verdict == CheckResult(False, verdict.reason, (False,) * 3, 0)
    assert verdict.reason.startswith(words)


def test_data_that_is_slow_to_read_is_not_read_here() -> None:
    # All of these keys have the same hash: 18 million comparisons, if somebody builds the set.
    source = (
        "import os\n"
        "keys = ','.join(f'[\"int\",\"{k * (2**61 - 1):x}\"]' for k in range(1, 6_000))\n"
        'line = f\'["tuple",["int","1"],"value",["set",{keys}]]\\n\'\n'
        "def f(x): os.write(4, line.encode())"
    )
    began = time.process_time()
    verdict = check_program(source, "f", examples=EXAMPLES, timeout=PATIENT)
    assert time.process_time() - began < 0.5
    assert "gave {" in verdict.reason


@pytest.mark.parametrize("kind", ["", " Exception"])
@pytest.mark.parametrize(
    ("source", "right"),
    [
        ("def f(x): raise RuntimeError", True),
        ("import os\ndef f(x): os._exit(0)", False),
        ("import os\nos._exit(0)", False),
        ("1 / 0", False),
        ("def f(x): return object()", False),
        ("import os\ndef f(x): os.write(4, b'forged\\n')", False),
    ],
)
def test_no_answer_is_no_exception(source: str, right: bool, kind: str) -> None:
    tests = f"try: f('a')\nexcept{kind}: pass\nelse: raise AssertionError('nothing raised')"
    assert check_program(source, "f", tests=tests, timeout=PATIENT).passed is right


# Of colliding keys, building or comparing a set or a dict takes the square of their number.
COLLIDING = "M = 2 ** 61 - 1\ndef f(x): return [M * k for k in range(1, x)]"
FORGED = """
import os
keys = ','.join(f'["int","{k * (2**61 - 1):x}"]' for k in range(1, 34_000))
def f(x): os.write(4, f'["tuple",["int","1"],"value",["set",{keys}]]\\n'.encode())
"""


@pytest.mark.parametrize(
    ("source", "how"),
    [
        (FORGED, {"examples": EXAMPLES}),
        (FORGED, {"tests": TESTS}),
        (COLLIDING, {"tests": "assert set(f(30_000)) == {1}"}),  # one step of Python's
        ("def f(x): return x", {"tests": "f(1)\nwhile True: pass"}),
    ],
)
def test_comparing_answers_is_within_the_limit(source: str, how: dict) -> None:
    began = time.monotonic()
    verdict = check_program(source, "f", timeout=1, **how)
    assert not verdict.passed
    assert verdict.reason == "timeout: ran longer than 1 s"
    assert time.monotonic() - began < 8  # of a busy machine; it was 12 and more


def test_behaviour_that_is_slow_to_read_is_none() -> None:
    assert run_on_inputs(FORGED, "f", [(1,)], timeout=1) is None


def test_a_program_that_is_no_text_is_wrong() -> None:
    verdict = check_program("def f(x): return '\ud800'", "f", examples=EXAMPLES)
    assert not verdict.passed
    assert "no text that could be a file" in verdict.reason
    assert run_on_inputs("'\udfff'", "f", [(1,)]) is None


@pytest.mark.parametrize(
    "answer",
    [
        "'\\ud800'",
        "type('I', (), {'__index__': lambda self: 1 / 0})()",
        "__import__('numpy').zeros(2)",
        "__import__('numpy').float32('nan')",
        "__import__('dataclasses').make_dataclass('D', ['x'])(float('nan'))",
        "memoryview(b'x')",
        "10 ** 2_000_000",
        "[0] * 10 ** 6",
        "type('D', (dict,), {'__iter__': None, 'items': None})(a=float)",
    ],
)
def test_a_result_that_cannot_be_encoded_is_the_programs_fault(answer: str) -> None:
    deep = f"def f(x): return {answer}"
    verdict = check_program(deep, "f", examples=EXAMPLES, timeout=PATIENT)
    assert verdict.outcomes == (False,)
    assert verdict.reason.isprintable()
    assert len(run_on_inputs(deep, "f", [(1,)], timeout=PATIENT) or ()) == 1
    raised = check_program(f"def f(x): raise ValueError({answer})", "f", examples=EXAMPLES)
    assert raised.outcomes == (False,)
