"""A function to be written: its signature, its docstring, and what else is known of it."""

import ast
import inspect
from dataclasses import dataclass

__all__ = ["FunctionTask", "NoTask", "read_task"]


class NoTask(ValueError):
    """Raised for source that ends in no function to be written."""


@dataclass(frozen=True)
class FunctionTask:
    """A function to be written.

    `prompt` is Python source that ends in the function's signature and docstring; what comes
    before is kept, and may be called. `entry` is the function's name. `tests` is source that
    `judge.check_program` understands, or empty.
    """

    prompt: str
    entry: str
    tests: str = ""

    @property
    def node(self) -> ast.FunctionDef:
        """Return the syntax tree of the signature and docstring."""
        return _found(self.prompt, self.entry)

    @property
    def docstring(self) -> str:
        """Return the docstring, empty where there is none."""
        for node in self.node.body:  # HumanEval has one after an import
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                if isinstance(node.value.value, str):
                    return inspect.cleandoc(node.value.value)
        return ""

    @property
    def before(self) -> str:
        """Return the source before the function: imports, helpers."""
        lines = self.prompt.splitlines(keepends=True)
        return "".join(lines[: _first_line(self.node) - 1])


def read_task(source: str, entry: str = "", tests: str = "") -> FunctionTask:
    """Return the task to write a function of `source`: the one named, else the last one.

    A body that is there already is left out, and so is all that comes after. Raises NoTask.
    """
    node = _found(source, entry)
    lines = source.splitlines(keepends=True)
    first = node.body[0]
    if first.lineno == node.lineno:
        raise NoTask(f"{node.name} has its body on the line of its name: put it on the next one")
    end = first.end_lineno if ast.get_docstring(node) is not None else first.lineno - 1
    prompt = "".join(lines[:end])
    return FunctionTask(prompt if prompt.endswith("\n") else prompt + "\n", node.name, tests)


def _found(source: str, entry: str) -> ast.FunctionDef:
    try:
        tree = _parsed(source)
    except SyntaxError as error:
        raise NoTask(f"the source is no Python: {error}") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    named = [node for node in functions if entry in ("", node.name)]
    if not named:
        there = ", ".join(node.name for node in functions) or "none"
        raise NoTask(f"there is no function {entry or 'at top level'}; functions are: {there}")
    return named[-1]


def _parsed(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.parse(f"{source.rstrip()}\n    ...\n")  # a signature without a docstring


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
