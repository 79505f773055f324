"""Every stage as a program that is less ambiguous than the one before.

`text` is the function as it is; `examples` has what was settled in its docstring, as examples and
`pre:` lines; `types` has annotations and `post:` lines as well, as far as the programs that are
left agree; `program` has a body too, with its evidence above it. Only what changes is rewritten.
"""

import ast
import copy
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ideas_lib.programs.ambiguity.doctests import written_example
from ideas_lib.programs.ambiguity.narrowing import Narrowed
from ideas_lib.programs.ambiguity.types_of_data import hint_of
from ideas_lib.programs.checks.task import FunctionTask, read_task

__all__ = ["STAGES", "CannotWrite", "Stage", "has_body", "staged_source"]

STAGES = ("text", "examples", "types", "program")


class CannotWrite(ValueError):
    """Raised where a stage cannot be put into the file; the message says why."""


@dataclass(frozen=True)
class Stage:
    """What goes into a function: lines for its docstring, annotations, and a body."""

    doctests: tuple[tuple[str, ...], ...] = ()
    contract: tuple[str, ...] = ()  # `pre: ...` and `post: ...`
    hints: dict[str, str] = field(default_factory=dict)  # by parameter, and "return"
    program: str = ""
    evidence: str = ""


def settled_stage(entry: str, state: Narrowed) -> Stage:
    """Return what was settled, as docstring lines."""
    shown = [tuple(written_example(entry, r)) for r in state.settled if r.outcome is not None]
    return Stage(tuple(shown), tuple(f"pre: {line}" for line in state.pre))


def agreed_hints(task: FunctionTask, state: Narrowed, outcomes: Sequence[Any]) -> dict[str, str]:
    """Return annotations that the signature lacks: of the inputs, and of what comes back.

    `outcomes` are all those of the programs that are left. Where they differ in type there is none.
    """
    from ideas_lib.programs.ambiguity.harness.acts import data_of

    found = {}
    args = [*task.node.args.posonlyargs, *task.node.args.args]
    for place, arg in enumerate(args):
        data = [data_of(row[place]) for row in state.rows if place < len(row)]
        hint = "" if arg.annotation else hint_of(data)
        if hint:
            found[arg.arg] = hint
    if task.node.returns is None:
        told = [each for each in outcomes if each.kind in ("value", "changes")]
        hint = hint_of([o.value[0] if o.kind == "changes" else o.value for o in told])
        if hint:
            found["return"] = hint
    return found


def has_body(source: str, entry: str) -> bool:
    """Say whether a function has a body: more than a docstring, `pass`, `...` or `raise`."""
    for node in _functions(source, entry):
        body = node.body[ast.get_docstring(node) is not None :]
        stub = all(
            isinstance(each, ast.Pass)
            or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
            or (isinstance(each, ast.Raise) and "NotImplemented" in ast.dump(each))
            for each in body
        )
        return not stub
    return False


def _functions(source: str, entry: str) -> Iterator[ast.FunctionDef]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    found = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == entry]
    yield from found[::-1]


def staged_source(source: str, entry: str, stage: Stage) -> str:
    """Return the whole source with the stage in its function. Raises CannotWrite, NoTask."""
    newline = "\r\n" if "\r\n" in source else "\n"
    text = source.replace("\r\n", "\n")
    task = read_task(text, entry)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    node = next(_functions(text, entry), None)
    whole = node is not None
    node = node or task.node
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    above = lines[first.lineno - 1] if first.lineno <= len(lines) else "    "
    indent = above[: len(above) - len(above.lstrip())] or "    "
    start = first.lineno - 1 if documented or not whole else _body_start(lines, node)
    body_at = first.end_lineno if documented else start
    assert body_at is not None
    if documented and len(node.body) > 1 and node.body[1].lineno == body_at:
        raise CannotWrite(f"{entry} goes on in the line of its docstring: put it on the next one")
    doc = _docstring(task, stage)
    shown = (
        _quoted(doc, indent) if doc != task.docstring or not documented else lines[start:body_at]
    )
    shown = shown if doc else []
    rest = lines[body_at:] if whole else []
    if stage.program:
        end = node.end_lineno if whole else body_at
        tail = lines[end:] if whole else []
        rest = [*_body(task, entry, stage, indent), *tail]
    elif not whole:
        rest = [f"{indent}...\n"]
    head = _head(lines, node, stage.hints, start)
    made = "".join([*head, *shown, *rest])
    if stage.program:
        made = _with_helpers(made, entry, stage.program)
    _check(made, entry, doc)
    return made.replace("\n", newline)


def _body_start(lines: Sequence[str], node: ast.FunctionDef) -> int:
    """Return the line of the first statement, the comments above it included."""
    start = node.body[0].lineno - 1
    decorated = getattr(node.body[0], "decorator_list", None)
    if decorated:
        start = decorated[0].lineno - 1
    while lines[start - 1].strip().startswith("#") and start - 1 >= node.lineno:
        start -= 1
    return start


def _check(made: str, entry: str, doc: str) -> None:
    """See that what was made is read as it was meant."""
    try:
        found = read_task(made, entry).docstring
    except ValueError as error:
        raise CannotWrite(f"{entry} cannot be rewritten: {error}") from None
    if found.strip() != inspect.cleandoc(doc).strip():
        raise CannotWrite(
            f"the docstring of {entry} cannot be rewritten: it would read differently"
        )


def _docstring(task: FunctionTask, stage: Stage) -> str:
    """Return the docstring with what it does not say yet at its end: examples, then conditions."""
    doc = task.docstring.rstrip()
    there = [line.strip() for line in doc.splitlines()]
    blocks = []
    examples = [line for each in stage.doctests if each[0] not in there for line in each]
    contract = [line for line in stage.contract if line not in there]
    for block in (examples, contract):
        if block:
            blocks.append("\n".join(block))
    if blocks and doc and not examples and there[-1].startswith(("pre:", "post:")):
        return "\n".join([doc, *contract])
    return "\n\n".join(filter(None, [doc, *blocks]))


def _quoted(doc: str, indent: str) -> list[str]:
    """Return a docstring as lines of source."""
    text = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    several = "\n" in text
    if not several and text.endswith('"'):
        text += " "
    lines = text.split("\n")
    first, *more = lines
    out = [f'{indent}"""{first}', *(f"{indent}{line}" if line else "" for line in more)]
    if several:
        out.append(f'{indent}"""')
    else:
        out[-1] += '"""'
    return [f"{line}\n" for line in out]


def _head(lines: list[str], node: ast.FunctionDef, hints: dict[str, str], end: int) -> list[str]:
    """Return the lines up to the body, with annotations where there are some to add."""
    if not hints:
        return lines[:end]
    bare = copy.deepcopy(node)
    for arg in (*bare.args.posonlyargs, *bare.args.args):
        if arg.annotation is None and arg.arg in hints:
            arg.annotation = ast.parse(hints[arg.arg], mode="eval").body
    if bare.returns is None and "return" in hints:
        bare.returns = ast.parse(hints["return"], mode="eval").body
    bare.body, bare.decorator_list = [ast.Pass()], []
    signature = ast.unparse(bare).removesuffix("pass").rstrip() + "\n"
    comments = [line for line in lines[node.lineno : end] if line.strip().startswith("#")]
    return [*lines[: node.lineno - 1], signature, *comments]


def _body(task: FunctionTask, entry: str, stage: Stage, indent: str) -> list[str]:
    """Return the body of the stage's program, its evidence above."""
    node = next(_functions(stage.program, entry), None)
    if node is None:
        raise CannotWrite(f"the program binds {entry} to no `def` that could be copied")
    if node.decorator_list:
        raise CannotWrite(f"the program's {entry} has decorators: copy it yourself")
    lines = stage.program.splitlines(keepends=True)
    body = node.body[ast.get_docstring(node) is not None :]
    if not body or node.body[0].lineno == node.lineno:
        text = "\n".join(map(ast.unparse, body)) or "pass"
    else:
        documented = len(body) < len(node.body)
        start = node.body[0].end_lineno if documented else _body_start(lines, node)
        text = textwrap.dedent("".join(lines[start : node.end_lineno]))
    mine = [arg.arg for arg in (*task.node.args.posonlyargs, *task.node.args.args)]
    others = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    if mine != others:
        if len(mine) != len(others):
            both = f"({', '.join(others)}), not ({', '.join(mine)})"
            raise CannotWrite(f"the program's {entry} takes {both}: copy it yourself")
        text = f"{', '.join(others)} = {', '.join(mine)}\n{text}"
    words = [f"# {line}" for line in textwrap.wrap(stage.evidence, 92)]
    shown = [*words, *text.rstrip("\n").split("\n")]
    return [f"{indent}{line}\n" if line.strip() else "\n" for line in shown]


def _with_helpers(made: str, entry: str, program: str) -> str:
    """Return the source with what the program's function needs above it: imports, helpers."""
    there: dict[str, str] = {}
    for node in ast.parse(made).body:
        for name in _binds(node):
            there[name] = ast.dump(node)
    needed = []
    for node in _needed(program, entry):
        for name in _binds(node):
            if there.get(name, ast.dump(node)) != ast.dump(node):
                raise CannotWrite(f"the file has another {name} than the program: copy it yourself")
        if any(name not in there for name in _binds(node)):
            needed.append(ast.get_source_segment(program, node, padded=True) or ast.unparse(node))
    if not needed:
        return made
    lines = made.splitlines(keepends=True)
    target = next(_functions(made, entry))
    at = min([target.lineno, *(each.lineno for each in target.decorator_list)]) - 1
    imports = [text for text in needed if text.lstrip().startswith(("import ", "from "))]
    rest = [text for text in needed if text not in imports]
    parts = ["\n".join(imports), *rest]
    block = "\n\n\n".join(part.rstrip("\n") for part in parts if part) + "\n\n\n"
    return "".join(lines[:at]) + block + "".join(lines[at:])


def _needed(program: str, entry: str) -> list[ast.stmt]:
    """Return the statements at top level that the function goes by, itself left out."""
    body = ast.parse(program).body
    own = next(node for node in body[::-1] if entry in _binds(node))
    names = {each.id for each in ast.walk(own) if isinstance(each, ast.Name)}
    found: list[ast.stmt] = []
    while True:
        fresh = [n for n in body if n is not own and n not in found and names & set(_binds(n))]
        if not fresh:
            return [node for node in body if node in found]
        for node in fresh:
            found.append(node)
            names |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _binds(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    stores = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    return [n.id for n in stores if isinstance(n.ctx, ast.Store)]
