"""Answers from a file, and examples in a docstring: read, written, and in contradiction."""

import doctest
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ideas_lib.programs.ambiguity.doctests import docstring_rulings, written_example
from ideas_lib.programs.ambiguity.harness.acts import acted
from ideas_lib.programs.ambiguity.outcomes import outcome_of, told_outcome
from ideas_lib.programs.ambiguity.rulings import (
    Contradiction,
    Ruling,
    add_answer,
    check_consistent,
    read_answers,
    read_ruling,
)
from ideas_lib.programs.checks.task import read_task

FILE = """\
# mine
rank([2, 2, 1]): [1, 1, 3]
rank([None, (1, True)]): (1, 'no')   # Python, not YAML
rank([0]): raises ValueError
rank([]): never happens
"rank([{'a': 1}])": "'abc'"
rank([-1]): "never happens: min(scores) >= 0"
rank([7]): no answer at all: 3
other(1): 2
"""


def test_a_file_of_answers(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(FILE.replace("rank([7]): no answer at all: 3\n", ""))
    found = read_answers(file, "rank")
    assert [ruling.words for ruling in found] == [
        *("[1, 1, 3]", "(1, 'no')", "raises ValueError", "never happens", "'abc'"),
        "never happens: min(scores) >= 0",
    ]
    assert found[1].row == ([None, (1, True)],)
    assert found[0].origin == f"{file}:2"
    text = ""
    for ruling in found:
        text = add_answer(text, ruling.call, ruling.words)
    file.write_text(text)
    again = read_answers(file, "rank")
    assert [(r.row, r.words) for r in again] == [(r.row, r.words) for r in found]
    file.write_text("")
    assert read_answers(file, "rank") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rank([1]): abc", ":1: abc is no value of Python"),
        ("rank([1]: 2", "no YAML|is no call"),
        ("rank(x): 2", ":1: 'rank(x)' is no call of rank"),
        ("rank(scores=[1]): 2", "is no call of rank"),
        ("- a", "write `call: answer`"),
        ("rank([1]):\n- 1\n- 2", ":.* on one line"),
        ("rank([1]): 'never happens: x >'", "is no expression of Python"),
        ("rank([7]): no answer at all: 3", "no YAML"),
        ("a: &a [1]\nb: *a", "no YAML|is no call"),
    ],
)
def test_a_file_that_makes_no_sense(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace(")", r"\)")) as told:
        read_answers(file, "rank")
    assert str(file) in str(told.value)
    assert "\n" not in str(told.value)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="no text in UTF-8"):
        read_answers(file, "rank")


def test_contradictions(tmp_path: Path) -> None:
    file = tmp_path / "answers.yaml"
    for one, other in (("1", "2"), ("1", "1.0"), ("1", "never happens"), ("raises KeyError", "1")):
        file.write_text(f"rank([1]): {one}\nrank([2]): 5\nrank([1]): {other}\n")
        with pytest.raises(Contradiction, match=r"rank\(\[1\]\) is .*:1, and .*:3: take one"):
            check_consistent(read_answers(file, "rank"))
    file.write_text("rank([1]): 1\nrank([1]): 1\n")
    check_consistent(read_answers(file, "rank"))


def rulings(docstring: str, hint: str = "") -> list[Ruling]:
    return docstring_rulings(read_task(f"def f(x){hint}:\n    '''{docstring}'''\n"))


def test_examples_of_a_docstring() -> None:
    found = rulings(
        """
    >>> f(1)
    2
    >>> f(2.5) is None
    True
    >>> list(f(3))
    [1, 2]
    >>> f(4)
    Traceback (most recent call last):
        ...
    ValueError: no
    >>> given = [[2, 1]]
    >>> f(*given), given
    (None, [[1, 2]])
    >>> f([nan])
    nan
    >>> f(5).tolist()
    [1]
    >>> f(6) + 1
    3
    >>> f('é')  # a comment
    'é'

    f(7) => 8, and f(9) is what you like.
    """
    )
    assert [(r.row, r.words) for r in found if r.row != found[5].row] == [
        *(((1,), "2"), ((2.5,), "None"), ((3,), "iter([1, 2])"), ((4,), "raises ValueError")),
        *((([2, 1],), "None, leaving ([1, 2],)"), ((5,), "array([1])"), (("é",), "'é'")),
        ((7,), "8"),
    ]
    assert found[5].words == "nan"
    assert found[2].fits(outcome_of([1, 2]))
    assert found[2].fits(outcome_of(iter([1, 2])))
    assert found[0].fits(outcome_of(2))
    assert not found[0].fits(outcome_of(2.0)), "a doctest would fail"
    assert found[-1].fits(outcome_of(8.0)), "prose is not so strict"
    assert not found[-1].fits(outcome_of(9))


def f_like(value: Any) -> Any:
    def f(x: Any) -> Any:
        if isinstance(value, type):
            raise value("words")
        if value == "sorts":
            return x.sort()
        return iter(value[1:]) if isinstance(value, tuple) and value[:1] == ("iter",) else value

    return f


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, 1.5, float("nan"), "a\n'b'", '\\n """', [1, None], (1,), {1}, set()),
        *({"a": 1}, ValueError, KeyError, "sorts", ("iter", 1, 2), frozenset({1}), -float("inf")),
    ],
)
def test_a_ruling_becomes_a_doctest_that_holds_and_is_read_back(value: Any) -> None:
    outcome = told_outcome(acted(f_like(value), "([2, 1],)"))
    lines = written_example("f", Ruling(([2, 1],), "f([2, 1])", outcome))
    text = "\n".join(lines)
    space = {"f": f_like(value), "nan": float("nan"), "inf": float("inf")}
    test = doctest.DocTestParser().get_doctest(text, space, "f", None, None)
    said: list[str] = []
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, said
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    (again,) = docstring_rulings(read_task(f'def f(x):\n    """{quoted}\n    """\n'))
    assert again.row == ([2, 1],)
    assert again.fits(outcome)
    assert not again.fits(outcome_of("something else"))


def test_arrays() -> None:
    outcome = outcome_of(np.array([1, 2]))
    lines = written_example("f", Ruling((1,), "f(1)", outcome))
    assert lines == [">>> f(1).tolist()", "[1, 2]"]
    (again,) = rulings("\n    " + "\n    ".join(lines) + "\n    ")
    assert again.fits(outcome)
    assert not again.fits(outcome_of([1, 2]))


def test_an_answer_is_read_from_python_too() -> None:
    assert read_ruling("f", "f(1)", [1, 2], "you").words == "[1, 2]"
    assert read_ruling("f", " f( 1 )", "never", "you").call == "f(1)"
