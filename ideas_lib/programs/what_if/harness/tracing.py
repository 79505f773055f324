"""What each test runs and reads: lines by coverage, files that are opened, processes, threads."""

import importlib.machinery
import os
import resource
import sys
import threading
from collections import defaultdict
from collections.abc import Generator
from typing import Any

import coverage
import pytest

from ideas_lib.programs.what_if.harness.ambient import has_children
from ideas_lib.programs.what_if.harness.recording import Recorder
from ideas_lib.programs.what_if.harness.telling import Tell

__all__ = ["Tracer"]

STARTS = frozenset(
    {
        *("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system"),
        *("os.exec", "pty.spawn"),
    }
)
IMPORTS = ("<frozen importlib._bootstrap_external>", "<frozen importlib._bootstrap>", "<frozen zip")


class Tracer:
    """A plugin that tells, at the end, of each test and of what is outside of all (place -1):

    `lines`: file, then [line, places] pairs; `opened`: file, places; `unseen`: place, why its lines
    do not say all. `rewritten` are the files that pytest compiles itself.
    """

    def __init__(self, top: str, recorder: Recorder, tell: Tell) -> None:
        self.top, self.recorder, self.tell = top.rstrip("/") + "/", recorder, tell
        self.place = -1
        self.opened: dict[str, set[int]] = defaultdict(set)
        self.unseen: dict[int, str] = {}
        os.environ["COVERAGE_CORE"] = "ctrace"  # other cores know no contexts
        self.coverage = coverage.Coverage(
            data_file=None, config_file=False, include=[f"{self.top}*"], messages=False
        )
        del os.environ["COVERAGE_CORE"]

    def start(self) -> None:
        """Trace from here on."""
        sys.addaudithook(self._hear)
        self.coverage.start()
        self.coverage.switch_context("-1")
        self.traces = sys.gettrace()

    def _hear(self, event: str, details: tuple[Any, ...]) -> None:
        if event == "open":
            path = details[0]
            if isinstance(path, str | bytes | os.PathLike):
                self._note_open(os.path.abspath(os.fsdecode(path)))
        elif event in STARTS:
            self.unseen[self.place] = "starts processes"
        elif event == "_thread.start_new_thread":
            if getattr(details[0], "__module__", "") != "threading":
                self.unseen[self.place] = "starts threads of its own kind"
        elif event in ("sys.settrace", "sys.setprofile", "sys.monitoring.register_callback"):
            caller = sys._getframe(1).f_code.co_filename
            ours = (os.path.dirname(coverage.__file__), threading.__file__)
            if self.place >= 0 and not caller.startswith(ours):
                self.unseen[self.place] = "traces"

    def _note_open(self, path: str) -> None:
        if path.startswith(self.top):
            # Outside of tests a module is read by its import, which says nothing.
            if self.place >= 0 or not sys._getframe(2).f_code.co_filename.startswith(IMPORTS):
                self.opened[path].add(self.place)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Generator[None, Any, Any]:
        self.place = self.recorder.places[id(item)]
        self.coverage.switch_context(str(self.place))
        children = _children_spent()
        self._look_around()
        try:
            return (yield)
        finally:
            self._look_around()
            if _children_spent() != children:
                self.unseen[self.place] = "starts processes"
            if sys.gettrace() is not self.traces:
                self.unseen[self.place] = "traces"
                sys.settrace(self.traces)
            self.place = -1
            self.coverage.switch_context("-1")

    def _look_around(self) -> None:
        if threading.active_count() > 1:
            self.unseen[self.place] = "threads go on beside it"
        if has_children():
            self.unseen[self.place] = "processes go on beside it"

    def finish(self) -> None:
        """Tell all."""
        self.coverage.stop()
        data = self.coverage.get_data()
        for path in data.measured_files():
            rows = [
                [line, sorted(map(int, filter(None, places)))]
                for line, places in sorted(data.contexts_by_lineno(path).items())
            ]
            self.tell(["lines", path, rows])
        for path, places in self.opened.items():
            self.tell(["opened", path, sorted(places)])
        for place, why in self.unseen.items():
            self.tell(["unseen", place, why])
        for module in list(sys.modules.values()):
            names = getattr(module, "__dict__", {})
            file, loader = names.get("__file__"), names.get("__loader__")
            if isinstance(file, str) and file.startswith(self.top):
                if type(loader) is not importlib.machinery.SourceFileLoader:
                    self.tell(["rewritten", file])


def _children_spent() -> tuple[float, ...]:
    return tuple(resource.getrusage(resource.RUSAGE_CHILDREN))
