"""Wrong steps that people are known to take, as rewritings of an equation: what each would give.

Mal-rules are skewed, unstable and many of them unreported (Payne and Squibb, Cognitive Science
14:445, 1990), so that a list such as this one names some mistakes and not others. Each rule yields
the equations that it can make of one, always in the same order, so that the same step can be taken
again with other numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from ideas_lib.essays.boring_parts.line_reading import Equation, Tree
from ideas_lib.essays.boring_parts.trees import constants

__all__ = ["MAL_RULES", "right_steps", "terms"]

TWO = ("n", Fraction(2))
X: Tree = ("x",)
Rule = Callable[[Equation], Iterator[Equation]]


def terms(tree: Tree) -> list[Tree]:
    """Return what a sum adds up."""
    if tree[0] == "+":
        return terms(tree[1]) + terms(tree[2])
    if tree[0] == "neg" and tree[1][0] == "+":
        return [("neg", each) for each in terms(tree[1])]
    return [tree]


def _neg(tree: Tree) -> Tree:
    return tree[1] if tree[0] == "neg" else ("neg", tree)


def _total(some: list[Tree]) -> Tree:
    found: Tree = ("n", Fraction(0))
    for k, each in enumerate(some):
        found = each if k == 0 else ("+", found, each)
    return found


def _numbers(equation: Equation) -> list[Tree]:
    """Return the numbers other than 0 and 1 that could be divided by, each once."""
    found = dict.fromkeys(constants(equation.left) + constants(equation.right))
    return [("n", each) for each in found if each not in (0, 1)]


def _turned(equation: Equation) -> Iterator[Equation]:
    """Yield the equation and itself with the sides swapped."""
    yield equation
    yield Equation(equation.right, equation.left)


def _rewritten(tree: Tree, rule: Callable[[Tree], Iterator[Tree]]) -> Iterator[Tree]:
    """Yield the expression with a rule used at one place in it."""
    yield from rule(tree)
    for k, each in enumerate(tree):
        if isinstance(each, tuple):
            for other in _rewritten(each, rule):
                yield (*tree[:k], other, *tree[k + 1 :])


def _within(rule: Callable[[Tree], Iterator[Tree]]) -> Rule:
    def both(equation: Equation) -> Iterator[Equation]:
        for turned in _turned(equation):
            for left in _rewritten(turned.left, rule):
                yield Equation(left, turned.right)

    return both


def _sign(equation: Equation) -> Iterator[Equation]:
    for a in _turned(equation):
        some = terms(a.left)
        for k, each in enumerate(some):
            rest = _total(some[:k] + some[k + 1 :])
            yield Equation(rest, ("+", a.right, each))  # it moved and kept its sign
            yield Equation(_total([*some[:k], _neg(each), *some[k + 1 :]]), a.right)
        for left in _rewritten(a.left, _open_minus):
            yield Equation(left, a.right)
        yield Equation(("neg", a.left), a.right)


def _open_minus(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "neg" and tree[1][0] in ("+", "*"):
        inner = tree[1]
        if inner[0] == "+":
            yield ("+", ("neg", inner[1]), inner[2])
        elif inner[2][0] == "+":  # -(k(a + b)) as -ka + kb
            k, (_, a, b) = inner[1], inner[2]
            yield ("+", ("neg", ("*", k, a)), ("*", k, b))


def _one_side(equation: Equation) -> Iterator[Equation]:
    for a in _turned(equation):
        some = terms(a.left)
        for k in range(len(some)):
            if len(some) > 1:
                yield Equation(_total(some[:k] + some[k + 1 :]), a.right)
        for c in _numbers(equation):
            yield Equation(("*", c, a.left), a.right)
            yield Equation(("/", a.left, c), a.right)
            for k, each in enumerate(some):
                if len(some) > 1:
                    before, after = some[:k], some[k + 1 :]
                    yield Equation(_total([*before, ("/", each, c), *after]), ("/", a.right, c))
                    yield Equation(_total([*before, ("*", each, c), *after]), ("*", a.right, c))
                    rest = [each if j == k else ("*", c, one) for j, one in enumerate(some)]
                    yield Equation(_total(rest), ("*", a.right, c))
                    rest = [each if j == k else ("/", one, c) for j, one in enumerate(some)]
                    yield Equation(_total(rest), ("/", a.right, c))


def _operation(equation: Equation) -> Iterator[Equation]:
    for a in _turned(equation):
        for c in _numbers(equation):
            divided, timed = ("/", a.left, c), ("*", a.left, c)
            yield Equation(divided, ("+", a.right, ("neg", c)))
            yield Equation(divided, ("*", a.right, c))
            yield Equation(divided, ("/", c, a.right))
            yield Equation(timed, ("/", a.right, c))
            yield Equation(timed, ("+", a.right, c))
            yield Equation(timed, ("+", a.right, ("neg", c)))
            yield Equation(("+", a.left, ("neg", c)), ("/", a.right, c))
        if a.left[0] == "^":
            yield Equation(a.left[1], ("/", a.right, ("n", a.left[2])))
            yield Equation(a.left[1], ("^", a.right, a.left[2]))
        if a.left[0] == "sqrt":
            yield Equation(a.left[1], a.right)
            yield Equation(a.left[1], ("sqrt", a.right))
            yield Equation(a.left[1], ("*", TWO, a.right))


def _bracket(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "*":
        for k, inner in ((tree[1], tree[2]), (tree[2], tree[1])):
            if inner[0] == "+":
                yield ("+", ("*", k, inner[1]), inner[2])
                yield ("+", inner[1], ("*", k, inner[2]))
    if tree[0] == "/" and tree[1][0] == "+":
        yield ("+", ("/", tree[1][1], tree[2]), tree[1][2])
        yield ("+", tree[1][1], ("/", tree[1][2], tree[2]))


def _power_of_sum(equation: Equation) -> Iterator[Equation]:
    yield from _within(_term_by_term)(equation)
    for a in _turned(equation):
        if a.left[0] == "sqrt" and len(some := terms(a.right)) > 1:
            yield Equation(a.left[1], _total([("^", each, Fraction(2)) for each in some]))


def _term_by_term(tree: Tree) -> Iterator[Tree]:
    if tree[0] == "^" and tree[1][0] == "+":
        _, (_, a, b), n = tree
        minus = b[0] == "neg"
        yield ("+", ("^", a, n), ("^", b, n))
        if minus:
            yield ("+", ("^", a, n), ("neg", ("^", b[1], n)))
    if tree[0] == "sqrt" and tree[1][0] == "+":
        yield ("+", _root(tree[1][1]), _root(tree[1][2]))


def _root(tree: Tree) -> Tree:
    return tree[1] if tree[0] == "^" and tree[2] == 2 else ("sqrt", tree)


def _one_root(equation: Equation) -> Iterator[Equation]:
    for a in _turned(equation):
        if a.left[0] == "^" and a.left[2] == 2:
            root = a.right[1] if a.right[0] == "^" else ("sqrt", a.right)
            yield Equation(a.left[1], root)
            yield Equation(a.left[1], ("neg", root))
        if a.left[0] == "abs":
            yield Equation(a.left[1], a.right)
            yield Equation(a.left[1], ("neg", a.right))


def _by_unknown(equation: Equation) -> Iterator[Equation]:
    yield Equation(("/", equation.left, X), ("/", equation.right, X))
    for a in _turned(equation):
        for factor in _factors(a.left):
            if "x" in str(factor):
                yield Equation(("/", a.left, factor), ("/", a.right, factor))


def _factors(tree: Tree) -> list[Tree]:
    return _factors(tree[1]) + _factors(tree[2]) if tree[0] == "*" else [tree]


MAL_RULES: Mapping[str, Rule] = {
    "one root": _one_root,
    "divided by the unknown": _by_unknown,
    "power of a sum": _power_of_sum,
    "bracket": _within(_bracket),
    "sign": _sign,
    "operation": _operation,
    "one side": _one_side,
}


def right_steps(equation: Equation) -> Iterator[Equation]:
    """Yield what an equation can rightly become in a step."""
    yield equation
    for a in _turned(equation):
        some = terms(a.left)
        for k, each in enumerate(some):
            moved = Equation(_total(some[:k] + some[k + 1 :]), ("+", a.right, _neg(each)))
            yield moved
            for c in _numbers(equation):
                yield Equation(("/", moved.left, c), ("/", moved.right, c))
        for c in _numbers(equation):
            yield Equation(("/", a.left, c), ("/", a.right, c))
            yield Equation(("*", c, a.left), ("*", c, a.right))
        if a.left[0] == "sqrt":
            yield Equation(a.left[1], ("^", a.right, Fraction(2)))
        if a.left[0] in ("^", "abs") and a.right == ("n", Fraction(0)):
            yield Equation(a.left[1], a.right)  # of zero there is one root
