"""The part of Python that can be compiled, what it means, and a refusal for all that is outside.

**What it means.** Everything is what Python says it is; this is the whole of what is used of it.

- A value is an integer, without bounds; True is 1 and False is 0, and two values are the same when
  `==` says so. Parameters are `int` (also where nothing is written) or `bool`.
- `+ - *`, `& | ^ ~` and `<< >>` are exact, on two's complement without end. `//` rounds down, `%`
  has the sign of the divisor. `a ** k` has k from 0 to 64, in figures.
- A divisor of 0 ends in ZeroDivisionError, a shift by less than 0 in ValueError. That is an outcome
  too: two functions are equal where both end in the same error.
- `and`, `or`, `if ... else` and chains of comparisons stop as soon as they know.
- Calls: `abs min max bool int`, `x.bit_count() x.bit_length() bin(x).count("1")`; `sum any all` of
  a generator over one `range`; and functions of the same file, none of which calls itself.
- Statements: assignments to names, `if`, `while`, `for ... in range(...)` with a step in figures,
  `break`, `continue`, `pass`, `return`. Every path ends in a `return` of a value.
- A variable is read only where every way there has assigned it; a loop may have run no round.
- Names of the module are integers that are assigned once, and functions that are defined once.

The docstring's lines `pre:` and `post:` say which arguments count, and what holds of `__return__`.
"""

import ast
from collections.abc import Callable

__all__ = ["FunctionCheck", "Outside", "call_name", "operand"]

CALLS = {"abs": (1, 1), "bool": (1, 1), "int": (1, 1), "min": (2, 64), "max": (2, 64)}
GENERATORS = ("sum", "any", "all")
METHODS = ("bit_count", "bit_length")
BINARY = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod, ast.Pow)
BITWISE = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
RESERVED = frozenset({*CALLS, *GENERATORS, "range", "bin"})
LARGEST = 128  # bits of a number in figures
POWER = 64  # the largest exponent
WORDS: dict[type, str] = {
    ast.Div: "`/` makes a float; `//` is there",
    ast.MatMult: "`@` is no operation on integers",
    ast.Raise: "a `raise` is not in the subset",
    ast.Assert: "an assert is not in the subset; say it as `pre:` or `post:` in the docstring",
    ast.Subscript: "an index: there are no lists, only integers",
    ast.List: "a list: only integers are there",
    ast.ListComp: "a list: only integers are there; write a generator, without [ ]",
    ast.NamedExpr: "an assignment within an expression is not in the subset",
}


class Outside(ValueError):
    """Raised for what cannot be read as a program of the subset; the message has line and why."""

    def __init__(self, why: str, node: ast.AST | None = None) -> None:
        self.line = getattr(node, "lineno", 0)
        super().__init__(f"line {self.line}: {why}" if self.line else why)


def call_name(node: ast.Call) -> str:
    """Return what a call calls: `abs`, `sum`, `bit_count`, or a function's name; "" for others.

    `bin(x).count("1")` is `bit_count`; `operand` has its x.
    """
    if isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node.func, ast.Attribute):
        if node.func.attr in METHODS and not node.args:
            return node.func.attr
        if _counted(node) is not None:
            return "bit_count"
    return ""


def operand(node: ast.Call) -> ast.expr:
    """Return the x of `x.bit_count()`, `x.bit_length()` and `bin(x).count("1")`."""
    assert isinstance(node.func, ast.Attribute)
    return _counted(node) or node.func.value


def _counted(node: ast.Call) -> ast.expr | None:
    inner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if not (isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "bin"):
        return None
    ones = len(node.args) == 1 and getattr(node.args[0], "value", None) == "1"
    plain = len(inner.args) == 1 and not inner.keywords and not node.keywords
    return inner.args[0] if ones and plain and node.func.attr == "count" else None  # type: ignore[attr-defined]


class FunctionCheck:
    """What a function of the subset needs from elsewhere; raises Outside if it is none.

    `calls` are calls of other functions, `constants` the values of names of the module, which
    `constant` looks up. `names`, where given, are all that an expression may read.
    """

    def __init__(self, constant: Callable[[str, ast.AST], int], names: frozenset[str]) -> None:
        self.calls: list[ast.Call] = []
        self.constants: dict[str, int] = {}
        self._constant, self._locals, self._loops = constant, set(names), 0
        self._assigned = set(names)  # on every way here

    def function(self, node: ast.FunctionDef) -> None:
        """Check a whole function."""
        a = node.args
        if a.posonlyargs or a.kwonlyargs or a.vararg or a.kwarg or a.defaults:
            raise Outside(f"{node.name} takes plain parameters only, with no default", node)
        if node.decorator_list:
            raise Outside(f"{node.name} has a decorator", node)
        self._locals = {arg.arg for arg in a.args} | {
            each.id
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        inner = {
            part.id
            for each in ast.walk(node)
            if isinstance(each, ast.comprehension)
            for part in ast.walk(each.target)
            if isinstance(part, ast.Name)
        }
        for name in sorted(self._locals | inner):
            if name in RESERVED or name == node.name or name.startswith("__"):
                raise Outside(f"{name} cannot be the name of a variable here", node)
        self._assigned = {arg.arg for arg in a.args}
        body = node.body
        if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            body = body[1:] if isinstance(body[0].value.value, str) else body
        if not self.block(body):
            raise Outside(f"{node.name} may end without a `return`", node)

    def block(self, body: list[ast.stmt]) -> bool:
        """Check statements; say whether they never come to their end."""
        ends = [self.statement(each) for each in body]  # each of them is checked
        return any(ends)

    def statement(self, node: ast.stmt) -> bool:
        """Check a statement; say whether what follows is never reached because it returned."""
        match node:
            case ast.Return(value=ast.expr() as value):
                self.expression(value)
                self._assigned = set(self._locals)  # no way leads on from here
                return True
            case ast.Return():
                raise Outside("a `return` of nothing: it has to return an integer", node)
            case ast.Assign(targets=[target], value=value):
                self._assign(target, value)
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                self._assign(target, value)
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
                left = ast.copy_location(ast.Name(name, ast.Load()), node)
                self.expression(ast.copy_location(ast.BinOp(left, op, value), node))
            case ast.If(test=test, body=body, orelse=orelse):
                self.expression(test)
                before, ends = set(self._assigned), self.block(body)
                after, self._assigned = self._assigned, before
                ends = self.block(orelse) and ends
                self._assigned &= after
                return ends
            case ast.While(test=test, body=body, orelse=[]):
                self.expression(test)
                self._loop(body, "")
                forever = isinstance(test, ast.Constant) and bool(test.value)
                return forever and not any(_breaks(each) for each in body)
            case ast.For(target=ast.Name(id=name), iter=iterable, body=body, orelse=[]):
                self.range(iterable)
                self._loop(body, name)
            case ast.Break() | ast.Continue() | ast.Pass():
                if not self._loops and not isinstance(node, ast.Pass):
                    raise Outside("outside of a loop", node)
                if not isinstance(node, ast.Pass):
                    self._assigned = set(self._locals)
            case _:
                raise Outside(WORDS.get(type(node)) or f"a statement {_name(node)}", node)
        return False

    def _loop(self, body: list[ast.stmt], name: str) -> None:
        before, self._assigned = self._assigned, self._assigned | {name}
        self._loops += 1
        self.block(body)
        self._loops, self._assigned = self._loops - 1, before  # there may be no round

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            if all(isinstance(each, ast.Name) for each in target.elts):
                if len(target.elts) == len(value.elts):
                    for each in value.elts:
                        self.expression(each)
                    self._assigned |= {getattr(each, "id", "") for each in target.elts}
                    return
        if not isinstance(target, ast.Name):
            raise Outside("an assignment to something other than names", target)
        self.expression(value)
        self._assigned.add(target.id)

    def range(self, node: ast.expr) -> None:
        """Check what a loop runs over."""
        name = call_name(node) if isinstance(node, ast.Call) else ""
        if name != "range" or not isinstance(node, ast.Call) or node.keywords:
            raise Outside("a loop over something other than range(...)", node)
        if not 1 <= len(node.args) <= 3:
            raise Outside("range(...) takes one to three numbers", node)
        for each in node.args:
            self.expression(each)
        if len(node.args) == 3 and not _figures(node.args[2]):
            raise Outside("a step of a range that is no number other than 0, in figures", node)

    def expression(self, node: ast.expr) -> None:
        """Check an expression."""
        match node:
            case ast.Constant(value=int() as value):
                if abs(int(value)).bit_length() > LARGEST:
                    raise Outside(f"a number of over {LARGEST} bits", node)
            case ast.Name(id=name):
                if name not in self._locals:
                    self.constants[name] = self._constant(name, node)
                elif name not in self._assigned:
                    raise Outside(f"{name} may be read before it is assigned", node)
            case ast.BinOp(left=left, op=op, right=right):
                if not isinstance(op, BINARY + BITWISE):
                    raise Outside(WORDS[type(op)], node)
                if isinstance(op, ast.Pow) and not _exponent(right):
                    raise Outside(f"an exponent that is no number from 0 to {POWER}", node)
                self.expression(left)
                self.expression(right)
            case ast.UnaryOp(operand=inner):
                self.expression(inner)
            case ast.BoolOp(values=values):
                for each in values:
                    self.expression(each)
            case ast.Compare(left=left, ops=ops, comparators=others):
                if not all(isinstance(op, COMPARISONS) for op in ops):
                    raise Outside("`is` and `in` are not in the subset", node)
                for each in (left, *others):
                    self.expression(each)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                for each in (test, body, orelse):
                    self.expression(each)
            case ast.Call():
                self._call(node)
            case ast.Constant(value=value):
                kind = type(value).__name__
                raise Outside(f"{value!r:.40} is of type {kind}: only integers are there", node)
            case _:
                raise Outside(WORDS.get(type(node)) or f"an expression {_name(node)}", node)

    def _call(self, node: ast.Call) -> None:
        name = call_name(node)
        if not name or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            raise Outside(f"a call of {ast.unparse(node.func)[:40]}", node)
        if isinstance(node.func, ast.Attribute):
            self.expression(operand(node))
        elif name in self._locals or name in ("range", "bin"):
            raise Outside(f"a call of {name} here", node)
        elif name in GENERATORS:
            self._generator(node)
        else:
            least, most = CALLS.get(name, (0, 255))
            if not least <= len(node.args) <= most:
                raise Outside(f"{name} with {len(node.args)} arguments", node)
            for each in node.args:
                self.expression(each)
            if name not in CALLS:
                self.calls.append(node)

    def _generator(self, node: ast.Call) -> None:
        match node.args:
            case [ast.GeneratorExp(elt=elt, generators=[clause])] if not clause.is_async:
                if not isinstance(clause.target, ast.Name):
                    raise Outside("a generator with several variables", node)
                self.range(clause.iter)
                name = clause.target.id
                before = self._locals, self._assigned
                self._locals, self._assigned = self._locals | {name}, self._assigned | {name}
                for each in (elt, *clause.ifs):
                    self.expression(each)
                self._locals, self._assigned = before
            case _:
                raise Outside(
                    f"{call_name(node)} of something other than a generator over one range", node
                )


def _figures(node: ast.expr) -> bool:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return isinstance(value, int) and value != 0


def _exponent(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value <= POWER


def _breaks(node: ast.AST) -> bool:
    """Say whether a statement has a `break` of the loop around it."""
    if isinstance(node, ast.While | ast.For):
        return False
    return isinstance(node, ast.Break) or any(map(_breaks, ast.iter_child_nodes(node)))


def _name(node: ast.AST) -> str:
    return f"{type(node).__name__} is not in the subset"
