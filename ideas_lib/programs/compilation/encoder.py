"""What a program of the subset does, for all arguments at once: a formula of bit-vectors.

Loops are unrolled and functions are called in place. Where a loop goes on for longer, or a number
gets larger than is written down, the formula says when: these are the `escapes`, and nothing is
claimed of a program before a solver has shown that none of them can happen.
"""

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ideas_lib.programs.compilation.bitvalues import (
    Bits,
    BitValue,
    Truth,
    all_of,
    any_of,
    negated,
)
from ideas_lib.programs.compilation.expressions import Escape, Expressions, Frame, Names
from ideas_lib.programs.compilation.generators import for_as_while
from ideas_lib.programs.compilation.narrowing_bounds import narrow
from ideas_lib.programs.compilation.program import GoalParameter, IntegerProgram

__all__ = ["Encoding", "encode_condition", "encode_program", "make_arguments"]

UNROLL = 128  # times a loop is written out
BITS = 128  # of a number
SURE = 8  # times a loop is unrolled before it is asked whether it can go on
Way = tuple[Truth, Names, Truth]


@dataclass
class Encoding:
    """What a program does: its `value`, where no error is; when each error is; the escapes.

    `rounds` is how often the loop that runs longest was unrolled.
    """

    value: BitValue
    errors: dict[str, Truth] = field(default_factory=dict)
    escapes: list[Escape] = field(default_factory=list)
    rounds: int = 0

    def escaped(self) -> Truth:
        return any_of(*(each.when for each in self.escapes))


def make_arguments(bits: Bits, parameters: Sequence[GoalParameter], width: int) -> Names:
    """Return a variable for each parameter: all integers of `width` bits, with sign."""
    half = 1 << (width - 1)
    span = {True: (0, 1), False: (-half, half - 1)}
    return {p.name: bits.variable(p.name, *span[p.is_bool]) for p in parameters}


def encode_condition(
    bits: Bits, program: IntegerProgram, lines: Sequence[ast.expr], names: Names
) -> tuple[Truth, Names]:
    """Say when lines of a contract hold, and what is known of the names then.

    An error in a line is no way to hold; nor is a number that gets too large.
    """
    run = _Run(bits, program, BITS, UNROLL, None)
    names = dict(names)
    found: list[Truth] = []
    for line in lines:
        found.append(bits.truth(run.value(line, names)))
        if not narrow(bits, line, names, True, program.constants):
            return False, names
    return all_of(run.guard, *found), names


def encode_program(
    bits: Bits,
    program: IntegerProgram,
    args: Sequence[BitValue],
    *,
    given: Truth = True,
    machine: int | None = None,
    possible: Callable[[Truth], bool] | None = None,
) -> Encoding:
    """Encode what a program does with arguments of which `given` holds.

    With `machine`, each value has to fit into so many bits, and a shift to be shorter than that;
    leaving that is an escape. `possible` may say that a condition cannot hold.

    Raises TooLarge, and Outside for a variable that may have no value.
    """
    run = _Run(bits, program, machine or BITS, UNROLL, possible)
    run.guard = given
    run.machine = machine is not None
    value = run.call(program.entry, args)
    errors = {kind: any_of(*whens) for kind, whens in run.errors.items()}
    return Encoding(value, errors, run.escapes, run.rounds)


class _Run(Expressions):
    """A run of all arguments at once: statements."""

    def call(self, name: str, args: Sequence[BitValue]) -> BitValue:
        function = self._program.functions[name]
        names = {arg.arg: value for arg, value in zip(function.args.args, args, strict=True)}
        outer, self._frame = self._frame, Frame()
        before, marks = self.guard, self._marks()
        self._block(function.body, names)
        returns = self._frame.returns
        self.guard = any_of(*(when for when, _ in returns))
        if returns and self._marks() - len(returns) == marks:
            self.guard = before  # each way came to a return
        self._frame = outer
        if not returns:  # it always ends in an error, or leaves
            return self._bits.number(0)
        value = returns[-1][1]
        for when, other in reversed(returns[:-1]):
            value = self._bits.either(when, other, value)
        return value

    def _block(self, body: Sequence[ast.stmt], names: Names) -> None:
        for node in body:
            if self.guard is False:
                return
            self._statement(node, names)

    def _statement(self, node: ast.stmt, names: Names) -> None:
        frame = self._frame
        match node:
            case ast.Return(value=ast.expr() as value):
                found = self.value(value, names)
                frame.returns.append((self.guard, found))
                self.guard = False
            case ast.Break():
                frame.breaks.append((self.guard, dict(names)))
                self.guard = False
            case ast.Continue():
                frame.continues.append((self.guard, dict(names)))
                self.guard = False
            case ast.If(test=test, body=body, orelse=orelse):
                self._if(test, body, orelse, names)
            case ast.While():
                self._while(node, names)
            case ast.For():
                self._fresh += 1
                self._block(for_as_while(node, f"now {self._fresh}", f"stop {self._fresh}"), names)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                several = [self.value(each, names) for each in values]
                for target, one in zip(targets, several, strict=True):
                    names[target.id] = one  # type: ignore[attr-defined]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = self.value(value, names)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names[name] = self.value(value, names)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                left = ast.copy_location(ast.Name(name, ast.Load()), node)
                names[name] = self.value(ast.copy_location(ast.BinOp(left, op, value), node), names)

    def _if(
        self, test: ast.expr, body: Sequence[ast.stmt], orelse: Sequence[ast.stmt], names: Names
    ) -> None:
        when = self._test(test, names)
        before, marks = self.guard, self._marks()
        yes, no = dict(names), dict(names)
        self.guard = self._narrowed(test, yes, True, all_of(before, when))
        self._block(body, yes)
        after, self.guard = self.guard, all_of(before, negated(when))
        self.guard = self._narrowed(test, no, False, self.guard)
        self._block(orelse, no)
        self._merge([(after, yes, when), (self.guard, no, True)], names)
        if self._marks() == marks:
            self.guard = before

    def _merge(self, ways: Sequence[Way], names: Names) -> None:
        """Go on where some of these ways, each with its guard, names, and test, came to an end.

        Of the ways that are taken, the first whose test holds is the one.
        """
        taken = [way for way in ways if way[0] is not False]
        self.guard = any_of(*(way[0] for way in taken))
        names_now = dict(taken[-1][1]) if taken else {}
        for _, other, test in reversed(taken[:-1]):
            both = [name for name in names_now if name in other]
            names_now = {
                name: self._bits.either(test, other[name], names_now[name]) for name in both
            }
        names.clear()
        names.update(names_now)

    def _while(self, node: ast.While, names: Names) -> None:
        frame, marks, before = self._frame, self._marks(False), self.guard
        outer = frame.breaks, frame.continues
        frame.breaks, frame.continues = [], []
        ways: list[Way] = []
        for round_ in range(self._unroll + 1):
            when = self._test(node.test, names)
            out, no = all_of(self.guard, negated(when)), dict(names)
            out = self._narrowed(node.test, no, False, out)
            ways.append((out, no, out))
            self.guard = self._narrowed(node.test, names, True, all_of(self.guard, when))
            if self.guard is False:
                break
            asked = when is not True and round_ >= SURE and self._possible
            if asked and not asked(self.guard):
                break
            if round_ == self._unroll:
                self._escape(True, node, f"the loop may run more than {self._unroll} times")
                break
            self.rounds = max(self.rounds, round_ + 1)
            frame.continues = []
            self._block(node.body, names)
            through = (self.guard, dict(names), True)
            self._merge([*((g, n, g) for g, n in frame.continues), through], names)
            if self.guard is False:
                break
        ways += [(when, there, when) for when, there in frame.breaks]
        frame.breaks, frame.continues = outer
        self._merge(ways, names)
        if self._marks(False) == marks:
            self.guard = before
