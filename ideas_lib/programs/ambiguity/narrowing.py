"""From programs and rulings to what is still open: the loop that asks and narrows.

    session = Narrowing(task, {"a.py": "...", "b.py": "..."})
    state = session.state()
    state.questions[0].call, state.bits

Inputs are made once, simplified while they still split the programs, and kept; so are the
programs' outcomes. A ruling narrows: programs that come to something else go, and inputs that never
happen go.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.ambiguity.doctests import docstring_rulings
from ideas_lib.programs.ambiguity.observing import Observer
from ideas_lib.programs.ambiguity.rulings import Contradiction, Ruling, check_consistent
from ideas_lib.programs.ambiguity.splitting import (
    OpenQuestion,
    clustered,
    condition_of,
    entropy_bits,
    open_questions,
    other_than,
)
from ideas_lib.programs.ambiguity.trial_inputs import guessed_types, simpler_inputs, trial_inputs
from ideas_lib.programs.checks.contracts import Contract, read_contract
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask, NoTask

__all__ = ["Narrowed", "Narrowing", "Pass"]

Row = tuple[Any, ...]
ROUNDS = 2  # of making inputs simpler
BEST = 3  # questions whose inputs are made simpler
SIMPLE = 14  # characters of arguments that are simple enough
SIMPLER = 30  # inputs for each
OF_KINDS = ("TypeError", "AttributeError")  # what a program raises on arguments of another kind


@dataclass(frozen=True)
class Pass:
    """What was open after something was settled: `after` says what, in words."""

    after: str
    programs: int
    clusters: int
    bits: float


@dataclass(frozen=True)
class Narrowed:
    """What is settled and what is open.

    `compared` are the programs that could be, `aside` the others with the reason, `left` those that
    fit all rulings. `clusters` are those of `left`, on `rows`, the inputs that can happen; each
    cluster is worth a question until there is one. `settled` are the rulings that were not in the
    docstring, `pre` the conditions that were not.
    """

    compared: tuple[str, ...]
    aside: Mapping[str, str]
    left: tuple[str, ...]
    rows: tuple[Row, ...]
    clusters: tuple[tuple[str, ...], ...]
    questions: tuple[OpenQuestion, ...]
    passes: tuple[Pass, ...]
    settled: tuple[Ruling, ...]
    pre: tuple[str, ...]
    examples: int = 0  # rulings of the docstring

    @property
    def bits(self) -> float:
        """How much is open."""
        return entropy_bits(map(len, self.clusters))

    @property
    def done(self) -> bool:
        """Say whether programs are left, and nothing to ask."""
        return bool(self.left) and not self.questions


class Narrowing:
    """Programs for one task, the inputs they are compared on, and what is settled.

    `programs` are name -> source. Raises NoTask for a signature whose arguments cannot be given by
    position, BadContract, and sandbox.Unavailable.
    """

    def __init__(
        self,
        task: FunctionTask,
        programs: Mapping[str, str],
        answers: Sequence[Ruling] = (),
    ) -> None:
        self.task = task
        args = task.node.args
        if any(default is None for default in args.kw_defaults):
            raise NoTask(f"{task.entry} has arguments that are given by keyword only")
        self.parameters = [arg.arg for arg in (*args.posonlyargs, *args.args)]
        self.observer = Observer(task.entry, floats=returns_float(task))
        self.observer.add(dict(programs))
        self.given = docstring_rulings(task, self.observer.floats)
        self.answers = list(answers)
        self.rows: list[Row] = []
        self._held: dict[tuple[str, str], bool] = {}

    def state(self) -> Narrowed:
        """Try what has not been tried, and return what is open. Raises Contradiction, ValueError.

        A ruling that its own condition allows, or another's forbids, is a contradiction.
        """
        check_consistent([*self.given, *self.answers])
        if not self.rows:
            self._gather()
        for ruling in [*self.given, *self.answers]:
            self._add([ruling.row])
        self.observer.observe(self.rows)
        narrowed = self._narrowed()
        for _ in range(ROUNDS):
            some = [
                simpler_inputs(q.row)[:SIMPLER]
                for q in narrowed.questions[:BEST]
                if len(repr(q.row)) > SIMPLE
            ]
            wanted = [row for each in some for row in each]
            pre = [*read_contract(self.task).pre, *narrowed.pre]
            if not self._add(row for row in wanted if self._allows(pre, wanted, row)):
                break
            self.observer.observe(self.rows)
            narrowed = self._narrowed()
        return narrowed

    def _add(self, rows: Any) -> int:
        """Take in the inputs that are new; return how many they are."""
        before = len(self.rows)
        known = set(map(repr, self.rows))
        for row in rows:
            if repr(row) not in known:
                known.add(repr(row))
                self.rows.append(row)
        return len(self.rows) - before

    def _gather(self) -> None:
        """Make the inputs."""
        found = [e for e in read_examples(self.task) if e.args is not None]
        rows = trial_inputs(self.task, found)
        if not rows or rows == [e.args for e in found]:
            rows = trial_inputs(self.task, found, guessed_types(self.task, self._failing))
        self._add(rows)

    def _failing(self, rows: Sequence[Row]) -> list[int]:
        """Count for each input the programs that fail on its kinds, and make them fail nowhere."""
        probe = Observer(self.task.entry)
        probe.add(self.observer.sources)
        probe.observe(rows)
        counts = []
        for row in rows:
            found = [probe.outcome(name, row) for name in probe.compared]
            counts.append(sum(o.kind == "raises" and o.value[0] in OF_KINDS for o in found))
        return counts

    def _allows(self, pre: Sequence[str], rows: Sequence[Row], row: Row) -> bool:
        """Say whether all conditions hold of an input; they are tried on all of `rows` at once."""
        for line in pre:
            missing = [each for each in [*rows, row] if (line, repr(each)) not in self._held]
            if missing:
                numbers = f"from math import inf, nan\n{self.task.prompt}"
                task = FunctionTask(numbers, self.task.entry)
                held = set(map(repr, Contract((line,), ()).allowed(task, missing)))
                self._held |= {(line, repr(each)): repr(each) in held for each in missing}
            if not self._held[line, repr(row)]:
                return False
        return True

    def _narrowed(self) -> Narrowed:
        """Go through the rulings, one after the other."""
        known = list(read_contract(self.task).pre)
        rows = [row for row in self.rows if self._allows(known, self.rows, row)]
        names = self.observer.compared
        first, passes = list(names), [self._pass("the text", names, rows)]
        if self.given:
            names = [n for n in names if all(self._fits(n, ruling) for ruling in self.given)]
            passes.append(self._pass("the docstring's examples", names, rows))
        pre: list[str] = []
        settled = []
        for ruling in self.answers:
            if ruling.outcome is not None:
                names = [name for name in names if self._fits(name, ruling)]
                if repr(ruling.row) not in {repr(each.row) for each in self.given}:
                    settled.append(ruling)
            elif self._allows([*known, *pre], self.rows, ruling.row):
                line = ruling.pre or self._condition(names, first, rows, ruling.row)
                pre.append(line)
                rows = [row for row in rows if self._allows([line], self.rows, row)]
                if self._allows([line], self.rows, ruling.row):
                    raise Contradiction(
                        f"{ruling.call} never happens by {ruling.origin}, and {line} allows it"
                    )
                settled.append(ruling)
            passes.append(self._pass(f"{ruling.call} {_is(ruling)}", names, rows))
        self._check_allowed([*known, *pre], rows)
        groups = clustered(self.observer, names, rows)
        questions = open_questions(self.observer, names, rows, self.parameters)
        return Narrowed(
            tuple(first), dict(self.observer.aside), tuple(names), tuple(rows),
            tuple(map(tuple, groups)), tuple(questions), tuple(passes), tuple(settled), tuple(pre),
            len(self.given),
        )  # fmt: skip

    def _condition(
        self, names: Sequence[str], first: Sequence[str], rows: Sequence[Row], row: Row
    ) -> str:
        """Return the condition that rules out an input, by what the programs left differ in."""
        for some in (names, first):  # those left may agree on it by now
            found = condition_of(self.observer, some, rows, self.parameters, row)
            if found:
                return found
        return other_than(self.parameters, row)

    def _check_allowed(self, pre: Sequence[str], rows: Sequence[Row]) -> None:
        for ruling in [*self.given, *self.answers]:
            if ruling.outcome is not None and not self._allows(pre, self.rows, ruling.row):
                broken = next(p for p in pre if not self._allows([p], self.rows, ruling.row))
                raise Contradiction(
                    f"{ruling.call} is {ruling.words} by {ruling.origin}, and never happens by "
                    f"`pre: {broken}`: take one of them out"
                )
        if not rows:
            words = " and ".join(pre) or "the docstring gives neither types nor examples, so that"
            raise ValueError(
                f"{words} allows none of {len(self.rows)} inputs: give types, or an example"
            )

    def _fits(self, name: str, ruling: Ruling) -> bool:
        return ruling.fits(self.observer.outcome(name, ruling.row))

    def _pass(self, after: str, names: Sequence[str], rows: Sequence[Row]) -> Pass:
        groups = clustered(self.observer, names, rows)
        return Pass(after, len(names), len(groups), entropy_bits(map(len, groups)))


def _is(ruling: Ruling) -> str:
    if ruling.outcome is not None and ruling.outcome.kind != "raises":
        return f"is {ruling.words}"
    return ruling.words


def returns_float(task: FunctionTask) -> bool:
    """Say whether a function is to return floats, for which an int will do."""
    hint = ast.unparse(task.node.returns) if task.node.returns else ""
    return "float" in hint and "int" not in hint
