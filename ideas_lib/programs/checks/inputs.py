"""Inputs to try a function on, like those of its examples, or of the types it names.

Hypothesis draws them; nothing of the function is run. What is like an example keeps to its kind:
numbers of about the same size and sign, texts of the same words and letters, lists as long. A
docstring says more of what a function is for than its types do.
"""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ideas_lib.programs.checks.examples import Example
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.harness.values import encode

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["sample_inputs"]

LISTS = ("list", "List", "Sequence", "Iterable", "Collection")
MOST = 10_000  # of a number, unless an example goes beyond


def sample_inputs(
    task: FunctionTask, found: Sequence[Example], count: int = 48
) -> list[tuple[Any, ...]]:
    """Return the examples' arguments and up to `count` more, no two alike.

    They are the same each time the same modules are loaded: Hypothesis takes constants from the
    reader's own modules now and then. Empty where neither an example nor a type says what the
    arguments are.
    """
    given = [example.args for example in found if example.args is not None]
    strategy = _arguments(task, given)
    if strategy is None:
        return _distinct(given)
    return _distinct([*given, *_drawn(strategy, count)])


def _distinct(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list({encode(row): row for row in rows}.values())


def _drawn(strategy: "SearchStrategy[Any]", count: int) -> list[Any]:
    from hypothesis import HealthCheck, Phase, given, settings

    rows: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(row: Any) -> None:
        rows.append(row)

    draw()
    return rows


def _arguments(
    task: FunctionTask, given: Sequence[tuple[Any, ...]]
) -> "SearchStrategy[Any] | None":
    """Return a strategy for all arguments together: fresh ones, and examples with one changed."""
    from hypothesis import strategies as st

    parameters = [*task.node.args.posonlyargs, *task.node.args.args]
    lengths = {len(args) for args in given} or {len(parameters)}
    length = min(lengths)
    given = [args for args in given if len(args) == length]
    each = []
    for place in range(length):
        hint = parameters[place].annotation if place < len(parameters) else None
        strategy = _like([args[place] for args in given]) if given else None
        strategy = _typed(hint) if strategy is None else strategy
        if strategy is None:
            return None
        each.append(strategy)
    fresh = st.tuples(*each)
    if not given or length < 2:
        return fresh

    @st.composite
    def changed(draw: Any) -> tuple[Any, ...]:
        args, place = draw(st.sampled_from(given)), draw(st.integers(0, length - 1))
        return (*args[:place], draw(each[place]), *args[place + 1 :])

    return fresh | changed()


def _like(values: Sequence[Any]) -> "SearchStrategy[Any] | None":
    """Return a strategy for values of the same kinds as these; None where they tell nothing."""
    from hypothesis import strategies as st

    kinds: dict[type, list[Any]] = {}
    for value in values:
        kinds.setdefault(type(value), []).append(value)
    makers: dict[type, Any] = {
        bool: _booleans,
        int: _integers,
        float: _floats,
        str: _texts,
        dict: _dicts,
    }
    found = []
    for kind, some in kinds.items():
        if kind in (list, tuple, set, frozenset):
            found.append(_collections(kind, some))
        else:
            found.append(makers.get(kind, st.sampled_from)(some))
    known = [strategy for strategy in found if strategy is not None]
    return st.one_of(known) if known and len(known) == len(found) else None


def _booleans(values: Sequence[bool]) -> "SearchStrategy[Any]":
    from hypothesis import strategies as st

    return st.booleans()


def _integers(values: Sequence[int]) -> "SearchStrategy[Any]":
    from hypothesis import strategies as st

    low, high = min(values), max(values)
    low = 2 * low if low < 0 else min(low, 1)  # where no example is 0, 0 may make no sense
    high = max(20, min(2 * high, max(MOST, high)))
    return st.integers(low, max(20, low)) | st.integers(low, high)


def _floats(values: Sequence[float]) -> "SearchStrategy[Any]":
    return _integers([round(10 * value) for value in values]).map(lambda tenths: tenths / 10)


def _texts(values: Sequence[str]) -> "SearchStrategy[Any]":
    """Mix the words and the letters of the examples anew."""
    from hypothesis import strategies as st

    longest = max(map(len, values))
    letters = {letter for value in values for letter in value}
    classes = {str.islower: "abcxyz", str.isupper: "ABCXYZ", str.isdigit: "0123456789"}
    for test, more in classes.items():
        if any(map(test, letters)) and len(letters) > 6:
            letters |= set(more)
    words = sorted({word for value in values for word in value.split()})
    found = [st.sampled_from(sorted(set(values)))]
    if letters:
        size = {"min_size": min(map(len, values)) and 1, "max_size": max(10, longest)}
        found.append(st.text(sorted(letters), **size))
    if len(words) > 1:
        most = max(6, max(len(value.split()) for value in values))
        found.append(st.lists(st.sampled_from(words), min_size=1, max_size=most).map(" ".join))
    return st.one_of(found)


def _collections(kind: type, values: Sequence[Any]) -> "SearchStrategy[Any] | None":
    from hypothesis import strategies as st

    sizes = {len(value) for value in values}
    if kind is tuple and len(sizes) == 1:
        columns = [_like(column) for column in zip(*values, strict=True)]
        whole = [column for column in columns if column is not None]
        return st.tuples(*whole) if len(whole) == len(columns) else None
    item = _like([item for value in values for item in value])
    if item is None:
        return None
    same = len(sizes) == 1 and len(values) > 2  # three examples of a size: it may be the only one
    low, high = (max(sizes), max(sizes)) if same else (min(sizes) and 1, max(6, *sizes))
    return st.lists(item, min_size=low, max_size=high).map(kind)


def _dicts(values: Sequence[dict[Any, Any]]) -> "SearchStrategy[Any] | None":
    from hypothesis import strategies as st

    keys = _like([key for value in values for key in value])
    items = _like([item for value in values for item in value.values()])
    if keys is None or items is None:
        return None
    sizes = {len(value) for value in values}
    return st.dictionaries(keys, items, min_size=min(sizes) and 1, max_size=max(4, *sizes))


def _typed(hint: ast.expr | None) -> "SearchStrategy[Any] | None":
    """Return a strategy for an annotation, None where it says too little."""
    from hypothesis import strategies as st

    if isinstance(hint, ast.Constant):
        return st.none() if hint.value is None else None
    if isinstance(hint, ast.BinOp):  # X | Y
        return _either([hint.left, hint.right])
    if isinstance(hint, ast.Name | ast.Attribute):
        name = hint.id if isinstance(hint, ast.Name) else hint.attr
        simple: dict[str, Any] = {
            "int": st.integers(0, 20) | st.integers(-100, 100),
            "float": st.integers(-100, 1000).map(lambda tenths: tenths / 10),
            "bool": st.booleans(),
            "str": st.text("abcxyzABC 012,.()", max_size=10),
        }
        return simple.get(name)
    if not isinstance(hint, ast.Subscript):
        return None
    name = getattr(hint.value, "id", getattr(hint.value, "attr", ""))
    parts = hint.slice.elts if isinstance(hint.slice, ast.Tuple) else [hint.slice]
    if name in ("Optional", "Union"):
        more = [ast.Constant(None)] if name == "Optional" else []
        return _either([*parts, *more])
    ellipsis = isinstance(parts[-1], ast.Constant) and parts[-1].value is ...
    items = [_typed(part) for part in parts[:1] if ellipsis] or [_typed(part) for part in parts]
    known = [item for item in items if item is not None]
    if len(known) < len(items):
        return None
    if name in LISTS or ellipsis:
        return st.lists(known[0], max_size=8).map(tuple if ellipsis else list)
    if name in ("tuple", "Tuple"):
        return st.tuples(*known)
    if name in ("set", "Set", "frozenset", "FrozenSet"):
        return st.lists(known[0], max_size=8).map(set if "f" not in name.lower() else frozenset)
    if name in ("dict", "Dict", "Mapping") and len(items) == 2:
        return st.dictionaries(known[0], known[1], max_size=5)
    return None


def _either(hints: Sequence[ast.expr]) -> "SearchStrategy[Any] | None":
    from hypothesis import strategies as st

    found = [_typed(hint) for hint in hints]
    known = [strategy for strategy in found if strategy is not None]
    return st.one_of(known) if len(known) == len(found) else None
