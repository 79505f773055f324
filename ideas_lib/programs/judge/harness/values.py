"""Plain data as text: what may pass between a program that is judged and its judge.

Data are None, bool, int, float, complex, str, bytes, and lists, tuples, sets, frozensets and dicts
of data, at most DEPTH deep with the call or the answer around them. A dict keeps its order, which
a program may go by. Subclasses (a Counter, a namedtuple) count as what they are built on. Reading
runs no code that the text could choose, unlike pickle or eval.
"""

import json
import math
import operator
from typing import Any

DEPTH = 100
SIZE = 1 << 20  # characters of a text
KINDS: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


def canonical(value: object) -> str:
    """Return a text that equal values share, dicts in any order; but 1, 1.0 and True differ.

    Raises as `encode`.
    """
    return encode(value, ordered=False)


def encode(value: object, depth: int = 0, *, ordered: bool = True) -> str:
    """Return the text of a value. Raises TypeError for what is no data, ValueError if too deep."""
    if depth > DEPTH:
        raise ValueError(f"nested deeper than {DEPTH} levels")
    if value is None or value is True or value is False:
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(str.__str__(value))
    if isinstance(value, int) or (hasattr(value, "__index__") and not isinstance(value, type)):
        return f'["int","{operator.index(value):x}"]'
    if isinstance(value, float):
        return f'["float","{float.__repr__(value)}"]'
    if isinstance(value, complex):
        parts = (float.__repr__(part) for part in (value.real, value.imag))
        return '["complex","{}","{}"]'.format(*parts)
    if isinstance(value, bytes | bytearray):
        return f'["bytes","{bytes(value).hex()}"]'
    if isinstance(value, dict):
        pairs = (
            [encode(part, depth + 1, ordered=ordered) for part in pair]
            for pair in dict.items(value)
        )
        texts = [f"[{key},{item}]" for key, item in pairs]
        return _listed("dict", texts if ordered else sorted(texts))
    for name, kind in KINDS.items():
        if isinstance(value, kind):
            texts = [encode(item, depth + 1, ordered=ordered) for item in kind.__iter__(value)]
            texts = texts if name in ("list", "tuple") else sorted(texts)
            return _listed(name, texts)
    raise TypeError(f"a {type(value).__name__} is no plain data")


def _listed(name: str, texts: list[str]) -> str:
    return "[{}]".format(",".join([f'"{name}"', *texts]))


def decode(text: str, size: int = SIZE) -> Any:
    """Return the value of a text. Raises ValueError, and nothing else, for what is none."""
    if len(text) > size:
        raise ValueError(f"longer than {size} characters")
    try:
        return _build(json.loads(text, parse_float=_refuse, parse_constant=_refuse), 0)
    except (TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise ValueError(f"no plain data: {error}") from None


def _refuse(word: str) -> None:
    raise ValueError(f"no plain data: {word}")


def _build(node: Any, depth: int) -> Any:
    if depth > DEPTH:
        raise ValueError(f"nested deeper than {DEPTH} levels")
    if node is None or isinstance(node, bool | str):
        return node
    if not isinstance(node, list) or not node:
        raise ValueError(f"no plain data: {type(node).__name__}")
    name, *parts = node
    if name == "dict":
        return {_build(k, depth + 1): _build(v, depth + 1) for k, v in parts}
    if name in KINDS:
        return KINDS[name](_build(part, depth + 1) for part in parts)
    if name == "complex":
        return complex(*map(float, parts))
    (word,) = parts
    if name == "int":
        return int(word, 16)
    if name == "float":
        return math.nan if word == "nan" else float(word)  # one object: `[nan] == [nan]` holds
    if name == "bytes":
        return bytes.fromhex(word)
    raise ValueError(f"no plain data: {name}")


def same(one: Any, other: Any) -> bool:
    """Say whether two values are equal as Python compares plain data, but nan equals nan."""
    return bool(_without_nan(one) == _without_nan(other))


class _Nan:
    """What stands for every nan: equal to itself, as nan is not, and to nothing else."""


NAN = _Nan()


def _without_nan(value: Any) -> Any:
    """Return a value with NAN in place of each nan, however deep it stands; lists stay lists."""
    if isinstance(value, float):
        return NAN if math.isnan(value) else value
    if isinstance(value, complex):
        parts = _without_nan([value.real, value.imag])
        return ("complex", *parts) if NAN in parts else value
    if isinstance(value, dict):
        return {_without_nan(key): _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        kind = next(kind for kind in KINDS.values() if isinstance(value, kind))
        return kind(map(_without_nan, value))
    return value
