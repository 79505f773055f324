"""Run a session as it is documented, as it is adapted, and once more; compare what came of them.

The second run of the same session tells what changes from run to run from what rewriting changed.
"""

import doctest
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.reference.adapting import Adapted
from ideas_lib.programs.reference.asking_packages import ask_inside
from ideas_lib.programs.reference.session import Session, SessionLine

__all__ = ["LineOutcome", "Rerun", "rerun_session", "sources_hold"]

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ADDRESS = re.compile(r"0x[0-9a-fA-F]{4,}")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
ROUNDING = 1e-6
FIELDS = {"session", "place", "got", "raised", "warned"}  # an example may write there, too


@dataclass(frozen=True)
class LineOutcome:
    """What one example printed, and the error it ended in, with the warnings it gave."""

    got: str
    raised: str
    warned: tuple[str, ...] = ()

    @property
    def is_sketch(self) -> bool:
        """Say whether it uses a name that nothing defines: it was never made to be run."""
        return self.raised.startswith("NameError")


@dataclass(frozen=True)
class Rerun:
    """What came of each line of a session, by place; a line that was not reached has none.

    `holds` says whether it gives what is documented, None where nothing is, or where it changes
    from run to run. `adapted` is what came of the rewritten lines, by the place in the session.
    `alone` is what came of the shown lines without the others. `reason` is why the runs ended
    early, empty if they did not.
    """

    before: Mapping[int, LineOutcome]
    adapted: Mapping[int, LineOutcome]
    unsteady: frozenset[int]
    reason: str
    alone: Mapping[int, LineOutcome]

    def holds(self, session: Session, at: int) -> bool | None:
        """Say whether a line still gives what its documentation says."""
        line, outcome = session.lines[at], self.before.get(at)
        if outcome is None or outcome.is_sketch or at in self.unsteady:
            return None
        if not (line.want or line.error):
            return False if outcome.raised else None
        return _as_documented(line, outcome)

    def differs(self) -> list[int]:
        """Return the lines that give something else since they were rewritten."""
        return self._other(self.adapted)

    def depends(self, shown: Sequence[int]) -> bool:
        """Say whether shown lines give something else without the lines that are not shown."""
        return bool(set(self._other(self.alone)) & set(shown))

    def _other(self, outcomes: Mapping[int, LineOutcome]) -> list[int]:
        return [
            at
            for at, outcome in outcomes.items()
            if at not in self.unsteady and not _alike(self.before.get(at), outcome)
        ]


def rerun_session(
    session: Session, adapted: Adapted, module: str, symbol: str, *, timeout: float
) -> Rerun:
    """Run a session and its rewriting in the sandbox, each from the start.

    Raises sandbox.Unavailable.
    """
    plain = [line.source for line in session.lines]
    imports = [at for at, line in enumerate(session.lines) if line.source.startswith("import ")]
    kept = {*session.shown, *imports, None}
    end = adapted.origin.index(max(session.shown)) + 1  # nobody sees what comes after it
    origin = adapted.origin[:end]
    part = [at for at, place in enumerate(origin) if place in kept]
    few = [adapted.sources[at] for at in part]
    sessions: list[Sequence[str]] = [plain, adapted.sources[:end], plain, few]
    question = {"module": module, "symbol": symbol, "sessions": sessions}
    told, reason = ask_inside("replaying", question, [module, symbol], timeout=timeout)
    runs: list[dict[int, LineOutcome]] = [{}, {}, {}, {}]
    for each in told:
        if isinstance(each, dict) and set(each) >= FIELDS and each["session"] in range(len(runs)):
            runs[each["session"]][int(each["place"])] = _outcome(each)
    first, rewritten, second, less = runs
    unsteady = {at for at, outcome in second.items() if not _alike(first.get(at), outcome)}
    by_place = {origin[at]: got for at, got in rewritten.items() if at < len(origin)}
    alone = {origin[part[at]]: got for at, got in less.items() if at < len(part)}
    return Rerun(first, _placed(by_place), frozenset(unsteady), reason, _placed(alone))


def _placed(found: Mapping[int | None, LineOutcome]) -> dict[int, LineOutcome]:
    """Leave out the lines that rewriting has put in."""
    return {at: outcome for at, outcome in found.items() if at is not None}


def _outcome(each: dict[str, Any]) -> LineOutcome:
    return LineOutcome(str(each["got"]), str(each["raised"]), tuple(map(str, each["warned"])))


def _alike(one: LineOutcome | None, other: LineOutcome) -> bool:
    if one is None:
        return False
    if bool(one.raised) != bool(other.raised):
        return False
    kinds = (one.raised.partition(":")[0], other.raised.partition(":")[0])
    return kinds[0] == kinds[1] and ADDRESS.sub("0x", one.got) == ADDRESS.sub("0x", other.got)


def _as_documented(line: SessionLine, outcome: LineOutcome) -> bool:
    if line.error:
        wanted = line.error.partition(":")[0].rpartition(".")[2].strip()
        return wanted == outcome.raised.partition(":")[0].rpartition(".")[2]
    if outcome.raised:
        return False
    want, got = ADDRESS.sub("0x", line.want), ADDRESS.sub("0x", outcome.got)
    if doctest.OutputChecker().check_output(want, got, FLAGS | line.options):
        return True
    return _close(want, got)


def _close(want: str, got: str) -> bool:
    """Say whether two outputs differ in spaces and in the last digits of their numbers only."""
    words = [re.sub(r"\s+", "", NUMBER.sub("#", text)) for text in (want, got)]
    if words[0] != words[1] or "#" not in words[0]:
        return False
    some, others = (list(map(float, NUMBER.findall(text))) for text in (want, got))
    pairs = zip(some, others, strict=True)
    return all(math.isclose(a, b, rel_tol=ROUNDING, abs_tol=1e-12) for a, b in pairs)


def sources_hold(session: Session, rerun: Rerun) -> list[str]:
    """Return a line for each example that no longer gives what its documentation says."""
    found = []
    for at, line in enumerate(session.lines):
        if rerun.holds(session, at) is not False:
            continue
        outcome = rerun.before[at]
        source = printable(line.source.split("\n")[0])[:60]
        if outcome.raised and not line.error:
            found.append(f"the documentation's `{source}` raises {printable(outcome.raised)[:120]}")
        else:
            want, got = _first_difference(line.error or line.want, outcome.raised or outcome.got)
            found.append(f"the documentation's `{source}` gives {got} here, not {want}")
    return found


def _first_difference(want: str, got: str) -> tuple[str, str]:
    some, others = want.rstrip("\n").split("\n"), got.rstrip("\n").split("\n")
    for one, other in zip(some, others, strict=False):
        if one.split() != other.split():
            return printable(one.strip())[:60], printable(other.strip())[:60] or "nothing"
    return f"{len(some)} lines", f"{len(others)} lines"
