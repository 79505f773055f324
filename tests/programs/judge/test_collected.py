"""Every test that is there is seen to run, or the verdict says which one was not."""

import pytest

from ideas_lib.programs.judge.judging import check_program

PATIENT = 60.0
PROGRAM = "def f(x): return x + 1\n"
CASE = "import unittest\nf(1)\nclass Cases(unittest.TestCase):\n"
PLAIN = "f(1)\nclass TestIt:\n"
GIVEN = "from hypothesis import given, settings, strategies as st\nf(1)\n"


@pytest.mark.parametrize(
    "tests",
    [
        "async def test_it(): assert f(1) == 3",
        "async def check(candidate): assert candidate(1) == 3",
        "f(1)\ntest_it = lambda: f(1) == 3 or 1 / 0",
        "def test_it(): return f(1) == 3",
        CASE + "    def test_it(self): self.assertEqual(f(1), 3)",
        CASE + "    def test_it(self):\n        with self.subTest(): self.assertEqual(f(1), 3)",
        CASE.replace("TestCase", "IsolatedAsyncioTestCase")
        + "    async def test_it(self): self.assertEqual(f(1), 3)",
        CASE + "    @unittest.expectedFailure\n    def test_it(self): self.assertEqual(f(1), 2)",
        CASE + "    def setUp(self): assert f(1) == 3\n    def test_it(self): pass",
        "import unittest\nf(1)\nclass B:\n    def test_it(self): assert f(1) == 3\n"
        "class C(B, unittest.TestCase): pass",
        PLAIN + "    def test_it(self): assert f(1) == 3",
        PLAIN + "    def setup_method(self): self.x = 1\n"
        "    def test_it(self): assert f(self.x) == 3",
        PLAIN + "    @staticmethod\n    def test_it(): assert f(1) == 3",
        "import threading\ndef test_it():\n    f(1)\n    def other(): assert f(1) == 3\n"
        "    threading.Thread(target=other).start()",
        "from hypothesis.stateful import RuleBasedStateMachine, rule\n"
        "class M(RuleBasedStateMachine):\n    @rule()\n    def go(self): assert f(1) == 3\n"
        "TestIt = M.TestCase",
    ],
)
def test_what_does_not_hold_is_seen(tests: str) -> None:
    verdict = check_program(PROGRAM, "f", tests=tests, timeout=PATIENT)
    assert not verdict.passed
    assert "not all tests ran" not in verdict.reason


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("f(1)\ndef test_it():\n    yield", "test_it (line 2)"),
        ("f(1)\nasync def test_it():\n    yield", "test_it (line 2)"),
        ("def check(candidate):\n    f(1)\n    yield", "check (line 1)"),
        ("f(1)\ntest_it = lambda: (x for x in ())", "test_it (a generator)"),
        ("def test_it(): assert 0\ndef test_it(): f(1)", "test_it (line 1)"),
        ("f(1)\ndef test_it(): assert 0\ntest_it = None", "test_it (line 2)"),
        ("f(1)\nif True:\n    def test_it(): assert 0\n    del test_it", "test_it (line 3)"),
        (PLAIN + "    def test_it(self): 1 / 0\n    def test_it(self): pass", "TestIt.test_it"),
        (PLAIN + "    def test_it(self, x): assert 0", "nothing here gives it x"),
        ("f(1)\ndef test_it(x): assert 0", "nothing here gives it x"),
        (
            "import pytest\nf(1)\n@pytest.mark.parametrize('x', [1])\ndef test_it(x): assert 0",
            "test_it (line 4)",
        ),
        ("import pytest\nf(1)\n@pytest.fixture\ndef test_it(): assert 0", ""),
        ("import pytest\nf(1)\ndef test_it(): pytest.skip('no')", "Skipped: no"),
        ("import unittest\nf(1)\n@unittest.skip('no')\ndef test_it(): assert 0", "SkipTest: no"),
        (CASE + "    @unittest.skip('no')\n    def test_it(self): pass", "Cases.test_it (line 5)"),
        (CASE + "    def test_it(self): self.skipTest('no')", "skipped: no"),
        (CASE + "    async def test_it(self): assert 0", "Cases.test_it (line 4)"),
        (CASE + "    def test_it(self): assert 0\ndel Cases", "Cases.test_it (line 4)"),
        (CASE + "    class In(unittest.TestCase):\n        def test_it(self): 0", "Cases.In.test"),
        (
            "import contextlib\nf(1)\n@contextlib.contextmanager\ndef test_it(): yield",
            "test_it (line 4)",
        ),
        (GIVEN + "@settings(phases=[])\n@given(st.integers())\ndef test_it(x): assert 0", ""),
    ],
)
def test_what_did_not_run_is_named(tests: str, words: str) -> None:
    verdict = check_program(PROGRAM, "f", tests=tests, timeout=PATIENT)
    assert not verdict.passed
    assert words in verdict.reason
    assert verdict.reason.startswith("not all tests ran: ") or "fixture" in tests.lower()


@pytest.mark.parametrize(
    "tests",
    [
        "import asyncio\nasync def test_it():\n    await asyncio.sleep(0)\n    assert f(1) == 2",
        '"""Doc."""\nfrom __future__ import annotations\ndef test_it():\n    "It."\n    f(1)',
        "def test_it():\n    def test_inner(): assert 0\n    assert f(1) == 2",
        "class Helper:\n    def test(self): assert 0\ndef test_it(x=1): assert f(x) == 2",
        "if __name__ == '__main__':\n    def test_it(): assert 0\nassert f(1) == 2",
        CASE + "    def setUp(self): self.x = 1\n    def test_it(self): self.assertEqual(f(1), 2)",
        CASE + "    def test_it(self): pass\nif __name__ == '__main__': unittest.main()",
        PLAIN + "    def setup_method(self, method): self.x = 1\n"
        "    def test_it(self): assert f(self.x) == 2\n"
        "    @classmethod\n    def test_class(cls): assert f(2) == 3",
        "import dataclasses\n@dataclasses.dataclass\nclass P:\n    x: 'int'\n"
        "def test_it(): assert f(P(1).x) == 2",
        GIVEN + "@given(st.integers())\ndef test_it(x): assert f(x) == x + 1",
    ],
)
def test_what_holds_holds(tests: str) -> None:
    verdict = check_program(PROGRAM, "f", tests=tests, timeout=PATIENT)
    assert verdict.passed, verdict


def test_a_function_may_be_named_like_a_test() -> None:
    source, tests = "def test_sum(a): return a", "assert test_sum(1) == 1"
    assert check_program(source, "test_sum", tests=tests, timeout=PATIENT).passed
