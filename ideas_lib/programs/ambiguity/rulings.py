"""What is settled about a function: this input gives that, or this input never happens.

A ruling comes from the docstring's examples, from a file of answers, or from a dialogue. A file of
answers is YAML, a line an answer:

    rank([2, 2, 1]): [1, 1, 3]
    rank([0]): raises ValueError
    rank([]): never happens
    rank([-1]): "never happens: min(scores) >= 0"
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ideas_lib.files import read_plain
from ideas_lib.formatting import printable
from ideas_lib.programs.ambiguity.outcomes import Outcome, outcome_of, read_outcome, told_outcome

__all__ = ["Contradiction", "Ruling", "add_answer", "read_answers", "read_call", "read_ruling"]

NEVER = re.compile(r"never(?: happens)?(?:\s*:\s*(\S.*))?", re.S)
HEAD = "# Answers for `ideas ambiguity`: what a call gives, `raises NAME`, or `never happens`.\n"


class Contradiction(ValueError):
    """Raised for two rulings that no program can satisfy together."""


@dataclass(frozen=True)
class Ruling:
    """What is settled about one input.

    `accepted` has the keys of outcomes that fit, and `outcome` the one to show; where it never
    happens there is none, and `pre` may have the condition that rules it out. With `loose`, as for
    examples in prose, an int fits the float it equals. `origin` says where it is from.
    """

    row: tuple[Any, ...]
    call: str
    outcome: Outcome | None
    pre: str = ""
    origin: str = ""
    accepted: frozenset[str] = frozenset()
    loose: bool = False

    def fits(self, found: Outcome) -> bool:
        """Say whether an outcome is one that was settled; of what never happens, any is."""
        if self.outcome is None or found.key in self.accepted:
            return True
        if not (self.loose and found.kind == "value"):
            return False
        return told_outcome(["value", found.value], True).key in self.accepted

    @property
    def words(self) -> str:
        """Return it as a file of answers has it, without quotes."""
        if self.outcome is None:
            return f"never happens{f': {self.pre}' if self.pre else ''}"
        return self.outcome.shown


def read_call(entry: str, text: str) -> tuple[Any, ...]:
    """Return the arguments of a call such as `rank([2, 1])`. Raises ValueError, naming the text."""
    words = f"{printable(text)[:80]!r} is no call of {entry} with plain values"
    try:
        call = ast.parse(text.strip(), mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError
        if call.func.id != entry or call.keywords:
            raise ValueError
        return tuple(map(literal_value, call.args))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"{words}, as {entry}(1, [2])") from None


class _Floats(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(float(node.id)) if node.id in ("nan", "inf") else node


def literal_value(node: ast.expr) -> Any:
    """Return the value of a literal, nan and inf too. Raises ValueError for what is none."""
    return ast.literal_eval(_Floats().visit(node))


def read_ruling(entry: str, call: str, answer: Any, origin: str, floats: bool = False) -> Ruling:
    """Return the ruling that an answer makes; a text is Python, or says that it never happens.

    Raises ValueError.
    """
    row = read_call(entry, call)
    shown = shown_call(entry, row)
    if not isinstance(answer, str):
        outcome = outcome_of(answer, floats)
        return Ruling(row, shown, outcome, "", origin, frozenset({outcome.key}))
    never = NEVER.fullmatch(answer.strip())
    if never is None:
        outcome = read_outcome(answer, floats)
        return Ruling(row, shown, outcome, "", origin, frozenset({outcome.key}))
    pre = (never[1] or "").strip()
    if pre:
        try:
            ast.parse(pre, mode="eval")
        except (SyntaxError, ValueError):
            words = printable(pre)[:80]
            raise ValueError(f"{shown} never happens: {words} is no expression of Python") from None
    return Ruling(row, shown, None, pre, origin)


def shown_call(entry: str, row: Sequence[Any]) -> str:
    """Return a call as Python writes it."""
    return f"{entry}({', '.join(map(repr, row))})"


def read_answers(path: Path, entry: str, floats: bool = False) -> list[Ruling]:
    """Return the rulings of a file of answers, which may be empty. Raises ValueError, OSError.

    Answers to calls of other functions are passed over: one file can hold those of several.
    """
    try:
        pairs = list(_pairs(read_plain(path).decode("utf-8")))
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no text in UTF-8: {error.reason}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    found = []
    for line, call, answer in pairs:
        where = f"{path}:{line}"
        if re.match(r"\s*\w+\(", call) and not re.match(rf"\s*{re.escape(entry)}\(", call):
            continue
        try:
            found.append(read_ruling(entry, call, answer, where, floats))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{where}: {error}") from None
    return found


def _pairs(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and value of a YAML mapping; a key that is there twice comes twice.

    What is not quoted is taken as it is written: `[None, (1, 2)]` is Python, and `no` is no bool.
    """
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        words = getattr(error, "problem", None) or type(error).__name__
        raise ValueError(f"{where}it is no YAML ({words}): put quotes around the answer") from None
    if node is not None and not isinstance(node, yaml.MappingNode):
        raise ValueError(f"line {node.start_mark.line + 1}: write `call: answer`, a line each")
    for key, value in node.value if node is not None else ():
        line = key.start_mark.line + 1
        scalar = isinstance(value, yaml.ScalarNode)
        if not isinstance(key, yaml.ScalarNode) or not (scalar or value.flow_style):
            raise ValueError(f"line {line}: write `call: answer`, on one line")
        raw = text[value.start_mark.index : value.end_mark.index]
        yield line, key.value, value.value if scalar else raw


def add_answer(text: str, call: str, answer: str) -> str:
    """Return the text of a file of answers with one more at its end."""
    import json

    before = text if not text or text.endswith("\n") else f"{text}\n"
    return f"{before or HEAD}{json.dumps(call)}: {json.dumps(answer)}\n"


def check_consistent(rulings: Sequence[Ruling]) -> None:
    """Raise Contradiction for two rulings on one input that differ."""
    known: dict[str, Ruling] = {}
    for ruling in rulings:
        first = known.setdefault(repr(ruling.row), ruling)
        if (first.outcome is None) != (ruling.outcome is None) or (
            ruling.outcome is not None
            and not (first.fits(ruling.outcome) or (first.outcome and ruling.fits(first.outcome)))
        ):
            raise Contradiction(
                f"{ruling.call} is {first.words} by {first.origin}, and {ruling.words} by "
                f"{ruling.origin}: take one of them out"
            )
