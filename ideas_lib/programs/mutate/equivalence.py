"""Say of a mutation that it changes nothing a caller can see, only where that is shown.

Both programs are called in the sandbox, on every argument of a small domain; where there are too
many, on some, and CrossHair searches for more. What neither shows is `unknown`.

Two calls do the same if they return equal data of the same types, or raise an exception of the
same name, and leave their arguments equal. Not compared: what is printed, messages of exceptions,
time, and what stays in the module from one call to the next.
"""

import ast
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ideas_lib.programs.checks.contracts import read_contract
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.inputs import sample_inputs
from ideas_lib.programs.checks.symbolic import SECONDS, search_symbolically
from ideas_lib.programs.checks.task import FunctionTask, NoTask, read_task
from ideas_lib.programs.judge.judging import run_on_inputs
from ideas_lib.programs.mutate.mutation import Mutation

__all__ = ["Equivalence", "check_equivalence"]

Rows = Sequence[tuple[Any, ...]]
MOST = 4096  # inputs that are tried one by one
COMPARED = "_compared_calls"
# Appended to both programs. A call is made twice, so that chance is not taken for a difference.
COMPARE = f"""

def {COMPARED}(*args):
    from copy import deepcopy
    class Incomparable(Exception): pass
    def call(args):
        try:
            value = ENTRY(*args)
        except Exception as error:
            return ["raised", type(error).__name__, args]
        return ["returned", value, args]
    again, first = deepcopy(args), call(args)
    try:
        first = deepcopy(first)
    except Exception:
        raise Incomparable
    second = call(again)
    if first != second and repr(first) != repr(second):
        raise Incomparable
    return first
"""
INCOMPARABLE = ("raised Incomparable", "raised CandidateFailed")


@dataclass(frozen=True)
class Equivalence:
    """What is known of a mutation: `reason` says what showed it, or why nothing could.

    `distinguishing_input` has the arguments on which the function and its mutant `differs`, tried
    in the sandbox. `equivalent` holds for arguments of the types named, within `pre:` lines.
    """

    verdict: Literal["equivalent", "differs", "unknown"]
    reason: str
    distinguishing_input: tuple[Any, ...] | None = None


def check_equivalence(
    source: str,
    mutation: Mutation,
    *,
    entry: str = "",
    domain: Iterable[tuple[Any, ...]] | None = None,
    seconds: float = SECONDS,
) -> Equivalence:
    """Compare a function with its mutant.

    Args:
        source: What the mutation was listed for.
        mutation: One change of it.
        entry: The function to call, at the top level of the module; else the one that is mutated.
        domain: All positional arguments that count, as tuples of plain data. Without it they
            follow from the annotations, where those name few values: bool, None, Literal, tuples
            and unions of these; without parameters there is one call.
        seconds: For all calls of one program, and of processor time for CrossHair.

    Raises BadContract, sandbox.Unavailable, and what `Mutation.apply` raises.
    """
    mutated, entry = mutation.apply(source), entry or mutation.function.partition(".")[0]
    if not entry:
        return Equivalence("unknown", "the mutation lies outside of functions: name one by entry=")
    try:
        task = read_task(source, entry)
    except NoTask as error:
        return Equivalence("unknown", str(error))
    pair = (source, mutated)
    rows = list(domain) if domain is not None else _finite_domain(task)
    if rows is not None:
        rows = read_contract(task).allowed(task, rows)
        if not rows:
            return Equivalence("unknown", "no input is allowed")
        found = _compare(pair, entry, rows, seconds)
        return found or Equivalence("equivalent", f"the same on {len(rows)} inputs, which are all")
    if not _is_positional(task):
        return Equivalence("unknown", f"{entry} takes more than positional arguments: give domain=")
    return _search(task, pair, seconds)


def _search(task: FunctionTask, pair: tuple[str, str], seconds: float) -> Equivalence:
    contract = read_contract(task)
    rows = contract.allowed(task, sample_inputs(task, read_examples(task)))
    found = _compare(pair, task.entry, rows, seconds) if rows else None
    if found:
        return found
    search = search_symbolically(task, *pair, rows, seconds)
    if search.distinguishing_input is not None:
        more = contract.allowed(task, [search.distinguishing_input])
        found = _compare(pair, task.entry, more, seconds) if more else None
        if found:
            return found
    # CrossHair leaves no argument out: what a default does it cannot know.
    if search.exhausted and rows and not task.node.args.defaults:
        return Equivalence("equivalent", "CrossHair followed every path and found no difference")
    return Equivalence(
        "unknown", f"no difference on {len(rows)} inputs, nor did CrossHair find one"
    )


def _compare(pair: tuple[str, str], entry: str, rows: Rows, seconds: float) -> Equivalence | None:
    """Return where two programs differ, or why they cannot be compared; None if neither."""
    answers = [
        run_on_inputs(program + COMPARE.replace("ENTRY", entry), COMPARED, rows, timeout=seconds)
        for program in pair
    ]
    for name, said in zip(("the function", "the mutant"), answers, strict=True):
        if said is None:
            why = f"{name} did not answer {len(rows)} inputs within {seconds:g} seconds"
            return Equivalence("unknown", why)
    unknown = None
    for args, one, other in zip(rows, *(said or () for said in answers), strict=True):
        shown = f"({', '.join(map(repr, args))})"
        if one in INCOMPARABLE or other in INCOMPARABLE:
            why = f"no answer that can be compared, or none in {seconds:g} seconds, on {shown}"
            unknown = unknown or Equivalence("unknown", why)
        elif one != other:
            return Equivalence("differs", f"another answer on {shown}", args)
    return unknown


def _is_positional(task: FunctionTask) -> bool:
    args = task.node.args
    return not (args.kwonlyargs or args.vararg or args.kwarg)


def _finite_domain(task: FunctionTask) -> list[tuple[Any, ...]] | None:
    """Return all arguments that the annotations allow, with defaults left out as well; or None."""
    parameters = [*task.node.args.posonlyargs, *task.node.args.args]
    # `pre:` lines hold of all arguments: they cannot say whether a default may be left out.
    if not _is_positional(task) or (task.node.args.defaults and read_contract(task).pre):
        return None
    columns = _each([parameter.annotation for parameter in parameters])
    if columns is None:
        return None
    shortest = len(parameters) - len(task.node.args.defaults)
    rows: list[tuple[Any, ...]] = []
    for length in range(shortest, len(parameters) + 1):
        every = itertools.product(*columns[:length])
        rows += itertools.islice(every, MOST + 1 - len(rows))
    return rows if len(rows) <= MOST else None


def _values(hint: ast.expr | None) -> list[Any] | None:
    """Return all values of a type, None where there may be too many."""
    if isinstance(hint, ast.Constant) and hint.value is None:
        return [None]
    if isinstance(hint, ast.Name):
        return [False, True] if hint.id == "bool" else None
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        return _either([hint.left, hint.right])
    if not isinstance(hint, ast.Subscript):
        return None
    name = getattr(hint.value, "id", getattr(hint.value, "attr", ""))
    parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
    if name == "Literal":
        known = [part.value for part in parts if isinstance(part, ast.Constant)]
        return known if len(known) == len(parts) else None
    if name in ("Optional", "Union"):
        return _either([*parts, ast.Constant(None)] if name == "Optional" else parts)
    if name in ("tuple", "Tuple"):
        columns = _each(parts)
        every = itertools.product(*columns) if columns is not None else ()
        return list(itertools.islice(every, MOST + 1)) or None
    return None


def _either(hints: Sequence[ast.expr]) -> list[Any] | None:
    columns = _each(hints)
    return None if columns is None else list(itertools.chain(*columns))


def _each(hints: Sequence[ast.expr | None]) -> list[list[Any]] | None:
    columns = [_values(hint) for hint in hints]
    known = [column for column in columns if column is not None]
    return known if len(known) == len(columns) else None
