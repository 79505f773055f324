"""A session in other names prints what it printed, whatever the names are."""

import ast
import builtins
import contextlib
import io

import pytest

from ideas_lib.programs.reference.adapting import adapt_session
from ideas_lib.programs.reference.call_place import place_of
from ideas_lib.programs.reference.renaming import apply_edits, rename_names
from ideas_lib.programs.reference.session import read_session

TEXT = """\
import math as m
x = [3, 1]
y = [x for x in x]
def f(x, z=x):
    return [z, x, m.pi > 3]
w = f(4) + sorted(y, key=lambda e: e)
x += [w[0]]
print(x, y, f"{w[1]} {len(x)}", *(x for w in y))
"""


def printed(text: str) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(ast.parse(text), "<text>", "exec"), {})
    return out.getvalue()


@pytest.mark.parametrize(
    "wanted",
    [
        {"y": "other"},
        {"y": "w", "w": "y"},
        {"y": "w"},  # which is in the way, and gets another name
        {"m": "math"},
        {"w": "x"},
        {"w": "sorted"},
        {"w": "class"},
        {"w": "e"},  # taken in a scope inside
        {"f": "g"},
        {"absent": "g"},
    ],
)
def test_the_same_is_printed(wanted: dict[str, str]) -> None:
    edits, done = rename_names(TEXT, wanted)
    renamed = apply_edits(TEXT, edits)
    assert printed(renamed) == printed(TEXT)
    assert bool(done) == (renamed != TEXT)


def test_names_change_places() -> None:
    edits, done = rename_names("a = 1\nb = a\n", {"a": "b", "b": "a"})
    assert apply_edits("a = 1\nb = a\n", edits) == "b = 1\na = b\n"
    assert done == {"a": "b", "b": "a"}
    edits, done = rename_names("a = 1\nb = a\n", {"a": "b"})
    assert apply_edits("a = 1\nb = a\n", edits) == "b = 1\nb_2 = b\n"


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\nprint('a')",
        "a = 1\nprint(f'{a=}')",
        "a = 1\nprint(eval('a'))",
        "a = 1\nprint(sorted(locals()))",
        "def a(): pass\nprint(a)",
        "class a: pass\nprint(a)",
        "print(a)",  # not its own
        "a = 1\nprint((lambda b: a + b)(2))",  # b would capture it
        "from os import path as a",
        "a = (",
    ],
)
def test_left_as_it_is(text: str) -> None:
    assert rename_names(text, {"a": "b"})[1] == {}


def test_imports() -> None:
    for text, after in [
        ("import numpy\nnumpy.a(numpy)", "import numpy as np\nnp.a(np)"),
        ("import numpy as xp\nxp.xp(xp=xp)", "import numpy as np\nnp.xp(xp=np)"),
    ]:
        old = "xp" if "xp" in text else "numpy"
        edits, _ = rename_names(text, {old: "np"})
        assert apply_edits(text, edits) == after


DOC = """Join.

>>> import tables as tb
>>> a = tb.Table(1)
>>> b = tb.Table(2)
>>> tb.unused()
5
>>> c = a.join(b, times=(2, 3))
>>> c
6
>>> a.join(b)  # doctest: +SKIP
7
"""
PARAMETERS = [
    {"name": "other", "kind": "any", "required": True, "default": None, "hint": ""},
    {"name": "times", "kind": "any", "required": False, "default": "1", "hint": ""},
]


def test_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "_", 5, raising=False)  # as after a line of an interpreter
    source = "import tables\nleft = right = n = 1\nboth = left.join(right, times=n)\n"
    place = place_of(source, "x.py", 3)
    session = read_session(DOC, "tables.Table.join", (), "tables")
    assert session is not None
    assert [session.lines[at].source for at in session.shown] == [
        "import tables as tb",
        "a = tb.Table(1)",
        "b = tb.Table(2)",
        "c = a.join(b, times=(2, 3))",
        "c",
    ]
    aliases = {"tables": "tables"}
    found = adapt_session(session, "tables.Table.join", PARAMETERS, place, [], aliases)
    assert found.sources == (
        "import tables as tables",
        "left = tables.Table(1)",
        "right = tables.Table(2)",
        "tables.unused()",
        "n = (2, 3)",
        "both = left.join(right, times=n)",
        "both",
    )
    assert found.renamed == {"tb": "tables", "a": "left", "b": "right", "c": "both", "(2, 3)": "n"}
    assert found.origin == (0, 1, 2, 3, None, 4, 5)


def test_roles_that_would_clash() -> None:
    source = "b = a = 1\nc = b.join(a, times=c)\n"  # the caller's names, in other roles
    place = place_of(source, "x.py", 2)
    session = read_session(DOC, "tables.Table.join", (), "tables")
    assert session is not None
    found = adapt_session(session, "tables.Table.join", PARAMETERS, place, [], {})
    assert found.sources[-2:] == ("c = b.join(a, times=(2, 3))", "c")
    assert found.sources[1:3] == ("b = tb.Table(1)", "a = tb.Table(2)")


def test_imports_that_are_left_out() -> None:
    session = read_session("    >>> np.f(3)\n    4\n", "numpy.f", (), "numpy")
    assert session is not None
    assert [line.source for line in session.lines] == ["import numpy as np", "np.f(3)"]
    assert read_session("No examples.", "numpy.f") is None
    assert read_session(">>> g(1)\n1\n", "numpy.f") is None
    assert read_session(">>> f(1)\n  1\n >>> f(2)\n2", "numpy.f") is None
