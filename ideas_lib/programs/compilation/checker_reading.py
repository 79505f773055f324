"""The checker's own reading of a source: what it does, and when it leaves what is certified.

It shares no code with the encoder, and writes formulas of another kind: a statement has its effect
where a guard holds, and nothing is known of bounds. What sources mean is in `subset`.
"""

import ast
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import z3

from ideas_lib.programs.compilation.checker_terms import (
    CAP,
    NODES,
    TAKEN,
    BadCertificate,
    Source,
    Term,
    apply_term,
    demand,
    either_way,
    every,
    negation,
    number_term,
    pick_term,
)

__all__ = ["Reading"]


class Reading:
    """What a source does with arguments, and when it `leaves` what is certified.

    Each statement has its effect where `guard` holds. An error, a variable without a value, a
    number that is too large, and too many rounds of a loop are ways to leave.
    """

    def __init__(self, source: Source, unroll: int, machine: int | None = None) -> None:
        self.source, self.unroll, self.machine, self.nodes = source, unroll, machine, 0
        self.guard: Term = True
        self.leaves: Term = False
        self.names: dict[str, tuple[Term, Term]] = {}  # value, and when there is one
        self.returned, self.above = number_term(0), list[str]()
        self.ways: dict[type, list[Term]] = {}  # when a loop, or a function, was left

    def call(self, name: str, args: Sequence[Term]) -> Term:
        demand(name in self.source.functions and name not in self.above, f"a call of {name}")
        node = self.source.functions[name]
        outer = self.names, self.ways, self.returned, self.guard
        self.names = {a.arg: (v, True) for a, v in zip(node.args.args, args, strict=True)}
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                self.names.setdefault(each.id, (number_term(0), False))
        demand(not {*self.names} & {*TAKEN, *self.source.functions}, f"{name} gives a name anew")
        self.ways, self.returned = {ast.Return: []}, number_term(0)
        self.above.append(name)
        self.block(node.body)
        self.above.pop()
        demand(self.guard is False, f"{name} may end without a return")
        made, ends = self.returned, self.ways[ast.Return]
        self.names, self.ways, self.returned, self.guard = outer
        self.guard = either_way(*ends)
        return made

    def block(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            if self.guard is not False:
                self.statement(node)

    def put(self, name: str, made: Term) -> None:
        value, there = self.names.get(name, (made, False))
        now = made if there is False else pick_term(self.guard, made, value)
        self.names[name] = now, there if there is True else either_way(there, self.guard)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Return() | ast.Break() | ast.Continue():
                if isinstance(node, ast.Return) and node.value:
                    self.returned = pick_term(self.guard, self.value(node.value), self.returned)
                self.ways[type(node)].append(self.guard)
                self.guard = False
            case ast.If(test=test, body=body, orelse=orelse):
                when, ends, same = self.truth(test), [], True
                start = self.guard
                for truth, part in ((when, body), (negation(when), orelse)):
                    self.guard = inner = every(start, truth)
                    self.block(part)
                    same = same and self.guard is inner
                    ends.append(self.guard)
                self.guard = start if same else either_way(*ends)
            case ast.While(test=test, body=body, orelse=[]):
                self.loop(lambda: self.truth(test), body)
            case ast.For(target=ast.Name(id=name), iter=ast.Call() as over, body=body, orelse=[]):
                self.loop(self.counting(name, over), body)
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                several = [self.value(each) for each in values]
                for target, made in zip(targets, several, strict=True):
                    self.put(ast.unparse(target), made)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                self.put(name, self.value(value))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.put(name, self.value(value))
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                self.put(name, self.value(ast.BinOp(ast.Name(name), op, value)))
            case ast.Pass() | ast.Expr(value=ast.Constant(value=str())):
                pass
            case _:
                raise BadCertificate(f"line {node.lineno} is not in the subset")

    def counting(self, name: str, over: ast.Call) -> Callable[[], Term]:
        args = [self.value(each) for each in over.args]
        demand(ast.unparse(over.func) == "range" and 0 < len(args) < 4, "there is an odd loop")
        now, stop = (args[0], args[1]) if args[1:] else (number_term(0), args[0])
        step = int(ast.literal_eval(over.args[2])) if args[2:] else 1
        demand(step, "there is a range with a step of 0")

        def goes_on() -> Term:
            nonlocal now
            when = apply_term("Lt" if step > 0 else "Gt", now, stop)
            before, self.guard = self.guard, every(self.guard, when)
            self.put(name, now)
            now, self.guard = apply_term("Add", now, number_term(step)), before
            return when

        return goes_on

    def loop(self, test: Callable[[], Term], body: Sequence[ast.stmt]) -> None:
        outer, out = self.ways, list[Term]()
        for round_ in itertools.count():
            when = test()
            out.append(every(self.guard, negation(when)))
            self.guard = every(self.guard, when)
            self.departs(round_ == self.unroll)
            if self.guard is False:
                break
            self.ways = {**outer, ast.Break: out, ast.Continue: []}
            self.block(body)
            self.guard = either_way(self.guard, *self.ways[ast.Continue])
        self.ways, self.guard = outer, either_way(*out)

    def departs(self, when: Term) -> None:
        """Note when it leaves. As that has to be never, nothing else depends on it afterwards."""
        self.leaves = either_way(self.leaves, every(self.guard, when))
        self.guard = False if when is True else self.guard

    def fit(self, term: Term) -> Term:
        half = 1 << (self.machine or CAP) - 1
        low, high = (
            apply_term("Lt", term, number_term(-half)),
            apply_term("GtE", term, number_term(half)),
        )
        self.departs(either_way(low, high))
        return term

    def binary(self, op: str, a: Term, b: Term) -> Term:
        if op in ("FloorDiv", "Mod"):
            self.departs(apply_term("Eq", b, number_term(0)))
        if op in ("LShift", "RShift"):
            self.departs(apply_term("Lt", b, number_term(0)))
            if op == "LShift" or self.machine:
                self.departs(negation(apply_term("Lt", b, number_term(self.machine or CAP))))
        return self.fit(apply_term(op, a, b))

    def truth(self, node: ast.expr) -> Term:
        return apply_term("NotEq", self.value(node), number_term(0))

    def under(self, when: Term, node: ast.expr) -> Term:
        start = self.guard
        self.guard = inner = every(start, when)
        made = number_term(0) if inner is False else self.value(node)
        self.guard = (
            start if self.guard is inner else either_way(every(start, negation(when)), self.guard)
        )
        return made

    def value(self, node: ast.expr) -> Term:
        self.nodes += 1
        demand(self.nodes <= NODES, "it is too large, unrolled")
        match node:
            case ast.Constant(value=int() as number) if number.bit_length() < CAP:
                return self.fit(number_term(int(number)))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                demand(number.bit_length() < CAP, "there is a large number")
                return self.fit(number_term(-number))
            case ast.Name(id=name) if name in self.names:
                made, there = self.names[name]
                self.departs(negation(there))
                return made
            case ast.Name(id=name) if name in self.source.numbers:
                return self.value(ast.Constant(self.source.numbers[name]))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)):
                base, made = self.value(left), number_term(1)
                for _ in range(power):
                    made = self.binary("Mult", made, base)
                return made
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(type(op).__name__, self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return pick_term(self.truth(inner), number_term(0), number_term(1))
            case ast.UnaryOp(op=op, operand=inner):
                v = self.value(inner)
                first = number_term(0 if isinstance(op, ast.USub) else -1)
                return v if isinstance(op, ast.UAdd) else self.binary("Sub", first, v)
            case ast.BoolOp(op=op, values=[first, *rest]):
                v = self.value(first)
                for each in rest:
                    on = apply_term("NotEq" if isinstance(op, ast.And) else "Eq", v, number_term(0))
                    v = pick_term(on, self.under(on, each), v)
                return v
            case ast.Compare(left=left, ops=ops, comparators=others):
                v, holds = self.value(left), True
                for order, each in zip(ops, others, strict=True):
                    other = self.under(holds, each)
                    holds, v = every(holds, apply_term(type(order).__name__, v, other)), other
                return pick_term(holds, number_term(1), number_term(0))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                on = self.truth(test)
                return pick_term(on, self.under(on, body), self.under(negation(on), orelse))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self.called(name, args)
            case ast.Call(func=ast.Attribute(value=v, attr=name), args=args, keywords=[]):
                return self.method(name, v, args)
        raise BadCertificate(f"line {getattr(node, 'lineno', 0)}: {ast.unparse(node)[:50]}")

    def called(self, name: str, args: Sequence[ast.expr]) -> Term:
        if name in ("sum", "any", "all"):
            return self.generated(name, args)
        values = [self.value(each) for each in args]
        if name not in TAKEN:
            return self.call(name, values)
        demand(len(values) > 1 if name in ("min", "max") else len(values) == 1, f"an odd {name}")
        v = values[0]
        for each in values[1:]:
            v = pick_term(apply_term("Lt" if name == "min" else "Gt", each, v), each, v)
        if name == "abs":
            below = apply_term("Lt", v, number_term(0))
            return self.fit(pick_term(below, apply_term("Sub", number_term(0), v), v))
        demand(name in ("min", "max", "bool", "int"), f"a call of {name}")
        return (
            pick_term(apply_term("NotEq", v, number_term(0)), number_term(1), number_term(0))
            if name == "bool"
            else v
        )

    def method(self, name: str, node: ast.expr, args: Sequence[ast.expr]) -> Term:
        if isinstance(node, ast.Call) and name == "count":
            demand(ast.unparse(node.func) == "bin" and len(node.args) == 1, "an odd count")
            demand([ast.unparse(each) for each in args] == ["'1'"], "an odd count")
            node, args, name = node.args[0], [], "bit_count"
        demand(name in ("bit_count", "bit_length") and not args, f"a call of {name}")
        v, made = self.called("abs", [node]), number_term(0)
        for place in range(CAP):
            rest = apply_term("RShift", v, number_term(place))
            one = (
                rest & 1
                if name == "bit_count"
                else pick_term(rest != 0, number_term(1), number_term(0))
            )
            made = made + one
        return z3.simplify(made) if z3.is_bv_value(v) else made

    def generated(self, name: str, args: Sequence[ast.expr]) -> Term:
        demand(len(args) == 1 and isinstance(args[0], ast.GeneratorExp), f"an odd {name}")
        elt, (clause,) = args[0].elt, args[0].generators  # type: ignore[attr-defined]
        before, key = dict(self.names), f"{name} {args[0].lineno} {args[0].col_offset}"
        total = ast.Name(key, ast.Load())
        found = [ast.Assign([total], ast.Constant(int(name == "any"))), ast.Break()]
        inner: list[Any] = [
            ast.If(elt if name == "any" else ast.UnaryOp(ast.Not(), elt), found, [])
        ]
        if name == "sum":
            inner = [ast.Assign([total], ast.BinOp(total, ast.Add(), elt))]
        for test in reversed(clause.ifs):
            inner = [ast.If(test, inner, [])]
        self.put(key, number_term(int(name == "all")))
        self.statement(ast.For(clause.target, clause.iter, inner, []))
        made = self.names[key][0]
        self.names = before
        return made
