"""Examples in a docstring, as rulings, and rulings as examples: what is written is read back.

    >>> f(1)
    2
    >>> f(2) is None
    True
    >>> list(f(3))
    [1, 2]
    >>> f(4)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ValueError
    >>> given = [[2, 1]]
    >>> f(*given), given
    (None, [[1, 2]])

Examples in prose, `f(1) => 2`, are read too, as `checks.examples` finds them.
"""

import ast
import doctest
from collections.abc import Iterator
from typing import Any

from ideas_lib.programs.ambiguity.outcomes import Outcome, outcome_of, read_outcome, told_outcome
from ideas_lib.programs.ambiguity.rulings import Ruling, literal_value, shown_call
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask

__all__ = ["docstring_rulings", "written_example"]

TRACEBACK = "Traceback (most recent call last):"
IGNORED = "  # doctest: +IGNORE_EXCEPTION_DETAIL"
ORIGIN = "the docstring"


def docstring_rulings(task: FunctionTask, floats: bool = False) -> list[Ruling]:
    """Return what the examples of a docstring settle; what is no plain call is passed over."""
    found: dict[str, Ruling] = {}
    for row, accepted in _doctests(task, floats):
        found.setdefault(repr(row), _ruling(task, row, accepted))
    tested = _sources(task)
    for example in read_examples(task):
        part = any(example.call in source and example.call != source for source in tested)
        if example.args is not None and repr(example.args) not in found and not part:
            accepted = [outcome_of(example.value, True), outcome_of(example.value)]
            found[repr(example.args)] = _ruling(task, example.args, accepted, loose=True)
    return list(found.values())


def _sources(task: FunctionTask) -> list[str]:
    try:
        found = doctest.DocTestParser().get_examples(task.docstring)
    except ValueError:
        return []
    return [example.source.strip() for example in found]


def _ruling(
    task: FunctionTask, row: tuple[Any, ...], accepted: list[Outcome], loose: bool = False
) -> Ruling:
    keys = frozenset(outcome.key for outcome in accepted)
    return Ruling(row, shown_call(task.entry, row), accepted[-1], "", ORIGIN, keys, loose)


def _doctests(task: FunctionTask, floats: bool) -> Iterator[tuple[tuple[Any, ...], list[Outcome]]]:
    try:
        found = doctest.DocTestParser().get_examples(task.docstring)
    except ValueError:  # doctest's own rules on indentation are stricter than people are
        return
    given: dict[str, ast.expr] = {}
    for example in found:
        try:
            body = ast.parse(example.source).body
            (line,) = body
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                given[line.targets[0].id] = line.value
            elif isinstance(line, ast.Expr):
                raised = (example.exc_msg or "").split(":")[0].strip().rpartition(".")[2]
                yield _example(task.entry, line.value, example.want.strip(), raised, given, floats)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue


def _example(
    entry: str, node: ast.expr, want: str, raised: str, given: dict[str, ast.expr], floats: bool
) -> tuple[tuple[Any, ...], list[Outcome]]:
    """Return the arguments and the outcomes that fit. Raises ValueError for other examples."""
    name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
    if name == entry:
        assert isinstance(node, ast.Call)
        outcome = read_outcome(f"raises {raised}" if raised else want, floats)
        return _arguments(entry, node, given), [outcome]
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Is) and want == "True":
        outcome = read_outcome(ast.unparse(node.comparators[0]))
        return _arguments(entry, node.left, given), [outcome]
    if name == "list" and isinstance(node, ast.Call) and len(node.args) == 1:
        listed = read_outcome(want, floats)
        items = listed.value[1:]
        drawn = told_outcome(["value", ["iterator", *items]], floats)
        return _arguments(entry, node.args[0], given), [listed, drawn]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "tolist":
            inner = read_outcome(want, floats).value
            outcome = told_outcome(["value", ["array", inner]], floats)
            return _arguments(entry, node.func.value, given), [outcome]
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        value, after = read_outcome(want).value[1:]
        outcome = told_outcome(["changes", value, after[1:]], floats)
        return _arguments(entry, node.elts[0], given), [outcome]
    raise ValueError


def _arguments(entry: str, node: ast.expr, given: dict[str, ast.expr]) -> tuple[Any, ...]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError
    if node.func.id != entry or node.keywords:
        raise ValueError
    first = node.args[0] if len(node.args) == 1 else None
    if isinstance(first, ast.Starred) and isinstance(first.value, ast.Name):
        return tuple(literal_value(given[first.value.id])) if first.value.id in given else ()
    named = [given.get(arg.id, arg) if isinstance(arg, ast.Name) else arg for arg in node.args]
    return tuple(map(literal_value, named))


def written_example(entry: str, ruling: Ruling) -> list[str]:
    """Return the lines of a doctest that says what a ruling says; `_doctests` reads them so."""
    outcome, call = ruling.outcome, ruling.call
    assert outcome is not None
    if outcome.kind == "raises":
        return [f">>> {call}{IGNORED}", TRACEBACK, outcome.value[0]]
    if outcome.kind == "changes":
        value, after = outcome.value
        told = told_outcome(["value", ["tuple", value, ["list", *after]]])
        return [f">>> given = {list(ruling.row)!r}", f">>> {entry}(*given), given", told.shown]
    value = outcome.value
    if value is None:
        return [f">>> {call} is None", "True"]
    kind = value[0] if isinstance(value, list) else ""
    if kind == "iterator":
        return [f">>> list({call})", told_outcome(["value", ["list", *value[1:]]]).shown]
    if kind == "array":
        return [f">>> {call}.tolist()", told_outcome(["value", value[1]]).shown]
    return [f">>> {call}", outcome.shown]
