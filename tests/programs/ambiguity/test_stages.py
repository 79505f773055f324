"""What is written into a file: only what was meant, whatever the file looks like."""

import ast
import doctest
from typing import Any

import pytest

from ideas_lib.programs.ambiguity.harness.acts import data_of
from ideas_lib.programs.ambiguity.invariants import invariants_of
from ideas_lib.programs.ambiguity.narrowing import Narrowing
from ideas_lib.programs.ambiguity.reaching import stage_of, written_source
from ideas_lib.programs.ambiguity.rulings import read_ruling
from ideas_lib.programs.ambiguity.stages import CannotWrite, Stage, has_body, staged_source
from ideas_lib.programs.ambiguity.types_of_data import hint_of
from ideas_lib.programs.checks.task import read_task
from tests.programs.ambiguity.conftest import PROGRAMS, TEXT

EXAMPLE = Stage(((">>> f(1)", "2"),), ("pre: x > 0",))


@pytest.mark.parametrize(
    "source",
    [
        'def f(x):\n    """Say."""\n    ...\n',
        'def f(x):\n    """Say."""',
        "def f(x):\n    return x\n",
        "def f(x):\n    # first\n    return x\n\n\nY = 1\n",
        'def f(x):\n\tr"""Say \\d."""\n\treturn x\n',
        'def f(x):\n  \'Say \\\\n """ it.\'\n  return x\n',
        'import os\n\n@os.fspath\ndef f(\n    x,  # here\n):\n    """Say.\n\n    >>> f(0)\n    1\n'
        '    """\n',
        "def f(x):\n    'Say \"it\"'\n    return x\n\ndef g():\n    'é'\n",
    ],
)
def test_only_the_docstring_changes(source: str) -> None:
    made = staged_source(source, "f", EXAMPLE)
    before, after = read_task(source, "f"), read_task(made, "f")
    there = before.docstring.rstrip()
    assert after.docstring.strip().startswith(there.strip())
    assert after.docstring.rstrip().endswith(">>> f(1)\n2\n\npre: x > 0")
    assert staged_source(made, "f", EXAMPLE) == made, "nothing is said twice"
    if "return" in source:
        kept = [line for line in source.split("\n") if "Say" not in line]
        assert [line for line in kept if line not in made.split("\n")] == []
    crlf = staged_source(source.replace("\n", "\r\n"), "f", EXAMPLE)
    assert crlf == made.replace("\n", "\r\n")


def test_a_contract_goes_to_the_one_that_is_there() -> None:
    made = staged_source(
        'def f(x):\n    """Say.\n\n    pre: x < 9\n    """\n', "f", Stage((), ("pre: x > 0",))
    )
    assert "    pre: x < 9\n    pre: x > 0\n" in made


@pytest.mark.parametrize(
    ("body", "has"),
    [
        *(("...", False), ("pass", False), ("raise NotImplementedError('x')", False)),
        *(("return 1", True), ("'doc'\n    ...", False), ("'doc'\n    return 1", True)),
        ("raise ValueError", True),
    ],
)
def test_what_is_a_body(body: str, has: bool) -> None:
    assert has_body(f"def f(x):\n    {body}\n", "f") is has


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        *(([1, 2], "int"), ([1, 2.0], "float"), ([1, None], "int | None"), ([1, "a"], "")),
        *(([[1], []], "list[int]"), ([[]], "list"), ([[1], [2.0]], ""), ([True], "bool")),
        *(([(1, "a")], "tuple[int, str]"), ([{1: "a"}, {}], "dict[int, str]"), ([{1}], "set[int]")),
        *(([[[1], []]], "list[list[int]]"), ([None], "None"), ([iter([1])], ""), ([], "")),
        ([[1, None]], "list[int | None]"),
    ],
)
def test_annotations_of_data(values: list[Any], hint: str) -> None:
    assert hint_of(map(data_of, values)) == hint


@pytest.mark.usefixtures("in_process")
def test_postconditions() -> None:
    rows = [([i % 5, i % 3, 7 - i],) for i in range(12)]
    cases = [((x,), repr(sorted(x))) for (x,) in rows]
    assert invariants_of(("x",), cases) == [
        "sorted(__return__) == sorted(x)",
        "list(__return__) == sorted(__return__)",
    ]
    assert invariants_of(("x",), [((x,), repr(max(x))) for (x,) in rows]) == [
        "__return__ in x",
        "__return__ >= 0",
    ]
    assert invariants_of(("x",), cases[:5]) == [], "too few to say anything"
    assert invariants_of(("x",), [(row, "a A") for row in rows]) == []


def written(answers: dict[str, str], name: str, text: str = TEXT) -> str:
    rulings = [read_ruling("rank", call, answer, "you") for call, answer in answers.items()]
    asked = Narrowing(read_task(text, "rank"), PROGRAMS, rulings)
    state = asked.state()
    return written_source(asked, state, text, stage_of(asked, state, name))


@pytest.mark.usefixtures("in_process")
def test_every_stage_says_more_than_the_one_before() -> None:
    answers = {"rank([2, 2, 1])": "[1, 1, 3]"}
    bare = TEXT.replace(": list[int]", "").replace(" -> list[int]", "")
    examples = written(answers, "examples", bare)
    types = written(answers, "types", bare)
    program = written(answers, "program", bare)
    assert ">>> rank([2, 2, 1])\n    [1, 1, 3]\n" in examples
    assert "def rank(scores) -> list[int]:" in types or "def rank(scores: list[int])" in types
    assert "    ...\n" in types
    assert "post: len(__return__) == len(scores)" in types
    assert "    ...\n" not in program
    assert "There is nothing left to ask" in program.replace("\n    # ", " ")
    assert [len(text) for text in (bare, examples, types, program)] == sorted(
        len(text) for text in (bare, examples, types, program)
    )
    for made in (examples, types, program):
        assert made.startswith('"""A file."""\n\nLIMIT = 3\n')
        assert made.endswith("\n\n\ndef last():\n    return 1\n")
    space: dict[str, Any] = {}
    exec(compile(program, "made.py", "exec"), space)
    test = doctest.DocTestFinder().find(space["rank"], "rank", globs=space)[0]
    assert doctest.DocTestRunner().run(test).failed == 0
    assert written(answers, "program", bare) == program


@pytest.mark.usefixtures("in_process")
def test_a_program_brings_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"helped": PROGRAMS["helped"]}
    monkeypatch.setitem(globals(), "PROGRAMS", only)
    made = written({}, "program")
    assert made.index("import math") < made.index("def above") < made.index("def rank")
    assert "    # how many are above\n    return [1 + above(s, scores) for s in scores]\n" in made
    assert ast.get_docstring(ast.parse(made).body[-2]) is not None  # type: ignore[arg-type]
    exec(compile(made, "made.py", "exec"), {})
    clash = TEXT.replace("LIMIT = 3", "def above():\n    return 3")
    with pytest.raises(CannotWrite, match="another above than the program"):
        written({}, "program", clash)


@pytest.mark.usefixtures("in_process")
def test_other_names_and_what_cannot_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    for source, words in (
        ("def rank(xs):\n    return [*xs]\n", ""),
        ("def rank(scores): return [*scores]\n", ""),
        ("rank = lambda scores: [*scores]\n", "binds rank to no `def`"),
        ("import functools\n@functools.wraps(len)\ndef rank(scores):\n  return 1\n", "decorators"),
        ("def rank(scores, more=1):\n    return [*scores]\n", "copy it yourself"),
    ):
        monkeypatch.setitem(globals(), "PROGRAMS", {"one": source})
        if words:
            with pytest.raises(CannotWrite, match=words):
                written({}, "program")
        else:
            made = written({}, "program")
            space: dict[str, Any] = {}
            exec(compile(made, "made.py", "exec"), space)
            assert space["rank"]([3, 1]) == [3, 1]
    with pytest.raises(CannotWrite, match="'nothing' is no stage"):
        written({}, "nothing")
