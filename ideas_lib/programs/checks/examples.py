r"""Read the examples that a docstring gives: doctests, and the ways people write them without.

    >>> from ideas_lib.programs.checks.task import read_task
    >>> task = read_task('def add(a, b):\n    "For example, add(1, 2) => 3, as usual."\n')
    >>> read_examples(task)
    (Example(call='add(1, 2)', value=3, args=(1, 2)),)

An example is a call of the function and, behind it, a literal. What is written in any other way is
passed over: it is no evidence.
"""

import ast
import builtins
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.harness.values import encode

__all__ = ["Example", "read_examples"]

GIVES = re.compile(r"\s*(?:#\s*)?(?:==>|=>|==|->|➞|→|=|should (?:return|be)|returns?|gives?)\s*:?")
# What may follow a value: the end, punctuation, words; an operator would make it part of a sum.
AFTER = re.compile(r"\s*(?:$|[.;#)\]}!]|,?\s*(?:[A-Za-z(\"']|$))")


@dataclass(frozen=True)
class Example:
    """A call as it was written, the value it should give, and its arguments.

    `args` is None where the function's call is only part of what is compared.
    """

    call: str
    value: Any
    args: tuple[Any, ...] | None


def read_examples(task: FunctionTask) -> tuple[Example, ...]:
    """Return the examples of a task's docstring, in order, each once."""
    found: dict[str, Example] = {}
    for call, value in (*_doctests(task), *_in_prose(task)):
        example = _example(task.entry, call, value)
        if example is not None:
            found.setdefault(ast.unparse(ast.parse(call)), example)
    return tuple(found.values())


def _doctests(task: FunctionTask) -> Iterator[tuple[str, str]]:
    try:
        for found in doctest.DocTestParser().get_examples(task.docstring):
            yield found.source.strip(), found.want.strip()
    except ValueError:  # doctest's own rules on indentation are stricter than people are
        return


def _in_prose(task: FunctionTask) -> Iterator[tuple[str, str]]:
    text = task.docstring
    for start in re.finditer(rf"\b{re.escape(task.entry)}\(", text):
        line, _, below = text[start.start() :].partition("\n")
        for end in (found.end() for found in re.finditer(r"\)", line)):
            if _tree(line[:end]) is not None:
                gives = GIVES.match(line, end)
                if gives:
                    value = _literal_at_start(line[gives.end() :].strip())
                elif text[: start.start()].endswith(">>> "):
                    value = below.split("\n")[0].strip()
                else:
                    break
                yield line[:end], value
                break


def _literal_at_start(text: str) -> str:
    """Return the longest beginning that is a literal, and ends where a value may; or nothing."""
    for end in range(len(text), 0, -1):
        part = text[:end].rstrip()
        if part and part[-1] not in ",;" and AFTER.match(text, end) and _is_literal(part):
            return part
    return ""


def _example(entry: str, call: str, value: str) -> Example | None:
    tree = _tree(call)
    if tree is None or not _is_literal(value):
        return None
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == entry
    ]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not calls or names - {entry} - set(dir(builtins)):
        return None
    plain = tree.body is calls[0] and not calls[0].keywords
    try:
        args = tuple(ast.literal_eval(arg) for arg in calls[0].args) if plain else None
        wanted = ast.literal_eval(value)
        encode((args, wanted))
    except (ValueError, TypeError):
        return None
    return Example(call, wanted, args)


def _tree(text: str) -> ast.Expression | None:
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return None


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return bool(text)
