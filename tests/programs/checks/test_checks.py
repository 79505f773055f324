"""Each check says what is wrong with a program, and nothing of one that is right."""

import doctest
from types import ModuleType

import pytest

from ideas_lib.programs import checks
from ideas_lib.programs.checks import (
    behaviour,
    check_contract,
    check_names,
    check_syntax,
    check_tests,
    check_types,
    contracts,
    examples,
    find_defect,
    find_distinguishing_input,
    observe_behaviour,
    read_task,
    search_symbolically,
)

TASK = read_task('''
def biggest(xs: list[int]) -> int:
    """Return the largest, 0 for none.

    >>> biggest([1, 3, 2])
    3
    >>> biggest([-5, -2])
    -2
    """
''')
RIGHT = ("max(xs) if xs else 0", "max(xs, default=0)", "sorted([0] if not xs else xs)[-1]")
FREE = read_task('def f(xs):\n    """f([3, 1, 2]) == [1, 2, 3] and f([1]) == [1]"""\n')


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "SECONDS", 60.0)  # for a machine that is busy


def written(*values: str) -> list[str]:
    return [f"{TASK.prompt}    return {value}\n" for value in values]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("", "ended within"),
        (TASK.prompt + "    return (\n", "does not parse: '(' was never closed"),
        (TASK.prompt + "return 1\n", "does not parse: 'return' outside function"),
        (TASK.prompt.replace("biggest(", "smallest(", 1) + "    return 1\n", "not define biggest"),
        (TASK.prompt.replace("xs:", "ys:") + "    return 1\n", "parameters are ys, not xs"),
        (TASK.prompt, "its body is empty"),
        (TASK.prompt + "    raise NotImplementedError\n", "its body is empty"),
        (TASK.prompt + "    raise ValueError(xs)\n", ""),
        (TASK.prompt + "    return 1  # \x1b[2J\n", r"has '\x1b', which no screen shows"),
        (TASK.prompt + "    return '\u202e'\n", r"has '\u202e', which no screen shows"),
        (TASK.prompt + "    return '\u200b\r\x07\x9b'\n", r"has '\x07', '\r', '\x9b', which"),
        (TASK.prompt + "\treturn 'ä\u3000'\n", "does not parse"),  # a tab among spaces
        (TASK.prompt + "    return 'ä\u3000'\n", ""),
    ],
)
def test_parse(program: str, words: str) -> None:
    (said,) = check_syntax(TASK, [program])
    assert words in said
    assert bool(said) == bool(words)


def test_names() -> None:
    programs = written("max(xs)", "max(ys)", "helper(xs)")
    assert check_names(TASK, programs) == ["", "undefined name 'ys'", "undefined name 'helper'"]
    unbound = TASK.prompt + "    if xs:\n        a = 1\n    return b\n"
    assert check_names(TASK, [unbound]) == ["undefined name 'b'"]


def test_types() -> None:
    right, none, sum_, style = check_types(
        TASK,
        [
            *written(RIGHT[0], "max(xs, default=None)", "'a' + 1"),
            TASK.prompt + "    best = []\n    best = 0\n    return max(xs)\n",
        ],
    )
    assert (right, style) == ("", "")
    assert "Incompatible return value type" in none
    assert "Unsupported operand types" in sum_
    assert check_types(TASK, []) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return sorted(xs)", ""),
        ("xs.sort()", ""),  # what returns nothing is there to change its arguments
        ("xs.sort()\n    return xs", ""),
        ("import random\n    return random.random()", "answers differently"),
        ("return sorted(xs) + xs[0].no", "it raises AttributeError on ([3, 1, 2])"),
        ("return f(xs)", "it raises RecursionError"),
        ("return list", "no answer that can be compared on ([3, 1, 2])"),
        ("raise ValueError", ""),
        ("return {8, 0, 16, 24, *xs}, float('nan')", ""),
    ],
)
def test_properties(body: str, words: str) -> None:
    rows = [([3, 1, 2],), ([0],)]
    said = observe_behaviour(FREE, f"{FREE.prompt}    {body}\n", rows)
    assert words in find_defect(said, rows)
    assert bool(find_defect(said, rows)) == bool(words)


def test_a_program_that_does_not_end() -> None:
    rows = [([3, 1, 2],)]
    assert find_defect(None, rows) == "it did not answer 1 inputs within 60 seconds"


def test_floats_are_compared_to_nine_digits() -> None:
    rows = [([1],)]
    one, two, three = (
        observe_behaviour(FREE, f"{FREE.prompt}    return {value}\n", rows)
        for value in ("0.1 + 0.2", "0.3", "0.3001")
    )
    assert one == two != three


def test_contracts_are_tried() -> None:
    text = '"""Return the root.\n\n    pre: n >= 0\n    post: __return__ ** 2 <= n\n    """'
    task = read_task(f"def root(n: int) -> int:\n    {text}\n")
    right, wrong = (task.prompt + f"    return {value}\n" for value in ("int(n ** 0.5)", "n"))
    reasons = check_contract(task, [right, wrong], [(4,), (-3,), (10,)])
    assert reasons[0] == ""
    assert "assert __return__ ** 2 <= n" in reasons[1]


def test_tests_of_the_task_are_tried() -> None:
    task = read_task(TASK.prompt, tests="assert biggest([]) == 0\n")
    assert check_tests(task, written(*RIGHT[:2], "max(xs)"))[:2] == ["", ""]
    assert "ValueError" in check_tests(task, written("max(xs)"))[0]
    assert check_tests(TASK, written("no")) == [""]


def test_a_distinguishing_input() -> None:
    one, other = written("max(xs) if xs else 0", "max(xs, default=1)")
    assert find_distinguishing_input(TASK, one, other, []) == ([],)
    assert find_distinguishing_input(FREE, FREE.prompt, FREE.prompt, []) is None  # of no type


@pytest.mark.parametrize(
    ("hint", "one", "other", "exhausted"),
    [
        ("int", "x if x > 0 else 0", "x if x >= 0 else 0", True),
        ("int", "x", "x + 1", False),
        ("float", "x if x > 0 else 0.0", "x if x >= 0 else 0.0", False),  # 0.0 or -0.0
    ],
)
def test_a_search_says_whether_it_was_complete(hint, one, other, exhausted: bool) -> None:
    task = read_task(f"def f(x: {hint}):\n    'It.'\n")
    programs = [f"{task.prompt}    return {value}\n" for value in (one, other)]
    search = search_symbolically(task, *programs, [])
    assert search.exhausted == exhausted
    assert (search.distinguishing_input is None) == (one != "x")


@pytest.mark.parametrize("module", [checks, contracts, examples])
def test_the_worked_examples(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
