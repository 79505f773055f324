"""Write a program with few words: what a machine of 32 bits has. Nobody has to trust this.

What is left are `while`, `if`, `break`, `continue`, `return`, assignments to one name, calls of
functions, operations on two numbers, and `a if test else b`; `and`, `or`, `not` and comparisons
stand in tests alone. Whether the result does what the program did is for the certifier to say.
"""

import ast
import copy
from collections.abc import Sequence

from ideas_lib.programs.compilation.generators import (
    as_loop,
    for_as_while,
    fresh_name,
    name_underscores,
)
from ideas_lib.programs.compilation.program import IntegerProgram
from ideas_lib.programs.compilation.subset import RESERVED, call_name, operand

__all__ = ["lower_program", "reduce_strength"]

ZERO, ONE = ast.Constant(0), ast.Constant(1)


def lower_program(program: IntegerProgram) -> str:
    """Return the source of the functions of a program, with few words; the entry comes last."""
    texts = []
    for function in map(name_underscores, program.functions.values()):
        lowered = _Lowering(function, program.constants).function(function)
        texts.append(ast.unparse(ast.fix_missing_locations(lowered)))
    return "\n\n\n".join(texts) + "\n"


def reduce_strength(source: str) -> str:
    """Return a source with shifts and masks instead of operations on powers of 2."""
    return ast.unparse(ast.fix_missing_locations(_Reduce().visit(ast.parse(source)))) + "\n"


class _Reduce(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        number = node.right.value if isinstance(node.right, ast.Constant) else 0
        if not isinstance(number, int) or number < 1 or number & (number - 1):
            return node
        places = ast.Constant(number.bit_length() - 1)
        match node.op:
            case ast.Mod():
                return ast.BinOp(node.left, ast.BitAnd(), ast.Constant(number - 1))
            case ast.FloorDiv():
                return ast.BinOp(node.left, ast.RShift(), places) if number > 1 else node.left
        return node


class _Lowering:
    """Of one function; `_out` takes the statements that an expression needs before it."""

    def __init__(self, function: ast.FunctionDef, constants: dict[str, int]) -> None:
        names = [node.id for node in ast.walk(function) if isinstance(node, ast.Name)]
        self._taken = {*names, *(arg.arg for arg in function.args.args), *RESERVED}
        self._locals = {arg.arg for arg in function.args.args} | {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self._constants = constants
        self._out: list[ast.stmt] = []

    def function(self, node: ast.FunctionDef) -> ast.FunctionDef:
        made = copy.deepcopy(node)
        made.body = self._block(node.body)
        made.returns = None
        for arg in made.args.args:
            arg.annotation = None
        return made

    def _block(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        outer, self._out = self._out, []
        for node in body:
            self._statement(node)
            if isinstance(node, ast.Return | ast.Break | ast.Continue):
                break
        made, self._out = self._out or [ast.Pass()], outer
        return made

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Return(value=ast.expr() as value):
                self._out.append(ast.Return(self._value(value)))
            case ast.Break() | ast.Continue():
                self._out.append(type(node)())
            case ast.If(test=test, body=body, orelse=orelse):
                when = self._test(test)
                no = self._block(orelse) if orelse else []
                self._out.append(ast.If(when, self._block(body), no))
            case ast.While():
                self._while(node)
            case ast.For():
                assert isinstance(node.target, ast.Name)
                now = fresh_name(f"{node.target.id}_next", self._taken)
                stop = fresh_name(f"{node.target.id}_stop", self._taken)
                self._locals |= {now, stop}
                for each in for_as_while(node, now, stop):
                    self._statement(each)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                several = [self._named(self._value(each), always=True) for each in values]
                for target, one in zip(targets, several, strict=True):
                    self._set(target.id, one)  # type: ignore[attr-defined]
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._set(name, self._value(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._set(name, self._value(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                self._set(name, self._value(ast.BinOp(_load(name), op, value)))

    def _while(self, node: ast.While) -> None:
        outer, self._out = self._out, []
        test = self._test(node.test)
        before, self._out = self._out, outer
        body = self._block(node.body)
        if before:
            leave = ast.If(ast.UnaryOp(ast.Not(), test), [ast.Break()], [])
            test, body = ONE, [*before, leave, *body]
        self._out.append(ast.While(test, body, []))

    def _set(self, name: str, value: ast.expr) -> None:
        self._out.append(ast.Assign([ast.Name(name, ast.Store())], value, lineno=0))

    def _named(self, value: ast.expr, always: bool = False) -> ast.Name | ast.Constant:
        """Return a value that may be written twice: a name; or a number, unless `always`."""
        if isinstance(value, ast.Constant | ast.Name) and not always:
            return value
        name = fresh_name("t", self._taken)
        self._locals.add(name)
        self._set(name, value)
        return _load(name)

    def _apart(self, node: ast.expr, test: bool) -> tuple[list[ast.stmt], ast.expr]:
        """Return an expression, and what it needs before it, which is only run if it is."""
        outer, self._out = self._out, []
        made = self._test(node) if test else self._value(node)
        before, self._out = self._out, outer
        return before, made

    def _value(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=int() as value):
                return ast.Constant(int(value))
            case ast.Name(id=name):
                return _load(name) if name in self._locals else _number(self._constants[name])
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
                return self._power(self._value(left), power)
            case ast.BinOp(left=left, op=op, right=right):
                return ast.BinOp(self._value(left), op, self._value(right))
            case ast.UnaryOp(op=ast.USub() | ast.Invert(), operand=inner):
                made = self._value(inner)
                if isinstance(node.op, ast.USub) and isinstance(made, ast.Constant):
                    return _number(-int(made.value))  # type: ignore[arg-type]
                return ast.UnaryOp(node.op, made)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._value(inner)
            case ast.BoolOp(op=op, values=[first, *rest]) if not _is_test(node):
                here = self._named(self._value(first))
                more = ast.BoolOp(op, rest) if rest[1:] else rest[0]
                if isinstance(op, ast.And):
                    return self._choice(_not_zero(here), more, here)
                return self._choice(_not_zero(here), here, more)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self._choice(self._test(test), body, orelse)
            case ast.Call() if call_name(node) not in ("bool", "any", "all"):
                return self._called(node)
        return ast.IfExp(self._test(node), ONE, ZERO)

    def _power(self, base: ast.expr, power: int) -> ast.expr:
        if isinstance(base, ast.Constant):
            assert isinstance(base.value, int)
            return _number(base.value**power)
        base = self._named(base)
        made: ast.expr = base if power else ONE
        for _ in range(power - 1):
            made = ast.BinOp(made, ast.Mult(), base)
        return made

    def _choice(self, test: ast.expr, body: ast.expr, orelse: ast.expr) -> ast.expr:
        (first, yes), (second, no) = self._apart(body, False), self._apart(orelse, False)
        if not first and not second:
            return ast.IfExp(test, yes, no)
        name = fresh_name("t", self._taken)
        self._locals.add(name)
        first.append(ast.Assign([ast.Name(name, ast.Store())], yes, lineno=0))
        second.append(ast.Assign([ast.Name(name, ast.Store())], no, lineno=0))
        self._out.append(ast.If(test, first, second))
        return _load(name)

    def _test(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Constant(value=int() as value) if value:
                return ONE
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return ast.UnaryOp(ast.Not(), self._test(inner))
            case ast.BoolOp(op=op, values=[first, *rest]):
                left = self._test(first)
                for each in rest:
                    left = self._both(left, op, each)
                return left
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return ast.Compare(self._value(left), [op], [self._value(right)])
            case ast.Compare(left=left, ops=[op, *ops], comparators=[middle, *others]):
                shared = self._named(self._value(middle))
                one = ast.Compare(self._value(left), [op], [shared])
                return self._both(one, ast.And(), ast.Compare(shared, ops, others))
            case ast.Call() if call_name(node) == "bool":
                return self._test(node.args[0])
            case ast.Call() if call_name(node) in ("any", "all"):
                return _not_zero(self._called(node))
        return _not_zero(self._value(node))

    def _both(self, left: ast.expr, op: ast.boolop, node: ast.expr) -> ast.expr:
        before, right = self._apart(node, True)
        if not before:
            return ast.BoolOp(op, [left, right])
        name = fresh_name("t", self._taken)
        store = ast.Name(name, ast.Store())
        self._set(name, ast.IfExp(left, ONE, ZERO))
        before.append(ast.Assign([store], ast.IfExp(right, ONE, ZERO), lineno=0))
        here = _not_zero(_load(name))
        goes_on = here if isinstance(op, ast.And) else ast.UnaryOp(ast.Not(), here)
        self._out.append(ast.If(goes_on, before, []))
        return here

    def _called(self, node: ast.Call) -> ast.expr:
        name = call_name(node)
        if name in ("sum", "any", "all"):
            total = fresh_name("t", self._taken)
            self._locals.add(total)
            for each in as_loop(node, total):
                self._statement(each)
            return _load(total)
        if isinstance(node.func, ast.Attribute):
            return self._counted(name, self._absolute(self._value(operand(node))))
        values = [self._value(each) for each in node.args]
        if name == "int":
            return values[0]
        if name == "abs":
            return self._absolute(values[0])
        if name not in ("min", "max"):
            return ast.Call(ast.Name(name, ast.Load()), values, [])
        found = self._named(values[0])
        for value in map(self._named, values[1:]):
            op: ast.cmpop = ast.Lt() if name == "min" else ast.Gt()
            chosen = ast.IfExp(ast.Compare(value, [op], [found]), value, found)
            found = self._named(chosen)
        return found

    def _absolute(self, value: ast.expr) -> ast.expr:
        here = self._named(value)
        below = ast.Compare(here, [ast.Lt()], [ZERO])
        return ast.IfExp(below, ast.UnaryOp(ast.USub(), here), here)

    def _counted(self, name: str, value: ast.expr) -> ast.expr:
        left, count = self._named(value, always=True), self._named(ZERO, always=True)
        assert isinstance(left, ast.Name)
        assert isinstance(count, ast.Name)
        one = ast.BinOp(left, ast.BitAnd(), ONE) if name == "bit_count" else ONE
        body: list[ast.stmt] = [
            ast.Assign(
                [ast.Name(count.id, ast.Store())], ast.BinOp(count, ast.Add(), one), lineno=0
            ),
            ast.Assign(
                [ast.Name(left.id, ast.Store())], ast.BinOp(left, ast.RShift(), ONE), lineno=0
            ),
        ]
        self._out.append(ast.While(_not_zero(left), body, []))
        return count


def _is_test(node: ast.expr) -> bool:
    """Say whether an expression is 1 or 0 as a test is true or not."""
    match node:
        case ast.BoolOp(values=values):
            return all(map(_is_test, values))
        case ast.Call():
            return call_name(node) in ("bool", "any", "all")
        case ast.UnaryOp(op=ast.Not()) | ast.Compare():
            return True
        case ast.Constant(value=value):
            return isinstance(value, bool)
    return False


def _not_zero(value: ast.expr) -> ast.expr:
    return ast.Compare(value, [ast.NotEq()], [ZERO])


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _number(value: int) -> ast.expr:
    if value == -(2**31):  # whose figures alone are no number of 32 bits
        return ast.UnaryOp(ast.Invert(), ast.Constant(2**31 - 1))
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
