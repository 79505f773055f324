"""Annotations of data: what the inputs are, and what the programs return."""

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["hint_of"]

PLAIN = ("int", "float", "complex", "bytes")


def hint_of(values: Iterable[Any]) -> str:
    """Return the annotation of data as `harness.acts.data_of` has it; empty where none fits all.

    int and float together are float, None beside another type is `| None`.
    """
    found = {_hint(value) for value in values}
    if "" in found or not found:
        return ""
    return _joined(found)


def _joined(found: set[str]) -> str:
    some = set(found)
    optional = "None" in some and len(some) > 1
    some -= {"None"} if optional else set()
    if some == {"int", "float"}:
        some = {"float"}
    if len(some) > 1:  # an empty list is of any type
        full = {hint for hint in some if "[]" not in hint}
        if len(full) == 1 and all(h.startswith(next(iter(full)).partition("[")[0]) for h in some):
            some = full
    if len(some) != 1:
        return ""
    (hint,) = some
    hint = hint.replace("[]", "")
    return f"{hint} | None" if optional else hint


def _hint(data: Any) -> str:
    """Return the annotation of one value; `list[]` of an empty list."""
    if data is None or isinstance(data, bool | str):
        return "None" if data is None else type(data).__name__
    kind, *parts = data
    if kind in PLAIN:
        return kind
    if kind in ("list", "set", "frozenset"):
        return _of_items(kind, [parts])
    if kind == "dict":
        return _of_items(kind, [[pair[0] for pair in parts], [pair[1] for pair in parts]])
    if kind == "tuple" and parts:
        hints = [_hint(part) for part in parts]
        return f"tuple[{', '.join(hints)}]" if all(hints) and "[]" not in str(hints) else ""
    return ""


def _of_items(kind: str, columns: Sequence[Sequence[Any]]) -> str:
    if not columns[0]:
        return f"{kind}[]"
    hints = [_joined({_hint(item) for item in column}) for column in columns]
    return f"{kind}[{', '.join(hints)}]" if all(hints) else ""
