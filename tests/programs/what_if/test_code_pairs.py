"""Who runs no changed line does the same: for every mutation of some functions, on every input."""

import sys
from types import CodeType, FrameType
from typing import Any

import pytest

from ideas_lib.programs.mutate import list_mutations
from ideas_lib.programs.what_if.harness.code_pairs import CannotSwap, changed_lines, pair_codes

SOURCE = """
from contextlib import suppress


def branches(x):
    if x > 2 and x != 5 or \\
            x == -4:
        y = x + 1
    elif x < 0:
        y = -x
    else:
        y = (x *
             3)
    return y


def loops(x):
    found = []
    for n in range(x):
        if n == 3:
            continue
        if n > 5:
            break
        found.append(n)
    else:
        found.append("all")
    while x > 0:
        x -= 2
    return found, x


def handles(x):
    log = []
    try:
        log.append(10 // x)
        if x == 2:
            raise KeyError(x)
    except ZeroDivisionError:
        log.append("zero")
    except KeyError as error:
        log.append(error.args[0])
    else:
        log.append("fine")
    finally:
        log.append("end")
    with suppress(IndexError):
        log.append(log[x])
        log.append("there")
    return log


def binds(x):
    if x > 2:
        name = 1
    try:
        return name
    except NameError as error:
        return type(error).__name__


def nests(x):
    total = 0

    def add(n):
        nonlocal total
        if n > 1:
            total += n
        return total

    def names():
        yield x
        yield [n for n in range(x) if n % 2]
    return [add(n) for n in range(x)], list(names())


def matches(x):
    match (x, x % 2):
        case (0, _):
            return "none"
        case (n, 0) if n > 2:
            return n
        case _:
            return {"x": x, "odd": x % 2 == 1}
"""
PATH = "functions.py"
NAMES = ("branches", "loops", "handles", "binds", "nests", "matches")


def outcome(code: CodeType, name: str, x: int) -> tuple[str, set[int]]:
    """What a function of a module does with an input, and the lines that it runs."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    lines: set[int] = set()
    steps = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal steps
        steps += 1
        if steps > 2000:
            raise RecursionError("endless")
        if frame.f_code.co_filename == PATH and event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        said = repr(scope[name](x))
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    finally:
        sys.settrace(before)
    return said, lines


def test_who_runs_no_changed_line_does_the_same() -> None:
    old = compile(SOURCE, PATH, "exec", dont_inherit=True)
    inputs = (-4, -1, 0, 2, 3, 7)
    known = {(name, x): outcome(old, name, x) for name in NAMES for x in inputs}
    spared = swapped = 0
    for mutation in list_mutations(SOURCE, PATH):
        after = mutation.apply(SOURCE)
        try:
            pairs = pair_codes(SOURCE.encode(), after.encode(), PATH)
        except CannotSwap:
            continue
        lines = set().union(*(changed_lines(pair) for pair in pairs if pair.differs))
        assert lines, mutation
        swapped += 1
        new = compile(after, PATH, "exec", dont_inherit=True)
        for (name, x), (said, ran) in known.items():
            if name == mutation.function.partition(".")[0] and not ran & lines:
                spared += 1
                assert outcome(new, name, x)[0] == said, f"{mutation} on {x}"
    assert swapped > 100
    assert spared > 60


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("x = 1", "x = 2", "a statement of the module's own"),
        ("def f(a=1):\n    pass", "def f(a=2):\n    pass", "a statement of the module's own"),
        ("class A:\n    x = 1", "class A:\n    x = 2", "the body of A"),
        ("@a\ndef f():\n    pass", "@b\ndef f():\n    pass", "a statement of the module's own"),
        ("def f(a):\n    pass", "def f(b):\n    pass", "another signature"),
        ("def f():\n    return 1", "def f():\n    yield 1", "another signature"),
        ('def f():\n    "a"', 'def f():\n    "b"', "docstring"),
        ("def f():\n    return 1", "def f():\n\n    return 1", "lines have moved"),
        ("def f():\n    return 1", "def f(:\n    return 1", "no Python"),
        ("def f():\n    return 1", "def g():\n    return 1", "a statement of the module"),
    ],
)
def test_what_acts_on_import_cannot_be_exchanged(before: str, after: str, why: str) -> None:
    with pytest.raises(CannotSwap, match=why):
        pair_codes(before.encode(), after.encode(), "a.py")


def test_a_name_that_is_bound_nowhere_any_more_changes_every_line() -> None:
    before = "def f(x):\n    if x:\n        n = 1\n    return n\n"
    (pair,) = pair_codes(before.encode(), before.replace("n = 1", "pass").encode(), "a.py")
    assert changed_lines(pair) == {2, 3, 4}


def test_constants_of_other_types_differ_though_they_are_equal() -> None:
    before = "def f():\n    return 1\n"
    for after in ("True", "1.0"):
        (pair,) = pair_codes(before.encode(), before.replace("1", after).encode(), "a.py")
        assert pair.differs
        assert changed_lines(pair) == {2}
