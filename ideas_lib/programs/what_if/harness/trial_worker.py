"""The process within the sandbox that starts all others: it has pytest, and no repository.

It reads plan.json, and tells what is found by the pipe that it gets as descriptor 3. Each run is a
process forked from it, in a fresh copy of the repository.
"""

import contextlib
import fcntl
import importlib
import json
import os
import resource
import signal
import sys
from typing import Any

import pytest  # noqa: F401 - once for all that are forked

from ideas_lib.programs.what_if.harness.recording import Recorder, run_pytest
from ideas_lib.programs.what_if.harness.restoring import FolderCopy, fill_folder
from ideas_lib.programs.what_if.harness.serving import MOST_KILLED, ForkServer, Watcher, write_edit
from ideas_lib.programs.what_if.harness.telling import (
    HIGH,
    Tell,
    follow_child,
    in_child,
    is_walled,
    teller,
)
from ideas_lib.programs.what_if.harness.tracing import Tracer

__all__ = ["main"]

DAY = 86_400.0
KEPT = ("dirty", "lines", "opened", "unseen", "rewritten")
LOG, SHADOW = "/box/log.txt", "/box/shadow"


class TrialWorker:
    """Runs what a plan asks for: the base, several times over, or changes."""

    def __init__(self, plan: dict[str, Any], tell: Tell) -> None:
        self.plan, self.tell = plan, tell
        self.top, self.pristine = f"/box/work/{plan['name']}", "/box/pristine"
        self.loaded: list[str] = []
        os.makedirs(self.top)

    def fresh(self, edits: list[Any]) -> None:
        """Have the repository as it was, but for edits, and no other file or process."""
        leave_no_process()
        for folder in ("/tmp", "/dev/shm"):
            fill_folder(folder, "")
        fill_folder(self.top, self.pristine)
        for path, _, after in edits:
            write_edit(path, after)

    def files(self) -> FolderCopy:
        """Return the folders that tests can write to."""
        return FolderCopy([self.top, "/tmp", "/dev/shm"], SHADOW)

    def whole(self, edits: list[Any], kind: str = "") -> dict[str, Any]:
        """Run all tests; then anew without the one that had to be killed, until none has to be."""
        killed: dict[str, str] = {}
        while True:
            self.fresh(edits)
            before = _children_spent()
            told = follow_child(
                *in_child(lambda tell: self._session(tell, kind, killed)), self.plan["between"]
            )
            ids: list[str] = next(told.named("tests"), [[]])[0]
            found = {ids[place]: word for place, word, _ in told.named("done")}
            if told.ended == "end" or told.at < 0 or len(killed) >= MOST_KILLED:
                break
            killed[ids[told.at]] = told.ended
        for name in ids:
            found.setdefault(name, "not run")
        self.load([row[0] for row in told.named("loaded")])
        if told.at >= 0:
            found[ids[told.at]] = told.ended
        spent = {ids[place]: seconds for place, _, seconds in told.named("done")}
        return {
            "outcomes": found | killed,
            "seconds": spent,
            "between": round(max(0.0, _children_spent() - before - sum(spent.values())), 3),
            "broken": [row[0] for row in told.named("broken")],
            "ended": told.ended,
            "code": next((row[0] for row in told.named("end")), -1),
            "why": told.why,
            "broke": told.broke and not found,
            "log": "" if found and told.ended == "end" else _tail(LOG),
            "loaded": self.loaded if kind == "first" else [],
            **{name: list(told.named(name)) for name in KEPT if kind in ("watch", "trace")},
        }

    def _session(self, tell: Tell, kind: str, killed: dict[str, str]) -> None:
        recorder = Recorder(tell, self.plan["limits"], killed)
        plugins: list[Any] = [recorder]
        tracer = Tracer(self.top, recorder, tell) if kind == "trace" else None
        if kind == "watch":
            plugins.append(Watcher(self.top, recorder, self.files()))
        if tracer:
            plugins.append(tracer)
            tracer.start()
        code = run_pytest(self.top, self.plan["tests"], plugins, LOG, tell)
        if tracer:
            tracer.finish()
        tell(["end", code])

    def load(self, told: list[list[str]]) -> None:
        """Import, once for all that is forked, what pytest imports before it looks at tests."""
        for name in told[0] if told and not self.loaded else ():
            self.loaded.append(name)
            if name not in sys.modules and name.partition(".")[0] not in ("ideas_lib", "__main__"):
                with contextlib.suppress(Exception):  # a name that is no module's
                    importlib.import_module(name)

    # --- plans ---

    def base(self) -> None:
        """Run the tests as they are: some times over, then watched, then traced."""
        for again in range(self.plan["repeats"]):
            self.tell(["base", self.whole([], "" if again else "first")])
        for kind in ("watch", "trace") if self.plan["select"] else ():
            self.tell([kind, self.whole([], kind)])

    def changes(self) -> None:
        """Run changes: those that name what they touch in the fork server, then the others."""
        given_up: dict[str, str] = {}

        def forward(row: list[Any]) -> None:
            if row[0] == "whole":
                given_up[row[1]] = row[2]
            elif row[0] == "row":
                self.tell(row)
                done.add(row[1])

        done: set[str] = set()
        ended = ""
        self.load([self.plan["loaded"]])
        served = [each for each in self.plan["changes"] if each["touched"] is not None]
        if served:
            self.fresh([])
            told = follow_child(*in_child(lambda tell: self._serve(tell, served)), DAY, forward)
            ended = f"the server ended: {told.why or told.ended}"
        for each in self.plan["changes"]:
            if each["name"] not in done:
                why = given_up.get(each["name"], each["why"]) or ended
                found = self.whole(each["edits"])
                if found["broke"] and self.whole([])["broke"]:
                    self.tell(["fault", found["why"]])  # not the change's
                self.tell(["run", each["name"], found, why])

    def _serve(self, tell: Tell, changes: list[dict[str, Any]]) -> None:
        recorder = Recorder(tell, self.plan["limits"])
        order, dirty, between = (self.plan[name] for name in ("order", "dirty", "between"))
        server = ForkServer(self.top, recorder, self.files(), order, dirty, changes, between)
        run_pytest(self.top, self.plan["tests"], [recorder, server], LOG, tell)
        tell(["end"])


def leave_no_process() -> None:
    """Kill all that tests have left behind: in the sandbox, all but its first process and this."""
    if not is_walled():
        raise RuntimeError("this kills every process: it is for the sandbox alone")
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _children_spent() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _tail(path: str) -> str:
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return file.read()[-2000:]
    return ""


def main() -> None:
    """Do what plan.json says, and tell it by descriptor 3."""
    with open("plan.json", encoding="utf-8") as file:
        plan = json.load(file)
    # What is tested may be this very library: it gets its own.
    for name in [name for name in sys.modules if name.partition(".")[0] == "ideas_lib"]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd())]
    worker = TrialWorker(plan, teller(_lifted(3)))
    (worker.base if plan["kind"] == "base" else worker.changes)()


def _lifted(fd: int) -> int:
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
    os.close(fd)
    return high


if __name__ == "__main__":
    main()
