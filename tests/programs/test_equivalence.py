"""A mutation is equivalent only where that is shown, and differs only where it was seen to."""

import pytest

from ideas_lib.programs.mutate import Equivalence, Mutation, check_equivalence, list_mutations

PATIENT = 60.0  # seconds, for a machine that is busy


def mutation(source: str, operator: str, after: str | None = None) -> Mutation:
    found = list_mutations(source, operators=[operator])
    (chosen,) = [m for m in found if after in (None, m.after)]
    return chosen


def check(source: str, operator: str, after: str | None = None, **options) -> Equivalence:
    chosen = mutation(source, operator, after)
    return check_equivalence(source, chosen, **{"seconds": PATIENT, **options})


def test_exhaustion_of_a_small_domain() -> None:
    source = "def f(a: bool, b: bool | None) -> bool:\n    return (a and b) is True\n"
    other = check(source, "logical_connector")
    assert (other.verdict, other.distinguishing_input) == ("differs", (False, True))
    source = source.replace("is True", "in (None, False, True)")
    same = check(source, "logical_connector")
    assert same == Equivalence("equivalent", "the same on 6 inputs, which are all")


def test_a_default_is_left_out_as_well() -> None:
    source = "def f(a: bool = True) -> bool:\n    return a\n"
    assert check(source, "default_argument").distinguishing_input == ()


@pytest.mark.parametrize(
    ("hints", "inputs"),
    [
        ("", 1),
        ("a: None", 1),
        ("a: Literal['x', 'y', 3]", 3),
        ("a: Optional[bool], b: Union[bool, None]", 9),
        ("a: tuple[bool, tuple[bool, None]]", 4),
        ("a: bool, /, b: bool = True", 6),
    ],
)
def test_domains_follow_from_annotations(hints: str, inputs: int) -> None:
    header = "from typing import Literal, Optional, Union\n"
    source = f"{header}def f({hints}) -> int:\n    for i in range(0): return 7\n"
    found = check(source, "return_value", "None")
    assert found.reason == f"the same on {inputs} inputs, which are all"


def test_a_domain_that_is_given() -> None:
    source = "def f(n):\n    return n // 2\n"
    even = check(source, "arithmetic", domain=[(0,), (2,)])
    assert even.distinguishing_input == (0,), "0 is not 0.0"
    source = "def f(n):\n    return n > 2\n"
    assert check(source, "conditional_boundary", domain=[(1,), (3,)]).verdict == "equivalent"
    assert check(source, "conditional_boundary", domain=[(1,), (2,)]).distinguishing_input == (2,)
    assert check(source, "conditional_boundary", domain=[]).verdict == "unknown"


def test_crosshair_follows_every_path() -> None:
    source = "def f(n: int) -> int:\n    return n if n > 0 else 0\n"
    same = check(source, "conditional_boundary", seconds=40)
    assert same == Equivalence(
        "equivalent", "CrossHair followed every path and found no difference"
    )
    source = "def f(n: int) -> int:\n    return 1 if n == 123457 else 0\n"
    rare = check(source, "number", "123458", seconds=40)
    assert rare.verdict == "differs"
    assert rare.distinguishing_input in ((123457,), (123458,))


def test_what_is_not_shown_is_unknown() -> None:
    source = "def f(n: int) -> int:\n    while n > 9:\n        n = n // 2 - n % 1\n    return n\n"
    loop = check(source, "number", "0", seconds=4)  # which is n % 0
    assert loop.verdict == "differs"
    source = source.replace("n % 1", "n % 2 * 0")
    assert check(source, "statement_deletion", seconds=2).verdict == "unknown"


@pytest.mark.parametrize(
    ("source", "operator", "words"),
    [
        ("import random\ndef f(): return random.random()\n", "return_value", "on the line of"),
        ("import random\ndef f():\n    return random.random()\n", "return_value", "compared"),
        ("def f(a: bool):\n    yield a\n", "statement_deletion", "compared"),
        ("class A:\n    def f(self): return a\n", "return_value", "no function A"),
        ("async def f(a: bool):\n    return a\n", "return_value", "no function f"),
        ("x = a + b\n", "arithmetic", "outside of functions"),
        ("def f(*a):\n    return a\n", "return_value", "more than positional"),
        ("def f(a):\n    return a\n", "return_value", "no difference on 0 inputs"),
    ],
)
def test_what_cannot_be_called_or_compared(source: str, operator: str, words: str) -> None:
    found = check(source, operator)
    assert (found.verdict, found.distinguishing_input) == ("unknown", None)
    assert words in found.reason


def test_arguments_that_are_changed_are_compared() -> None:
    source = "def f(a):\n    a.append(1)\n"
    found = check(source, "statement_deletion", domain=[([2],)])
    assert found.distinguishing_input == ([2],)


def test_contracts_bound_the_domain() -> None:
    source = 'def f(n):\n    """It.\n\n    pre: n > 2\n    """\n    return n > 2\n'
    inputs = [(1,), (2,), (3,)]
    found = check(source, "conditional_boundary", domain=inputs)
    assert found == Equivalence("equivalent", "the same on 1 inputs, which are all")


def test_another_function_may_be_called() -> None:
    source = "LIMIT = 3\n\ndef f(n: bool) -> bool:\n    return n > LIMIT\n"
    assert check(source, "number", "2").verdict == "unknown"
    assert check(source, "number", "2", entry="f").verdict == "equivalent"
