"""What docstrings say, in three styles, and the order that parameters come in."""

import json
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.programs.reference.call_place import place_of
from ideas_lib.programs.reference.counting_callers import count_callers, main, read_calls
from ideas_lib.programs.reference.documentation import documented, first_sentence
from ideas_lib.programs.reference.parameter_fits import (
    TABLE,
    Callers,
    _table,
    callers_of,
    fitting_parameters,
    own_table,
)

NUMPY = """f(a, b)

Do it. And more.

Parameters
----------
a : int or array_like, default 3
    The ``first`` one. More on it.

    .. deprecated:: 2.1
       Use `b`.
b, c : str
    The others.

Warnings
--------
It is slow.
"""
GOOGLE = """Do it. And more.

Args:
    a (int or array_like): The ``first`` one. More on it.
    b: The others.

Warning:
    It is slow.
"""
SPHINX = """Do it. And more.

:param a: The ``first`` one. More on it.
:type a: int or array_like
:param b: The others.

.. warning:: It is slow.
"""


@pytest.mark.parametrize("text", [NUMPY, GOOGLE, SPHINX])
def test_three_styles(text: str) -> None:
    doc = documented(text)
    assert doc.summary == "Do it."
    assert doc.says_of("a") == "The `first` one."
    assert doc.says_of("b") == "The others."
    assert "array_like" in doc.parameters["a"].type
    assert "It is slow." in doc.warnings
    assert ("a" in doc.concerns) == (text == NUMPY)


def test_texts_in_no_style() -> None:
    assert documented("").parameters == {}
    assert documented("If ``x`` is true it does.\n\nAnd so on.").says_of("x") == (
        "If `x` is true it does."
    )
    assert first_sentence("One, e.g. this.  Two.") == "One, e.g. this."


def ordered(source: str, types: dict[str, list[str]], callers: Callers) -> list[tuple[str, str]]:
    rows: list[dict[str, Any]] = [
        {"name": name, "kind": "any", "required": name == "need", "default": "1", "hint": hint}
        for name, hint in [("first", ""), ("need", "Table"), ("usual", ""), ("seed", "int")]
    ]
    place = place_of(source, "x.py", source.count("\n") + 1)
    fits = fitting_parameters(rows, place, types, list(types), documented(""), callers)
    return [(fit.name, fit.why) for fit in fits]


def test_the_order_of_parameters() -> None:
    callers = Callers(10, {"usual": 8, "first": 1})
    types = {"seed": ["int"], "people": ["Person", "Table"], "n": ["int"]}
    assert ordered("f(", types, callers) == [
        ("need", "required; `people` in scope is a Person"),
        ("usual", "8 of 10 calls name it"),
        ("seed", "`seed` in scope has its name"),
        ("first", "1 of 10 calls name it"),
    ]
    given = ordered("f(1, people", {}, Callers())
    assert given[:2] == [("usual", "optional"), ("seed", "optional")]
    assert given[2:] == [("first", "given: 1"), ("need", "given: people")]


def test_callers_are_counted(tmp_path: Path) -> None:
    text = (
        "import numpy as np\nfrom pandas import DataFrame\nt = DataFrame({}, copy=True)\n"
        "t.merge(x, on='k')\nnp.zeros(3, dtype=int)\nnp._private(a=1)\nunknown.zeros(dtype=1)\n"
    )
    assert list(read_calls(text)) == [
        ("pandas.DataFrame", ("copy",)),
        ("pandas.DataFrame.merge", ("on",)),
        ("numpy.zeros", ("dtype",)),
    ]
    assert list(read_calls("def broken(:")) == []
    file = tmp_path / "x.py"
    file.write_text("import numpy as np\n" + "np.zeros(3, dtype=int)\nnp.ones(1)\n" * 3)
    files = {"one": [file], "two": [file], "numpy": [file]}
    assert count_callers(files) == {"numpy.zeros": {"calls": 6, "passed": {"dtype": 6}}}


def test_a_table_of_ones_own_is_used_and_nothing_of_the_package_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped, known = TABLE.read_bytes(), callers_of("subprocess.run")
    assert known.calls
    main(["tqdm"])  # too few calls, of too few packages, for any function to be kept
    _table.cache_clear()
    assert callers_of("subprocess.run") == Callers()
    own_table().write_text("[]")
    _table.cache_clear()
    with pytest.raises(ValueError, match="callers.json is no table of callers"):
        callers_of("subprocess.run")
    main([])
    _table.cache_clear()
    assert callers_of("subprocess.run") == known
    assert TABLE.read_bytes() == shipped
    kept = tmp_path / "kept.json"
    kept.write_text("mine")
    for words, wrong in (
        (["no-such-package"], "'no-such-package' is not installed here"),
        (["--out", str(kept)], "name the packages"),
        (["tqdm", "--out", str(kept)], "kept.json"),
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert wrong in capsys.readouterr().err
    assert kept.read_text() == "mine"
    main(["tqdm", "--out", str(kept), "--force"])
    assert json.loads(kept.read_text())["symbols"] == {}
    assert not own_table().exists()
