"""What an object holds, as a list that can be compared with an earlier one, part by part."""

import types
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any, ClassVar

LARGEST = 1 << 20  # bytes of a buffer that are compared
PASSING = ("__warningregistry__", "last_type", "last_value", "last_traceback", "last_exc")
# Of threading, what a child makes anew when it is forked; threads themselves are watched elsewhere.
AFTER_FORK = ("_active_limbo_lock", "_shutdown_locks_lock", "_shutdown_locks", "_shutdown_handles")
# They cannot change, or only as a lock does; by name, for their modules may not be there.
QUIET = frozenset(
    {
        *("re.Pattern", "re.Match", "datetime.date", "datetime.datetime", "datetime.time"),
        *("datetime.timedelta", "datetime.timezone", "decimal.Decimal", "zoneinfo.ZoneInfo"),
        *("_thread.lock", "_thread.RLock", "_thread._local", "_struct.Struct"),
        *("operator.itemgetter", "operator.attrgetter", "operator.methodcaller"),
        *("_abc._abc_data", "functools._lru_list_elem", "numpy.dtype", "numpy.ufunc"),
        *("typing.TypeVar", "typing.ParamSpec", "typing.TypeVarTuple", "typing.TypeAliasType"),
        *("builtins.super", "types.GenericAlias", "types.UnionType", "typing.Union"),
    }
)


def root_name(name: Any) -> str:
    """Return the package of a module's name."""
    return name.partition(".")[0] if isinstance(name, str) else ""


def kind_name(kind: type) -> str:
    """Return the name of a class with its module's."""
    return f"{kind.__module__}.{kind.__qualname__}"


def instance_names(thing: Any) -> dict[str, Any] | None:
    """Return an object's own dictionary, None if it has none."""
    try:
        names = object.__getattribute__(thing, "__dict__")
    except Exception:  # it hides it, in whatever way
        return None
    return names if type(names) is dict else None


def slots_of(kind: type) -> list[Any]:
    """Return the descriptors of the slots of a class and of its bases."""
    return [
        slot
        for base in kind.__mro__
        if "__slots__" in vars(base)
        for slot in vars(base).values()
        if isinstance(slot, types.MemberDescriptorType)
    ]


def holds_more(thing: Any, slots: int, basis: type = object) -> bool:
    """Say whether something may change in an object that neither slots nor dictionary show.

    Nor what it is built on, of which all can be seen.
    """
    kind = type(thing)
    if isinstance(thing, str | bytes | int | float | complex):
        return False
    if any(kind_name(base) in QUIET for base in kind.__mro__):
        return False
    words = slots + (kind.__dictoffset__ > 0 >= basis.__dictoffset__)
    words += kind.__weakrefoffset__ > 0 >= basis.__weakrefoffset__
    return kind.__basicsize__ > basis.__basicsize__ + 8 * words


def is_buffer(thing: Any) -> bool:
    """Say whether an object's bytes can be had, and are all that it holds."""
    try:
        with memoryview(thing) as view:
            return view.nbytes <= LARGEST and "O" not in (view.format or "O")
    except (TypeError, ValueError, BufferError):
        return False


class _Known:
    """Values that are equal are the same one: for contents that are made anew at each look."""

    values: ClassVar[dict[Any, Any]] = {}

    @classmethod
    def one(cls, value: Any) -> tuple[Any]:
        return (cls.values.setdefault(value, value),)


def repr_text(each: Any) -> tuple[Any]:
    """Return what an object says it is."""
    return _Known.one(repr(each))


def as_bytes(each: Any) -> tuple[Any]:
    """Return what lies in a buffer."""
    return _Known.one(memoryview(each).tobytes())


def random_state(each: Any) -> tuple[Any]:
    """Return where a generator of random numbers stands."""
    return _Known.one(each.getstate())


def aliveness(each: Any) -> tuple[bool]:
    """Say whether what a weak reference is to is there; to hold it would keep it alive."""
    return (each() is not None,)


def own_names(module: types.ModuleType) -> list[Any]:
    """Return names and values of one of the repository's modules."""
    pairs = list(module.__dict__.items())
    return [part for pair in pairs if pair[0] not in PASSING for part in pair]


def foreign_names(module: types.ModuleType) -> list[Any]:
    """Return names and values of another module, but for modules, which any import binds there."""
    pairs = list(module.__dict__.items())
    passing = PASSING + (AFTER_FORK if module.__name__ == "threading" else ())
    kept = (p for p in pairs if type(p[1]) is not types.ModuleType and p[0] not in passing)
    return [part for pair in kept for part in pair]


def class_names(each: type) -> list[Any]:
    """Return names and values of a class, without what Python notes there itself."""
    passing = ("__abstractmethods__", "__weakref__", "__dict__")
    return [p for pair in list(each.__dict__.items()) if pair[0] not in passing for p in pair]


def function_parts(each: types.FunctionType) -> tuple[Any, ...]:
    """Return what a function has beside its code."""
    return (each.__defaults__, each.__kwdefaults__, each.__dict__, each.__closure__)


def of_slots(slots: list[Any]) -> Callable[[Any], list[Any]]:
    """Return what gives the values of these slots."""

    def content(each: Any) -> list[Any]:
        found = []
        for slot in slots:
            try:
                found.append(slot.__get__(each))
            except AttributeError:
                found.append(None)
        return found

    return content


CONTENTS: dict[type, Callable[[Any], Any]] = {
    OrderedDict: lambda each: [*OrderedDict.keys(each), *OrderedDict.values(each)],
    dict: lambda each: [*dict.keys(each), *dict.values(each)],
    list: list.copy,
    set: lambda each: list(set.__iter__(each)),
    deque: lambda each: list(deque.__iter__(each)),
    bytearray: as_bytes,
}
