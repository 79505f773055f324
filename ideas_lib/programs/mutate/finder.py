"""Find every place of a program that a mutation operator applies to."""

import ast
import builtins
import re
from collections.abc import Sequence
from itertools import pairwise

import libcst as cst
import libcst.matchers as m

from ideas_lib.programs.mutate import operators as op
from ideas_lib.programs.mutate.places import STRING, Places

__all__ = ["Finder"]

NUMBER = m.Integer() | m.Float() | m.Imaginary()
SUM = m.Add() | m.Subtract() | m.Multiply() | m.FloorDivide() | m.Modulo()
COUNTED = m.BinaryOperation(operator=SUM) | m.UnaryOperation(m.Minus(), ~NUMBER)
BOUND = m.Name() | m.Attribute() | m.Call() | m.Subscript() | COUNTED
DELETED = (
    *(cst.AnnAssign, cst.Assert, cst.Assign, cst.AugAssign, cst.Del, cst.Expr),
    cst.Raise,
)


class Finder(Places):
    """Collect the edits of each operator, in `found`."""

    # --- operators ---

    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        name, after = op.BINARY[type(node.operator)]
        # Strings are joined and formatted by + and %: anything else is an error at once.
        if name != "arithmetic" or not any(
            m.matches(side, STRING) for side in (node.left, node.right)
        ):
            self._replace(name, node.operator, after)

    def visit_AugAssign(self, node: cst.AugAssign) -> bool:
        if self._is_passed_over(node):
            return False
        self._replace("augmented_assignment", node.operator, op.AUGMENTED[type(node.operator)])
        return True

    def visit_ComparisonTarget(self, node: cst.ComparisonTarget) -> None:
        kind = type(node.operator)
        if kind in op.BOUNDARY:
            self._replace("conditional_boundary", node.operator, op.BOUNDARY[kind])
        self._replace("comparison_negation", node.operator, op.COMPARISON[kind])

    def visit_BooleanOperation(self, node: cst.BooleanOperation) -> None:
        after = "or" if isinstance(node.operator, cst.And) else "and"
        self._replace("logical_connector", node.operator, after)

    def visit_UnaryOperation(self, node: cst.UnaryOperation) -> None:
        negation = isinstance(node.operator, cst.Not)
        name = "condition_negation" if negation else "unary_removal"
        self._edit(name, self.spans[node.operator].start, self._start(node.expression), "")

    # --- conditions ---

    def _negate(self, test: cst.BaseExpression) -> None:
        if not m.matches(test, m.UnaryOperation(m.Not())):
            self._replace("condition_negation", test, f"not ({self._text(test)})")

    def visit_If(self, node: cst.If) -> bool:
        visited = super().visit_If(node)
        if visited:
            self._negate(node.test)
        return visited

    def visit_IfExp(self, node: cst.IfExp) -> None:
        self._negate(node.test)

    def visit_Assert(self, node: cst.Assert) -> None:
        self._negate(node.test)

    def visit_CompIf(self, node: cst.CompIf) -> None:
        self._negate(node.test)

    def visit_MatchCase(self, node: cst.MatchCase) -> None:
        if node.guard is not None:
            self._negate(node.guard)

    def visit_While(self, node: cst.While) -> None:
        self._negate(node.test)
        self._replace("zero_iteration", node.test, "False")

    # --- literals ---

    def visit_Integer(self, node: cst.Integer) -> None:
        self._replace("number", node, *op.integer_mutants(node.value))

    def visit_Float(self, node: cst.Float) -> None:
        self._replace("number", node, op.float_mutant(node.value))

    def visit_Imaginary(self, node: cst.Imaginary) -> None:
        self._replace("number", node, op.imaginary_mutant(node.value))

    def visit_Await(self, node: cst.Await) -> bool:
        return not m.matches(node.expression, NUMBER)  # `await -1` is no Python, `await 0` is

    def visit_Name(self, node: cst.Name) -> None:
        if node.value in ("True", "False"):
            self._replace("boolean", node, str(node.value == "False"))

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        empty = not ast.literal_eval(node.value)
        mutants = op.string_mutants(node.prefix, node.quote, node.raw_value, empty)
        self._replace("string", node, *mutants)

    def visit_FormattedString(self, node: cst.FormattedString) -> None:
        rest = self._text(node).removeprefix(node.start)
        self._replace("string", node, f"{node.start}XX{rest}")

    def visit_MatchValue(self, node: cst.MatchValue) -> bool:
        return not isinstance(node.value, cst.BinaryOperation)  # 1 + 2j has a grammar of its own

    def visit_MatchMappingElement(self, node: cst.MatchMappingElement) -> bool:
        node.pattern.visit(self)
        return False  # for keys have to differ

    # --- indices and arguments ---

    def visit_Index(self, node: cst.Index) -> None:
        value = node.value
        a_type = isinstance(value, cst.Name) and (
            hasattr(builtins, value.value) or value.value[:1].isupper()
        )
        if node.star is None and not a_type and m.matches(value, m.Name() | COUNTED):
            self._replace("index", value, f"{self._text(value)} + 1")

    def visit_Slice(self, node: cst.Slice) -> None:
        for bound in (node.lower, node.upper):
            if bound is not None and m.matches(bound, BOUND):
                self._replace("index", bound, f"{self._text(bound)} + 1")
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                self._edit("slice_bound_removal", self._start(bound), self._end(bound), "")

    def visit_Call(self, node: cst.Call) -> None:
        for one, other in pairwise(node.args):
            if not (one.star or one.keyword or other.star or other.keyword):
                self._swap(one.value, other.value)

    def _swap(self, one: cst.BaseExpression, other: cst.BaseExpression) -> None:
        places = (self._start(one), self._end(one), self._start(other), self._end(other))
        left, between, right = (self.source[start:end].decode() for start, end in pairwise(places))
        if _tree(left) != _tree(right):
            self._edit("argument_swap", places[0], places[-1], right + between + left)

    def visit_Param(self, node: cst.Param) -> None:
        if node.default is not None:
            self._replace("default_argument", node.default, "None")

    # --- what comes back ---

    def visit_Return(self, node: cst.Return) -> None:
        if node.value is not None and not m.matches(node.value, m.Name("None")):
            self._replace("return_value", node.value, "None", *self._promised())

    def _promised(self) -> Sequence[str]:
        """Return the empty values of the type that the innermost function says it returns."""
        functions = [scope for scope in self.scopes if isinstance(scope, cst.FunctionDef)]
        returns = functions[-1].returns if functions else None
        name = re.match(r"\w+", self._text(returns.annotation)) if returns else None
        return op.EMPTY.get(name[0].lower(), ()) if name else ()

    def visit_Lambda(self, node: cst.Lambda) -> None:
        self._replace("return_value", node.body, "None")

    # --- statements ---

    def visit_Break(self, node: cst.Break) -> None:
        self._replace("break_continue", node, "continue")

    def visit_Continue(self, node: cst.Continue) -> None:
        self._replace("break_continue", node, "break")

    def visit_For(self, node: cst.For) -> None:
        self._never(node.iter)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._never(node.iter)

    def _never(self, iterable: cst.BaseExpression) -> None:
        if not m.matches(iterable, m.List(elements=[])):
            self._replace("zero_iteration", iterable, "[]")

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self._delete(node.body)

    def visit_SimpleStatementSuite(self, node: cst.SimpleStatementSuite) -> None:
        self._delete(node.body)

    def _delete(self, statements: Sequence[cst.BaseSmallStatement]) -> None:
        for node in statements:
            bare = isinstance(node, cst.AnnAssign) and node.value is None
            if isinstance(node, DELETED) and not bare and not self._is_passed_over(node):
                if not self._binds_kept(self._text(node)):
                    self._replace("statement_deletion", node, "pass")

    def _binds_kept(self, text: str) -> bool:
        return not self.kept.isdisjoint(re.findall(r"\w+", text))

    def visit_ExceptHandler(self, node: cst.ExceptHandler) -> None:
        self._handle(node.body)

    def visit_ExceptStarHandler(self, node: cst.ExceptStarHandler) -> None:
        self._handle(node.body)

    def _handle(self, body: cst.BaseSuite) -> None:
        first, last = body.body[0], body.body[-1]
        decorators = getattr(first, "decorators", ())  # they stand before what they decorate
        start, end = self._start((*decorators, first)[0]), self._end(last)
        text = self.source[start:end].decode()
        if not self._binds_kept(text):
            for after in ("pass", "raise"):
                self._edit("exception_handler", start, end, after)


def _tree(text: str) -> str:
    return ast.dump(ast.parse(f"({text}\n)", mode="eval"))
