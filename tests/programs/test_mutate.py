"""Every mutation is one small change of the text; what it makes is Python, and not the same."""

import argparse
import ast
import asyncio.tasks
import dataclasses
import doctest
import json.decoder
import random
import sys
import textwrap
import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest

from ideas_lib.programs import mutate
from ideas_lib.programs.mutate import (
    OPERATORS,
    InvalidSource,
    Mutation,
    list_mutations,
    sample_mutations,
)
from ideas_lib.programs.mutate.mutation import LINE

# One line for each operator: the program, and what becomes of it.
TABLE = {
    "arithmetic": ("a + b", ["a - b"]),
    "bitwise": ("a & b << c", ["a & b >> c", "a | b << c"]),
    "augmented_assignment": ("a //= b", ["a /= b"]),
    "unary_removal": ("a = -b, ~c", ["a = -b, c", "a = b, ~c"]),
    "conditional_boundary": ("a < b >= c", ["a < b > c", "a <= b >= c"]),
    "comparison_negation": (
        "a < b is not c not  in d",
        ["a < b is c not  in d", "a < b is not c in d", "a >= b is not c not  in d"],
    ),
    "logical_connector": ("a and b or c", ["a and b and c", "a or b or c"]),
    "condition_negation": (
        "b if a else [c for d in e if not(d)]",
        ["b if a else [c for d in e if (d)]", "b if not (a) else [c for d in e if not(d)]"],
    ),
    "number": ("a[0xf, .5]", ["a[0xe, .5]", "a[0x10, .5]", "a[0xf, 1.5]"]),
    "string": ("a(rb'b', '')", ["a(rb'', '')", "a(rb'XXbXX', '')", "a(rb'b', 'XX')"]),
    "boolean": ("a = True", ["a = False"]),
    "index": ("a[b][c:d]", ["a[b + 1][c:d]", "a[b][c + 1:d]", "a[b][c:d + 1]"]),
    "slice_bound_removal": ("a[b:c:d]", ["a[:c:d]", "a[b:c:]", "a[b::d]"]),
    "statement_deletion": ("a = b; del c", ["a = b; pass", "pass; del c"]),
    "return_value": ("def f() -> int: return a", ["return 0", "return None"]),
    "break_continue": ("while a: break", ["while a: continue"]),
    "zero_iteration": ("for a in(b, c): d", ["for a in([]): d"]),
    "default_argument": ("def f(a=1, *, b=c): ...", ["f(a=1, *, b=None)", "f(a=None, *, b=c)"]),
    "argument_swap": ("f(a, (b), *c, d=e)", ["f((b), a, *c, d=e)"]),
    "exception_handler": (
        "try: a\nexcept B:\n    c  # why\n    d\n",
        ["try: a\nexcept B:\n    pass\n", "try: a\nexcept B:\n    raise\n"],
    ),
}
# Layouts that are rare, and easily broken; each is a whole module.
LAYOUTS = [
    "\ufeff# -*- coding: utf-8 -*-\nx = 'é' + y\n",
    "if x:\r\n\ty = 1\r\n\tz = [\r\n1]",
    "\f\nx = 1\f\ny = -x\n",
    "x = 1\ry = 2\r",
    "# type: ignore\nx = []  # type: list[int]\n",
    "if (n := f(1)) and not(n): x = {**y, 'é': lambda: n}\n",
    "match x:\n    case -1 | 1 + 2j | 'a' if y: pass\n    case {1: True, 'k': None}: z = 0\n",
    "match x:\n    case [1, *_] | P(a=2): pass\n",
    'x = f"{a!r:>{w + 1}} {b == 1} {-{1: 2}[1]} {not(c)}" f\'\' "é"\n',
    "@d(1)\nasync def f(a: int = 1, /, *b: 'x', c=()) -> 'y':\n    await 0\n    return[a]\n",
    "def f():\n    n = 1\n    def g():\n        nonlocal n\n        n = 2\n    return g\n",
    "try: a\nexcept* B: c;\nelse:\n  d\n",
    "x = yield_ if[a]else-b\nz = 1if(a)else 0x1or b\n",
    "x = (  # why\n    a  # one\n    and b  # two\n)\\\n  + c\n",
    "def f():\n    try:\n        a\n    except:\n        @d\n        class C(b): x = 1\n    # end",
    "async def f():\n    async for x in():\n        yield-x\n    async with a as b: return",
    'x = \'\'\\\n\'a\' """\\\n"""\n',
    "try: a\nexcept (A, B) :\n    b = -'é'\nelse :\n    c = 1\n",
    "try: a\nexcept* A : b = -1\n",
    "(x): int = 1\nclass A:\n    (é) : 'int' = -x\n    (a.b): (int) = 2\n",
    "x = 1\n\n    # why\n\t",
    "x = '\\d' + b'\\d'\n",
    "lambda: (yield)\nx = 1e999, 1e22, 0_0, 1_000, 0B1, 1E5J\n",
]
MODULES = [argparse, ast, asyncio.tasks, dataclasses, json.decoder, textwrap]


def read(path: Path | str) -> str:
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def assert_sound(source: str, mutations: Iterable[Mutation]) -> None:
    """Assert that mutations parse and compile, and differ only where they say."""
    old, before = LINE.split(source), ast.dump(parse(source))
    for mutation in mutations:
        mutated = mutation.apply(source)
        new = LINE.split(mutated)
        moved = len(old) - len(new)
        assert old[: mutation.line - 1] == new[: mutation.line - 1], mutation
        assert old[mutation.end_line :] == new[mutation.end_line - moved :], mutation
        line = old[mutation.line - 1]
        assert line[mutation.column :].startswith(LINE.split(mutation.before)[0]), mutation
        assert ast.dump(parse(mutated)) != before, mutation


def parse(source: str) -> ast.Module:
    """Return the tree of a source that compiles."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `1 is x`, and the like
        tree = ast.parse(source.removeprefix("\ufeff"))
        compile(tree, "mutated.py", "exec", dont_inherit=True)
    return tree


@pytest.mark.parametrize("operator", OPERATORS)
def test_each_operator(operator: str) -> None:
    source, expected = TABLE[operator]
    found = list_mutations(source, operators=[operator])
    assert {mutation.operator for mutation in found} == {operator}
    mutated = [mutation.apply(source) for mutation in found]
    for text in expected:
        assert sum(text in program for program in mutated) == 1, (text, mutated)
    assert len(mutated) == len(expected)
    assert_sound(source, found)


@pytest.mark.parametrize("source", LAYOUTS)
def test_rare_layouts(source: str) -> None:
    found = list_mutations(source)
    assert found
    assert_sound(source, found)


@pytest.mark.parametrize("source", ["x = 1" + " + 1" * 1500, "if a: b\n" + "elif c: d\n" * 900])
def test_deep_nesting(source: str) -> None:
    limit = sys.getrecursionlimit()
    found = list_mutations(source)
    assert sys.getrecursionlimit() == limit
    assert len(found) > 1800
    assert ast.parse(found[-1].apply(source))


@pytest.mark.parametrize("path", [module.__file__ for module in MODULES])
def test_real_modules(path: str) -> None:
    source = read(path)
    assert_sound(source, sample_mutations(source, 20, seed=1))


def test_the_library_itself() -> None:
    for place, path in enumerate(sorted(Path(mutate.__file__).parents[1].rglob("*.py"))):
        source = read(path)
        found = list_mutations(source, str(path))
        assert_sound(source, random.Random(place).sample(found, min(len(found), 5)))


def test_what_is_passed_over() -> None:
    source = '''"""Doc 1."""
from typing import TYPE_CHECKING
__all__ = ["a"]
__all__ += ["b"]
if TYPE_CHECKING:
    x = 1
@d(2)
def f(a: "int | 3") -> "x":
    """Doc 4."""
    "A note 5."
    b: list[6]
    ...
    pass
'''
    assert list_mutations(source) == []
    assert list_mutations("") == []


def test_a_binding_of_a_nonlocal_name_stays() -> None:
    source = "def f():\n    n = a\n    m = a\n    def g():\n        nonlocal n\n    return g\n"
    deleted = list_mutations(source, operators=["statement_deletion"])
    assert [mutation.before for mutation in deleted] == ["m = a"]


def test_places_are_reported() -> None:
    source = "class A:\n    x = 1\n    def f(self, é=2):\n        def g(): return é\n        g(3)\n"
    found = list_mutations(source, "a.py", operators=["number", "default_argument"])
    places = {(m.path, m.line, m.column, m.function, m.before) for m in found}
    assert places == {
        ("a.py", 2, 8, "", "1"),
        ("a.py", 3, 18, "A.f", "2"),
        ("a.py", 5, 10, "A.f", "3"),
    }
    (inner,) = list_mutations(source, operators=["return_value"])
    assert (inner.function, inner.path, inner.after) == ("A.f.g", "", "None")


def test_order_and_repetition() -> None:
    source = read(textwrap.__file__)
    found = list_mutations(source)
    assert found == list_mutations(source)
    assert [m.start for m in found] == sorted(m.start for m in found)
    assert len({m.apply(source) for m in found}) == len(found)


def test_samples_are_drawn_without_replacement() -> None:
    source = read(textwrap.__file__)
    found = list_mutations(source)
    one, other = (sample_mutations(source, 30, seed) for seed in (1, 2))
    assert one == sample_mutations(source, 30, 1) != other
    assert len(set(one)) == 30
    assert set(one) <= set(found)
    assert sample_mutations(source, len(found), 3) == found
    with pytest.raises(ValueError, match="n=3 mutations of 2: n has to lie from 0 to 2"):
        sample_mutations("a + b", 3, 0)


def test_a_diff_is_one_that_patch_reads() -> None:
    source = "a = b\r\nc = 1"
    mutation = list_mutations(source, "m.py", operators=["number"])[0]
    assert mutation.diff(source) == (
        "--- m.py (original)\n+++ m.py (mutated)\n@@ -1,2 +1,2 @@\n a = b\r\n"
        "-c = 1\n\\ No newline at end of file\n+c = 0\n\\ No newline at end of file\n"
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\ny = (\n", "m.py, line 2 is no Python: '\\(' was never closed"),
        ("x = 1\n\ty = 2\n", "m.py, line 2 is no Python: unexpected indent"),
        ("x = '\ud800'\n", "cannot be read"),
        ("x = \0\n", "m.py"),
        ("x = 1" + " + 1" * 50_000, "cannot be read: maximum recursion depth"),
    ],
)
def test_what_is_no_python_says_where(source: str, words: str) -> None:
    with pytest.raises(InvalidSource, match=words):
        list_mutations(source, "m.py")


def test_wrong_use_says_so() -> None:
    (mutation,) = list_mutations("a + b", operators=["arithmetic"])
    with pytest.raises(ValueError, match=r"line 1, column 2 has '\*', not '\+'"):
        mutation.apply("a * b")
    with pytest.raises(ValueError, match="no operator 'magic'; there are: arithmetic"):
        list_mutations("a + b", operators=["magic"])


def test_the_worked_example() -> None:
    assert doctest.testmod(mutate).failed == 0
