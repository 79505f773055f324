"""Unit tests and notebooks in one pytest session, so that both workers are busy to the end.

`python tests/together.py PATH ...` runs it, the longest files first. Notebooks keep what is theirs:
a longer timeout, and the environment that no test has touched. How long each test took is kept in
.work/, for the order of the next run, for `make check`, and for the table of `make test`.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TIMES = ROOT / ".work" / "test-seconds.json"
OPTIONS = (
    *("-p", "together", "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"),
    *("--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "660"),
)
# A fork's last cell compares it with its original, which may take ten minutes.
NOTEBOOK_TIMEOUT = 720
UNKNOWN = 10.0
ENVIRONMENT = dict(os.environ)


def file_of(nodeid: str) -> str:
    """Return the file that a test is in, from the checkout's top folder."""
    return nodeid.partition("::")[0]


def times() -> dict[str, float]:
    """Return the seconds that each test took when it last ran here."""
    known = json.loads(TIMES.read_text()) if TIMES.is_file() else {}
    return {test: seconds for test, seconds in known.items() if (ROOT / file_of(test)).is_file()}


def file_seconds(files: Iterable[str]) -> dict[str, float]:
    """Return the seconds that each file took; of a notebook never run here, what it records."""
    known = Counter[str]()
    for nodeid, seconds in times().items():
        known[file_of(nodeid)] += seconds
    return {file: known[file] or recorded(ROOT / file) for file in files}


def recorded(path: Path) -> float:
    if path.suffix != ".ipynb" or not path.is_file():
        return UNKNOWN
    return json.loads(path.read_text())["metadata"].get("ideas", {}).get("seconds", UNKNOWN)


def pytest_configure_node(node: Any) -> None:
    # A worker starts when tests/conftest.py has already been read here.
    node.workerinput["environment"] = ENVIRONMENT


def pytest_configure(config: pytest.Config) -> None:
    # The path is that of `python -m pytest` in the top folder. This folder is on it for pytest to
    # find this file; tests do without it.
    elsewhere = [place for place in sys.path if Path(place or ".").resolve() not in (HERE, ROOT)]
    sys.path[:] = [str(ROOT), *elsewhere]
    if hasattr(config, "workerinput"):
        ENVIRONMENT.clear()
        ENVIRONMENT.update(config.workerinput["environment"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files = file_seconds({file_of(item.nodeid) for item in items})
    items.sort(key=lambda item: -files[file_of(item.nodeid)])
    for item in items:
        if item.path.suffix == ".ipynb":
            item.add_marker(pytest.mark.timeout(NOTEBOOK_TIMEOUT))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    # The first cell starts the kernel, which takes over what tests/conftest.py has set here.
    if item.path.suffix != ".ipynb":
        return (yield)
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    try:
        return (yield)
    finally:
        os.environ.clear()
        os.environ.update(before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    took = Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid] += report.duration
    TIMES.parent.mkdir(exist_ok=True)
    ran = {file_of(nodeid) for nodeid in took}
    before = {test: seconds for test, seconds in times().items() if file_of(test) not in ran}
    TIMES.write_text(json.dumps(before | took, indent=0))


if __name__ == "__main__":
    sys.exit(pytest.main([*OPTIONS, *sys.argv[1:]]))
