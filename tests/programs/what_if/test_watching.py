"""What a test may leave behind is seen; what is as it was is not taken for another."""

import importlib
import os
import random
import sys
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from ideas_lib.programs.what_if.harness.contents import holds_more
from ideas_lib.programs.what_if.harness.watching import Watch

STATE = """
import collections, enum, functools, itertools, re, threading, weakref

NUMBER = 1
ROWS = [[1], {"a": [2]}]
ORDER = collections.OrderedDict(a=1, b=2)
QUEUE = collections.deque([1])
BYTES = bytearray(b"abc")
COUNT = itertools.count()
LOCK = threading.Lock()
PATTERN = re.compile("a")

class Colour(enum.Enum):
    RED = 1

class Box:
    size = 1
    def __init__(self):
        self.inner = {"deep": [1]}

class Slotted:
    __slots__ = ("value", "missing")

BOX, SLOTTED = Box(), Slotted()
SLOTTED.value = [1]

class Numbers(list):
    pass

NUMBERS = Numbers([1])

@functools.lru_cache
def cached(x):
    return x

def function(x, into=[]):
    into.append(x)

def closure():
    n = 0
    def add():
        nonlocal n
        n += 1
    return add

ADD = closure()
PART = functools.partial(function, 1)

class Described(property):
    pass

class Bound(functools.partial):
    pass

class DescribedBox:
    wide = Described(function)

vars(DescribedBox)["wide"].notes = [1]
BOUND = Bound(function, 1, into=[2])
"""
LEFT = {
    "a name": "m.NUMBER = 2",
    "a new name": "m.OTHER = 2",
    "a list within a list": "m.ROWS[0].append(2)",
    "a list within a dict within a list": "m.ROWS[1]['a'].append(2)",
    "an order": "m.ORDER.move_to_end('a')",
    "a deque": "m.QUEUE.append(2)",
    "bytes": "m.BYTES[0] = 1",
    "a count": "next(m.COUNT)",
    "an attribute": "m.BOX.other = 1",
    "a list within an object": "m.BOX.inner['deep'].append(1)",
    "an attribute of a class": "m.Box.size = 2",
    "a slot": "m.SLOTTED.missing = 1",
    "a list within a slot": "m.SLOTTED.value.append(1)",
    "a list by another name": "m.NUMBERS.append(1)",
    "a cache": "m.cached(1)",
    "a default": "m.function(1)",
    "what a partial function calls": "m.PART()",
    "a closure": "m.ADD()",
    "an attribute of a property of one's own class": "vars(m.DescribedBox)['wide'].notes.append(2)",
    "a new attribute of it": "vars(m.DescribedBox)['wide'].other = 2",
    "what a partial function of one's own class holds": "m.BOUND.keywords['into'].append(3)",
    "another of its arguments": "m.BOUND.__setstate__((m.function, (2,), {}, {}))",
    "an attribute of a function": "m.function.note = 1",
    "the environment": "os.environ['WATCHED'] = '1'",
    "random numbers": "random.random()",
    "a warning filter": "warnings.simplefilter('ignore')",
    "a limit": "sys.setrecursionlimit(sys.getrecursionlimit() + 1)",
    "the path": "sys.path.append('x')",
    "a module": "sys.modules['watched_other'] = m",
    "a module of the library": "sys.modules['random'] = m",
    "a name of the library": "random.shuffle = print",
}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[ModuleType]:
    (tmp_path / "watched_state.py").write_text(STATE)
    limit, numbers, modules = sys.getrecursionlimit(), random.getstate(), dict(sys.modules)
    sys.path.insert(0, str(tmp_path))
    with warnings.catch_warnings():
        yield importlib.import_module("watched_state")
    sys.setrecursionlimit(limit)
    random.setstate(numbers)
    sys.modules.clear()
    sys.modules.update(modules)


def watch(module: ModuleType) -> Watch:
    found = Watch(str(Path(module.__file__ or "").parent), list)
    found.take()
    assert not found.blind
    return found


def test_whatever_is_left_behind_is_seen(state: ModuleType) -> None:
    scope = {"m": state, "os": os, "random": random, "warnings": warnings, "sys": sys}
    missed, shuffle = [], random.shuffle
    for name, code in LEFT.items():
        found = watch(state)
        exec(code, scope)
        if not found.changed():
            missed.append(name)
        random.shuffle = shuffle
        sys.modules["random"] = random
    assert missed == []


def test_what_is_as_it_was_is_seen_as_that(state: ModuleType) -> None:
    found = watch(state)
    state.BOX.inner["deep"].append(1)
    state.BOX.inner["deep"].pop()
    state.NUMBER = state.NUMBER
    with state.LOCK:
        state.PATTERN.match("a")
    assert [state.Colour.RED.name, state.Box().size] == ["RED", 1]
    assert found.changed() == ""


def test_what_cannot_be_seen_into_is_never_taken_for_unchanged(state: ModuleType) -> None:
    with open(__file__) as state.FILE:
        found = Watch(str(Path(state.__file__ or "").parent), list)
        found.take()
        assert "TextIOWrapper" in found.changed()


def test_what_c_code_adds_to_a_known_kind_is_not_seen_into() -> None:
    class Plain(partial):
        __slots__ = ("note",)

    thing = Plain(print)
    assert not holds_more(thing, 1, partial)
    assert holds_more(thing, 0, partial), "a word that nobody accounts for"
    assert holds_more(thing, 1)
