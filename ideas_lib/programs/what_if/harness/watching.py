"""See whether a test has left anything behind in the process that a later test could notice.

What is watched: all that the repository's modules, the parameters of tests and the fixtures that
live hold, however deep; names and plain containers of other packages; names of the standard
library; and a list of switches (`ambient`). Not watched: what C code keeps to itself, and what
pytest notes. Where something is met whose inside cannot be seen, `blind` says so, and nothing is
ever taken to be as it was.

Contents are compared by identity, and what is watched is kept alive, so no address is used twice.
"""

import contextvars
import gc
import sys
import types
import weakref
from collections.abc import Callable, Iterable
from functools import _lru_cache_wrapper, partial
from operator import is_
from typing import Any

from ideas_lib.programs.what_if.harness import contents
from ideas_lib.programs.what_if.harness.ambient import switches
from ideas_lib.programs.what_if.harness.contents import CONTENTS, kind_name, root_name

__all__ = ["NEUTRAL", "Watch"]

MOST = 300_000  # objects that are looked at
STDLIB = frozenset(sys.stdlib_module_names) | {"__main__"}
# What these do to themselves is no test's business, unless they are what is tested.
NEUTRAL = frozenset(
    {
        *("_pytest", "pytest", "pluggy", "iniconfig", "pygments", "coverage", "packaging"),
        *("hypothesis", "_hypothesis_pytestplugin", "_hypothesis_globals", "pytest_timeout"),
        *("_distutils_hack", "logging"),
    }
)
PASSING = ("__warningregistry__", "last_type", "last_value", "last_traceback", "last_exc")
LEAVES = frozenset(
    {
        *(type(None), bool, int, float, complex, str, bytes, range, slice, type(...)),
        *(type(NotImplemented), object, types.CodeType, types.ModuleType),
        *(types.GetSetDescriptorType, types.MemberDescriptorType, types.MethodDescriptorType),
        *(types.WrapperDescriptorType, types.ClassMethodDescriptorType, contextvars.ContextVar),
    }
)
TRANSPARENT = (property, staticmethod, classmethod, types.MethodType, partial)
CHANGING = (types.MappingProxyType, _lru_cache_wrapper, types.CellType)


class Watch:
    """What there was when `take` was called, and what has changed since.

    `top` is the repository's folder, `fixtures` gives pytest's definitions of fixtures, and `more`
    are further things to watch.
    """

    def __init__(
        self, top: str, fixtures: Callable[[], Iterable[Any]], more: Iterable[Any] = ()
    ) -> None:
        self.top, self.fixtures, self.more = top.rstrip("/") + "/", fixtures, list(more)
        self.blind: set[str] = set()
        self.seen: dict[int, Any] = {}
        self.held: list[tuple[Callable[[Any], Any], Any, Any]] = []
        self.modules: dict[str, Any] = {}
        self.around: dict[str, Any] = {}
        self.live: list[Any] = []
        self.neutral: frozenset[str] = NEUTRAL

    def take(self) -> None:
        """Note everything anew."""
        self.blind, self.seen, self.held = set(), {}, []
        there = list(sys.modules.items())
        own = {name for name, module in there if self.is_own(module)}
        self.neutral = NEUTRAL - {root_name(name) for name in own}
        self.modules = {n: m for n, m in there if root_name(n) not in self.neutral}
        todo: list[Any] = [*self.more]
        for name, module in self.modules.items():
            if not isinstance(module, types.ModuleType):
                continue
            if name in own:
                self._hold(contents.own_names, module)
                todo += module.__dict__.values()
            else:
                self._hold(contents.foreign_names, module)
                if root_name(name) not in STDLIB:
                    self._hold_containers(module.__dict__)
        self.live = self.live_fixtures()
        todo += self.live
        while todo and len(self.seen) <= MOST:
            self._look(todo.pop(), todo)
        if todo:
            self.blind.add(f"more than {MOST} objects")
        self.around = switches()

    def changed(self) -> str:
        """Return what has changed first, in words; "" for nothing."""
        if self.blind:
            return f"a {sorted(self.blind)[0]}, whose inside cannot be seen"
        around = switches()
        for key, before in self.around.items():
            if around.get(key) != before:
                return key
        live = self.live_fixtures()
        if len(live) != len(self.live) or not all(map(is_, live, self.live)):
            return "the fixtures that live"
        names = self.changed_modules()
        if names:
            return f"module {names[0]}"
        for place in self.changed_places():
            owner = self.held[place][1]
            return f"{type(owner).__name__} {getattr(owner, '__name__', '')}".strip()
        return ""

    def changed_modules(self) -> list[str]:
        """Return the names of modules that are new, gone or others."""
        gone = [
            name for name, module in self.modules.items() if sys.modules.get(name) is not module
        ]
        known = STDLIB | self.neutral
        return gone + [
            n for n in sys.modules if n not in self.modules and root_name(n) not in known
        ]

    def changed_places(self) -> Iterable[int]:
        """Yield the places in `held` of contents that are not as they were."""
        for place, (content, owner, before) in enumerate(self.held):
            now = content(owner)
            if len(now) != len(before) or not all(map(is_, now, before)):
                yield place

    def live_fixtures(self) -> list[Any]:
        """Return what fixtures gave that are set up, but not pytest's own."""
        others = (f for f in self.fixtures() if root_name(f.func.__module__) not in self.neutral)
        return [each.cached_result for each in others if each.cached_result is not None]

    # --- what is looked at ---

    def is_own(self, module: Any) -> bool:
        """Say whether a module is a file of the repository, or a folder of it."""
        names = contents.instance_names(module) or {}
        places = [names.get("__file__"), *(names.get("__path__") or ())]
        return any(isinstance(p, str) and (p + "/").startswith(self.top) for p in places)

    def _hold(self, content: Callable[[Any], Any], owner: Any) -> None:
        self.held.append((content, owner, content(owner)))

    def _hold_containers(self, names: dict[str, Any]) -> None:
        for value in list(names.values()):
            if type(value) in (dict, list, set) and id(value) not in self.seen:
                self.seen[id(value)] = value
                self._hold(CONTENTS[type(value)], value)

    def _look(self, thing: Any, todo: list[Any]) -> None:
        kind = type(thing)
        if kind in LEAVES or id(thing) in self.seen:
            return
        self.seen[id(thing)] = thing
        if root_name(kind.__module__) in self.neutral:
            return
        if kind in CONTENTS:
            self._hold(CONTENTS[kind], thing)
            todo += self.held[-1][2]
        elif isinstance(thing, type):
            module = sys.modules.get(thing.__module__)
            if self.is_own(module):
                self._hold(contents.class_names, thing)
                todo += [*self.held[-1][2], *thing.__bases__]
        elif kind in (tuple, frozenset):
            todo += thing
        elif kind is types.FunctionType:
            self._hold(contents.function_parts, thing)
            todo += self.held[-1][2]
        elif kind is types.BuiltinFunctionType:
            todo.append(thing.__self__)
        elif kind in TRANSPARENT:
            todo += gc.get_referents(thing)
        elif kind in CHANGING:
            self._hold(gc.get_referents, thing)
            todo += self.held[-1][2]
        elif isinstance(thing, weakref.ReferenceType):
            self._hold(contents.aliveness, thing)
        elif kind_name(kind) in ("itertools.count", "itertools.repeat"):
            self._hold(contents.repr_text, thing)
        else:
            self._look_inside(thing, kind, todo)

    def _look_inside(self, thing: Any, kind: type, todo: list[Any]) -> None:
        """Look into an object of some class: its names, its slots, and what it is built on."""
        names = contents.instance_names(thing)
        if names is not None:
            self._hold(CONTENTS[dict], names)
            todo += self.held[-1][2]
        slots = contents.slots_of(kind)
        if slots:
            self._hold(contents.of_slots(slots), thing)
            todo += self.held[-1][2]
        basis = next((base for base in CONTENTS if isinstance(thing, base)), None)
        if basis is not None:
            self._hold(CONTENTS[basis], thing)
            todo += self.held[-1][2]
        elif isinstance(thing, tuple):
            todo += tuple.__iter__(thing)
        elif isinstance(thing, frozenset):
            todo += frozenset.__iter__(thing)
        elif isinstance(thing, BaseException):
            todo += thing.args
        elif any(kind_name(base) == "_random.Random" for base in kind.__mro__):
            self._hold(contents.random_state, thing)
        elif (seen := next((b for b in TRANSPARENT if isinstance(thing, b)), None)) and not (
            contents.holds_more(thing, len(slots), seen)
        ):
            self._hold(gc.get_referents, thing)
            todo += self.held[-1][2]
        elif contents.holds_more(thing, len(slots)):
            if contents.is_buffer(thing):
                self._hold(contents.as_bytes, thing)
            else:
                self.blind.add(kind_name(kind))
