"""What a call came to: told by the sandbox, compared, shown, and read from what a person wrote.

    >>> read_outcome("[1, 2.0]").shown
    '[1, 2.0]'
    >>> read_outcome("raises ValueError").kind
    'raises'

Two outcomes are the same when their keys are. True, 1 and 1.0 differ; 0.0 and -0.0, and floats that
agree to nine digits, do not; nan is nan. An exception counts by its name. Nothing here runs what it
reads, and nothing builds a set or dict of a program's choosing.
"""

import ast
import builtins
import json
import math
from dataclasses import dataclass
from typing import Any

from ideas_lib.formatting import printable
from ideas_lib.programs.ambiguity.harness.acts import data_of

__all__ = ["Outcome", "outcome_of", "read_outcome", "told_outcome"]

DIGITS = 9
LEAVING = ", leaving "
PICKED = ("value", "changes", "raises")  # what an example can say
BRACKETS = {"list": "[]", "tuple": "()", "set": "{}", "iterator": ("iter([", "])")}
KINDS = {"value": 2, "changes": 3, "raises": 2, "fickle": 1, "slow": 1, "died": 1, "long": 3}
CALLED = ("set", "frozenset", "iter", "array", "float")
SECONDS = 1  # of processor time for a call


@dataclass(frozen=True)
class Outcome:
    """What a call came to; `kind` is that of `harness.acts`.

    `key` is equal for outcomes that count as the same, `shown` is for people, `value` is the data.
    """

    kind: str
    key: str
    shown: str
    value: Any = None

    @property
    def pickable(self) -> bool:
        """Say whether an example can say that."""
        return self.kind in PICKED


def told_outcome(act: Any, floats: bool = False) -> Outcome:
    """Return the outcome of what a sandbox told. Raises ValueError for what is none.

    With `floats`, as for a function that returns float, an int counts as the float it equals.
    """
    try:
        kind, *parts = act
        if KINDS[kind] != len(act):
            raise ValueError
        if kind in ("value", "changes"):
            shown = _written(parts[0])
            if kind == "changes":
                after = ["tuple", *parts[1]]
                key = json.dumps([kind, _keyed(parts[0], floats), _keyed(after, False)])
                return Outcome(kind, key, f"{shown}{LEAVING}{_written(after)}", parts)
            return Outcome(kind, json.dumps([kind, _keyed(parts[0], floats)]), shown, parts[0])
        if not all(isinstance(part, str) for part in parts):
            raise ValueError
        words = {
            "raises": f"raises {parts[0] if parts else ''}",
            "slow": f"no answer within {SECONDS} s",
            "died": "its process dies",
            "fickle": "differs when asked again",
            "long": f"{parts[-1] if parts else ''}…, too long to show",
        }
        return Outcome(kind, json.dumps(act), printable(words[kind]), parts)
    except (TypeError, KeyError, IndexError, ValueError, RecursionError, OverflowError):
        raise ValueError("it told what no call comes to") from None


def outcome_of(value: Any, floats: bool = False) -> Outcome:
    """Return the outcome of a call that gives a value, plain data."""
    return told_outcome(["value", data_of(value)], floats)


def read_outcome(text: str, floats: bool = False) -> Outcome:
    """Return the outcome that a person wrote: as `Outcome.shown` has it, `raises NAME` too.

    Raises ValueError, naming the text.
    """
    words = text.split()
    if len(words) == 2 and words[0] in ("raises", "raise") and words[1].isidentifier():
        return told_outcome(["raises", words[1]])
    value, found, after = text.rpartition(LEAVING)
    for parts in ([value, after], [text]) if found else ([text],):
        try:
            given, *left = (_read(ast.parse(each.strip(), mode="eval").body) for each in parts)
            act = ["changes", given, left[0][1:]] if left else ["value", given]
            return told_outcome(act, floats)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
    raise ValueError(
        f"{printable(text)[:80]} is no value of Python, and no `raises NAME`; a text has quotes of "
        "its own, as in \"'abc'\""
    )


def _keyed(data: Any, floats: bool) -> Any:
    """Return data with numbers as they are compared."""
    if not isinstance(data, list):
        return data
    kind, *parts = data
    if kind == "float" or (kind == "int" and floats):
        number = float(parts[0]) if kind == "float" else float(int(parts[0], 16))
        return ["float", f"{number:.{DIGITS}g}" if number else "0"]
    if kind == "complex":
        return [kind, *(f"{float(part):.{DIGITS}g}" if float(part) else "0" for part in parts)]
    if kind in ("int", "bytes"):
        return data
    found = [_keyed(part, floats) for part in parts]
    if kind in ("set", "frozenset", "dict"):
        found.sort(key=json.dumps)
    if kind == "dict":
        return [kind, *([_keyed(part, floats) for part in pair] for pair in data[1:])]
    return [kind, *found]


def _written(data: Any) -> str:
    """Return data as Python writes it. Raises ValueError and its like for what is none."""
    if data is None or isinstance(data, bool):
        return str(data)
    if isinstance(data, str):
        return repr(data) if data.isprintable() else ascii(data)
    kind, *parts = data
    if kind == "int":
        number = int(parts[0], 16)
        return str(number) if abs(number) < 10**40 else hex(number)
    if kind == "float":
        return repr(float(parts[0]))
    if kind == "complex":
        return repr(complex(float(parts[0]), float(parts[1])))
    if kind == "bytes":
        return repr(bytes.fromhex(parts[0]))
    if kind == "dict":
        return "{" + ", ".join(f"{_written(k)}: {_written(v)}" for k, v in parts) + "}"
    if kind == "object":
        more = f" with {_written(parts[2])}" if len(parts) > 2 else ""
        return printable(str(parts[1]))[:200] + more
    if kind == "array":
        return f"array({_written(parts[0])})"
    if kind == "more":
        return "..."
    if kind == "frozenset" or (kind == "set" and not parts):
        return f"{kind}({_written(['set', *parts]) if parts else ''})"
    if kind == "tuple" and len(parts) == 1:
        return f"({_written(parts[0])},)"
    left, right = BRACKETS[kind]
    return left + ", ".join(map(_written, parts)) + right


def _read(node: ast.expr) -> Any:
    """Return the data that an expression writes; ValueError for one that has to be computed."""
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return ["float", node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if isinstance(node.operand, ast.Name) and node.operand.id == "inf":
            return ["float", "-inf"]
    if isinstance(node, ast.List | ast.Tuple):
        return [type(node).__name__.lower(), *map(_read, node.elts)]
    if isinstance(node, ast.Set):
        return ["set", *sorted(map(_read, node.elts), key=json.dumps)]
    if isinstance(node, ast.Dict) and all(node.keys):
        pairs = zip(node.keys, node.values, strict=True)
        return ["dict", *sorted(([_read(k), _read(v)] for k, v in pairs if k), key=json.dumps)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id in CALLED:
            return _called(node.func.id, list(map(_read, node.args)))
    if isinstance(node, ast.Call | ast.Attribute):  # Fraction(1, 2), Colour.RED
        name = node.func if isinstance(node, ast.Call) else node.value
        word = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
        if not word or hasattr(builtins, word):
            raise ValueError(word)
        return ["object", word, ast.unparse(node)]
    value = ast.literal_eval(node)
    if isinstance(value, float) and math.isnan(value):
        raise ValueError
    return data_of(value)


def _called(name: str, args: list[Any]) -> Any:
    """Return what `set()`, `frozenset({1})`, `iter([1])`, `array([1])` and `float('nan')` write."""
    if name == "set" and not args:
        return ["set"]
    if name == "frozenset" and not args:
        return ["frozenset"]
    if len(args) == 1 and isinstance(args[0], list):
        if name == "frozenset":
            return ["frozenset", *args[0][1:]]
        if name == "iter" and args[0][0] == "list":
            return ["iterator", *args[0][1:]]
        if name == "array" and args[0][0] == "list":
            return ["array", args[0]]
    if name == "float" and args in (["nan"], ["inf"], ["-inf"]):
        return ["float", args[0]]
    raise ValueError(name)
