"""Does a program know the prompt's examples? What answers from constants of them is no evidence.

A table of the examples, a chain of `if`, a `match`: such a program is right on the examples and
says nothing of other inputs, and two of them agree because they were made from the same prompt.
Found by what it has as constants, and by what it does: on inputs that are no examples it mostly
gives one answer, or none. Who hides the constants and computes something else elsewhere is not
found: that is a wrong program, and no more.
"""

import ast
import copy
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from types import CodeType
from typing import Any

from ideas_lib.programs.checks.examples import Example, read_examples
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.harness.values import decode

__all__ = ["answers_from_examples", "written_nodes"]

PLAIN: tuple[Any, ...] = (
    0,
    1,
    -1,
    "",
    None,
    True,
    False,
    [],
    (),
    {},
)  # the constants that any program may have
MOSTLY = 0.9  # of the inputs that are no examples
FEW = 5
RAISED = "raised"
HEAVY = ('["list"', '["tuple"', '["set"', '["frozenset"', '["dict"')


def answers_from_examples(
    task: FunctionTask, program: str, said: Sequence[str] | None, inputs: Sequence[tuple[Any, ...]]
) -> str:
    """Say of a program that parses how it answers from the examples' constants, or nothing.

    `said` is what it did on `inputs`, of which the examples are the first.
    """
    examples = [example for example in read_examples(task) if example.args is not None]
    nodes = _reached(written_nodes(task, program), task.entry)
    known = _constants(nodes)
    asked_of = _constants([_Unordered().visit(copy.deepcopy(node)) for node in nodes])
    asked = [each for each in examples if _has_arguments(each, asked_of)]
    if not any(map(_telling, asked)):
        asked = []
    told = bool(examples) and all(_key(example.value) in known for example in examples)
    elsewhere = _answers_elsewhere(examples, said or (), inputs)
    if told and asked and 2 * len(asked) >= len(examples) and not _is_larger(elsewhere, known):
        return "it has the prompt's examples as constants, arguments and answers"
    some = any(_key(arg) in asked_of and not _plain(arg) for e in examples for arg in e.args or ())
    values = {_key(example.value) for example in examples if not _plain(example.value)}
    if (some or (told and len(values) > 1)) and _knows_no_more(examples, elsewhere, some):
        return "it has the prompt's examples as constants, and elsewhere one answer or none"
    return ""


def _answers_elsewhere(
    examples: Sequence[Example], said: Sequence[str], inputs: Sequence[tuple[Any, ...]]
) -> Counter[str]:
    """Count what it did on inputs that are no examples: answers as `_key` has them, or RAISED."""
    given = {_key(example.args) for example in examples}
    others = (text for text, args in zip(said, inputs, strict=False) if _key(args) not in given)
    return Counter(map(_answer, others))


def _answer(text: str) -> str:
    if text.startswith("raised "):
        return RAISED
    # Collections stay as they are: to build what a program chose may take very long.
    return text if text.startswith(HEAVY) else _key(decode(text))


def _is_larger(elsewhere: Counter[str], known: set[str]) -> bool:
    """Say whether it is a table of more than the examples, such as of the months' names."""
    more = {answer for answer in elsewhere if answer != RAISED and answer in known}
    answered = elsewhere.total() - elsewhere[RAISED]
    return len(more) > FEW and 2 * sum(elsewhere[each] for each in more) > answered


def _knows_no_more(examples: Sequence[Example], elsewhere: Counter[str], some: bool) -> bool:
    """Say whether what it does on other inputs is one thing, nothing, or an example's answer."""
    if elsewhere.total() < FEW:
        return False
    answers = {_key(example.value) for example in examples}
    common, count = elsewhere.most_common(1)[0]
    if len(answers - {common}) and count >= MOSTLY * elsewhere.total():
        return True
    fresh = set(elsewhere) - answers - {RAISED, _key(None)}
    return len(fresh) <= 1 and (some or 2 * elsewhere[RAISED] >= elsewhere.total())


class _Unordered(ast.NodeTransformer):
    """Take away what is compared by order: `n >= 90` is a threshold, and no example."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if any(isinstance(each, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for each in node.ops):
            return ast.copy_location(ast.Name("_", ast.Load()), node)
        return node


def _has_arguments(example: Example, known: set[str]) -> bool:
    args = example.args or ()
    texts = [str(args), repr(args), *map(str, args[:1])] if len(args) == 1 else [str(args)]
    if any(_key(text) in known for text in (args, *texts)):
        return True
    return bool(args) and all(_key(arg) in known for arg in args)


def _telling(example: Example) -> bool:
    return not all(map(_plain, example.args or ()))


def _plain(value: Any) -> bool:
    return any(type(value) is type(plain) and value == plain for plain in PLAIN)


def _constants(nodes: Sequence[ast.stmt]) -> set[str]:
    """Return the constants of statements, as `_key` has them, those in texts too."""
    found: set[str] = set()
    for node in nodes:
        for each in _without_docstrings(node):
            if isinstance(each, ast.expr):
                try:
                    found |= set(map(_key, _with_parts(ast.literal_eval(each))))
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    continue
            elif isinstance(each, ast.MatchSequence):
                values = [p.value for p in each.patterns if isinstance(p, ast.MatchValue)]
                found.add("[" + ",".join(_key(_literal(value)) for value in values) + "]")
        for value in _folded(node):
            found.add(_key(value))
    return found


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return ast.dump(node)


def written_nodes(task: FunctionTask, program: str) -> list[ast.stmt]:
    """Return the statements at top level that the prompt does not have, word for word."""
    try:
        there = {ast.dump(node) for node in ast.parse(task.before).body}
    except SyntaxError:
        there = set()
    return [node for node in ast.parse(program).body if ast.dump(node) not in there]


def _reached(nodes: Sequence[ast.stmt], entry: str) -> list[ast.stmt]:
    """Return the statements that bind, or call a method of, what the function goes by."""
    names, found = {entry}, dict[int, ast.stmt]()
    while True:
        fresh = [n for n in nodes if id(n) not in found and not names.isdisjoint(_bound(n))]
        if not fresh:
            return list(found.values())
        for node in fresh:
            found[id(node)] = node
            names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    found = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del):
            found.add(each.id)
        elif isinstance(each, ast.FunctionDef | ast.ClassDef):
            found.add(each.name)
        elif isinstance(each, ast.Attribute | ast.Subscript) and isinstance(each.value, ast.Name):
            found.add(each.value.id)
    return found


def _without_docstrings(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from _without_docstrings(child)


def _with_parts(value: Any) -> Iterator[Any]:
    """Yield a constant, and what is written in a text, separated: a table may be one."""
    yield value
    if isinstance(value, str) and len(value) < 10_000:
        try:
            inner = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            inner = list(filter(None, re.split(r"[\s,;:|=/]+", value)))
        if not isinstance(inner, str):
            yield from _walked(inner)


def _walked(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield float(value)
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set):
        for part in value:
            yield from _walked(part)


def _folded(node: ast.stmt) -> Iterator[Any]:
    """Yield the constants that Python makes of a statement before it runs: 2 * 5 is one."""
    try:
        code = compile(ast.Module([node], []), "program.py", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    waiting: list[CodeType] = [code]
    while waiting:
        for value in waiting.pop().co_consts:
            if isinstance(value, CodeType):
                waiting.append(value)
            elif not isinstance(value, str):  # docstrings are among them
                yield from _walked(value)


def _key(value: Any) -> str:
    """Return a text that values share which a program could compare: 1 and 1.0, (1,) and [1]."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return repr(float(value))
        except OverflowError:
            return hex(int(value))
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_key, value))}]"
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(_key, value)))}}}"
    if isinstance(value, dict):
        pairs = (f"{_key(key)}:{_key(item)}" for key, item in value.items())
        return f"{{{','.join(sorted(pairs))}}}"
    return repr(value)
