"""What constructs mean: each node as Python's own syntax tree, learned ones put back in full."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ideas_lib.programs.dsl.runtime.construct_table import (
    INFIX,
    ConstructRow,
    ConstructTable,
    SyntaxNode,
    rebuild,
)
from ideas_lib.programs.dsl.runtime.printing import BadTree

__all__ = ["OPERATORS", "Meaning", "expand", "substitute"]

_BINARY = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift),
)
_COMPARED = (
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    *(ast.In, ast.NotIn, ast.Is, ast.IsNot),
)
OPERATORS: dict[str, type[ast.AST]] = dict(
    zip(INFIX, (*_BINARY, *_COMPARED, ast.And, ast.Or), strict=True)
)
UNARY = {"not": ast.Not, "minus": ast.USub, "invert": ast.Invert}


def expand(table: ConstructTable, node: SyntaxNode) -> SyntaxNode:
    """Return a tree with no learned construct in it: each is what it stands for."""
    made = rebuild(node, [expand(table, child) for child in node.children()])
    row = table.rows.get(node.word)
    if row is None or row.body is None:
        return made
    return substitute(expand(table, row.body), made.parts, node.line)


def substitute(body: SyntaxNode, values: Sequence[SyntaxNode], line: int = 0) -> SyntaxNode:
    """Return a body with values in its slots."""
    if body.word == "slot":
        return values[body.parts[0]]
    made = rebuild(body, [substitute(child, values, line) for child in body.children()])
    return replace(made, line=line)


class Meaning:
    """Translate nodes, none of them learned. `reach` spells a row's path, `spell` a name."""

    def __init__(
        self,
        table: ConstructTable,
        reach: Callable[[ConstructRow], ast.expr],
        spell: Callable[[str], str],
    ) -> None:
        self.table, self.reach, self.spell = table, reach, spell

    def statement(self, node: SyntaxNode) -> ast.stmt:
        """Return a statement; a value is one too."""
        row = self.table.rows[node.word]
        if row.kind == "setter":
            value = self.value(node.parts[0])
            target = ast.Attribute(value, row.target, ast.Store())
            made: ast.stmt = ast.Assign([target], self.value(node.parts[1]))
        elif row.sort == "statement":
            made = self._statement(node.word, *node.parts)
        else:
            made = ast.Expr(self.value(node))
        for part in ast.walk(made):  # a statement is a line; those within it have theirs
            if "lineno" in part._attributes and not hasattr(part, "lineno"):
                ast.copy_location(part, _at_line(node.line or 1))
        return made

    def block(self, nodes: Sequence[SyntaxNode]) -> list[ast.stmt]:
        return [self.statement(node) for node in nodes]

    def _statement(self, word: str, *parts: Any) -> ast.stmt:
        if word in SIMPLE:
            return SIMPLE[word]()
        if word[:-1] in OPERATORS and word[-1] == "=":
            operator: Any = OPERATORS[word[:-1]]()
            return ast.AugAssign(self._stored(parts[0]), operator, self.value(parts[1]))
        return getattr(self, f"_{word}")(*parts)

    def _stored(self, name: str | tuple[str, ...]) -> Any:
        if isinstance(name, tuple):
            return ast.Tuple([self._stored(each) for each in name], ast.Store())
        return ast.Name(self.spell(name), ast.Store())

    def _let(self, name: Any, value: SyntaxNode) -> ast.stmt:
        return ast.Assign([self._stored(name)], self.value(value))

    _unpack = _let

    def _put(self, target: SyntaxNode, key: SyntaxNode, value: SyntaxNode) -> ast.stmt:
        place = ast.Subscript(self.value(target), self._index(key), ast.Store())
        return ast.Assign([place], self.value(value))

    def _for(self, item: Any, over: SyntaxNode, body: Sequence[SyntaxNode]) -> ast.stmt:
        return ast.For(self._stored(item), self.value(over), self.block(body), [])

    _for_several = _for

    def _while(self, test: SyntaxNode, body: Sequence[SyntaxNode]) -> ast.stmt:
        return ast.While(self.value(test), self.block(body), [])

    def _if(
        self, test: SyntaxNode, body: Sequence[SyntaxNode], other: Sequence[SyntaxNode] = ()
    ) -> ast.stmt:
        return ast.If(self.value(test), self.block(body), self.block(other))

    _if_else = _if

    def _with(self, value: SyntaxNode, body: Sequence[SyntaxNode]) -> ast.stmt:
        return ast.With([ast.withitem(self.value(value))], self.block(body))

    def _with_as(self, value: SyntaxNode, name: str, body: Sequence[SyntaxNode]) -> ast.stmt:
        item = ast.withitem(self.value(value), self._stored(name))
        return ast.With([item], self.block(body))

    def _return(self, value: SyntaxNode) -> ast.stmt:
        return ast.Return(self.value(value))

    def value(self, node: SyntaxNode) -> ast.expr:
        """Return an expression. Raises BadTree for a statement."""
        row = self.table.rows[node.word]
        return self._of_kind(row, node) if row.kind != "core" else self._core(node)

    def _of_kind(self, row: ConstructRow, node: SyntaxNode) -> ast.expr:
        if row.kind == "constant":
            return self.reach(row)
        if row.kind == "attribute":
            return ast.Attribute(self.value(node.parts[0]), row.target, ast.Load())
        slots = dict(zip((slot.of for slot in row.slots), node.parts, strict=True))
        if row.kind == "function":
            function = self.reach(row)
        elif row.kind == "method":
            function = ast.Attribute(self.value(slots["value"]), row.target, ast.Load())
        else:
            function = self.value(slots["value"])
        values = [self.value(each) for each in slots.get("values", ())]
        options = [ast.keyword(key, self.value(each)) for key, each in slots.get("options", ())]
        return ast.Call(function, values, options)

    def _core(self, node: SyntaxNode) -> ast.expr:
        word, parts = node.word, node.parts
        if word in ("a text", "an int", "a float"):
            return _constant(parts[0])
        if word in CONSTANTS:
            return ast.Constant(CONSTANTS[word])
        if word in OPERATORS:
            return self._infix(OPERATORS[word](), self.value(parts[0]), self.value(parts[1]))
        if word in UNARY:
            return ast.UnaryOp(UNARY[word](), self.value(parts[0]))
        if word in ("a list", "a tuple"):
            made = {"a list": ast.List, "a tuple": ast.Tuple}[word]
            return made([self.value(each) for each in parts[0]], ast.Load())
        if word == "a name":
            return ast.Name(self.spell(parts[0]), ast.Load())
        return getattr(self, f"_{word.removeprefix('a ')}")(*parts)

    def _infix(self, operator: Any, left: ast.expr, right: ast.expr) -> ast.expr:
        if isinstance(operator, ast.boolop):
            return ast.BoolOp(operator, [left, right])
        if isinstance(operator, ast.cmpop):
            return ast.Compare(left, [operator], [right])
        return ast.BinOp(left, operator, right)

    def _dict(self, pairs: Any) -> ast.expr:
        keys: list[ast.expr | None] = [self.value(key) for key, _ in pairs]
        return ast.Dict(keys, [self.value(value) for _, value in pairs])

    def _choice(self, then: SyntaxNode, test: SyntaxNode, other: SyntaxNode) -> ast.expr:
        return ast.IfExp(self.value(test), self.value(then), self.value(other))

    def _at(self, value: SyntaxNode, key: SyntaxNode) -> ast.expr:
        return ast.Subscript(self.value(value), self._index(key), ast.Load())

    def _index(self, key: SyntaxNode) -> ast.expr:
        if key.word == "slice":
            ends = [None if end.word == "none" else self.value(end) for end in key.parts]
            return ast.Slice(*ends)
        if key.word == "a tuple":
            return ast.Tuple([self._index(each) for each in key.parts[0]], ast.Load())
        return self.value(key)

    def _slice(self, *ends: SyntaxNode) -> ast.expr:
        raise BadTree("`slice` stands as a key alone: in `at` or `put`")

    def _join(self, items: Sequence[SyntaxNode]) -> ast.expr:
        return ast.JoinedStr([self._piece(item) for item in items])

    def _piece(self, item: SyntaxNode) -> ast.expr:
        if item.word == "a text":
            return _constant(item.parts[0])
        if item.word in ("shown", "quoted"):
            form = _constant(item.parts[1]) if item.word == "shown" else None
            how = -1 if form else 114  # "r"
            spec = ast.JoinedStr([form]) if form else None
            return ast.FormattedValue(self.value(item.parts[0]), how, spec)
        return ast.FormattedValue(self.value(item), -1, None)

    def _shown(self, value: SyntaxNode, how: str) -> ast.expr:
        return ast.JoinedStr([self._piece(SyntaxNode("shown", (value, how)))])

    def _quoted(self, value: SyntaxNode) -> ast.expr:
        return ast.JoinedStr([self._piece(SyntaxNode("quoted", (value,)))])

    def _each(self, item: str, over: SyntaxNode, *rest: SyntaxNode) -> ast.expr:
        tests = [self.value(test) for test in rest[:-1]]
        part = ast.comprehension(self._stored(item), self.value(over), tests, 0)
        return ast.ListComp(self.value(rest[-1]), [part])

    _each_when = _each

    def _take(self, names: Sequence[str], result: SyntaxNode) -> ast.expr:
        taken = [ast.arg(self.spell(name)) for name in names]
        return ast.Lambda(ast.arguments([], taken, None, [], [], None, []), self.value(result))


def _at_line(line: int) -> ast.expr:
    where = {"lineno": line, "end_lineno": line, "col_offset": 0, "end_col_offset": 0}
    return ast.Name("_", ast.Load(), **where)


def _constant(value: Any) -> ast.expr:
    if isinstance(value, int | float) and str(value).startswith("-"):
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


SIMPLE = {"pass": ast.Pass, "break": ast.Break, "continue": ast.Continue}
CONSTANTS = {"true": True, "false": False, "none": None}
