"""What one would do without a tool: for each change a process, in a fresh copy, with all tests.

Nothing here is the tool's but the sandbox: pytest is started as people start it, and a plugin of a
few lines writes down what becomes of each test. So it is the referee, too.
"""

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ideas_lib.programs.sandbox.running import run_command
from ideas_lib.programs.what_if.repo_changes import RepoChange

__all__ = ["plain_run"]

SECONDS = 60.0  # for all tests, which take a few
MEMORY = 2 << 30
MOST = 20  # tests that hang, and nothing more is run
PLUGIN = """\
import json
import pytest

found, where = {}, open("/tmp/told.txt", "w")

def pytest_collectreport(report):
    if report.failed:
        print(json.dumps(["broken", report.nodeid]), flush=True, file=where)

@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    print(json.dumps(["tests", [item.nodeid for item in session.items]]), flush=True, file=where)

def pytest_runtest_logstart(nodeid, location):
    print(json.dumps(["start", nodeid]), flush=True, file=where)

def pytest_runtest_logreport(report):
    row = [report.when, report.outcome, hasattr(report, "wasxfail")]
    found.setdefault(report.nodeid, []).append(row)

def pytest_runtest_logfinish(nodeid, location):
    print(json.dumps(["done", nodeid, found.pop(nodeid, [])]), flush=True, file=where)
"""
STARTER = """\
import os, subprocess, sys
seconds, words = float(sys.argv[1]), sys.argv[2:]
try:
    code = subprocess.run(words, timeout=seconds, stdout=-3, stderr=-3, stdin=-3).returncode
except subprocess.TimeoutExpired:
    code = "timeout"
print(repr(code))
print(open("/tmp/told.txt").read() if os.path.exists("/tmp/told.txt") else "")
"""


def plain_run(repo: Path, change: RepoChange | None) -> tuple[dict[str, str], float]:
    """Run all tests, with a change or without; return what each gave, and seconds.

    A test that hangs is a timeout, and the others are run anew without it. Tests of a module that
    cannot be collected are missing, unless the module's id is in the result, as an error.
    """
    began, hung = time.monotonic(), list[str]()
    while True:
        told, code = _once(repo, change, hung)
        starts = [row[1] for row in told if row[0] == "start"]
        done = {row[1]: _word(row[2]) for row in told if row[0] == "done"}
        last = [each for each in starts[-1:] if each not in done]
        if isinstance(code, int) and code >= 0 and not last:
            break
        if not last or len(hung) >= MOST:
            break
        hung += last
    broken = {row[1]: "error" for row in told if row[0] == "broken"}
    return {**broken, **done, **dict.fromkeys(hung, "timeout")}, time.monotonic() - began


def _once(repo: Path, change: RepoChange | None, without: Iterable[str]) -> tuple[list, object]:
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        top = Path(folder, repo.name)
        shutil.copytree(repo, top)
        for edit in change.edits if change else ():
            (top / edit.path).write_bytes((edit.after or "").encode())
        Path(folder, "telling_plugin.py").write_text(PLUGIN)
        Path(folder, "starter.py").write_text(STARTER)
        paths = f"/box/{repo.name}/src:/box/{repo.name}:/box"
        words = ["env", "-C", f"/box/{repo.name}", f"PYTHONPATH={paths}"]
        words += [sys.executable, "/box/starter.py", str(SECONDS), sys.executable]
        words += ["-m", "pytest", "-q", "-p", "telling_plugin", "--continue-on-collection-errors"]
        for name in ("xdist", "randomly", "pytest_cov"):
            words += ["-p", f"no:{name}"]
        for test in without:
            words += ["--deselect", test]
        done = run_command(words, tree=folder, timeout=SECONDS + 30, memory=MEMORY)
    first, *lines = done.stdout.splitlines() or ["'nothing'"]
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:  # broken off
            continue
    times: Counter[str] = Counter()
    for row in found:
        if row[0] == "done":  # two tests of one name: the second one's has a number
            times[row[1]] += 1
            row[1] += f"#{times[row[1]]}" if times[row[1]] > 1 else ""
    code = first.strip().strip("'")
    return found, int(code) if code.lstrip("-").isdecimal() else code


def _word(rows: list[list]) -> str:
    """Return what a test's reports come to, as pytest's own summary counts it."""
    outside = [outcome for when, outcome, _ in rows if when != "call"]
    inside = [(outcome, expected) for when, outcome, expected in rows if when == "call"]
    if "failed" in outside:
        return "error"
    if any(outcome == "failed" for outcome, _ in inside):
        return "fail"
    if any(outcome == "skipped" and expected for _, outcome, expected in rows):
        return "xfail"
    if "skipped" in outside:
        return "skip"
    if any(expected for _, expected in inside):
        return "xpass"
    return "skip" if inside and all(outcome == "skipped" for outcome, _ in inside) else "pass"
