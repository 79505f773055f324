"""Check a certificate of `ideas compile` again. This file is all of it, and believes no field.

    python certificate_checker.py < build/hamming.cert.json

It needs Python and Z3, and nothing of what made the certificate. It writes down what goal and form
do for all arguments, and has Z3 show that they never differ, and never fail.
"""

import ast
import hashlib
import itertools
import json
import operator
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, cast

import z3

FORMAT, FIELDS = "ideas compile 1", ["claim", "format", "to", "rounds", "goal", "form", "sha256"]
MACHINE, CAP = 32, 64  # bits: of an argument and of a form for a machine, and of all else
ROUNDS, NODES, LONGEST, SMALL = 128, 100_000, 1 << 20, 64
TRUE, FALSE, ZERO = z3.BoolVal(True), z3.BoolVal(False), z3.BitVecVal(0, 1)
UNREADABLE = (AttributeError, LookupError, MemoryError, OverflowError, RuntimeError, TypeError)
TAKEN = {"abs", "min", "max", "sum", "any", "all", "range"}
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {  # of Python's, which Z3 has for bit-vectors
    **{"Add": operator.add, "Sub": operator.sub, "Mult": operator.mul, "Mod": operator.mod},
    **{"BitAnd": operator.and_, "BitOr": operator.or_, "BitXor": operator.xor},
    **{"LShift": operator.lshift, "RShift": operator.rshift, "Eq": operator.eq},
    **{"NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt},
    **{"GtE": operator.ge, "FloorDiv": lambda a, b: (a - a % b) / b},  # there `/` drops a rest
}


class BadCertificate(Exception):
    """Raised for a certificate that does not hold, or that cannot be read."""


def _demand(condition: object, why: str) -> None:
    if not condition:
        raise BadCertificate(why)


def _number(value: int) -> Any:
    return z3.BitVecVal(value, value.bit_length() + 1)


def _wide(made: Callable[[Any, Any], Any], a: Any, b: Any, more: int = 0) -> Any:
    size = max(a.size(), b.size()) + more
    found = made(*(z3.SignExt(size - x.size(), x) for x in (a, b)))
    return z3.simplify(found) if z3.is_bv_value(a) and z3.is_bv_value(b) else found


class CheckedSource:
    """The function in a text, which has nothing else, and its contract."""

    def __init__(self, text: str) -> None:
        compile(text, "a source", "exec")  # it runs nothing, and refuses what is no Python
        (self.node,) = cast(Any, ast.parse(text).body)
        _demand(isinstance(self.node, ast.FunctionDef), "it is no function")
        a, self.given = self.node.args, [each.arg for each in self.node.args.args]
        odd = (a.posonlyargs, a.kwonlyargs, a.vararg, a.kwarg, a.defaults, self.node.decorator_list)
        hints = {getattr(each.annotation, "id", "?") for each in a.args if each.annotation}
        _demand(not any(odd) and hints <= {"int"}, "it takes something other than integers")
        used = [each for each in ast.walk(self.node) if isinstance(each, ast.Name)]
        self.own = {n.id for n in used if isinstance(n.ctx, ast.Store)} - {*self.given}
        names = {self.node.name, *self.given, *self.own}
        _demand(not TAKEN & names and "'__" not in ast.dump(self.node), "an odd name")
        said = ast.get_docstring(self.node) or ""
        lines = re.findall(r"^[ \t]*(pre|post)[ \t]*:[ \t]*(\S.*?)[ \t]*$", said, re.M)
        read = [(kind, ast.parse(line, mode="eval").body) for kind, line in lines]
        self.pre, self.post = ([line for k, line in read if k == kind] for kind in ("pre", "post"))


class SourceMeaning:
    """What a source does with arguments; `leaves` says when it leaves what can be certified.

    A statement has its effect where `guard` holds. An error, a variable without a value, a number
    of over `bits`, a round too many, a broken `post`: as none of them may happen, it does not count
    what is made of a source after one.
    """

    def __init__(self, source: CheckedSource, rounds: int, args: Any, bits: int = CAP) -> None:
        self.source, self.rounds, self.bits, self.nodes = source, rounds, bits, 0
        self.guard, self.leaves = TRUE, FALSE
        self.left: dict[type, Any] = {ast.Return: FALSE, ast.Break: FALSE, ast.Continue: FALSE}
        given = self.names = {n: (v, TRUE) for n, v in zip(source.given, args, strict=True)}
        self.pre = z3.And(*map(self.truth, source.pre), z3.Not(self.leaves))
        own = dict.fromkeys([*source.own, "__return__"], (ZERO, FALSE))
        self.names, self.leaves = {**own, **given}, FALSE
        self.block(source.node.body)
        self.leave(TRUE)  # where it comes to its end
        self.returned, self.guard = self.names["__return__"], TRUE
        self.names = {**given, "__return__": self.returned}
        self.leave(z3.Not(z3.And(*map(self.truth, source.post))))

    def leave(self, when: Any) -> None:
        self.leaves = z3.Or(self.leaves, z3.And(self.guard, when))

    def put(self, name: str, made: Any) -> Any:
        value, there = self.names[name]  # and when it has one
        there = z3.simplify(z3.Or(there, self.guard))
        self.names[name] = _wide(partial(z3.If, self.guard), made, value), there

    def block(self, body: list[ast.stmt]) -> Any:
        for node in body:
            if not z3.is_false(self.guard):
                self.statement(node)

    def statement(self, node: Any) -> None:
        match node:
            case ast.Return() | ast.Break() | ast.Continue():
                if isinstance(node, ast.Return):
                    self.put("__return__", self.value(node.value))
                self.left[type(node)] = z3.simplify(z3.Or(self.left[type(node)], self.guard))
                self.guard = FALSE
            case ast.If(test=test, body=body, orelse=orelse):
                start, when = self.guard, self.truth(test)
                for part, on in ((body, when), (orelse, z3.Not(when))):
                    self.under(on, self.block, part)
                self.guard = z3.simplify(z3.And(start, *map(z3.Not, self.left.values())))
            case ast.While(test=test, body=body, orelse=[]):
                turns = ((ZERO, self.truth(test)) for _ in itertools.count())
                self.loop(turns, lambda _: self.block(body))
            case ast.For(target=ast.Name(id=name), iter=ast.Call() as over, body=body, orelse=[]):
                self.loop(self.range(over), lambda now: (self.put(name, now), self.block(body)))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.put(name, self.value(value))
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for target, made in [*zip(names, map(self.value, values), strict=True)]:
                    self.put(ast.unparse(target), made)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                self.put(name, self.value(ast.BinOp(ast.Name(name), op, value)))
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                pass
            case _:
                raise BadCertificate(f"line {node.lineno} is not in the subset")

    def loop(self, turns: Iterator[tuple[Any, Any]], body: Callable[[Any], object]) -> None:
        start, outer, inside = self.guard, self.left, self.guard
        self.left = {**outer, ast.Break: FALSE}
        for round_, (now, when) in enumerate(turns):
            self.nodes += 1
            self.guard = inside = z3.simplify(z3.And(inside, when))
            self.leave(z3.BoolVal(round_ == self.rounds))
            if round_ == self.rounds or z3.is_false(inside):
                break
            self.left[ast.Continue] = FALSE
            body(now)
            out = z3.Or(self.left[ast.Break], self.left[ast.Return])
            self.guard = inside = z3.simplify(z3.And(inside, z3.Not(out)))
        self.left = {**outer, ast.Return: self.left[ast.Return]}
        self.guard = z3.simplify(z3.And(start, z3.Not(self.left[ast.Return])))

    def range(self, over: Any) -> Iterator[tuple[Any, Any]]:
        first, stop = (ZERO, *map(self.value, over.args[:2]))[-2:]
        step = operator.index(ast.literal_eval(over.args[2])) if over.args[2:] else 1
        plain = ast.unparse(over.func) == "range" and not over.keywords and len(over.args) < 4
        _demand(plain and 0 < abs(step) < 1 << MACHINE, "there is an odd range")
        for place in itertools.count():
            now = _wide(operator.add, first, _number(place * step), 1)
            yield now, _wide(operator.lt if step > 0 else operator.gt, now, stop)

    def truth(self, node: Any) -> Any:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return z3.Not(self.truth(inner))
            case ast.BoolOp(op=op, values=[first, *rest]):
                found, join = self.truth(first), (z3.And if isinstance(op, ast.And) else z3.Or)
                on = found if isinstance(op, ast.And) else z3.Not(found)
                for more in [ast.BoolOp(op, rest)] if rest else []:
                    found = join(found, self.under(on, self.truth, more))
                return found
            case ast.Compare(left=left, ops=[op, *ops], comparators=[right, *others]):
                made = _wide(OPERATIONS[type(op).__name__], self.value(left), self.value(right))
                for chain in [ast.Compare(right, ops, others)] if ops else []:
                    made = z3.And(made, self.under(made, self.truth, chain))
                return made
        return self.value(node) != 0

    def under(self, when: Any, read: Callable[[Any], Any], node: Any) -> Any:
        start, self.guard = self.guard, z3.simplify(z3.And(self.guard, when))
        made, self.guard = read(node), start
        return made

    def binary(self, op: Any, a: Any, b: Any) -> Any:
        more = {ast.Mult: min(a.size(), b.size()), ast.LShift: self.bits}.get(type(op), 1)
        if isinstance(op, ast.FloorDiv | ast.Mod):
            self.leave(b == 0)
        if isinstance(op, ast.RShift | ast.LShift):
            self.leave(z3.Or(b < 0, _wide(operator.ge, b, _number(self.bits))))
        made = _wide(OPERATIONS[type(op).__name__], a, b, more)
        small = z3.Extract(min(self.bits, made.size()) - 1, 0, made)
        self.leave(_wide(operator.ne, made, small))
        return small

    def value(self, node: Any) -> Any:
        self.nodes += 1
        _demand(self.nodes <= NODES, "it is too large, unrolled")
        match node:
            case ast.Constant(value=int() as number):
                _demand(number < 1 << self.bits - 1, f"a number of over {self.bits} bits")
                return _number(int(number))
            case ast.Name(id=name):
                self.leave(z3.Not(self.names[name][1]))
                return self.names[name][0]
            case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int() as power)):
                rest = ast.BinOp(base, ast.Pow(), ast.Constant(power - 1))
                return self.value(ast.BinOp(base, ast.Mult(), rest) if power else ast.Constant(1))
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(op, self.value(left), self.value(right))
            case ast.UnaryOp(op=ast.USub() | ast.Invert() as op, operand=inner):
                first = 0 if isinstance(op, ast.USub) else -1
                return self.binary(ast.Sub(), _number(first), self.value(inner))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                on = self.truth(test)
                yes = self.under(on, self.value, body)
                return _wide(partial(z3.If, on), yes, self.under(z3.Not(on), self.value, orelse))
            case ast.BoolOp(values=[ast.Compare(), ast.Compare()]) | ast.Compare() | ast.UnaryOp():
                return z3.If(self.truth(node), _number(1), z3.BitVecVal(0, 2))
            case ast.Call(func=ast.Name(id="abs"), args=[inner], keywords=[]):
                pair = [inner, ast.UnaryOp(ast.USub(), inner)]
                return self.value(ast.Call(ast.Name("max"), pair, []))
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp() as each], keywords=[]):
                return self.generated(name, each)
            case ast.Call(func=ast.Name(id=name), args=[left, right], keywords=[]):
                a, b = self.value(left), self.value(right)
                better = _wide({"min": operator.lt, "max": operator.gt}[name], a, b)
                return _wide(partial(z3.If, better), a, b)
        raise BadCertificate(f"line {getattr(node, 'lineno', 0)}: {ast.unparse(node)[:50]}")

    def generated(self, name: str, node: ast.GeneratorExp) -> Any:
        (clause,), total, outer = node.generators, f"__{self.nodes}", self.names
        each, over, what = (ast.unparse(part) for part in (clause.target, clause.iter, node.elt))
        tests = " and ".join(["1", *(f"({ast.unparse(test)})" for test in clause.ifs)])
        turns = {"sum": f"{total} += {what}", "any": f"if {what}: {total} = 1"}
        turn = {**turns, "all": f"if not ({what}): {total} = 0"}[name]
        loop = ast.parse(f"for {each} in {over}:\n if {tests}:\n  {turn}").body
        self.names = {**outer, total: (_number(int(name == "all")), TRUE)}
        self.block(loop)
        (made, _), self.names = self.names[total], outer
        return made


def claim_of(goal: CheckedSource, to: str, rounds: int) -> str:
    """Return what a certificate says: its first line."""
    lines = " and ".join(f"({ast.unparse(line)})" for line in goal.pre)
    return (
        f"{goal.node.name}({', '.join(goal.given)}): the {to} form does what the goal does, for "
        f"all arguments of {MACHINE} bits{' with ' if lines else ''}{lines}"
        + (", and no value leaves int32" if to == "int32" else "")
        + (", and the postcondition holds" if goal.post else "")
        + (f"; no loop has more than {rounds} rounds" if rounds else "")
    )


def seal_certificate(data: dict[str, Any]) -> str:
    """Return a certificate's text: the claim in its first line, a digest of it all in its last."""
    digest = hashlib.sha256(json.dumps([data[f] for f in FIELDS[:-1]]).encode()).hexdigest()
    return "{" + json.dumps({**data, "sha256": digest}, indent=1)[1:].lstrip() + "\n"


def check_certificate(text: str, seconds: float = 60.0) -> str:
    """Return what a certificate claims, if it holds. Raises BadCertificate."""
    try:
        data = json.loads(text[:LONGEST])
        _demand([*data] == FIELDS and text == seal_certificate(data), "something in it was changed")
        to, rounds = data["to"], data["rounds"]
        known = data["format"] == FORMAT and type(rounds) is int
        _demand(known and 0 <= rounds <= ROUNDS, f"it is not of the format {FORMAT}")
        goal, form = CheckedSource(data["goal"]), CheckedSource(data["form"])
        same = goal.node.name == form.node.name and goal.given == form.given
        _demand(same, "the form has another name, or other parameters")
        claim, bits = claim_of(goal, to, rounds), {"loop": CAP, "int32": MACHINE}[to]
        _demand(data["claim"] == claim, f"its first line should be: {claim}")
        whole = [z3.BitVec(f"a{place}", MACHINE) for place in range(len(goal.given))]
        rows = itertools.islice(itertools.product(range(-4, 4), repeat=len(whole)), SMALL)
        for args in (whole, *(list(map(_number, row)) for row in rows)):
            one, other = SourceMeaning(goal, rounds, args), SourceMeaning(form, rounds, args, bits)
            unlike = _wide(operator.ne, one.returned[0], other.returned[0])
            _demand(args is not whole or _possible(one.pre, seconds), "`pre` holds of nothing")
            wrong = z3.And(one.pre, z3.Or(one.leaves, other.leaves, unlike))
            _demand(not _possible(wrong, seconds), "goal and form can differ, or fail")
        return claim
    except (*UNREADABLE, SyntaxError, ValueError, z3.Z3Exception) as error:
        raise BadCertificate(f"it cannot be read: {error}"[:200]) from None


def _possible(condition: Any, seconds: float) -> bool:
    solver = z3.SolverFor("QF_BV")
    solver.set("timeout", max(1, int(1000 * seconds)))
    said = solver.check(condition)
    _demand(said != z3.unknown, f"there was no answer in {seconds:g} s")
    return said == z3.sat


if __name__ == "__main__":
    print("holds:", check_certificate(sys.stdin.read()))
