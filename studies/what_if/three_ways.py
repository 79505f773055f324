"""One package, its changes, three ways: a process each, all tests in forks, some tests in forks.

All three are timed on the same changes, one after the other, in the same process.
"""

import itertools
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from ideas_lib.programs.what_if import asking_what_if
from ideas_lib.programs.what_if.asking_what_if import TrialSettings, ask_what_if
from ideas_lib.programs.what_if.outcome_matrix import ABSENT, OutcomeMatrix
from ideas_lib.programs.what_if.repo_changes import RepoChange
from ideas_lib.programs.what_if.touching import Traced, touched_places
from studies.what_if.plain_runs import plain_run
from studies.what_if.subjects import sample_changes, unpacked

__all__ = ["ask_three_ways"]

REPEATS = 3


def ask_three_ways(seed: int, count: int) -> dict[str, Any]:
    """Return what a package's changes give and cost, each way.

    Keys: `tests`, `flaky`, `plain`, `all` and `some`, each with seconds for `base`, for `watch` and
    `trace` where there are any, and for `changes`; `differing`, for each change the cells that
    differ from the plain runs by the two other ways; `changes`, for each its operator, function,
    how many tests were run, why all had to be, the places of what it can touch, and the places and
    words of what flips; `ids`, the tests.
    """
    with tempfile.TemporaryDirectory(prefix="subject-") as folder:
        repo = unpacked(seed, Path(folder))
        drawn = sample_changes(repo, seed, count)
        changes = [change for change, _ in drawn]
        some, touched, some_seconds = _asked(repo, changes, everything=False)
        every, _, all_seconds = _asked(repo, changes, everything=True)
        began = time.monotonic()
        for _ in range(REPEATS):
            first, _ = plain_run(repo, None)
        base_seconds = time.monotonic() - began
        plain = []
        began = time.monotonic()
        for change in changes:
            plain.append(plain_run(repo, change)[0])
        plain_seconds = {"base": base_seconds, "changes": time.monotonic() - began}
    ids = list(some.base.outcomes)
    flaky = some.base.flaky | every.base.flaky
    rows = []
    for place, (change, mutation) in enumerate(drawn):
        row, other = some.rows[place], every.rows[place]
        own = [_differing(each.outcomes, plain[place], ids, flaky, first) for each in (row, other)]
        flips = [[n, row.outcomes.get(t, ABSENT)] for n, t in enumerate(ids) if t not in flaky
                 and row.outcomes.get(t, ABSENT) != some.base.outcomes[t]]  # fmt: skip
        found = touched.get(change.key)
        rows.append(
            {"operator": mutation.operator, "function": mutation.function, "run": row.run}
            | {"why": row.why, "differing": own, "flips": flips}
            | {"touched": None if found is None else sorted(found), "all run": other.run}
            | {"change": change.name if any(own) else ""}
        )
    return {
        **{"package": repo.name, "tests": len(ids), "flaky": len(flaky), "ids": ids},
        **{"some": some_seconds, "all": all_seconds, "plain": plain_seconds, "changes": rows},
    }


def _asked(
    repo: Path, changes: Sequence[RepoChange], everything: bool
) -> tuple[OutcomeMatrix, dict[str, set[int] | None], dict[str, float]]:
    """Ask the tool; with `everything`, as if each change that can be served touched all tests."""
    seen: dict[str, set[int] | None] = {}
    marks = [("base", time.monotonic())]

    def touching(change: RepoChange, traced: Traced) -> tuple[set[int] | None, str]:
        found, why = touched_places(change, traced)
        seen[change.key] = found
        if everything and found is not None:
            found = set(range(total[0]))
        return found, why

    def progress(what: str, done: int, whole: int) -> None:
        if what == "changes":
            return
        marks.append((what, time.monotonic()))
        if done == whole:
            marks.append(("changes", time.monotonic()))

    total = [0]
    base_of = asking_what_if._base

    def base(told: Sequence[Mapping[str, Any]]) -> Any:
        made = base_of(told)
        total[0] = len(made.outcomes)
        return made

    with (
        mock.patch.object(asking_what_if, "touched_places", touching),
        mock.patch.object(asking_what_if, "_base", base),
    ):
        how = TrialSettings(repeats=REPEATS)
        matrix = ask_what_if(repo, changes, how, fresh=True, progress=progress)
    end = time.monotonic()
    times = [when for _, when in marks]
    if len(times) < REPEATS + 4:
        raise RuntimeError(f"{repo.name}: {len(times)} marks of time, for {REPEATS + 2} runs")
    ran = [b - a for a, b in itertools.pairwise(times)][: REPEATS + 2]
    seconds = {"base": sum(ran[:REPEATS]), "watch": ran[REPEATS], "trace": ran[REPEATS + 1]}
    return matrix, seen, seconds | {"changes": end - times[REPEATS + 2]}


def _differing(
    found: Mapping[str, str],
    plain: Mapping[str, str],
    ids: Sequence[str],
    flaky: frozenset[str],
    before: Mapping[str, str],
) -> int:
    """Count the tests that are something else than in a plain run."""
    wanted = {test: plain[test] for test in plain if test in ids or test in found}
    for test in ids:
        if test not in wanted:  # a module that cannot be collected has an error for each
            gone = any(test.startswith((f"{each}::", f"{each}/")) for each in plain)
            wanted[test] = "error" if gone or not plain else ABSENT
    stable = [test for test in {*wanted, *found} if test not in flaky and before.get(test) != ""]
    return sum(found.get(test, ABSENT) != wanted.get(test, ABSENT) for test in stable)
