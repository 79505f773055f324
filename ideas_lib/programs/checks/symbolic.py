"""Search symbolically for an input on which two programs differ, by CrossHair, in the sandbox.

CrossHair runs programs on symbols that stand for all values of a type, and asks an SMT solver for
values that lead elsewhere. It can be wrong both ways, and it knows no more of what inputs make
sense than the types say. So what it finds is only an input, to be tried like any other; and that
it finds nothing is no proof, unless it has followed every path.
"""

import ast
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import run_command

__all__ = ["SymbolicSearch", "find_distinguishing_input", "search_symbolically"]

SECONDS = 8.0  # of processor time for one pair
GIVEN = re.compile(r"^Given: \((.*)\),$", re.M)
EXHAUSTED = "All paths exhausted"
CONTAINERS = (list, tuple, set, frozenset)
# What CrossHair reasons about exactly; floats and the like it only comes near to.
EXACT = frozenset({"int", "bool", "str", "None", "list", "tuple", "List", "Tuple", "Optional"})


@dataclass(frozen=True)
class SymbolicSearch:
    """What a search came to.

    `distinguishing_input` has arguments on which the programs may differ, None where none were
    found. `exhausted` says that there are none: every path of both programs was followed, on
    arguments that CrossHair reasons about exactly, and nothing differed by `==`.
    """

    distinguishing_input: tuple[Any, ...] | None = None
    exhausted: bool = False


def find_distinguishing_input(
    task: FunctionTask,
    one: str,
    other: str,
    inputs: Sequence[tuple[Any, ...]],
    seconds: float = SECONDS,
) -> tuple[Any, ...] | None:
    """Return arguments on which two programs may differ, or None where none were found.

    Types come from the signature, and from `inputs` where it has none. Raises sandbox.Unavailable.
    """
    return search_symbolically(task, one, other, inputs, seconds).distinguishing_input


def search_symbolically(
    task: FunctionTask,
    one: str,
    other: str,
    inputs: Sequence[tuple[Any, ...]],
    seconds: float = SECONDS,
) -> SymbolicSearch:
    """Search as `find_distinguishing_input` does; say as well whether every path was followed."""
    hints = _hints(task, inputs)
    if hints is None:
        return SymbolicSearch()
    with tempfile.TemporaryDirectory() as folder:
        for name, program in (("one", one), ("other", other)):
            text = _annotated(program, task.entry, hints)
            (Path(folder) / f"{name}.py").write_text(text, encoding="utf-8")
        argv = ["python", "-m", "crosshair", "diffbehavior", f"one.{task.entry}"]
        argv += [f"other.{task.entry}", f"--per_condition_timeout={seconds:g}"]
        argv += ["--exception_equivalence=SAME_TYPE"]
        result = run_command(argv, tree=folder, timeout=4 * seconds + 20, memory=4 << 30)
    found = GIVEN.search(result.stdout)
    exhausted = result.ok and EXHAUSTED in result.stdout and all(map(_is_exact, hints))
    return SymbolicSearch(_arguments(found[1]) if found else None, exhausted)


def _is_exact(hint: str) -> bool:
    return set(re.findall(r"\w+", hint)) - {"typing"} <= EXACT


def _arguments(text: str) -> tuple[Any, ...] | None:
    """Read `x=1, y='a'`, as CrossHair writes arguments; None for what is no plain data."""
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        return tuple(ast.literal_eval(keyword.value) for keyword in call.keywords)
    except (SyntaxError, ValueError):
        return None


def _hints(task: FunctionTask, inputs: Sequence[tuple[Any, ...]]) -> list[str] | None:
    parameters = task.node.args.args
    hints = [ast.unparse(arg.annotation) if arg.annotation else "" for arg in parameters]
    for place in range(len(hints)):
        values = [args[place] for args in inputs if place < len(args)]
        hints[place] = hints[place] or _hint(values)
    return hints if all(hints) else None


def _hint(values: Sequence[Any]) -> str:
    """Return the annotation of values of one kind; empty where there are several, or none."""
    kinds = {type(value) for value in values}
    if len(kinds) != 1:
        return ""
    (kind,) = kinds
    if kind in (int, float, str, bool):
        return kind.__name__
    if kind in CONTAINERS:
        item = _hint([item for value in values for item in value])
        dots = ", ..." if kind is tuple else ""
        return f"{kind.__name__}[{item}{dots}]" if item else ""
    if kind is dict:
        key, item = (
            _hint([part for value in values for part in parts(value)])
            for parts in (dict.keys, dict.values)
        )
        return f"dict[{key}, {item}]" if key and item else ""
    return ""


def _annotated(program: str, entry: str, hints: Sequence[str]) -> str:
    tree = ast.parse(program)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == entry:
            for arg, hint in zip(node.args.args, hints, strict=False):
                arg.annotation = ast.parse(hint, mode="eval").body
    return ast.unparse(tree)
