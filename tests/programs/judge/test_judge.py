"""Right programs pass, and every way of testing is understood."""

import pytest

from ideas_lib.programs.judge.judging import CheckResult, check_program, run_on_inputs

PATIENT = 60.0
EXPECTED = 918273645  # what `f(20)` should be
EXAMPLES = [((20,), EXPECTED)]
TESTS = f"def check(candidate):\n    assert candidate(20) == {EXPECTED}\n"
RIGHT = f"def f(x):\n    return {EXPECTED} + x - 20\n"


def test_a_right_program_passes() -> None:
    right = CheckResult(True, "", (True,), 1)
    assert check_program(RIGHT, "f", examples=EXAMPLES, timeout=PATIENT) == right
    assert check_program(RIGHT, "f", tests=TESTS, timeout=PATIENT) == CheckResult(True, "", (), 1)
    both = check_program(RIGHT, "f", tests=TESTS, examples=EXAMPLES * 2, timeout=PATIENT)
    assert both == CheckResult(True, "", (True, True), 3)


def test_all_kinds_of_data_come_and_go() -> None:
    value = [None, True, -3, 2.5, 1j, "ä\ud800\n", b"\0", (1,), {2}, frozenset({3}), {"k": [4]}]
    source = "def same(x, *rest, **named): return [x, rest, named]"
    verdict = check_program(
        source, "same", examples=[((value, 1), [value, (1,), {}])], timeout=PATIENT
    )
    assert verdict.passed, verdict
    tests = "assert same(1, a=2) == [1, (), {'a': 2}]\nassert candidate is same"
    assert check_program(source, "same", tests=tests, timeout=PATIENT).passed


def test_dicts_come_and_go_in_their_order() -> None:
    source = "def last_first(d): return dict(reversed(d.items()))"
    tests = "assert list(last_first({'b': 1, 'a': 2, 'c': 3})) == ['c', 'a', 'b']"
    assert check_program(source, "last_first", tests=tests, timeout=PATIENT) == CheckResult(
        True, "", (), 1
    )
    ways = [({"b": 1, "a": 2},), ({"a": 2, "b": 1},)]
    one, other = run_on_inputs(source, "last_first", ways, timeout=PATIENT) or []
    assert one == other, "equal answers are equal behaviour"


def test_each_example_has_its_outcome() -> None:
    source = "def half(x):\n    if x == 3: raise ValueError('three')\n    return x // 2"
    rows = [((2,), 1), ((3,), 1), ((5,), 3), ((8,), 4)]
    verdict = check_program(source, "half", examples=rows, timeout=PATIENT)
    assert verdict.outcomes == (True, False, False, True)
    assert verdict.reason == "half(3) ValueError: three"
    assert verdict.calls == 4


def test_calls_leave_nothing_behind() -> None:
    source = "seen = []\ndef count(x):\n    seen.append(x)\n    return len(seen)"
    assert check_program(source, "count", examples=[((1,), 1)] * 3, timeout=PATIENT).passed


def test_what_it_prints_does_not_matter() -> None:
    source = "print('loading')\n" + RIGHT.replace("    return", "    print(x)\n    return")
    assert check_program(source, "f", examples=EXAMPLES, timeout=PATIENT).passed


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("assert f(1) == 2\nassert f(2) == 2", "assert f(2) == 2 (AssertionError)"),
        (
            "def test_it(): assert f(1), 'it'\ndef test_2(): assert 0, 'two'",
            "(AssertionError: two)",
        ),
        ("import sys\nf(1)\nsys.exit(0)", "sys.exit(0) (SystemExit: 0)"),
        ("x = = 1", "SyntaxError: invalid syntax (tests.py, line 1)"),
        ("pass", "the tests never had an answer from the program"),
        ("f(lambda: 1)", "what cannot be sent: a function is no plain data)"),
        ("import os\nf(1)\nos._exit(0)", "the tests' side ended early: no report"),
        ("import os\nf(1)\nos._exit(7)", "the tests' side ended early: exit 7"),
        ("assert all(map(f, [0, 'a']))", "assert all(map(f, [0, 'a'])) (TypeError: "),
    ],
)
def test_tests_that_do_not_hold(tests: str, reason: str) -> None:
    verdict = check_program("def f(x): return x + 1", "f", tests=tests, timeout=PATIENT)
    assert not verdict.passed
    assert reason in verdict.reason


def test_tests_that_end_before_the_program_began() -> None:
    verdict = check_program("import time; time.sleep(5)", "f", tests="1 / 0", timeout=PATIENT)
    assert verdict.reason == "1 / 0 (ZeroDivisionError: division by zero)"


def test_exceptions_can_be_tested_for() -> None:
    source = "def f(x): raise KeyError(x)"
    tests = (
        "try: f('a')\nexcept KeyError as error: assert 'a' in str(error)\n"
        "else: raise AssertionError('nothing raised')"
    )
    assert check_program(source, "f", tests=tests, timeout=PATIENT).passed
    assert not check_program("def f(x): pass", "f", tests=tests, timeout=PATIENT).passed


def test_properties_can_be_tested() -> None:
    tests = (
        "from hypothesis import given, settings, strategies as st\n"
        "@settings(max_examples=30, deadline=None, database=None, derandomize=True)\n"
        "@given(st.lists(st.integers(-9, 9)))\n"
        "def test_twice_is_once(x): assert f(f(x)) == f(x)\n"
    )
    assert check_program("f = sorted", "f", tests=tests, timeout=PATIENT).passed
    verdict = check_program("def f(x): return x[1:]", "f", tests=tests, timeout=PATIENT)
    assert not verdict.passed
    assert "AssertionError" in verdict.reason


def test_answers_tell_behaviour_apart() -> None:
    inputs = [(1,), ("a",), ([3, 1],)]
    one = run_on_inputs(
        "def f(x): return {x, 1} if x != 'a' else None", "f", inputs, timeout=PATIENT
    )
    two = run_on_inputs(
        "def f(x):\n    return None if x == 'a' else {1, x}", "f", inputs, timeout=PATIENT
    )
    other = run_on_inputs("def f(x): return [x]", "f", inputs, timeout=PATIENT)
    assert one == two == ['["set",["int","1"]]', "null", "raised TypeError"]
    assert other is not None
    assert not set(one or ()) & set(other)
    source = "class Own(Exception): pass\ndef f(x): raise Own"
    assert run_on_inputs(source, "f", [(1,)], timeout=PATIENT) == ["raised Own"]
    lost = run_on_inputs("while True: pass", "f", inputs, timeout=1)
    assert lost == ["raised CandidateFailed"] * 3


def test_what_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="nothing to judge by"):
        check_program(RIGHT, "f")
    with pytest.raises(TypeError, match="a object is no plain data"):
        check_program(RIGHT, "f", examples=[((1,), object())])


def test_hypothesis_has_no_deadline_and_no_health_check_of_its_own() -> None:
    """Of a right program slower than its deadline, 0.2 s, and of values that are slow to make.

    The tests move the clock that Hypothesis reads, so that nobody waits.
    """
    source = "def f(x): return x"
    given = (
        "import time\nfrom hypothesis import given, settings, strategies as st\n"
        "clock, late = time.perf_counter, 0.0\ntime.perf_counter = lambda: clock() + late\n"
        "def slow(x, seconds=0.21):\n    global late\n    late += seconds\n    return x\n"
    )
    plain = "@settings(max_examples=3)\n@given(st.integers())\n"
    plain += "def test_it(x): assert f(slow(x)) == x\n"
    assert check_program(source, "f", tests=given + plain, timeout=PATIENT).passed
    own = given + "settings.load_profile('default')\n" + plain
    assert check_program(source, "f", tests=own, timeout=PATIENT).passed
    drawn = plain.replace("integers()", "integers().map(lambda x: slow(x, 40))")
    assert check_program(source, "f", tests=given + drawn, timeout=PATIENT).passed
    meant = given + plain.replace("max_examples=3", "max_examples=3, deadline=100")
    assert "Deadline" in check_program(source, "f", tests=meant, timeout=PATIENT).reason


def test_nan_is_nan_wherever_it_stands() -> None:
    source = "def f(x): return x * 1.0 if isinstance(x, float) else x"
    nan = float("nan")
    values = [nan, [nan], (1, {"k": nan}), {nan, 1.0}, {nan: 1}, {(nan, 2)}, complex(0, nan)]
    rows = [((value,), value) for value in values]
    assert check_program(source, "f", examples=rows, timeout=PATIENT).passed
    tests = "import math\nassert [f(math.nan)] == [math.nan]"
    assert check_program(source, "f", tests=tests, timeout=PATIENT).passed
