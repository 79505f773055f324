"""`certify` never says ok of two functions that differ, and refuses what it does not know."""

import pytest

from ideas_lib.programs.compilation.certifying import certify
from ideas_lib.programs.compilation.program import read_integer_program
from ideas_lib.programs.compilation.subset import Outside

PATIENT = 60.0  # seconds: a machine may be busy

EQUAL = {
    "a shift is a product": ("def f(x): return x * 2", "def g(x): return x << 1"),
    "a shift rounds down": ("def f(x): return x // 2", "def g(x): return x >> 1"),
    "a mask": ("def f(x): return x % 8", "def g(x): return x & 7"),
    "abs": ("def f(x): return abs(x)", "def g(x):\n m = x >> 31\n return (x ^ m) - m"),
    "sign": ("def f(x): return -1 if x < 0 else 1 if x else 0", "def g(x): return (x>0)-(x<0)"),
    "True is 1": ("def f(x): return x == 3", "def g(x): return 1 if x == 3 else 0"),
    "the same error": ("def f(x): return 1 // x", "def g(x): return 1 // x if x else 1 // 0"),
    "no overflow": ("def f(a, b): return (a + b) // 2", "def g(a, b): return a + ((b - a) >> 1)"),
    "a loop": (
        "def f(x):\n 'pre: 0 <= x < 256'\n return x.bit_count()",
        "def g(x):\n n = 0\n while x:\n  x &= x - 1\n  n += 1\n return n",
    ),
}
DIFFERENT = {
    "at one place": ("def f(x): return x", "def g(x): return 0 if x == 0x7ffffffe else x"),
    "rounding": ("def f(x): return x // 2", "def g(x): return (x if x >= 0 else x + 1) >> 1"),
    "the least": ("def f(x): return x < 0", "def g(x): return -x > 0 and x != -2**31"),
    "a sign": ("def f(x, y):\n 'pre: y != 0'\n return x % y", "def g(x, y): return x % abs(y)"),
    "errors": ("def f(x): return 1 // x", "def g(x): return 1 << x if x < 0 else 1 // x"),
    "and is no bool": ("def f(x, y): return x and y", "def g(x, y): return bool(x and y)"),
    "one error": ("def f(x): return 0", "def g(x): return 0 * (1 // (x - 77777))"),
}
OUTSIDE = {
    "line 2: a statement Import": "def f(x):\n import os\n return x",
    "line 2: `/` makes a float": "def f(x):\n return x / 2",
    "line 2: f calls itself": "def f(x):\n return f(x - 1) if x else 0",
    "line 1: f may end without": "def f(x):\n if x: return 1",
    "line 2: y is no integer": "def f(x):\n return y",
    "line 2: a call of x.open": "def f(x):\n return x.open('a')",
    "line 2: a loop over": "def f(x):\n for i in x: pass\n return 1",
    "another meaning": "abs = min\ndef f(x):\n return abs(x)",
    "more than one meaning": "K = 1\nK = 2\ndef f(x):\n return K",
    "has a decorator": "@cache\ndef f(x):\n return x",
    "may give any name": "from m import *\ndef f(x):\n return x",
    "nested too deeply": "def f(x): return " + "(" * 5000 + "x" + ")" * 5000,
    "over 128 bits": f"def f(x): return {1 << 130}",
    "no function": "x = 1",
    "of type str": "def f(x: str): return x",
    "null byte": "def f(x): return x\0",
    "line 2: an exponent": "def f(x):\n return 2 ** x",
    "line 3: y may be read before": "def f(x):\n if x: y = 1\n return y",
    "line 3: i may be read before": "def f(x):\n for i in range(x): pass\n return i",
    "line 2: z may be read before": "def f(x):\n z += 1\n return z",
    "line 3: k may be read before": "k = 5\ndef f(x):\n x = k\n k = 1\n return x",
}
ASSIGNED = (  # on every way, though not in every line
    "def f(x):\n if x: y = 1\n else: return 0\n return y",
    "def f(x):\n while True:\n  if x: y = 2\n  else: break\n  return y\n return 1",
    "def f(x):\n i = 7\n for i in range(x): continue\n return i",
    "def f(x):\n y, z = x, 1\n return sum(i for i in range(3) if i) + y + z",
)


@pytest.mark.parametrize("what", EQUAL)
def test_equal_functions_are_certified(what: str) -> None:
    known = certify(*EQUAL[what], timeout=PATIENT)
    assert known.ok, known
    assert (known.refuted, known.unknown, known.counterexample) == (False, False, None)
    assert "all int32" in known.scope


@pytest.mark.parametrize("what", DIFFERENT)
def test_a_counterexample_runs(what: str) -> None:
    known = certify(*DIFFERENT[what], timeout=PATIENT)
    assert known.refuted, known
    assert known.counterexample is not None
    said = []
    for source in DIFFERENT[what]:
        names: dict[str, object] = {}
        exec(source, names)
        call = names["f" if "def f" in source else "g"]
        try:
            said.append(call(*known.counterexample.values()))  # type: ignore[operator]
        except (ZeroDivisionError, ValueError) as error:
            said.append(type(error).__name__)
    assert said[0] != said[1]


@pytest.mark.parametrize("source", ASSIGNED)
def test_what_every_way_assigns_may_be_read(source: str) -> None:
    assert read_integer_program(source).entry == "f"


@pytest.mark.parametrize("why", OUTSIDE)
def test_what_is_outside_is_refused_with_line_and_reason(why: str) -> None:
    try:
        read_integer_program(OUTSIDE[why])
        found = "it was read"
    except Outside as error:
        found = str(error)
    if why == "nested too deeply":  # Python has words of its own for that
        why = "too"
    assert why in found
    assert "\n" not in found
    assert certify(OUTSIDE["line 2: `/` makes a float"], "def g(x): return x").unknown


def test_what_is_not_known_is_unknown() -> None:
    many = "def f(n):\n s = 0\n for i in range(n): s += i % 7\n return s"
    known = certify(many, many.replace("f(", "g(").replace("% 7", "% 7 + 0"), timeout=2.0)
    assert known.unknown
    assert known.reason
    empty = "def f(x):\n 'pre: x > 3 and x < 2'\n return x"
    assert certify(empty, "def g(x): return x + 1").unknown
    assert "arguments" in certify("def f(x): return x", "def g(x, y): return x").reason


def double(x: int) -> int:
    """Return twice x."""
    return 2 * x


def shifted(x: int) -> int:
    """Return twice x."""
    return x << 1


def test_functions_are_read_by_their_source() -> None:
    assert certify(double, shifted, timeout=PATIENT).ok
    assert certify(double, lambda x: x).unknown
    assert certify(double, abs).unknown


@pytest.mark.parametrize(("name", "value"), [("width", 1), ("timeout", 0.0)])
def test_limits_that_make_no_sense_are_named(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        certify("def f(x): return x", "def g(x): return x", **{name: value})  # type: ignore[arg-type]
