"""Generators of the subset: each with a variable of its own, and as the loop that it stands for."""

import ast
import copy
import itertools

from ideas_lib.programs.compilation.subset import RESERVED, call_name

__all__ = ["as_loop", "for_as_while", "fresh_name", "name_underscores", "rename_generators"]


class _Rename(ast.NodeTransformer):
    def __init__(self, taken: set[str]) -> None:
        self._taken, self._names = taken, dict[str, str]()

    def visit_Name(self, node: ast.Name) -> ast.Name:
        name = self._names.get(node.id, node.id)
        return ast.copy_location(ast.Name(name, node.ctx), node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        (clause,) = node.generators
        iterable = self.visit(clause.iter)  # belongs to what is outside
        assert isinstance(clause.target, ast.Name)
        fresh = fresh_name(clause.target.id, self._taken)
        before, self._names = self._names, {**self._names, clause.target.id: fresh}
        target, elt = self.visit(clause.target), self.visit(node.elt)
        ifs = [self.visit(each) for each in clause.ifs]
        self._names = before
        inner = ast.comprehension(target, iterable, ifs, 0)
        return ast.copy_location(ast.GeneratorExp(elt, [inner]), node)


def fresh_name(name: str, taken: set[str]) -> str:
    """Return a name like this one that is not taken, and take it."""
    names = itertools.chain([name], (f"{name}_{k}" for k in itertools.count(2)))
    found = next(each for each in names if each not in taken)
    taken.add(found)
    return found


def rename_generators(function: ast.FunctionDef) -> ast.FunctionDef:
    """Give each generator's variable a name that nothing else in the function has."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    names |= {arg.arg for arg in function.args.args} | RESERVED
    return ast.fix_missing_locations(_Rename(names).visit(function))


def name_underscores(function: ast.FunctionDef) -> ast.FunctionDef:
    """Give variables that are underscores alone, as in `for _ in range(3)`, a name with letters."""
    made = copy.deepcopy(function)
    taken = {node.id for node in ast.walk(made) if isinstance(node, ast.Name)} | RESERVED
    taken |= {arg.arg for arg in made.args.args}
    names = {old: fresh_name("turn", taken) for old in sorted(taken) if not old.strip("_")}
    for node in ast.walk(made):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
    return made


def as_loop(node: ast.Call, total: str) -> list[ast.stmt]:
    """Write `sum`, `any` or `all` of a generator as a loop that leaves its value in `total`."""
    generator = node.args[0]
    assert isinstance(generator, ast.GeneratorExp)
    (clause,) = generator.generators
    kind = call_name(node)
    store, load = ast.Name(total, ast.Store()), ast.Name(total, ast.Load())
    if kind == "sum":
        step: list[ast.stmt] = [
            ast.Assign([store], ast.BinOp(load, ast.Add(), generator.elt)),
        ]
    else:
        ends = generator.elt if kind == "any" else ast.UnaryOp(ast.Not(), generator.elt)
        found: list[ast.stmt] = [ast.Assign([store], ast.Constant(int(kind == "any"))), ast.Break()]
        step = [ast.If(ends, found, [])]
    for test in reversed(clause.ifs):
        step = [ast.If(test, step, [])]
    made: list[ast.stmt] = [
        ast.Assign([store], ast.Constant(int(kind == "all"))),
        ast.For(clause.target, clause.iter, step, []),
    ]
    for each in made:
        ast.fix_missing_locations(ast.copy_location(each, node))
    return made


def for_as_while(node: ast.For, now: str, stop: str) -> list[ast.stmt]:
    """Write a loop over a range as a `while`, with two variables of its own."""
    assert isinstance(node.iter, ast.Call)
    args = node.iter.args
    first = args[0] if len(args) > 1 else ast.Constant(0)
    last = args[1] if len(args) > 1 else args[0]
    step = ast.literal_eval(args[2]) if len(args) > 2 else 1
    number = ast.Constant(abs(int(step)))
    on: ast.operator = ast.Add() if step > 0 else ast.Sub()
    goes_on: ast.cmpop = ast.Lt() if step > 0 else ast.Gt()
    test = ast.Compare(_load(now), [goes_on], [_load(stop)])
    body: list[ast.stmt] = [
        ast.Assign([node.target], _load(now)),
        ast.Assign([_store(now)], ast.BinOp(_load(now), on, number)),
        *node.body,
    ]
    made: list[ast.stmt] = [
        ast.Assign([_store(now)], first),
        ast.Assign([_store(stop)], last),
        ast.While(test, body, []),
    ]
    for each in made:
        ast.fix_missing_locations(ast.copy_location(each, node))
    return made


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())
