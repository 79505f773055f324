"""Read Python's expressions as nodes, or say why the language would not have them.

A node's word is a key as yet: `function:os.path.join`, `method:append`, `call:`, or a core word.
`words` gives keys their words when the whole corpus has been read.
"""

import ast
import builtins
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from ideas_lib.programs.dsl.runtime.construct_table import DEEPEST, SyntaxNode, is_name
from ideas_lib.programs.dsl.runtime.meaning import OPERATORS, UNARY

__all__ = ["Inexpressible", "Names", "read_expression", "read_name"]

WORDS = {kind: word for word, kind in (OPERATORS | UNARY).items()}
NAMES = {
    **{"Starred": "a starred argument", "Set": "a set", "GeneratorExp": "a generator"},
    **{"SetComp": "a set made by `for`", "DictComp": "a dict made by `for`", "Await": "`await`"},
    **{"NamedExpr": "`:=`", "Yield": "`yield`", "YieldFrom": "`yield`"},
}


class Inexpressible(ValueError):
    """Something that the language has no form for: `reason` says what, `line` where."""

    def __init__(self, reason: str, at: ast.AST) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, getattr(at, "lineno", 0)


@dataclass(frozen=True)
class Names:
    """What names mean in a program: `imported` have a dotted path, `bound` are its own."""

    imported: Mapping[str, str] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()

    def path(self, node: ast.expr) -> str:
        """Return the dotted path that an expression spells out, or nothing."""
        if isinstance(node, ast.Attribute):
            head = self.path(node.value)
            return f"{head}.{node.attr}" if head and not head.startswith("builtins.") else ""
        if not isinstance(node, ast.Name) or node.id in self.bound:
            return ""
        if node.id in self.imported:
            return self.imported[node.id]
        known = hasattr(builtins, node.id) and not node.id.startswith("_")
        return f"builtins.{node.id}" if known else ""


def read_name(name: str, at: ast.AST) -> str:
    """Return a name. Raises Inexpressible for the few of Python's that the language has not."""
    if not is_name(name):
        raise Inexpressible(f"the name {name!a}", at)
    return name


def read_expression(node: ast.expr, names: Names) -> SyntaxNode:
    """Return the node of an expression. Raises Inexpressible."""
    made = _Reader(names).read(node)
    if made.depth > DEEPEST:
        raise Inexpressible(f"more than {DEEPEST} constructs within one another", node)
    return made


class _Reader:
    def __init__(self, names: Names) -> None:
        self.names = names

    def read(self, node: ast.expr) -> SyntaxNode:
        path = self.names.path(node)
        if path:
            return SyntaxNode(f"constant:{path}", (), node.lineno)
        kind = type(node).__name__
        method = getattr(self, f"_{kind.lower()}", None)
        if method is None:
            raise Inexpressible(NAMES.get(kind, f"Python's {kind}"), node)
        word, *parts = method(node)
        return SyntaxNode(word, tuple(parts), getattr(node, "lineno", 0))

    def _constant(self, node: ast.Constant) -> tuple:
        value = node.value
        if value is None or isinstance(value, bool):
            return (str(value).lower(),)
        if isinstance(value, str):
            return "a text", value
        if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            return ("an int" if isinstance(value, int) else "a float"), value
        what = "an infinite number" if isinstance(value, float) else f"a {type(value).__name__}"
        raise Inexpressible(f"{what} as a constant", node)

    def _name(self, node: ast.Name) -> tuple:
        return "a name", read_name(node.id, node)

    def _list(self, node: ast.List) -> tuple:
        return "a list", tuple(map(self.read, node.elts))

    def _tuple(self, node: ast.Tuple) -> tuple:
        return "a tuple", tuple(map(self.read, node.elts))

    def _dict(self, node: ast.Dict) -> tuple:
        if None in node.keys:
            raise Inexpressible("`**` in a dict", node)
        keys = [self.read(key) for key in node.keys if key is not None]
        return "a dict", tuple(zip(keys, map(self.read, node.values), strict=True))

    def _binop(self, node: ast.BinOp) -> tuple:
        return WORDS[type(node.op)], self.read(node.left), self.read(node.right)

    def _boolop(self, node: ast.BoolOp) -> tuple:
        word, values = WORDS[type(node.op)], list(map(self.read, node.values))
        whole = values.pop()
        while len(values) > 1:
            whole = SyntaxNode(word, (values.pop(), whole), node.lineno)
        return word, values[0], whole

    def _compare(self, node: ast.Compare) -> tuple:
        if len(node.ops) > 1:
            raise Inexpressible("a chain of comparisons", node)
        return WORDS[type(node.ops[0])], self.read(node.left), self.read(node.comparators[0])

    def _unaryop(self, node: ast.UnaryOp) -> tuple:
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            if isinstance(value, int | float) and not isinstance(value, bool) and value:
                return self._constant(ast.Constant(-value, lineno=node.lineno))
        if type(node.op) not in WORDS:
            raise Inexpressible("a plus sign before a value", node)
        return WORDS[type(node.op)], self.read(node.operand)

    def _ifexp(self, node: ast.IfExp) -> tuple:
        return "a choice", self.read(node.body), self.read(node.test), self.read(node.orelse)

    def _attribute(self, node: ast.Attribute) -> tuple:
        read_name(node.attr, node)
        return f"attribute:{node.attr}", self.read(node.value)

    def _subscript(self, node: ast.Subscript) -> tuple:
        return "at", self.read(node.value), self.read(node.slice)

    def _slice(self, node: ast.Slice) -> tuple:
        ends = (node.lower, node.upper, node.step)
        return "slice", *(SyntaxNode("none") if end is None else self.read(end) for end in ends)

    def _call(self, node: ast.Call) -> tuple:
        for keyword in node.keywords:
            if keyword.arg is None:
                raise Inexpressible("an argument with `**`", node)
            read_name(keyword.arg, node)
        values = tuple(map(self.read, node.args))
        options = tuple((word.arg, self.read(word.value)) for word in node.keywords)
        path = self.names.path(node.func)
        if path:
            return f"function:{path}", values, options
        if isinstance(node.func, ast.Attribute):
            read_name(node.func.attr, node)
            return f"method:{node.func.attr}", self.read(node.func.value), values, options
        return "call:", self.read(node.func), values, options

    def _joinedstr(self, node: ast.JoinedStr) -> tuple:
        return "join", tuple(self._piece(piece) for piece in node.values)

    def _piece(self, piece: ast.expr) -> SyntaxNode:
        if not isinstance(piece, ast.FormattedValue):
            return self.read(piece)
        form = piece.format_spec.values if isinstance(piece.format_spec, ast.JoinedStr) else []
        texts = [part.value for part in form if isinstance(part, ast.Constant)]
        if (
            len(texts) < len(form)
            or piece.conversion not in (-1, 114)
            or (form and piece.conversion == 114)
        ):
            raise Inexpressible("an f-string with a format that is made", piece)
        value = self.read(piece.value)
        if piece.conversion == 114:
            return SyntaxNode("quoted", (value,), value.line)
        if form:
            return SyntaxNode("shown", (value, "".join(map(str, texts))), value.line)
        # A text as a value would be read as one of the f-string's own.
        return SyntaxNode("shown", (value, ""), value.line) if value.word in PIECES else value

    def _inner(self, bound: set[str]) -> "_Reader":
        names = self.names
        return _Reader(Names(names.imported, names.bound | bound))

    def _listcomp(self, node: ast.ListComp) -> tuple:
        part, *more = node.generators
        if more or not isinstance(part.target, ast.Name) or part.is_async or len(part.ifs) > 1:
            raise Inexpressible("a list made by more than one `for`, `if` or name", node)
        item = read_name(part.target.id, node)
        inner = self._inner({item})
        over, result = self.read(part.iter), inner.read(node.elt)
        if part.ifs:
            return "each_when", item, over, inner.read(part.ifs[0]), result
        return "each", item, over, result

    def _lambda(self, node: ast.Lambda) -> tuple:
        args = node.args
        taken = [arg.arg for arg in args.args]
        rest = (args.posonlyargs, args.kwonlyargs, args.defaults, args.vararg, args.kwarg)
        if not taken or any(rest):
            raise Inexpressible("a `lambda` with no names, or with more than names", node)
        inner = self._inner(set(taken))
        return "take", tuple(read_name(each, node) for each in taken), inner.read(node.body)


PIECES = ("a text", "shown", "quoted", "join")
