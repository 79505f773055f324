"""Run a program of the subset on integers, step by step, with an end to it.

It has nothing in common with the encoder: what one says of a program, the other has to say too.
"""

import ast
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.compilation.program import RESULT, IntegerProgram
from ideas_lib.programs.compilation.subset import call_name, operand

__all__ = ["RunOutcome", "contract_holds", "interpret"]

STEPS = 100_000
BITS = 4096  # of any value
OPERATIONS: dict[type, Any] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul},
    **{ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow},
    **{ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor},
    **{ast.LShift: operator.lshift, ast.RShift: operator.rshift},
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt},
    **{ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge},
    **{ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert},
    ast.Not: operator.not_,
}


@dataclass(frozen=True)
class RunOutcome:
    """What a run came to: a value, the name of an error, or neither, where it was not finished."""

    value: int | None = None
    error: str = ""

    def __str__(self) -> str:
        return str(self.value) if self.value is not None else self.error or "no end in sight"


class _Unfinished(Exception):
    """Too many steps, or too large a number."""


class _Leave(Exception):
    """A `return`, `break` or `continue` on its way out."""

    def __init__(self, what: str, value: int = 0) -> None:
        super().__init__(what)
        self.what, self.value = what, value


def interpret(program: IntegerProgram, args: Sequence[int]) -> RunOutcome:
    """Return what a program does with some arguments; whether its `pre` holds is not asked."""
    try:
        return RunOutcome(int(_Run(program).call(program.entry, args)))
    except (ZeroDivisionError, ValueError) as error:
        return RunOutcome(error=type(error).__name__)
    except (_Unfinished, RecursionError):
        return RunOutcome()


def contract_holds(program: IntegerProgram, args: Sequence[int], result: int | None = None) -> bool:
    """Say whether `pre` holds of arguments; with a result, whether `post` does."""
    names: dict[str, int] = {p.name: v for p, v in zip(program.parameters, args, strict=True)}
    lines = program.pre if result is None else program.post
    names |= {} if result is None else {RESULT: result}
    try:
        return all(_Run(program).value(line, names) for line in lines)
    except (ZeroDivisionError, ValueError, _Unfinished):
        return False


class _Run:
    def __init__(self, program: IntegerProgram) -> None:
        self._program, self._steps = program, 0

    def call(self, name: str, args: Sequence[int]) -> int:
        function = self._program.functions[name]
        names = {arg.arg: value for arg, value in zip(function.args.args, args, strict=True)}
        try:
            self._block(function.body, names)
        except _Leave as leave:
            return leave.value
        raise AssertionError(f"{name} ended without a return")

    def _block(self, body: Sequence[ast.stmt], names: dict[str, int]) -> None:
        for node in body:
            self._statement(node, names)

    def _statement(self, node: ast.stmt, names: dict[str, int]) -> None:
        self._step()
        match node:
            case ast.Return(value=ast.expr() as value):
                raise _Leave("return", self.value(value, names))
            case ast.Break() | ast.Continue():
                raise _Leave(type(node).__name__)
            case ast.If(test=test, body=body, orelse=orelse):
                self._block(body if self.value(test, names) else orelse, names)
            case ast.While(test=test, body=body):
                while self.value(test, names) and self._again(body, names):
                    self._step()
            case ast.For(target=ast.Name(id=name), iter=iterable, body=body):
                for each in self._range(iterable, names):
                    self._step()
                    names[name] = each
                    if not self._again(body, names):
                        break
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                found = [self.value(each, names) for each in values]
                for target, one in zip(targets, found, strict=True):
                    names[target.id] = one  # type: ignore[attr-defined]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = self.value(value, names)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names[name] = self.value(value, names)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                names[name] = self._binary(op, names[name], self.value(value, names))

    def _again(self, body: Sequence[ast.stmt], names: dict[str, int]) -> bool:
        """Run a loop's body; say whether the loop goes on."""
        try:
            self._block(body, names)
        except _Leave as leave:
            if leave.what == "return":
                raise
            return leave.what == "Continue"
        return True

    def _range(self, node: ast.expr, names: Mapping[str, int]) -> range:
        assert isinstance(node, ast.Call)
        return range(*(int(self.value(each, names)) for each in node.args))

    def value(self, node: ast.expr, names: Mapping[str, int]) -> int:
        self._step()
        match node:
            case ast.Constant(value=int() as value):
                return value
            case ast.Name(id=name):
                return names[name] if name in names else self._program.constants[name]
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self.value(left, names), self.value(right, names))
            case ast.UnaryOp(op=op, operand=inner):
                return OPERATIONS[type(op)](int(self.value(inner, names)))
            case ast.BoolOp(op=op, values=values):
                for each in values:
                    found = self.value(each, names)
                    if bool(found) == isinstance(op, ast.Or):
                        break
                return found
            case ast.Compare(left=left, ops=ops, comparators=others):
                one = self.value(left, names)
                for order, each in zip(ops, others, strict=True):
                    other = self.value(each, names)
                    if not OPERATIONS[type(order)](one, other):
                        return 0
                    one = other
                return 1
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test, names) else orelse, names)
            case ast.Call():
                return self._called(node, names)
        raise AssertionError(ast.dump(node))

    def _called(self, node: ast.Call, names: Mapping[str, int]) -> int:
        name = call_name(node)
        if isinstance(node.func, ast.Attribute):
            return getattr(int(self.value(operand(node), names)), name)()
        if name in ("sum", "any", "all"):
            (generator,) = node.args
            assert isinstance(generator, ast.GeneratorExp)
            whole: dict[str, Any] = {"sum": sum, "any": any, "all": all}
            return int(whole[name](self._each(generator, names)))
        args = [self.value(each, names) for each in node.args]
        plain: dict[str, Any] = {"abs": abs, "min": min, "max": max, "bool": bool, "int": int}
        return int(plain[name](*args)) if name in plain else self.call(name, args)

    def _each(self, generator: ast.GeneratorExp, names: Mapping[str, int]) -> Any:
        (clause,) = generator.generators
        assert isinstance(clause.target, ast.Name)
        for each in self._range(clause.iter, names):
            self._step()
            inner = {**names, clause.target.id: each}
            if all(self.value(test, inner) for test in clause.ifs):
                yield self.value(generator.elt, inner)

    def _binary(self, op: ast.operator, left: int, right: int) -> int:
        large = left.bit_length() * right if isinstance(op, ast.Pow) else left.bit_length()
        if isinstance(op, ast.LShift):
            large += max(right, 0)
        if max(large, right.bit_length()) > BITS:
            raise _Unfinished
        return OPERATIONS[type(op)](left, right)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > STEPS:
            raise _Unfinished
