"""Where a call is found, in files that are finished and in files that are not."""

import ast

import pytest

from ideas_lib.programs.reference.call_place import CallPlace, NoCall, find_text, place_of
from ideas_lib.programs.reference.mending import Unparsable
from ideas_lib.programs.reference.skeleton import FileScope, is_known


def at_mark(text: str) -> CallPlace:
    """Look at the place of a ▮, which is taken out."""
    before = text.partition("▮")[0]
    column = len(before) - before.rfind("\n")
    return place_of(text.replace("▮", ""), "x.py", before.count("\n") + 1, column)


def given(place: CallPlace) -> list[tuple[str | int | None, str]]:
    return [(each.key, each.text) for each in place.passed if each.before]


@pytest.mark.parametrize(
    ("text", "called", "passed"),
    [
        ("x = f(a, ▮b, c=1)", "f", [(0, "a")]),
        ("x = f(▮)", "f", []),
        ("x = f(g(1), ▮2)", "f", [(0, "g(1)")]),
        ("x = f(g(1▮), 2)", "g", [(0, "1")]),
        ("x = a.b.c▮(1, 2)", "a.b.c", []),
        ("x = a.b▮b.c(1)", "a.bb", []),  # the name that is pointed at, which is not called
        ("x = a.f(1).g(2, ▮3)", "a.f(1).g", [(0, "2")]),
        ("x = 'ünïcödé', f(ä, ▮b)", "f", [(0, "ä")]),
        ("x = f(*a, **▮b)", "f", [(None, "*a"), (None, "b")]),
    ],
)
def test_a_column(text: str, called: str, passed: list[tuple[str | int | None, str]]) -> None:
    place = at_mark(text)
    assert place.written == called
    assert given(place) == passed


@pytest.mark.parametrize(
    "text",
    [
        "x = f(a, ▮",
        "x = f(a, ▮\nseed = 3\ny = g(1)\n",
        "x = f(a, [1, {2: ▮\nseed = 3\n",
        "def g():\n    try:\n        x = f(a, ▮",
        "def g():\n    try:\n        x = f(a, ▮\n    except ValueError:\n        pass\n",
        "if f(a, ▮",
        "for x in f(a, ▮\ny = 2\n",
        "with f(a, ▮",
        "x = f(a, b=▮",
        "x = f(a, ▮  # why\ny = 2\n",
        "x = [f(a, y▮ for y in z]\n",
        "x = f(a, ▮\ny = g(\nz = 3\n",
        "class A:\n    def m(self):\n        return f(a, ▮\n\n    def n(self):\n        pass\n",
        "def broken(:\n    pass\nx = f(a, ▮)\n",
    ],
)
def test_unfinished(text: str) -> None:
    place = at_mark(text)
    assert place.written == "f"
    assert given(place)[0] == (0, "a")


def test_a_line_alone() -> None:
    source = (
        "import os\ntable = a.read(path).merge(other(1), on='k')\nx = 3\nprint(x, g(\n    1))\n"
    )
    assert place_of(source, "x.py", 2).written == "a.read(path).merge"
    assert place_of(source, "x.py", 2).target == "table"
    assert place_of(source, "x.py", 5).written == "g"
    with pytest.raises(NoCall, match=r"x\.py:3 has no call and no name to look up, but 'x = 3'"):
        place_of(source, "x.py", 3)
    with pytest.raises(NoCall, match=r"x\.py:9: the file has 6 lines"):
        place_of(source, "x.py", 9)
    with pytest.raises(NoCall, match=r"x\.py:3:99: the line has 5 characters"):
        place_of(source, "x.py", 3, 99)


def test_what_is_no_python() -> None:
    with pytest.raises(Unparsable, match=r"x\.py, line 1 is no Python"):
        place_of("this is not ( python at all", "x.py", 1)
    with pytest.raises(Unparsable, match="cannot be read"):
        place_of("x = f(\0)", "x.py", 1)


def test_a_piece_of_text() -> None:
    source = "a = 1\nb = df.merge(x)\nc = df.merge(y)\n"
    assert find_text(source, "df.merge(", "x.py") == (2, 14, [2, 3])
    with pytest.raises(NoCall, match=r"x\.py has no 'df\.join\('"):
        find_text(source, "df.join(", "x.py")


PANDAS = ["module", "pandas"]
TABLE = ["attr", PANDAS, "DataFrame"]


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("import pandas as pd\npd.DataFrame(▮", TABLE),
        ("from pandas import DataFrame as D\nD(▮", TABLE),
        ("import pandas.core as c\nc.f(▮", ["attr", ["module", "pandas.core"], "f"]),
        ("import pandas.core\npandas.core.f(▮", ["attr", ["attr", PANDAS, "core"], "f"]),
        (
            "import pandas as pd\nd = pd.DataFrame()\nd.merge(▮\nd = 3",
            ["attr", ["call", TABLE], "merge"],
        ),
        (
            "import pandas as pd\ndef f(d: 'pd.DataFrame | None' = None):\n    d.merge(▮",
            ["attr", ["instance", TABLE], "merge"],
        ),
        (
            "import pandas as pd\nclass A:\n    def __init__(self):\n"
            "        self.d = pd.DataFrame()\n"
            "    def f(self):\n        self.d.merge(▮",
            ["attr", ["call", TABLE], "merge"],
        ),
        (
            "import pandas as pd\ndef make() -> pd.DataFrame: ...\nmake().merge(▮",
            ["attr", ["call", ["gives", ["instance", TABLE]]], "merge"],
        ),
        ("a, b = 'x', 2\na.split(▮", None),
        ("len(▮", ["attr", ["module", "builtins"], "len"]),
    ],
)
def test_what_a_name_stands_for(text: str, recipe: list | None) -> None:
    place = at_mark(text)
    found = FileScope(place.tree, place.line).recipe(place.callee)
    assert is_known(found)
    if recipe is not None:
        assert found == recipe


def test_what_nobody_knows() -> None:
    for text in ("def f(x):\n    x.g(▮", "for x in y:\n    x.g(▮", "from . import x\nx.g(▮"):
        place = at_mark(text)
        assert not is_known(FileScope(place.tree, place.line).recipe(place.callee))


def test_names_in_scope() -> None:
    source = "import os\nfar = 1\ndef f(arg, *rest):\n    near = 2\n    g(\n    later = 3\n"
    place = place_of(source, "x.py", 5)
    assert FileScope(place.tree, place.line).names() == ["near", "rest", "arg", "f", "far"]
    assert isinstance(place.tree, ast.Module)
