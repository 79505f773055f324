'''A function of the subset, read from a file's text or from a function, with all that it calls.

    >>> program = read_integer_program("""
    ... def half(n: int) -> int:
    ...     \'\'\'Return n / 2, rounded down.
    ...
    ...     pre: n >= 0
    ...     \'\'\'
    ...     return n // 2
    ... """)
    >>> program.entry, [ast.unparse(line) for line in program.pre]
    ('half', ['n >= 0'])

Nothing is run for it.
'''

import ast
import builtins
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from ideas_lib.programs.compilation.generators import rename_generators
from ideas_lib.programs.compilation.subset import LARGEST, RESERVED, FunctionCheck, Outside

__all__ = ["GoalParameter", "IntegerProgram", "function_source", "read_integer_program"]

LONGEST = 100_000  # characters of a source
CONTRACT = re.compile(r"^[ \t]*(pre|post)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.M)
RESULT = "__return__"


@dataclass(frozen=True)
class GoalParameter:
    """A parameter, and whether it is a `bool`, that is 0 or 1."""

    name: str
    is_bool: bool = False


@dataclass(frozen=True)
class IntegerProgram:
    """A function of the subset, with all that it calls.

    `functions` and `constants` are those it needs, by name; `source` is their text, and nothing
    else of the file. `pre` and `post` are expressions of the subset.
    """

    entry: str
    parameters: tuple[GoalParameter, ...]
    functions: dict[str, ast.FunctionDef]
    constants: dict[str, int]
    pre: tuple[ast.expr, ...]
    post: tuple[ast.expr, ...]
    source: str


def read_integer_program(source: str, entry: str = "") -> IntegerProgram:
    """Read the function `entry` of a source, the last one where none is named.

    Raises Outside for a source that does not parse, has no such function, or is not in the subset.
    """
    if len(source) > LONGEST:
        raise Outside(f"the source has {len(source)} characters; {LONGEST} are read at most")
    try:
        module = _Module(ast.parse(source), source)
        entry = entry or next((f.name for f in reversed(module.defs)), "")
        if not entry:
            raise Outside("there is no function in it")
        return module.program(entry)
    except Outside:
        raise
    except SyntaxError as error:
        raise Outside(f"line {error.lineno or 1}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise Outside("it is nested too deeply to be read") from None
    except ValueError as error:  # a null byte, or a number of thousands of figures
        raise Outside(str(error)) from None


class _Module:
    """What the names of a module are, as far as that is certain."""

    def __init__(self, tree: ast.Module, source: str) -> None:
        self._source = source
        self.defs = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        self._assigns: dict[str, ast.Assign | ast.AnnAssign] = {}
        self._bound: dict[str, int] = {}
        for name, node in _bindings(tree):
            if name == "*":
                raise Outside("`import *` may give any name another meaning", node)
            self._bound[name] = self._bound.get(name, 0) + 1
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            target = node.target if isinstance(node, ast.AnnAssign) else target
            if isinstance(target, ast.Name) and isinstance(node, ast.Assign | ast.AnnAssign):
                self._assigns[target.id] = node

    def program(self, entry: str) -> IntegerProgram:
        for name in sorted(RESERVED & set(self._bound)):
            raise Outside(f"{name} is given another meaning in this file")
        functions: dict[str, ast.FunctionDef] = {}
        constants: dict[str, int] = {}

        def take(name: str, above: tuple[str, ...], call: ast.Call | None) -> None:
            if name in above:
                raise Outside(f"{name} calls itself, and how often is not known", call)
            function = self._function(name, call)
            if call and len(call.args) != len(function.args.args):
                raise Outside(f"{name} with {len(call.args)} arguments", call)
            check = FunctionCheck(self._constant, frozenset())
            check.function(function)
            for arg in function.args.args:
                if above and _parameter(arg).is_bool:
                    raise Outside(f"{arg.arg} of {name} is a bool: say int, it is called", arg)
            constants.update(check.constants)
            for each in check.calls:
                take(getattr(each.func, "id", ""), (*above, name), each)
            functions[name] = function

        take(entry, (), None)
        function = functions[entry]
        parameters = tuple(_parameter(arg) for arg in function.args.args)
        pre, post = self._contract(function, constants)
        texts = [f"{name} = {constants[name]}" for name in sorted(constants)]
        parts = ["\n".join(texts)] if texts else []
        parts += [ast.get_source_segment(self._source, f) or "" for f in functions.values()]
        renamed = {name: rename_generators(each) for name, each in functions.items()}
        own = "\n\n\n".join(parts) + "\n"
        return IntegerProgram(entry, parameters, renamed, constants, pre, post, own)

    def _function(self, name: str, node: ast.AST | None) -> ast.FunctionDef:
        found = [each for each in self.defs if each.name == name]
        if not found:
            there = ", ".join(each.name for each in self.defs[:8]) or "no function at all"
            raise Outside(f"there is no function {name} at the top of the file, but {there}", node)
        self._once(name, found[-1])
        return found[-1]

    def _once(self, name: str, node: ast.AST) -> None:
        if self._bound.get(name, 0) != 1:
            raise Outside(f"{name} is given more than one meaning in this file", node)

    def _constant(self, name: str, node: ast.AST) -> int:
        found = self._assigns.get(name)
        if found is None:
            raise Outside(f"{name} is no integer of this file, and no variable", node)
        self._once(name, node)
        try:
            value = ast.literal_eval(found.value) if found.value else None
        except (ValueError, TypeError):
            value = None
        if not isinstance(value, int):
            raise Outside(f"{name} is no integer written in figures", found)
        if abs(int(value)).bit_length() > LARGEST:
            raise Outside(f"a number of over {LARGEST} bits", found)
        return int(value)

    def _contract(
        self, function: ast.FunctionDef, constants: dict[str, int]
    ) -> tuple[tuple[ast.expr, ...], tuple[ast.expr, ...]]:
        found: dict[str, list[ast.expr]] = {"pre": [], "post": []}
        for kind, text in CONTRACT.findall(ast.get_docstring(function) or ""):
            try:
                line = ast.parse(text, mode="eval").body
            except (SyntaxError, ValueError):
                why = f"`{kind}: {text[:60]}` is no expression of Python"
                raise Outside(why, function) from None
            names = {arg.arg for arg in function.args.args} | (
                {RESULT} if kind == "post" else set()
            )
            check = FunctionCheck(self._constant, frozenset(names))
            try:
                check.expression(line)
            except Outside as error:
                why = str(error).partition(": ")[2] or str(error)
                raise Outside(
                    f"`{kind}: {text[:60]}` is not in the subset: {why}", function
                ) from None
            if check.calls or any(isinstance(n, ast.GeneratorExp) for n in ast.walk(line)):
                why = f"`{kind}: {text[:60]}` calls a function of the file, or has a generator"
                raise Outside(why, function)
            constants.update(check.constants)
            found[kind].append(line)
        return tuple(found["pre"]), tuple(found["post"])


def _bindings(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield each name that a module binds, as often as it does."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
            for inner in ast.walk(node):
                if isinstance(inner, ast.Global):
                    yield from ((name, inner) for name in inner.names)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name.split(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id, node
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name, node
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest, node
        todo.extend(ast.iter_child_nodes(node))


def _parameter(arg: ast.arg) -> GoalParameter:
    hint = ast.unparse(arg.annotation).strip("'\"") if arg.annotation else "int"
    if hint not in ("int", "bool"):
        raise Outside(f"{arg.arg} is of type {hint[:40]}; int and bool are there", arg)
    return GoalParameter(arg.arg, hint == "bool")


def function_source(function: Callable[..., Any]) -> tuple[str, str]:
    """Return source and name of a function that is there, with the integers and functions it uses.

    Raises Outside where its source is not certainly what it runs.
    """
    texts: dict[str, str] = {}
    constants: dict[str, int] = {}

    def take(each: Any) -> None:
        code = getattr(each, "__code__", None)
        name = getattr(each, "__name__", "it")
        if not inspect.isfunction(each) or code is None or hasattr(each, "__wrapped__"):
            raise Outside(f"{name} is no plain function of Python")
        try:
            text = textwrap.dedent(inspect.getsource(each))
            tree = ast.parse(text)
        except (OSError, TypeError, SyntaxError, ValueError):
            raise Outside(f"{name} has no source that could be read: give it as text") from None
        if not (len(tree.body) == 1 and isinstance(tree.body[0], ast.FunctionDef)):
            raise Outside(f"{name} is no function that a `def` defines")
        made = next(c for c in compile(tree, "", "exec").co_consts if inspect.iscode(c))
        if _content(made) != _content(code) or code.co_freevars:
            raise Outside(f"{name} is not what its source says: give it as text")
        texts[name] = text
        own: dict[str, Any] = getattr(each, "__builtins__", {})
        for used in _names(code):
            if used in each.__globals__:
                value = each.__globals__[used]
                if used in RESERVED:
                    raise Outside(f"{used} is given another meaning beside {name}")
                if isinstance(value, int):
                    constants[used] = int(value)
                elif used not in texts and used not in ("bit_count", "bit_length", "count"):
                    take(value)
            elif used in RESERVED and own.get(used) is not getattr(builtins, used):
                raise Outside(f"{used} is not Python's own")

    take(function)
    head = "".join(f"{name} = {value}\n" for name, value in constants.items())
    return head + "\n".join(texts.values()), function.__name__


def _content(code: CodeType) -> tuple[Any, ...]:
    """Return what a code object does, whatever file and line it is from."""
    inner = [_content(each) if inspect.iscode(each) else each for each in code.co_consts]
    numbers = [each for each in inner if not isinstance(each, str)]  # no docstring
    return code.co_code, code.co_names, code.co_varnames, numbers


def _names(code: CodeType) -> list[str]:
    """Return the names that code looks up, the code within it included."""
    inner = [name for each in code.co_consts if inspect.iscode(each) for name in _names(each)]
    return [*dict.fromkeys([*code.co_names, *inner])]
