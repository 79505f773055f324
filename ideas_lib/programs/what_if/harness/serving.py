"""A pytest session that has collected all tests, and forks a process for each change.

Tests are in the order of a whole run. Those that leave something behind (`dirty`, as a whole run
has shown) cut it into stretches, within which the state before any test is the same. For each
change, and each stretch that has tests which it can touch, a process is forked, the change is made
in it, and these tests are run. After each of them the state is looked at. If it is as before, what
comes next is as it would be in a whole run. If not, all tests that follow are run there, one after
the other, as in a whole run. Where even that cannot be trusted the change is given up, and a whole
run decides.
"""

import os
import resource
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from ideas_lib.programs.what_if.harness.ambient import has_children
from ideas_lib.programs.what_if.harness.code_pairs import CannotSwap
from ideas_lib.programs.what_if.harness.recording import Recorder
from ideas_lib.programs.what_if.harness.restoring import FolderCopy
from ideas_lib.programs.what_if.harness.swapping import swap_functions
from ideas_lib.programs.what_if.harness.telling import (
    Followed,
    Tell,
    end_all_younger,
    follow_child,
    in_child,
)
from ideas_lib.programs.what_if.harness.watching import Watch

__all__ = ["MOST_KILLED", "ForkServer", "Watcher", "run_item", "write_edit"]

MOST_KILLED = 20  # tests of a change; what follows is not run


class FixtureNotes:
    """A plugin that knows the fixtures of a session that were ever set up."""

    def __init__(self) -> None:
        self.definitions: dict[int, Any] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> None:
        self.definitions[id(fixturedef)] = fixturedef

    def watch(self, top: str, session: Any) -> Watch:
        """Return a watch on these, and on what tests are given as parameters."""
        specs = [getattr(item, "callspec", None) for item in session.items]
        parameters = [spec.params for spec in specs if spec is not None]
        return Watch(top, lambda: list(self.definitions.values()), parameters)


class Watcher(FixtureNotes):
    """A plugin that tells, in a whole run, after which tests the state is another: `dirty`."""

    def __init__(self, top: str, recorder: Recorder, files: FolderCopy) -> None:
        super().__init__()
        self.top, self.recorder, self.files = top, recorder, files

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        watch = self.watch(self.top, session)
        watch.take()
        scan = self.files.scan()
        for place in range(len(session.items)):
            run_item(session, place)
            why = watch.changed() or ", ".join(self.files.differences(scan))[:200]
            if why:
                self.recorder.tell(["dirty", place, why])
                watch.take()
            scan = self.files.scan()
        return True


def run_item(session: Any, place: int) -> None:
    """Run a test as in a whole run."""
    items = session.items
    following = items[place + 1] if place + 1 < len(items) else None
    items[place].config.hook.pytest_runtest_protocol(item=items[place], nextitem=following)
    if session.shouldstop or session.shouldfail:
        raise session.Interrupted(session.shouldstop or session.shouldfail)


class ForkServer(FixtureNotes):
    """A plugin that runs changes: each has `name`, `edits` (path, before, after), and `touched`.

    It tells a `row` for each change that is done: its name, what became of the tests that were run,
    by their places, and why the rest had to be run, if it had; and `whole` for those given up.
    """

    def __init__(
        self,
        top: str,
        recorder: Recorder,
        files: FolderCopy,
        ids: list[str],
        dirty: list[int],
        changes: Sequence[Mapping[str, Any]],
        between: float,
    ) -> None:
        super().__init__()
        self.top, self.recorder, self.files, self.ids = top, recorder, files, ids
        self.dirty, self.changes, self.between = set(dirty), changes, between
        self.tell: Tell = recorder.tell
        self.found: dict[str, dict[int, str]] = {each["name"]: {} for each in changes}
        self.open = {each["name"] for each in changes}
        self.session: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        self.session = session
        self.state = self.watch(self.top, session)
        last, begin = len(session.items) - 1, 0
        for each in [each for each in self.changes if not each["touched"]]:
            self._close(each["name"])
        if self.recorder.ids != self.ids:
            for each in self.changes:
                self._give_up(each["name"], "the tests are others than before")
        while begin <= last and self.open:
            end = min((place for place in self.dirty if place >= begin), default=last)
            self._serve(begin, end)
            if any(max(each["touched"]) > end for each in self._left()):
                # What is left behind by tests that are clean is nothing: they need not be run.
                self._come_to(end)
                self.recorder.tell = lambda row: None
                run_item(session, end)
                self.recorder.tell = self.tell
            begin = end + 1
        return True

    def _left(self) -> list[Mapping[str, Any]]:
        return [each for each in self.changes if each["name"] in self.open]

    def _close(self, name: str, why: str = "") -> None:
        self.open.discard(name)
        self.tell(["row", name, self.found[name], why])

    def _give_up(self, name: str, why: str) -> None:
        self.open.discard(name)
        self.tell(["whole", name, why])

    def _serve(self, begin: int, end: int) -> None:
        """Run what each change can touch of a stretch of tests, in a process of its own."""
        wanted = []
        for each in self._left():
            touched = [place for place in each["touched"] if begin <= place <= end]
            if touched:
                wanted.append((each, touched))
        if wanted:
            self.state.take()
            self.files.copy()
        # A fork has one thread, and shares what it did not start.
        busy = threading.active_count() > 1 or has_children()
        for change, touched in wanted:
            if busy:
                self._give_up(change["name"], "threads or processes go on beside the tests")
            else:
                self._run_change(change, touched, end)
        for each in self._left():
            if max(each["touched"]) <= end:
                self._close(each["name"])

    def _run_change(self, change: Mapping[str, Any], touched: list[int], end: int) -> None:
        name = change["name"]
        while touched:
            for path, _, after in change["edits"]:
                write_edit(path, after)
            child, pipe = in_child(partial(self._in_change, change, touched, end), go_on=True)
            told = follow_child(child, pipe, self.between)
            if told.ended != "end" or [*told.named("processes")]:
                end_all_younger(child)
            self.files.restore()
            cannot = [row[0] for row in told.named("cannot")]
            if cannot:
                return self._give_up(name, cannot[0])
            spread = [row[0] for row in told.named("spread")]
            for place, outcome, _ in told.named("done"):
                self.found[name][place] = outcome
            if told.ended == "end":
                return self._close(name, spread[0]) if spread else None
            killed = sum(word in ("timeout", "crash") for word in self.found[name].values())
            if spread or told.at < 0 or told.at in self.dirty or killed + 1 >= MOST_KILLED:
                return self._give_up(name, _with_why(told, "where more was to be run"))
            # It was killed at a test that leaves nothing behind: go on with the next, without it.
            self.found[name][told.at] = told.ended
            touched = [place for place in touched if place > told.at]
        return None

    # --- in the process of a change ---

    def _in_change(
        self, change: Mapping[str, Any], touched: list[int], end: int, tell: Tell
    ) -> None:
        self.recorder.tell = tell
        try:
            for path, *texts in change["edits"]:
                swap_functions(path, *(text.encode("utf-8", "surrogateescape") for text in texts))
        except CannotSwap as error:
            tell(["cannot", str(error)])
            return
        scan = self.files.scan()
        for place in touched:
            self._come_to(place)
            run_item(self.session, place)
            if place + 1 == len(self.session.items):
                break  # whatever it leaves behind, nobody comes after it
            why = (
                "it leaves something behind without the change, too" if place in self.dirty else ""
            )
            why = why or self.state.changed() or ", ".join(self.files.differences(scan))[:200]
            if why:
                tell(["spread", f"{self.ids[place]}: {why}"])
                for following in range(place + 1, len(self.session.items)):
                    run_item(self.session, following)
                break
        if has_children() or resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss:
            tell(["processes"])
        tell(["end"])

    def _come_to(self, place: int) -> None:
        """Leave the modules and classes that a test is not in, as pytest does between tests."""
        self.session._setupstate.teardown_exact(self.session.items[place])


def _with_why(told: Followed, what: str) -> str:
    return f"{told.ended} {what}{f': {told.why}' if told.why else ''}"


def write_edit(path: str, after: str | None) -> None:
    """Make a change to a file: a new text, or None for none."""
    if after is None:
        os.unlink(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(after)
