"""What differs between two versions of a module: which functions, on which lines; or all of it.

Only the bodies of functions can be exchanged in a process that has imported the module. All else
(constants, defaults, decorators, bodies of classes, signatures, docstrings, lines that move) has
acted already, or can be seen from elsewhere, and `pair_codes` says so.
"""

import ast
import dis
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["CannotSwap", "CodePair", "changed_lines", "compile_module", "pair_codes"]

# What a function begins with, on the line of its `def`, which runs where it is defined.
PROLOGUE = ("COPY_FREE_VARS", "MAKE_CELL", "RESUME", "RETURN_GENERATOR")


class CannotSwap(Exception):
    """Why a change cannot be made in a process that has imported the module."""


class CodePair(NamedTuple):
    """A function's code before and after; `differs` if its own instructions do."""

    old: types.CodeType
    new: types.CodeType
    differs: bool


def compile_module(source: bytes, path: str) -> types.CodeType:
    """Compile a module as the import system does. Raises CannotSwap for what is no Python."""
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CannotSwap(f"it is no Python: {error}") from None


def pair_codes(before: bytes, after: bytes, path: str) -> list[CodePair]:
    """Return the functions of a module that have to be exchanged, innermost last.

    Raises CannotSwap, which says what else has changed.
    """
    old, new = compile_module(before, path), compile_module(after, path)
    if _docstrings(before) != _docstrings(after):
        raise CannotSwap("a docstring has changed")
    if before.count(b"\n") != after.count(b"\n") or list(old.co_lines()) != list(new.co_lines()):
        raise CannotSwap("lines have moved")
    found: list[CodePair] = []
    _pair(old, new, False, found)
    return found


def _pair(old: types.CodeType, new: types.CodeType, function: bool, found: list[CodePair]) -> None:
    """Add the functions within two codes that differ, if all else is the same."""
    inner, fresh = _nested(old), _nested(new)
    own = _own(old) != _own(new)
    if not function and own:
        module = old.co_name == "<module>"
        what = "a statement of the module's own" if module else f"the body of {old.co_qualname}"
        raise CannotSwap(f"{what} has changed, which acts on import")
    if function and _face(old) != _face(new):
        raise CannotSwap(f"{old.co_qualname} has another signature, or other kinds of names")
    same = [code.co_qualname for code in inner] == [code.co_qualname for code in fresh]
    if not same and not function:
        raise CannotSwap(f"{old.co_qualname} defines other things")
    if function and (own or not same or old != new):
        found.append(CodePair(old, new, own or not same))
    if same:
        for one, other in zip(inner, fresh, strict=True):
            _pair(
                one, other, bool(one.co_flags & 1), found
            )  # 1: its names are fast, as a function's
    elif any(not code.co_flags & 1 for code in (*inner, *fresh)):
        raise CannotSwap(f"{old.co_qualname} defines other classes")


def _nested(code: types.CodeType) -> list[types.CodeType]:
    return [each for each in code.co_consts if isinstance(each, types.CodeType)]


def _face(code: types.CodeType) -> tuple[Any, ...]:
    """Return what others see of a function without calling it."""
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4)
    count += bool(code.co_flags & 8)
    return (
        *(code.co_name, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        *(code.co_flags, code.co_freevars, code.co_firstlineno, code.co_varnames[:count]),
    )


def _own(code: types.CodeType) -> list[tuple[Any, ...]]:
    """Return a code's instructions and where exceptions go, without codes within."""
    entries = [tuple(entry) for entry in _handlers(code)]
    rows: list[tuple[Any, ...]] = [(*_key(each), _target(each)) for each in _instructions(code)]
    return [*rows, ("names", code.co_varnames, code.co_cellvars, code.co_flags), *entries]


def _instructions(code: types.CodeType) -> Iterator[dis.Instruction]:
    return (each for each in dis.get_instructions(code) if each.opname != "EXTENDED_ARG")


def _handlers(code: types.CodeType) -> list[Any]:
    """Return where exceptions go: (start, end, target, depth, lasti), in bytes."""
    bytecode: Any = dis.Bytecode(code)
    return list(bytecode.exception_entries)


def _target(instruction: dis.Instruction) -> int | None:
    jumps = instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs
    return instruction.argval if jumps else None


def _key(instruction: dis.Instruction) -> tuple[Any, ...]:
    """Return an operation, its line, and its argument by its meaning; of a jump, no target."""
    op = instruction.opcode
    argument: Any = instruction.arg
    if op in dis.hasconst:
        argument = _constant(instruction.argval)
    elif op in dis.hasname or op in dis.haslocal or op in dis.hasfree:
        argument = instruction.argrepr
    elif _target(instruction) is not None:
        argument = None
    return (instruction.opname, _line(instruction), argument)


def _constant(value: Any) -> Any:
    """Return a constant with its type: 1, 1.0 and True are equal, and are not the same."""
    if isinstance(value, types.CodeType):
        return ("code", value.co_qualname)
    if isinstance(value, tuple):
        return ("tuple", tuple(map(_constant, value)))
    if isinstance(value, frozenset):
        return ("frozenset", frozenset(map(_constant, value)))
    return (type(value).__name__, repr(value))


def _docstrings(source: bytes) -> list[str | None]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return [ast.get_docstring(node, clean=False) for node in nodes]


# --- lines ---


def changed_lines(pair: CodePair) -> set[int]:
    """Return lines of the old function: who runs none of them does the same with the new one.

    Instructions are the same up to some place and from some place on; what lies between is
    changed, and so is all of the function where a jump or a handler does not fit that.
    """
    old, new = list(_instructions(pair.old)), list(_instructions(pair.new))
    start, shared = 0, min(len(old), len(new))
    while start < shared and _key(old[start]) == _key(new[start]):
        start += 1
    tail = 0
    while tail < shared - start and _key(old[-1 - tail]) == _key(new[-1 - tail]):
        tail += 1
    if _names(pair.old) != _names(pair.new) or not _fits(pair, old, new, start, tail):
        return _lines(old)
    middle = old[start : len(old) - tail]
    beside = old[max(start - 1, 0) : start] + old[len(old) - tail :][:1]
    return _lines(middle + beside) if any(map(_line, middle + beside)) else _lines(old)


def _names(code: types.CodeType) -> tuple[Any, ...]:
    """Return what is local: a name that is bound nowhere any more is another name everywhere."""
    return (set(code.co_varnames), set(code.co_cellvars), code.co_flags)


def _fits(
    pair: CodePair,
    old: list[dis.Instruction],
    new: list[dis.Instruction],
    start: int,
    tail: int,
) -> bool:
    """Say whether jumps and handlers of what stays lead where they led."""
    ends = (len(old) - tail, len(new) - tail)
    places = [{each.offset: n for n, each in enumerate(codes)} for codes in (old, new)]

    def where(offset: int, side: int) -> object:
        """Return a place that can be compared: of what stays, or "between" for what changes."""
        after = [n for place, n in places[side].items() if place >= offset]
        place = min(after) if after else len(places[side])
        if place < start:
            return place
        return "between" if place <= ends[side] else place - ends[side] + (1 << 30)

    for one, other in (
        *zip(old[:start], new[:start], strict=True),
        *zip(old[ends[0] :], new[ends[1] :], strict=True),
    ):
        aim, changed = _target(one), _target(other)
        if aim is not None and changed is not None and where(aim, 0) != where(changed, 1):
            return False
    handlers = [
        [
            (where(e.start, side), where(e.end, side), where(e.target, side), e.depth, e.lasti)
            for e in _handlers(code)
        ]
        for side, code in enumerate((pair.old, pair.new))
    ]
    return handlers[0] == handlers[1]


def _line(instruction: dis.Instruction) -> int | None:
    return instruction.positions.lineno if instruction.positions else None


def _lines(instructions: list[dis.Instruction]) -> set[int]:
    """Return the lines of instructions that are executed when the function is called."""
    found = set()
    for place, each in enumerate(instructions):
        opening = each.opname == "POP_TOP" and instructions[place - 1].opname == "RETURN_GENERATOR"
        if each.opname not in PROLOGUE and not opening and _line(each):
            found.add(_line(each) or 0)
    return found
