"""Tasks, examples, inputs and programs are read out of text as their writers meant them."""

import ast

import pytest

from ideas_lib.datasets.humaneval import development, problems
from ideas_lib.programs.checks.agreement import normal, support
from ideas_lib.programs.checks.contracts import BadContract, contract
from ideas_lib.programs.checks.examples import examples
from ideas_lib.programs.checks.inputs import inputs
from ideas_lib.programs.checks.task import FunctionTask, NoTask, read_task
from ideas_lib.programs.copilot.sample import Reply, Sampling, ask, extract_program

TASK = read_task('import math\n\n\ndef area(r: float) -> float:\n    """Return it."""\n')
BODY = "    return math.pi * r * r\n"


def told(docstring: str, signature: str = "f(x)") -> list[tuple[str, object]]:
    task = read_task(f'def {signature}:\n    """{docstring}\n    """\n')
    return [(example.call, example.value) for example in examples(task)]


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
    "text",
    [
        BODY,
        f"{BODY}\n\n# Example\nprint(area(2))\nassert area(1)\n",
        f"{BODY}\n\nif __name__ == '__main__':\n    print(area(",
        f"Sure!\n\n```python\nimport math\n\ndef area(r: float) -> float:\n{BODY}```\nThis works.",
        f"```\ndef area(r):\n{BODY}\n\nprint(area(1))\n```",
        f"```python\n{BODY}```",
    ],
)
def test_a_program_is_cut_out_of_what_was_said(text: str) -> None:
    program = extract_program(TASK, text)
    space: dict[str, object] = {}
    exec(compile(program, "program", "exec"), space)
    assert program.startswith("import math\n")
    assert program.rstrip().endswith("return math.pi * r * r")
    assert "print" not in program
    assert callable(space["area"])


def test_a_function_that_was_not_finished_is_none() -> None:
    assert extract_program(TASK, "    return math.pi * ", finished=False) == ""
    assert extract_program(TASK, f"{BODY}\n\nprint(area(1))\nprint(", finished=False).endswith(BODY)
    assert "return (" in extract_program(
        TASK, "    return (\n"
    )  # it does not parse, and a rung will say so


@pytest.mark.parametrize("style", ["completion", "chat"])
def test_what_is_asked_and_what_comes_back(style: str) -> None:
    request = Sampling(style=style).request(TASK)
    sent = {}

    def post(path: str, body: dict) -> dict:
        sent.update(body, path=path)
        text = {"message": {"content": "said"}} if style == "chat" else {"text": "said"}
        return {"choices": [{**text, "finish_reason": "length"}] * body.get("n", 1)}

    assert ask(post, "a-model", request, 7) == [Reply("said", False)]
    assert ask(post, "a-model", request, 7, count=3) == [Reply("said", False)] * 3
    assert (sent["model"], sent["seed"]) == ("a-model", 7)
    assert sent["path"] == {"completion": "completions", "chat": "chat/completions"}[style]
    assert TASK.prompt in str(sent.get("prompt") or sent["messages"][0]["content"])
    with pytest.raises(ValueError, match="style='talk'"):
        Sampling(style="talk")


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
    rows = inputs(task, examples(task))
    assert rows[:2] == [(7, ["ab", "c"]), (12, ["d"])]
    assert len(rows) > 20
    assert all(isinstance(n, int) and n >= 1 for n, _ in rows)
    assert all(words and set("".join(words)) <= set("abcd ") for _, words in rows)
    assert rows == inputs(task, examples(task))


def test_inputs_of_types_alone() -> None:
    signature = "a: int, b: list[str], c: tuple[int, ...], d: dict[str, float] | None, e: set[bool]"
    task = read_task(f'def f({signature}):\n    """It."""\n')
    rows = inputs(task, ())
    assert len(rows) > 20
    for a, b, c, d, e in rows:
        kinds = (type(a), type(b), type(c), type(e))
        assert kinds == (int, list, tuple, set)
        assert d is None or all(isinstance(value, float) for value in d.values())
    assert inputs(read_task('def f(x):\n    """It."""\n'), ()) == []
    assert inputs(read_task('def f(x: "Thing"):\n    """It."""\n'), ()) == []


def test_contracts() -> None:
    task = read_task('def f(x):\n    """It.\n\n    pre: x > 0\n    post: __return__ > x\n    """\n')
    found = contract(task)
    assert (found.pre, found.post) == (("x > 0",), ("__return__ > x",))
    assert found.allowed(task, [(1,), (0,), ("a",)]) == [(1,)]
    with pytest.raises(BadContract, match="post: 'x >' is no expression"):
        contract(read_task('def f(x):\n    """It.\n\n    post: x >\n    """\n'))


def test_copies_are_known_by_more_than_their_names() -> None:
    one = "def f(xs):\n    'Say.'\n    t: int = 0\n    for x in xs: t += x\n    return t"
    two = "def f(a: list):\n    # it\n    s = 0\n    for b in a:\n        s += b\n    return s"
    other = "def f(xs):\n    return sum(xs)"
    assert normal(one) == normal(two) != normal(other)
    assert normal("def f(x):\n    return len(x)") != normal("def f(x):\n    return sum(x)")
    said = [["1"], ["1"], ["1"], ["2"], None]
    assert support(said, [normal(one), normal(two), normal(other), "", ""]) == [2, 2, 2, 1, 0]


def test_humaneval_is_whole() -> None:
    tasks = problems()
    assert len(tasks) == 164
    assert sum(map(development, tasks)) == 33
    for task in tasks.values():
        assert isinstance(task, FunctionTask)
        assert task.docstring
        assert "def check(candidate)" in task.tests
        ast.parse(task.before)
    assert sum(bool(examples(task)) for task in tasks.values()) == 139
