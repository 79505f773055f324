"""Run tests that came as source, and see that each of them ran.

Tests are what pytest and unittest take for tests: functions and methods named `test...`, of the
module and of its classes `Test...` and subclasses of TestCase, and here `check` too. Each is made
to say when it is defined and when its body runs: what was defined and never ran is named, be it a
generator, one that another of its name hides, or one that was skipped.
"""

import ast
import contextlib
import functools
import inspect
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

DEFINED, RAN = "__test_defined__", "__test_ran__"
FILE = "tests.py"


def run_tests(source: str, space: dict[str, Any]) -> str:
    """Run tests that see the names of `space`; return in words what failed, or nothing.

    What is called: `check(candidate)`, if there is one, each function named `test...` (awaited
    where it is async), and the methods of test classes, after their `setup_method` or `setUp`.
    """
    return _Tests(source, space).run()


class _Tests:
    """Tests, which of them were defined, which ran, and what failed."""

    def __init__(self, source: str, space: dict[str, Any]) -> None:
        self.source, self.given = source, set(map(id, space.values()))
        self.defined, self.ran, self.failed = list[str](), set[str](), list[str]()
        self.odd: list[tuple[str, str]] = []  # what did not run, and why
        module = types.ModuleType("tests")
        sys.modules["tests"] = module  # dataclasses and unittest look for it there
        self.space = vars(module)
        self.space |= space | {DEFINED: self._define, RAN: self.ran.add}

    def _define(self, key: str) -> Callable[[Any], Any]:
        self.defined.append(key)
        return lambda test: test

    def run(self) -> str:
        threading.excepthook = lambda told: self.fail(told.exc_value or told.exc_type())
        try:
            lend_time_to_hypothesis(self.source)
            tree = ast.fix_missing_locations(_Watched().visit(ast.parse(self.source, FILE)))
            exec(compile(tree, FILE, "exec"), self.space)
            for name, test in self._collected():
                self._call(name, test)
                if self.failed:
                    break
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        except BaseException as error:  # SystemExit too: tests that end early have not passed
            self.fail(error)
        if self.failed:
            return self.failed[0]
        missing = [key for key in self.defined if key not in self.ran]
        missing = list(dict.fromkeys(missing)) + [f"{name} {why}" for name, why in self.odd]
        return f"not all tests ran: {', '.join(missing)}" if missing else ""

    def fail(self, error: BaseException) -> None:
        """Keep in words what failed; the first is what is told."""
        words = failure(error, self.source)
        # By name: pytest, which has its own, may not be there.
        skipped = type(error).__name__ in ("SkipTest", "Skipped")
        self.failed.append(f"not all tests ran: {words}" if skipped else words)

    def _collected(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        if callable(self.space.get("check")):
            yield "check", lambda: self.space["check"](self.space["candidate"])
        case = getattr(sys.modules.get("unittest"), "TestCase", None)
        for name, found in list(self.space.items()):
            if isinstance(found, type):
                if case is not None and issubclass(found, case):
                    yield name, functools.partial(_run_case, found, self)
                elif name.startswith("Test"):
                    for method in dir(found):
                        if method.startswith("test"):
                            yield f"{name}.{method}", _method(found, method)
            elif name.startswith("test") and callable(found) and id(found) not in self.given:
                yield name, found

    def _call(self, name: str, test: Callable[[], Any]) -> None:
        wanted = _wanted(test)
        if wanted:
            self.odd.append((name, f"(nothing here gives it {', '.join(wanted)})"))
            return
        value = test()
        if inspect.isawaitable(value):
            import asyncio

            value = asyncio.run(_awaited(value))
        if inspect.isgenerator(value) or inspect.isasyncgen(value):
            self.odd.append((name, "(a generator)"))
        elif value is False:
            self.failed.append(f"{name} returned False")


def lend_time_to_hypothesis(source: str) -> None:
    """Leave time to the judge's limit: where tests use Hypothesis, its own deadlines are off.

    They count in a call's time that its program was just started, and that the machine is busy. A
    test that sets a deadline itself means it.
    """
    if "hypothesis" not in source:
        return
    with contextlib.suppress(ImportError):
        from hypothesis import HealthCheck, settings

        calm = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
        for name in ("default", "ci"):  # which the tests may load
            settings.register_profile(name, calm)
        settings.load_profile("default")


class _Watched(ast.NodeTransformer):
    """Have each test say when it is defined, and when its body runs."""

    def __init__(self) -> None:
        self.owner = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not node.bases and not node.name.startswith("Test"):
            return node  # nobody takes it for tests
        outer, self.owner = self.owner, f"{self.owner}{node.name}."
        self.generic_visit(node)
        self.owner = outer
        return node

    def visit_FunctionDef(self, node: Any) -> ast.AST:
        if node.name.startswith("test") or (node.name == "check" and not self.owner):
            key = f"{self.owner}{node.name} (line {node.lineno})"
            documented = ast.get_docstring(node, clean=False) is not None
            place = node.body[0]
            node.body.insert(documented, ast.copy_location(ast.Expr(_calling(RAN, key)), place))
            node.decorator_list.insert(0, ast.copy_location(_calling(DEFINED, key), node))
        return node  # what is defined in there is nobody's test

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node


def _calling(name: str, key: str) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [ast.Constant(key)], [])


def _run_case(case: Any, tests: _Tests) -> None:
    """Run a subclass of TestCase, and tell of what failed or did not run."""
    import unittest

    class Result(unittest.TestResult):
        def addError(self, test: Any, err: Any) -> None:
            tests.fail(err[1])

        def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
            if err is not None:
                tests.fail(err[1])

        addFailure = addError

    result = Result()
    unittest.defaultTestLoader.loadTestsFromTestCase(case).run(result)
    tests.odd += [(test.id(), f"(skipped: {why})"[:200]) for test, why in result.skipped]
    if result.unexpectedSuccesses:
        tests.failed.append(f"{case.__name__} passed where it was to fail")


def _method(kind: type, name: str) -> Callable[[], Any]:
    """Return a call of a method of a plain test class, as pytest would make it."""

    def call() -> Any:
        test = kind()
        for before in ("setup_class", "setup_method"):
            if hasattr(test, before):
                setup = getattr(test, before)
                setup(*[None] * len(_wanted(setup)))
        return getattr(test, name)()

    found = inspect.getattr_static(kind, name)
    plain = getattr(found, "__func__", found)
    if isinstance(found, staticmethod | classmethod) or not callable(plain):
        return call
    rest = _wanted(plain)[1:]
    if rest:
        call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(each, inspect.Parameter.POSITIONAL_OR_KEYWORD) for each in rest]
        )
    return call


def _wanted(test: Callable[..., Any]) -> list[str]:
    """Return the parameters without which a test cannot be called."""
    try:
        parameters = inspect.signature(test).parameters.values()
    except (TypeError, ValueError):  # a built-in may not tell
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in optional]


async def _awaited(value: Any) -> Any:
    return await value


def failure(error: BaseException, source: str) -> str:
    """Return the line of the tests that failed, and how."""
    numbers, trace = [], error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_filename == FILE:
            numbers.append(trace.tb_lineno)
        trace = trace.tb_next
    words = f"{type(error).__name__}: {error}"[:500].rstrip(": ")
    lines = source.splitlines()
    numbers = [number for number in numbers if number <= len(lines)]  # Hypothesis makes some up
    return f"{lines[numbers[-1] - 1].strip()} ({words})" if numbers else words
