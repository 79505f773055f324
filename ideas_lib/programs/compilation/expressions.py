"""Expressions of the subset as bit-vectors, with when they end in an error, or get too large."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ideas_lib.programs.compilation.bitvalues import (
    Bits,
    BitValue,
    Truth,
    all_of,
    any_of,
    negated,
)
from ideas_lib.programs.compilation.generators import as_loop
from ideas_lib.programs.compilation.narrowing_bounds import narrow
from ideas_lib.programs.compilation.program import IntegerProgram
from ideas_lib.programs.compilation.subset import Outside, call_name, operand

__all__ = ["Escape", "Expressions", "Names", "TooLarge"]

NODES = 60_000  # operations of one program
Names = dict[str, BitValue]


class TooLarge(ValueError):
    """Raised for a program whose formula would be too large."""


@dataclass(frozen=True)
class Escape:
    """When a program leaves what is written down: a condition, the line, and what happens."""

    when: Truth
    line: int
    why: str


class Frame:
    """A call under way: what it returned, and where its loops were left."""

    def __init__(self) -> None:
        self.returns: list[tuple[Truth, BitValue]] = []
        self.breaks: list[tuple[Truth, Names]] = []
        self.continues: list[tuple[Truth, Names]] = []


class Expressions(ABC):
    """Where a run is: its `guard`, what went wrong before, and what an expression is there."""

    def __init__(
        self,
        bits: Bits,
        program: IntegerProgram,
        largest: int,
        unroll: int,
        possible: Callable[[Truth], bool] | None,
    ) -> None:
        self._bits, self._program, self._unroll = bits, program, unroll
        self._bounds = -(1 << (largest - 1)), (1 << (largest - 1)) - 1
        self._largest, self._possible, self._nodes = largest, possible, 0
        self.machine = False
        self.guard: Truth = True  # when it comes to this point
        self.errors: dict[str, list[Truth]] = {}
        self.escapes: list[Escape] = []
        self.rounds, self._fresh = 0, 0
        self._frame = Frame()

    @abstractmethod
    def call(self, name: str, args: Sequence[BitValue]) -> BitValue: ...

    @abstractmethod
    def _block(self, body: Sequence[ast.stmt], names: Names) -> None: ...

    def _marks(self, loops: bool = True) -> int:
        """Count the ways on which something was left; where none is new, the guard is as it was."""
        frame = self._frame
        errors = sum(map(len, self.errors.values()))
        inner = len(frame.breaks) + len(frame.continues) if loops else 0
        return errors + len(self.escapes) + len(frame.returns) + inner

    def _narrowed(self, test: ast.expr, names: Names, truth: bool, guard: Truth) -> Truth:
        """Return the guard of a way on which a test came out so; its names get narrower."""
        possible = guard is not False and narrow(
            self._bits, test, names, truth, self._program.constants
        )
        return guard if possible else False

    def _test(self, test: ast.expr, names: Names) -> Truth:
        return self._bits.truth(self.value(test, names))

    def value(self, node: ast.expr, names: Names) -> BitValue:
        """Encode an expression; what ends in an error, or leaves, goes on no longer."""
        self._nodes += 1
        if self._nodes > NODES:
            raise TooLarge(f"line {node.lineno}: this is more than {NODES} operations, unrolled")
        bits = self._bits
        match node:
            case ast.Constant(value=int() as value):
                return self._fitting(bits.number(value), node)
            case ast.Name(id=name):
                return self._named(name, names, node)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
                base, found = self.value(left, names), bits.number(1)
                for _ in range(power):
                    found = self._binary("Mult", found, base, node)
                return found
            case ast.BinOp(left=left, op=op, right=right):
                one = self.value(left, names)
                return self._binary(type(op).__name__, one, self.value(right, names), node)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return bits.from_truth(negated(self._test(inner, names)))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
                return self._fitting(bits.number(-value), node)
            case ast.UnaryOp(op=op, operand=inner):
                v = self.value(inner, names)
                if isinstance(op, ast.USub):
                    return self._binary("Sub", bits.number(0), v, node)
                return bits.inverse(v) if isinstance(op, ast.Invert) else v
            case ast.BoolOp(op=op, values=[first, *rest]):
                v = self.value(first, names)
                if not rest:
                    return v
                more = ast.copy_location(ast.BoolOp(op, rest), node) if rest[1:] else rest[0]
                goes_on, here = isinstance(op, ast.And), bits.truth(v)
                when = here if goes_on else negated(here)
                other = self._under(when, more, names, first, goes_on)
                return self._short(when, other, v, goes_on, here)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return bits.from_truth(self._chain(self.value(left, names), ops, others, names))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                when = self._test(test, names)
                yes = self._under(when, body, names, test, True)
                no = self._under(negated(when), orelse, names, test, False)
                return bits.either(when, yes, no)
            case ast.Call():
                return self._called(node, names)
        raise AssertionError(ast.dump(node))

    def _short(
        self, when: Truth, other: BitValue, v: BitValue, goes_on: bool, here: Truth
    ) -> BitValue:
        """Return the value of `v and other`, or of `v or other`."""
        if v.truth is not None and other.truth is not None:
            both = all_of(here, other.truth) if goes_on else any_of(here, other.truth)
            return self._bits.from_truth(both)
        return self._bits.either(when, other, v)

    def _named(self, name: str, names: Names, node: ast.AST) -> BitValue:
        if name in names:
            return names[name]
        if name in self._program.constants:
            return self._fitting(self._bits.number(self._program.constants[name]), node)
        if self.guard is False:
            return self._bits.number(0)
        raise Outside(f"{name} may have no value here", node)

    def _under(
        self, when: Truth, node: ast.expr, names: Names, test: ast.expr, truth: bool
    ) -> BitValue:
        """Encode an expression that is only come to when a test came out so."""
        return self._only(when, names, test, truth, lambda inner: self.value(node, inner))

    def _only(
        self,
        when: Truth,
        names: Names,
        test: ast.expr | None,
        truth: bool,
        make: Callable[[Names], BitValue],
    ) -> BitValue:
        before, marks, inner = self.guard, self._marks(), dict(names)
        guard = all_of(before, when)
        self.guard = guard if test is None else self._narrowed(test, inner, truth, guard)
        if self.guard is False:
            self.guard = before
            return self._bits.number(0)
        found = make(inner)
        after, self.guard = self.guard, before
        if self._marks() != marks:
            self.guard = any_of(all_of(before, negated(when)), after)
        return found

    def _chain(
        self, one: BitValue, ops: Sequence[ast.cmpop], others: Sequence[ast.expr], names: Names
    ) -> Truth:
        other, bits = self.value(others[0], names), self._bits
        kind = type(ops[0]).__name__
        if kind in ("Eq", "NotEq"):
            found = bits.compare("Eq", one, other)
            found = negated(found) if kind == "NotEq" else found
        elif kind in ("Lt", "LtE"):
            found = bits.compare(kind, one, other)
        else:
            found = bits.compare("Lt" if kind == "Gt" else "LtE", other, one)
        if not ops[1:]:
            return found
        rest = self._only(
            found,
            names,
            None,
            True,
            lambda inner: bits.from_truth(self._chain(other, ops[1:], others[1:], inner)),
        )
        return all_of(found, bits.truth(rest))

    def _called(self, node: ast.Call, names: Names) -> BitValue:
        bits, name = self._bits, call_name(node)
        if isinstance(node.func, ast.Attribute):
            return self._counted(name, self._absolute(self.value(operand(node), names), node))
        if name in ("sum", "any", "all"):
            self._fresh += 1
            total, inner = f"{name} {self._fresh}", dict(names)
            self._block(as_loop(node, total), inner)
            return inner.get(total, bits.number(0))
        args = [self.value(each, names) for each in node.args]
        if name == "abs":
            return self._absolute(args[0], node)
        if name == "bool":
            return bits.from_truth(bits.truth(args[0]))
        if name == "int":
            return args[0]
        if name not in ("min", "max"):
            return self.call(name, args)
        found = args[0]
        for each in args[1:]:
            pair = (each, found) if name == "min" else (found, each)
            found = bits.either(bits.compare("Lt", *pair), each, found)
        return found

    def _absolute(self, v: BitValue, node: ast.AST) -> BitValue:
        below = self._bits.compare("Lt", v, self._bits.number(0))
        part = self._bits.narrowed(v, v.low, -1) if v.low < 0 else v
        minus = self._only(
            below, {}, None, True, lambda _: self._binary("Sub", self._bits.number(0), part, node)
        )
        rest = self._bits.narrowed(v, 0, v.high) if v.high >= 0 else v
        return self._bits.either(below, minus, rest)

    def _counted(self, name: str, v: BitValue) -> BitValue:
        """Return the number of ones in a value that is not negative, or how many bits it has."""
        bits, found = self._bits, self._bits.number(0)
        for place in range(v.high.bit_length()):
            if name == "bit_length":
                one = bits.from_truth(bits.compare("LtE", bits.number(1 << place), v))
            else:
                shifted = bits.binary("RShift", v, bits.number(place))
                one = bits.binary("BitAnd", shifted, bits.number(1))
            found = bits.binary("Add", found, one)
        return found

    def _binary(self, op: str, a: BitValue, b: BitValue, node: ast.AST) -> BitValue:
        bits = self._bits
        if op in ("FloorDiv", "Mod"):
            self._error("ZeroDivisionError", negated(bits.truth(b)))
            if b.low == b.high == 0:
                return bits.number(0)
        if op in ("LShift", "RShift"):
            self._error("ValueError", bits.compare("Lt", b, bits.number(0)))
            if b.high < 0:
                return bits.number(0)
            b = bits.narrowed(b, 0, b.high)
            if op == "LShift" or self.machine:
                most = self._largest - 1
                far = bits.compare("Lt", bits.number(most), b)
                self._escape(far, node, f"a shift may be by {most + 1} bits or more")
                if b.low > most:
                    return bits.number(0)
                b = bits.narrowed(b, 0, most)
        return self._fitting(bits.binary(op, a, b), node)

    def _fitting(self, v: BitValue, node: ast.AST) -> BitValue:
        low, high = self._bounds
        if low <= v.low and v.high <= high:
            return v
        where = f"int{self._largest}" if self.machine else f"{self._largest} bits"
        self._escape(self._bits.outside(v, self._bounds), node, f"a number may leave {where}")
        if v.high < low or v.low > high:
            return self._bits.number(0)
        return self._bits.narrowed(v, low, high)

    def _error(self, kind: str, when: Truth) -> None:
        whole = all_of(self.guard, when)
        if whole is not False:
            self.errors.setdefault(kind, []).append(whole)
            self.guard = all_of(self.guard, negated(when))

    def _escape(self, when: Truth, node: ast.AST, why: str) -> None:
        """Note that the program leaves what is written down, and go on where it does not."""
        whole = all_of(self.guard, when)
        if whole is not False:
            self.escapes.append(Escape(whole, getattr(node, "lineno", 0), why))
            self.guard = all_of(self.guard, negated(when))
