"""Find what tests give after changes to a repository, every test for every change.

All that belongs to the repository is run in the sandbox, in a copy of it, by
`harness.trial_worker`. What has been found is kept in the cache folder as it comes, so that work
that was stopped goes on.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ideas_lib.caching import cache_folder
from ideas_lib.programs.sandbox.running import DAY, TREE, Running, checked_limits, excerpt
from ideas_lib.programs.what_if.outcome_matrix import Base, ChangeRow, OutcomeMatrix, whole_row
from ideas_lib.programs.what_if.repo_changes import RepoChange, copy_repo
from ideas_lib.programs.what_if.touching import Traced, touched_places
from ideas_lib.resources import resources

__all__ = ["NoTests", "TrialSettings", "ask_what_if"]

HARNESS = resources(__file__, "harness/*.py")
MEMORY = 4 << 30  # bytes, for all processes and three copies of the repository
SEVERAL = 6  # processes at least: two of ours, two of pytest, and what tests start
FEW = 4  # changes, for which tracing costs more than it saves
LONGEST = 300.0  # seconds for a test before any change, and for what is between tests
PARENTS = ("ideas_lib", "ideas_lib/programs", "ideas_lib/programs/what_if")


class NoTests(ValueError):
    """Raised for a repository in which pytest finds no test, or does not come to an end."""


@dataclass(frozen=True)
class TrialSettings:
    """How tests are run.

    `tests` are files or folders to take them from, as pytest takes them; `repeats` how often they
    are run before any change; a test may take `timeout` seconds of processor time more than ten
    times what it took then. `everything` runs each for each change.
    """

    tests: tuple[str, ...] = ()
    repeats: int = 3
    timeout: float = 3.0
    everything: bool = False


def ask_what_if(
    repo: Path,
    changes: Sequence[RepoChange],
    how: TrialSettings | None = None,
    *,
    fresh: bool = False,
    progress: Callable[[str, int, int], None] = lambda what, done, all: None,
) -> OutcomeMatrix:
    """Return what every test gives before and after every change.

    Args:
        repo: The folder that pytest is run in. Nothing is written to it.
        changes: What is asked about, each by a name of its own.
        how: How tests are run.
        fresh: Do not take up what was found before.
        progress: Called with what is under way, how much of it is done, and how much there is.

    Raises:
        NoTests: There are none, or they could not be run; the message says why.
        BadChange: The repository cannot be copied.
        sandbox.Unavailable: The system cannot isolate programs.
    """
    how = how or TrialSettings()
    names = [each.name for each in changes]
    if len(set(names)) < len(names):
        raise ValueError(f"two changes are called {max(names, key=names.count)!r}")
    with tempfile.TemporaryDirectory(prefix="what-if-") as folder:
        stage = Path(folder)
        copy_repo(repo, stage / "pristine")
        _add_harness(stage)
        trial = _Trial(stage, _fit_name(repo), how, progress)
        with Journal(_key(stage, trial.name, how, len(changes)), fresh=fresh) as journal:
            return trial.ask(changes, journal)


class Journal:
    """Rows that were found, a line each, in a file of the cache folder."""

    def __init__(self, key: str, *, fresh: bool) -> None:
        self.path = cache_folder() / "what-if" / f"{key}.jsonl"
        self.rows: list[list[Any]] = []
        if not fresh and self.path.is_file():
            for line in self.path.read_text(encoding="utf-8").split("\n"):
                try:
                    self.rows.append(json.loads(line))
                except ValueError:  # the line that was being written when it was stopped
                    break
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open("w", encoding="utf-8")

    def __enter__(self) -> "Journal":
        kept, self.rows = self.rows, []
        for row in kept:
            self.add(row)
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, row: list[Any]) -> None:
        """Keep a row."""
        self.rows.append(row)
        print(json.dumps(row), file=self.file, flush=True)


class _Trial:
    def __init__(
        self,
        stage: Path,
        name: str,
        how: TrialSettings,
        progress: Callable[[str, int, int], None],
    ) -> None:
        self.stage, self.name, self.how, self.progress = stage, name, how, progress
        self.top = f"/box/work/{name}"

    def ask(self, changes: Sequence[RepoChange], journal: Journal) -> OutcomeMatrix:
        select = not self.how.everything and len(changes) > FEW
        runs = self.how.repeats + 2 * select
        told = [row for row in journal.rows if row[0] in ("base", "watch", "trace")]
        if len(told) < runs:
            journal.rows.clear()
            told = []
            plan = {"kind": "base", "repeats": self.how.repeats, "select": select}
            plan |= {"limits": {"": LONGEST}, "between": LONGEST}
            for row in self._work(plan):
                self.progress("running the tests as they are", len(told) + 1, runs)
                told.append(row)
                journal.add(row)
                if not told[0][1]["outcomes"] or told[0][1]["ended"] != "end":
                    raise NoTests(_why_none(told[0][1]))
        base = _base([each[1] for each in told[: self.how.repeats]])
        done = {row[1]: row for row in journal.rows if row[0] in ("row", "run")}
        left = [each for each in changes if each.key not in done]
        if left:
            plan = self._plan(base, told, left)
            for row in self._work(plan):
                if row[0] == "fault":
                    raise NoTests(f"tests can be run no more, also as they are: {excerpt(row[1])}")
                done[row[1]] = row
                journal.add(row)
                self.progress("changes", len(done), len(changes))
        return OutcomeMatrix(base, [_row(each.name, done[each.key], base) for each in changes])

    def _plan(
        self, base: Base, told: list[list[Any]], changes: Sequence[RepoChange]
    ) -> dict[str, Any]:
        order = list(base.outcomes)
        between = max(each["between"] for _, each in told)
        limits = {test: self.how.timeout + 10 * spent for test, spent in base.seconds.items()}
        found = dict(told)
        why, traced = _trust(base, found), Traced()
        if not why:
            traced = Traced.read(found["trace"], self.top)
            for place, test in enumerate(order):
                if found["trace"]["outcomes"].get(test) != base.outcomes[test]:
                    traced.unseen[place] = "gives something else when it is traced"
        rows = []
        for change in changes:
            touched, reason = touched_places(change, traced) if not why else (None, why)
            rows.append(
                {
                    "name": change.key,
                    "edits": [[f"{self.top}/{e.path}", e.before, e.after] for e in change.edits],
                    "touched": None if touched is None else sorted(touched),
                    "why": reason,
                }
            )
        return {
            **{"kind": "changes", "changes": rows, "order": order},
            "loaded": told[0][1]["loaded"],
            "dirty": [place for place, _ in found["watch"]["dirty"]] if not why else [],
            "limits": {"": self.how.timeout + 10 * max(base.seconds.values()), **limits},
            "between": self.how.timeout + 3 * between,
        }

    def _work(self, plan: Mapping[str, Any]) -> Iterator[list[Any]]:
        """Start a worker on a plan, and yield what it tells."""
        whole = {"name": self.name, "tests": list(self.how.tests), **plan}
        (self.stage / "plan.json").write_text(json.dumps(whole), encoding="utf-8")
        read, write = os.pipe()
        argv = [sys.executable, "-m", "ideas_lib.programs.what_if.harness.trial_worker"]
        limits = checked_limits(DAY, MEMORY, TREE, several=SEVERAL)
        with open(read, "rb") as pipe:
            try:
                running = Running(argv, {"tree": str(self.stage)}, limits, channels=[write])
                running.__enter__()
            finally:
                os.close(write)
            try:
                for line in pipe:
                    yield json.loads(line)
                result = running.result()
                if not result.ok:
                    last = result.stderr.strip().rpartition("\n")[2]
                    raise NoTests(f"the sandbox ended it: {result.reason or excerpt(last)}")
            finally:
                running.__exit__()


def _add_harness(stage: Path) -> None:
    """Put the worker beside the repository, as a package of its own."""
    (stage / "work").mkdir()
    for parent in PARENTS:
        (stage / parent).mkdir()
        (stage / parent / "__init__.py").touch()
    (stage / PARENTS[-1] / "harness").mkdir()
    for path in HARNESS:
        shutil.copy(path, stage / PARENTS[-1] / "harness")


def _fit_name(repo: Path) -> str:
    name = repo.resolve().name
    return name if name and name.isprintable() else "repository"


def _key(stage: Path, name: str, how: TrialSettings, count: int) -> str:
    """Return a hash of all that the outcomes follow from, but for the changes."""
    found = hashlib.sha256(json.dumps([name, asdict(how), count > FEW, sys.version]).encode())
    for path in sorted(p for p in stage.rglob("*") if p.is_file() and not p.is_symlink()):
        found.update(f"{path.relative_to(stage)}\0".encode(errors="surrogateescape"))
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:32]


def _base(told: Sequence[Mapping[str, Any]]) -> Base:
    """Return what runs without a change have in common."""
    first = told[0]["outcomes"]
    flaky = {test for each in told for test in first if each["outcomes"].get(test) != first[test]}
    flaky |= {test for each in told for test in each["outcomes"] if test not in first}
    spent: dict[str, float] = dict.fromkeys(first, 0.0)
    for each in told:
        for test, seconds in each["seconds"].items():
            spent[test] = max(seconds, spent.get(test, 0.0))
    return Base(first, frozenset(flaky), spent, len(told), told[0]["broken"])


def _trust(base: Base, found: Mapping[str, Mapping[str, Any]]) -> str:
    """Say why no selection of tests can be trusted, or nothing."""
    if "trace" not in found:
        return "everything is run"
    if any(word in ("timeout", "crash", "not run") for word in base.outcomes.values()):
        return "a test had to be killed before any change"
    for name in ("watch", "trace"):
        if list(found[name]["seconds"]) != list(base.outcomes) or found[name]["ended"] != "end":
            return f"the {name} run had other tests: {found[name]['why'] or 'others were found'}"
    watched = found["watch"]["outcomes"]
    other = [t for t in base.outcomes if watched[t] != base.outcomes[t] and t not in base.flaky]
    return f"{other[0]} gives something else when it is watched" if other else ""


def _row(name: str, told: list[Any], base: Base) -> ChangeRow:
    if told[0] == "run":
        return whole_row(name, base.outcomes, told[2], told[3])
    places, why = told[2:]
    order = list(base.outcomes)
    changed = {order[int(place)]: word for place, word in places.items()}
    return ChangeRow(name, {**base.outcomes, **changed}, len(places), why)


def _why_none(told: Mapping[str, Any]) -> str:
    if told["ended"] != "end":
        return f"pytest did not come to an end: {told['ended']} {excerpt(told['why'])}".strip()
    lines = [line for line in told["log"].splitlines() if line.strip()]
    last = next((line for line in lines if "rror" in line), lines[-1] if lines else "no reason")
    return f"pytest finds no test: {excerpt(last)}"
