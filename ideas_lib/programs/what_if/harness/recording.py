"""What pytest is asked, and a plugin that says what becomes of each test."""

import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Generator, Iterable, Mapping
from typing import Any

import pytest

from ideas_lib.programs.what_if.harness.ambient import set_pytest_apart
from ideas_lib.programs.what_if.harness.telling import Tell

__all__ = ["Recorder", "run_pytest"]

# Options in a repository's own settings that would run other tests, elsewhere, or in another order.
FLAGS = frozenset(
    {
        *("-x", "--exitfirst", "--lf", "--last-failed", "--ff", "--failed-first", "--nf"),
        *("--new-first", "--sw", "--stepwise", "--sw-skip", "--stepwise-skip", "--sw-reset"),
        *("--pdb", "--trace", "-f", "--looponfail", "--no-cov"),
    }
)
VALUED = (
    "--maxfail",
    "--numprocesses",
    "--dist",
    "--cov",
    "--randomly",
    "--reruns",
    "--tx",
    "--nbval",
    "-n",
)
OPTIONAL = ("--cov", "--nbval")
OFF = (
    "xdist",
    "xdist.looponfail",
    "pytest_cov",
    "randomly",
    "random_order",
    "rerunfailures",
    "nbval",
)


def run_pytest(top: str, tests: Iterable[str], plugins: list[Any], log: str, tell: Tell) -> int:
    """Run a repository's tests in this process, which is theirs from then on; the exit code.

    It tells `loaded`: what pytest has imported before anything of the repository, but for what it
    rewrites.
    """
    os.chdir(top)
    paths = [path for path in (os.path.join(top, "src"), top) if os.path.isdir(path)]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.path[:0] = paths
    sys.argv = ["pytest"]
    for stream, path, how in ((0, os.devnull, os.O_RDONLY), (1, log, os.O_WRONLY)):
        fd = os.open(path, how | (os.O_CREAT | os.O_TRUNC if stream else 0), 0o644)
        os.dup2(fd, stream)
        os.close(fd)
    os.dup2(1, 2)
    words = [word for name in OFF for word in ("-p", f"no:{name}")]
    set_pytest_apart()
    # Plugins import much to say who they are in a header that nobody reads.
    words += ["--no-header", "--continue-on-collection-errors", *tests]
    return int(pytest.main(words, [_Settings(tell), *plugins]))


class _Settings:
    """Leave out what the repository's settings ask of pytest and must not be had here."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self, args: list[str]) -> None:
        there = [(name, getattr(m, "__loader__", None)) for name, m in list(sys.modules.items())]
        self.tell(
            ["loaded", [n for n, loader in there if "Rewriting" not in type(loader).__name__]]
        )
        kept: list[str] = []
        words = iter(args)
        for word in words:
            name = word.partition("=")[0]
            valued = next((v for v in VALUED if word.startswith(v)), "")
            if name in FLAGS:
                continue
            if valued:
                if word == valued and valued not in OPTIONAL:
                    next(words, None)
                continue
            kept.append(word)
        args[:] = kept


class Recorder:
    """Tells `tests` (all ids), `broken` (what cannot be collected), `start`, and `done` of each.

    Tests are named by their place among all; those in `without` are left out. `limits` has the
    seconds that each may take by its id, with those of any other under "".
    """

    def __init__(
        self, tell: Tell, limits: Mapping[str, float], without: Collection[str] = ()
    ) -> None:
        self.tell, self.limits, self.without = tell, limits, without
        self.ids: list[str] = []
        self.places: dict[int, int] = {}
        self.reports: list[Any] = []

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.tell(["broken", report.nodeid])

    def pytest_collection_finish(self, session: Any) -> None:
        if "hypothesis.core" in sys.modules:  # else its tests try other inputs each time
            sys.modules["hypothesis.core"].global_force_seed = 0  # type: ignore[attr-defined]
        times: Counter[str] = Counter()
        for item in session.items:
            times[item.nodeid] += 1
            more = f"#{times[item.nodeid]}" if times[item.nodeid] > 1 else ""
            self.ids.append(item.nodeid + more)
        kept = [n for n, name in enumerate(self.ids) if name not in self.without]
        session.items[:] = [session.items[n] for n in kept]
        self.ids = [self.ids[n] for n in kept]
        self.places = {id(item): place for place, item in enumerate(session.items)}
        self.tell(["tests", self.ids])

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.reports.append(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, Any]:
        place, self.reports = self.places[id(item)], []
        self.tell(["start", place, self.limits.get(self.ids[place], self.limits[""])])
        began, outcome = time.process_time(), "error"
        try:
            result = yield
            outcome = word_of_reports(self.reports)
            return result
        finally:  # an exception goes through when pytest is asked to stop
            self.tell(["done", place, outcome, round(time.process_time() - began, 4)])


def word_of_reports(reports: list[Any]) -> str:
    """Return one word for the reports of a test's parts."""
    if any(report.failed and report.when != "call" for report in reports):
        return "error"
    if any(report.failed for report in reports):
        return "fail"
    if any(report.skipped and hasattr(report, "wasxfail") for report in reports):
        return "xfail"
    if any(report.skipped and report.when != "call" for report in reports):
        return "skip"
    calls = [report for report in reports if report.when == "call"]
    if any(hasattr(report, "wasxfail") for report in calls):
        return "xpass"
    return "skip" if calls and all(report.skipped for report in calls) else "pass"
