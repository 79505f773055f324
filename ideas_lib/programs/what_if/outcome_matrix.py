"""What tests give before and after each change: the cells, and which of them flip."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Base", "Cell", "ChangeRow", "OutcomeMatrix", "flip_name", "whole_row"]

ABSENT, FLAKY = "absent", "flaky"
GOOD = ("pass", "skip", "xfail", "xpass")
BAD = ("fail", "error", "timeout", "crash")


@dataclass(frozen=True)
class Base:
    """What tests give without a change, in the order that they are run in.

    `flaky` are those that gave several things in several runs; `seconds` what each took at most,
    of processor time; `broken` are modules that could not be collected.
    """

    outcomes: Mapping[str, str]
    flaky: frozenset[str]
    seconds: Mapping[str, float]
    runs: int
    broken: Sequence[str] = ()


@dataclass(frozen=True)
class ChangeRow:
    """What tests give with a change, and how that was found.

    `run` is how many tests were run for it; `why` says why all, or all that follow, had to be.
    """

    change: str
    outcomes: Mapping[str, str]
    run: int
    why: str = ""


@dataclass(frozen=True)
class Cell:
    """One test for one change; `before` and `after` are outcomes."""

    change: str
    test: str
    before: str
    after: str

    @property
    def flip(self) -> str:
        """Return what has happened, "" for nothing."""
        return flip_name(self.before, self.after)


@dataclass(frozen=True)
class OutcomeMatrix:
    """Every test for every change."""

    base: Base
    rows: Sequence[ChangeRow]

    def cells(self) -> Iterator[Cell]:
        """Yield all cells, change by change."""
        for row in self.rows:
            yield from self.cells_of(row)

    def cells_of(self, row: ChangeRow) -> Iterator[Cell]:
        """Yield the cells of a change: of tests that there were, then of new ones."""
        for test, before in self.base.outcomes.items():
            if test in self.base.flaky:
                yield Cell(row.change, test, FLAKY, FLAKY)
            else:
                yield Cell(row.change, test, before, row.outcomes.get(test, ABSENT))
        for test, after in row.outcomes.items():
            if test not in self.base.outcomes:
                yield Cell(row.change, test, ABSENT, after)

    def flips(self, row: ChangeRow) -> Counter[str]:
        """Return how many cells of a change flip, by what happens."""
        return Counter(cell.flip for cell in self.cells_of(row) if cell.flip)

    def as_objects(self) -> list[dict[str, str]]:
        """Return an object a cell."""
        return [
            {"change": c.change, "test": c.test, "before": c.before, "after": c.after}
            for c in self.cells()
        ]


def flip_name(before: str, after: str) -> str:
    """Return what has happened to a test, "" for nothing."""
    if before == after:
        return ""
    if before == ABSENT:
        return "appears"
    if after == ABSENT:
        return "vanishes"
    if after in ("timeout", "crash", "not run"):
        return after
    if after == "error":
        return "new error"
    return f"{before}→{after}"


def whole_row(change: str, base: Mapping[str, str], told: Mapping[str, Any], why: str) -> ChangeRow:
    """Return the row of a whole run.

    Tests of a module that cannot be collected any more are errors, and so are all of them where
    pytest could not even begin; where it had to be killed before, they are what it was killed for.
    """
    outcomes = dict(told["outcomes"])
    began = bool(outcomes) or told["ended"] == "end"
    unusual = told["code"] not in (0, 1, 2, 5)  # as where a conftest cannot be loaded
    for test in base:
        if test not in outcomes:
            if not began:
                outcomes[test] = told["ended"]
            elif unusual or any(_is_below(test, place) for place in told["broken"]):
                outcomes[test] = "error"
    return ChangeRow(change, outcomes, len(told["outcomes"]), why)


def _is_below(test: str, place: str) -> bool:
    """Say whether a test is in what has an id of pytest's: a folder, a module, a class."""
    return not place or test.startswith((f"{place}::", f"{place}/"))
