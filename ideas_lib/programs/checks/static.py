"""Evidence that needs no run: does it parse, is every name defined, do the types fit?

A check takes a task and programs, and says of each what is wrong with it, or nothing.
"""

import ast
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unicodedata import category

from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.sandbox.running import excerpt, run_command

__all__ = ["check_names", "check_syntax", "check_types"]

# What mypy's other codes complain of is style, or may be right at run time: a variable that
# changes its type, a list without an annotation, an Optional that is never None.
FATAL = (
    *("arg-type", "attr-defined", "call-arg", "index", "name-defined", "operator"),
    "return-value",
)
OPTIONS = (
    *("--check-untyped-defs", "--ignore-missing-imports", "--no-incremental"),
    *("--no-site-packages", "--output", "json"),
)
# With psutil, mypy looks for itself in /proc, which a sandbox does not have.
MYPY = "import sys; sys.modules['psutil'] = None; from mypy.__main__ import *; console_entry()"
SECONDS = 120.0


def check_syntax(task: FunctionTask, programs: Sequence[str]) -> list[str]:
    """Say of each program whether it is Python and has the function, with a body of its own."""
    return [_parse(task, program) for program in programs]


def _parse(task: FunctionTask, program: str) -> str:
    if not program:
        return "the reply ended within the function"
    unseen = sorted(
        {each for each in program.replace("\r\n", "\n") if _hides(each)} - set(task.prompt)
    )
    if unseen:
        return f"it has {', '.join(map(ascii, unseen[:3]))}, which no screen shows as it is"
    try:
        tree = ast.parse(program)
        compile(program, "program.py", "exec")  # which finds a `return` outside of functions
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return excerpt(f"it does not parse: {error}")
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    named = [node for node in found if node.name == task.entry]
    if not named:
        return f"it does not define {task.entry}"
    if _parameters(named[-1]) != _parameters(task.node):
        return f"its parameters are {_parameters(named[-1])}, not {_parameters(task.node)}"
    return "" if any(map(_does, named[-1].body)) else "its body is empty"


def _hides(letter: str) -> bool:
    """Say whether a letter is a control, or one that turns or hides others; spaces are none."""
    return not letter.isprintable() and letter not in "\n\t\f" and category(letter) != "Zs"


def _parameters(node: ast.FunctionDef) -> str:
    return ", ".join(arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg))


def _does(node: ast.stmt) -> bool:
    """Say whether a statement does something: more than `pass`, `...`, or `not implemented`."""
    if isinstance(node, ast.Raise):
        return "NotImplemented" not in ast.dump(node)
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return not constant and not isinstance(node, ast.Pass | ast.Import | ast.ImportFrom)


def check_names(task: FunctionTask, programs: Sequence[str]) -> list[str]:
    """Say of each program that parses which name in it is not defined, as pyflakes finds it."""
    from pyflakes import checker, messages

    kinds = (messages.UndefinedName, messages.UndefinedLocal, messages.UndefinedExport)
    found = []
    for program in programs:
        said = checker.Checker(ast.parse(program)).messages
        wrong = [m.message % m.message_args for m in said if isinstance(m, kinds)]
        found.append(wrong[0] if wrong else "")
    return found


def check_types(task: FunctionTask, programs: Sequence[str]) -> list[str]:
    """Say of each program what mypy finds that would fail at run time.

    Parameters without annotations are Any, so that little is found where the signature has none.
    mypy runs in the sandbox, once for all programs; where it fails it runs for each, and a program
    on which it fails is rejected. Raises sandbox.Unavailable.
    """
    if not programs:
        return []
    with tempfile.TemporaryDirectory() as folder:
        files = [f"program{place}.py" for place in range(len(programs))]
        for file, program in zip(files, programs, strict=True):
            (Path(folder) / file).write_text(program, encoding="utf-8")
        argv = ["python", "-c", MYPY, *OPTIONS, *files]
        result = run_command(argv, tree=folder, timeout=SECONDS, memory=4 << 30)
    if result.code not in (0, 1):
        if len(programs) > 1:
            return [check_types(task, [program])[0] for program in programs]
        return [excerpt(f"mypy could not check it: {result.reason}")]
    found = dict.fromkeys(files, "")
    for line in filter(None, result.stdout.splitlines()):
        error = json.loads(line)
        if error["code"] in FATAL and not found.get(error["file"], "elsewhere"):
            found[error["file"]] = excerpt(f"line {error['line']}: {error['message']}")
    return [found[file] for file in files]
