"""Tasks, examples, inputs and contracts are read out of text as their writers meant them."""

import pytest

from ideas_lib.programs.checks import (
    BadContract,
    NoTask,
    count_agreement,
    normalize_program,
    read_contract,
    read_examples,
    read_task,
    sample_inputs,
)


def told(docstring: str, signature: str = "f(x)") -> list[tuple[str, object]]:
    task = read_task(f'def {signature}:\n    """{docstring}\n    """\n')
    return [(example.call, example.value) for example in read_examples(task)]


def test_a_task_ends_in_its_docstring() -> None:
    prompt = 'import math\n\n@cache\ndef area(r):\n    """Return it."""\n'
    task = read_task(f"{prompt}    return 3\n\ndef g(): ...\n", "area")
    assert task.prompt == prompt
    assert (task.entry, task.docstring, task.before) == ("area", "Return it.", "import math\n\n")
    assert read_task("def f(x):").prompt == "def f(x):\n"


@pytest.mark.parametrize(
    ("source", "entry", "words"),
    [
        ("x = 1", "", "no function at top level"),
        ("def f(x):\n    'It.'", "g", "no function g; functions are: f"),
        ("def f(x", "", "no Python"),
        ("def f(x): return x", "", "on the line of its name"),
    ],
)
def test_no_task_says_why(source: str, entry: str, words: str) -> None:
    with pytest.raises(NoTask, match=words):
        read_task(source, entry)


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        (">>> f(1)\n    2\n    >>> f([1, 'a)'])\n    'b'", [("f(1)", 2), ("f([1, 'a)'])", "b")]),
        ("f(1) == 2, and f(2) => [3]; f(3) ➞ None.", [("f(1)", 2), ("f(2)", [3]), ("f(3)", None)]),
        ("f(1) should return True.\n    f((1, 2)) returns -1", [("f(1)", True), ("f((1, 2))", -1)]),
        (">>> sorted(f(1))\n    [1, 2]", [("sorted(f(1))", [1, 2])]),
        ("f(1) = 1 + 2 = 3\n    f(y) == 2\n    f(2) == y\n    f(3)", []),
        (">>> g(f(1))\n    2\n    >>> f(1)\n    <object>", []),
        ("f(1) == 2\n    f( 1 ) == 2", [("f(1)", 2)]),
    ],
)
def test_examples(docstring: str, expected: list) -> None:
    assert told(docstring) == expected


def test_inputs_are_like_the_examples() -> None:
    task = read_task('def f(n, words):\n    """f(7, ["ab", "c"]) == 1 and f(12, ["d"]) == 2."""\n')
    rows = sample_inputs(task, read_examples(task))
    assert rows[:2] == [(7, ["ab", "c"]), (12, ["d"])]
    assert len(rows) > 20
    assert all(isinstance(n, int) and n >= 1 for n, _ in rows)
    assert all(words and set("".join(words)) <= set("abcd ") for _, words in rows)
    assert rows == sample_inputs(task, read_examples(task))


def test_inputs_of_types_alone() -> None:
    signature = "a: int, b: list[str], c: tuple[int, ...], d: dict[str, float] | None, e: set[bool]"
    task = read_task(f'def f({signature}):\n    """It."""\n')
    rows = sample_inputs(task, ())
    assert len(rows) > 20
    for a, b, c, d, e in rows:
        kinds = (type(a), type(b), type(c), type(e))
        assert kinds == (int, list, tuple, set)
        assert d is None or all(isinstance(value, float) for value in d.values())
    assert sample_inputs(read_task('def f(x):\n    """It."""\n'), ()) == []
    assert sample_inputs(read_task('def f(x: "Thing"):\n    """It."""\n'), ()) == []


def test_contracts() -> None:
    task = read_task('def f(x):\n    """It.\n\n    pre: x > 0\n    post: __return__ > x\n    """\n')
    found = read_contract(task)
    assert (found.pre, found.post) == (("x > 0",), ("__return__ > x",))
    assert found.allowed(task, [(1,), (0,), ("a",)]) == [(1,)]
    with pytest.raises(BadContract, match="post: 'x >' is no expression"):
        read_contract(read_task('def f(x):\n    """It.\n\n    post: x >\n    """\n'))


def test_copies_are_known_by_more_than_their_names() -> None:
    one = "def f(xs):\n    'Say.'\n    t: int = 0\n    for x in xs: t += x\n    return t"
    two = "def f(a: list):\n    # it\n    s = 0\n    for b in a:\n        s += b\n    return s"
    other = "def f(xs):\n    return sum(xs)"
    forms = [normalize_program(program) for program in (one, two, other)]
    assert forms[0] == forms[1] != forms[2]
    said = [["1"], ["1"], ["1"], ["2"], None]
    assert count_agreement(said, [*forms, "", ""]) == [2, 2, 2, 1, 0]


def test_what_a_program_calls_is_no_name_of_its_own() -> None:
    called = [normalize_program(f"def f(x):\n    return {name}(x)") for name in ("len", "sum")]
    assert called[0] != called[1]
