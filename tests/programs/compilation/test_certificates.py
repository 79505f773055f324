"""A certificate holds as it was written, and not when anything in it is changed."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.compilation import certificate_checker as checker

GOAL = '''def mean(x: int, y: int) -> int:
    """Return the mean of two numbers, rounded down.

    pre: 0 <= x < 1000 and 0 <= y
    post: min(x, y) <= __return__ <= max(x, y)
    """
    return (x + y) // 2
'''
FORM = "def mean(x, y):\n    return x + (y - x >> 1)\n"
PATIENT = 150.0  # seconds: a machine may be busy


def sealed(goal: str = GOAL, form: str = FORM, to: str = "int32", rounds: int = 0) -> str:
    claim = checker.claim_of(checker.CheckedSource(goal), to, rounds)
    fields = {"claim": claim, "format": checker.FORMAT, "to": to, "rounds": rounds}
    return checker.seal_certificate({**fields, "goal": goal, "form": form})


def refusal(text: str, seconds: float = PATIENT) -> str:
    try:
        checker.check_certificate(text, seconds)
    except checker.BadCertificate as error:
        return str(error)
    return ""


def test_a_true_one_holds_and_its_first_line_says_what() -> None:
    text = sealed()
    claim = checker.check_certificate(text, PATIENT)
    assert claim in text.splitlines()[0]
    assert "all arguments of 32 bits with (0 <= x < 1000 and 0 <= y)" in claim


def test_the_checker_is_one_file_of_300_lines_that_needs_nothing_of_this_library() -> None:
    path = Path(checker.__file__)
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    assert "ideas_lib" not in {
        name.name.split(".")[0] if isinstance(node, ast.Import) else str(node.module).split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    done = subprocess.run(
        [sys.executable, "-I", path], input=sealed(), capture_output=True, text=True, timeout=170
    )
    assert done.stdout.startswith("holds: mean(x, y): the int32 form"), done.stderr


@pytest.mark.parametrize("field", checker.FIELDS)
def test_a_change_in_any_field_is_refused(field: str) -> None:
    data = json.loads(sealed())
    changes: list[Any] = [None, [], f"{data[field]} ", str(data[field])[:-1], 7]
    for changed in changes:
        text = json.dumps({**data, field: changed}, indent=1)
        assert refusal("{" + text[1:].lstrip() + "\n")
    assert refusal(json.dumps({k: v for k, v in data.items() if k != field}))


ANEW = {  # with the digest made anew: what it says then is not so
    "another claim": {"claim": "mean(x, y): it is proved"},
    "another format": {"format": "ideas compile 2"},
    "no such form": {"to": "c"},
    "fewer rounds than none": {"rounds": -1},
    "rounds that are none": {"rounds": True},
    "a weaker goal": {"goal": GOAL.replace("x < 1000 and", "x and")},
    "another goal": {"goal": GOAL.replace("// 2", "// 3")},
    "a goal with another postcondition": {"goal": GOAL.replace("<= max", "< max")},
    "another form": {"form": FORM.replace(">> 1", ">> 2")},
    "a form of another function": {"form": FORM.replace("mean", "other")},
    "a form that takes other names": {"form": "def mean(y, x):\n    return y + (x - y >> 1)\n"},
    "two forms": {"form": FORM + FORM},
    "no Python": {"form": "def mean(x, y)"},
}


@pytest.mark.parametrize("what", ANEW)
def test_what_is_not_so_is_refused_with_a_digest_made_anew(what: str) -> None:
    data = {k: v for k, v in json.loads(sealed()).items() if k != "sha256"}
    assert refusal(checker.seal_certificate({**data, **ANEW[what]}))


def test_two_fields_of_one_name_are_refused() -> None:
    text = sealed()
    assert refusal(text.replace('{"claim"', '{"claim": "all is proved", "claim"', 1))


DIFFER = {
    "an error": ("return 1 // x", "return 1 // x"),
    "an error in a way": ("return x if x < 5 else x // 0", "return x"),
    "no value": ("if x > 3: t = 1\n    return t * 0", "return 0"),
    "no return": ("if x > 3: return 1", "return 1"),
    "it is too large": ("return x ** 3", "return x * x * x"),
    "a shift by less than 0": ("return 1 << x", "return 1 << x"),
    "more rounds": ("while x > 0: x -= 1\n    return 0", "return 0"),
    "a value beyond int32": ("return x + 1 - 1", "return x + 1 - 1"),
    "a value beyond int32 in a way": ("return x", "return x if x < 9 else x + 2**30 - 2**30"),
    "a round": ("t = 0\n    for i in range(4): t += i", "t = 6"),
    "another name for abs": ("return x", "abs = x\n    return abs"),
    "`and` is no bool": ("return x and 2", "return x and 2"),
    "a call": ("return print(x)", "return 0"),
    "a break too many": (
        "t = 0\n    for i in range(3):\n        if x == 5: break\n        t += 1\n    return t",
        "return 3",
    ),
    "a name that the checker has itself": ("return x", "return x + __3 - __3"),
    "a name of a generator, outside": ("t = sum(i for i in range(3))\n    return i", "return 2"),
}


@pytest.mark.parametrize("why", DIFFER)
def test_what_differs_fails_or_is_not_read_is_refused(why: str) -> None:
    goal, form = (f"def f(x):\n    {body}\n" for body in DIFFER[why])
    assert refusal(sealed(goal, form, rounds=3))


EQUAL = {
    "rounding down": ("return x // 8 + x % 8", "return (x >> 3) + (x & 7)", 0),
    "a shorter chain": ("return 0 <= x < 9", "return 1 if x >= 0 and x < 9 else 0", 0),
    "a generator": (
        "'pre: 0 <= x < 8'\n    return sum(i for i in range(8) if i < x)",
        "return x * (x - 1) >> 1",
        8,
    ),
    "break and continue": (
        "t = 0\n    for i in range(6):\n        if i == 1: continue\n        if i == 4: break\n"
        "        t += i\n    return t",
        "return 5",
        6,
    ),
    "a swap": (
        "a, b = x, 1\n    a, b = b, a\n    return b - a",
        "return x - 1 if x > -9 else x - 1",
        0,
    ),
}


@pytest.mark.parametrize("what", EQUAL)
def test_what_is_equal_holds(what: str) -> None:
    goal, form, rounds = EQUAL[what]
    goal, form = f"def f(x):\n    {goal}\n", f"def f(x):\n    {form}\n"
    assert refusal(sealed(goal, form, "loop", rounds)) == ""


def test_what_is_not_answered_in_its_time_does_not_hold() -> None:
    goal = "def f(x, y):\n    'pre: 0 < x < 2**15 and 0 < y < 2**15'\n    return x * y * (x + y)\n"
    form = "def f(x, y):\n    return x * x * y + y * y * x\n"
    assert "no answer" in refusal(sealed(goal, form, "loop"), 0.05)
