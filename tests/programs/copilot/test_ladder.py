"""Each rung rejects what it should, with the reason; and right programs get through them all."""

import pytest

from ideas_lib.datasets.humaneval import problems, truth
from ideas_lib.programs.checks import behaviour
from ideas_lib.programs.checks.behaviour import by_contract, by_tests, observe, unsound
from ideas_lib.programs.checks.static import names, parses, types
from ideas_lib.programs.checks.symbolic import difference
from ideas_lib.programs.checks.task import read_task
from ideas_lib.programs.copilot.completion import judged
from ideas_lib.programs.copilot.finalists import searched
from ideas_lib.programs.copilot.ladder import run_checks
from ideas_lib.programs.copilot.rule import Threshold
from ideas_lib.programs.judge.judging import check_program

TASK = read_task('''
def biggest(xs: list[int]) -> int:
    """Return the largest, 0 for none.

    >>> biggest([1, 3, 2])
    3
    >>> biggest([-5, -2])
    -2
    """
''')
RIGHT = ("max(xs) if xs else 0", "max(xs, default=0)", "sorted([0] if not xs else xs)[-1]")
FREE = read_task('def f(xs):\n    """f([3, 1, 2]) == [1, 2, 3] and f([1]) == [1]"""\n')


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "SECONDS", 60.0)  # for a machine that is busy


def written(*values: str) -> list[str]:
    return [f"{TASK.prompt}    return {value}\n" for value in values]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("", "ended within"),
        (TASK.prompt + "    return (\n", "does not parse: '(' was never closed"),
        (TASK.prompt + "return 1\n", "does not parse: 'return' outside function"),
        (TASK.prompt.replace("biggest(", "smallest(", 1) + "    return 1\n", "not define biggest"),
        (TASK.prompt.replace("xs:", "ys:") + "    return 1\n", "parameters are ys, not xs"),
        (TASK.prompt, "its body is empty"),
        (TASK.prompt + "    raise NotImplementedError\n", "its body is empty"),
        (TASK.prompt + "    raise ValueError(xs)\n", ""),
    ],
)
def test_parse(program: str, words: str) -> None:
    (said,) = parses(TASK, [program])
    assert words in said
    assert bool(said) == bool(words)


def test_names() -> None:
    programs = written("max(xs)", "max(ys)", "helper(xs)")
    assert names(TASK, programs) == ["", "undefined name 'ys'", "undefined name 'helper'"]
    unbound = TASK.prompt + "    if xs:\n        a = 1\n    return b\n"
    assert names(TASK, [unbound]) == ["undefined name 'b'"]


def test_types() -> None:
    right, none, sum_, style = types(
        TASK,
        [
            *written(RIGHT[0], "max(xs, default=None)", "'a' + 1"),
            TASK.prompt + "    best = []\n    best = 0\n    return max(xs)\n",
        ],
    )
    assert (right, style) == ("", "")
    assert "Incompatible return value type" in none
    assert "Unsupported operand types" in sum_
    assert types(TASK, []) == []


def test_the_ladder() -> None:
    wrong = ("max(xs) if ys else 0", "xs.sort() or xs[-1]", "xs[0]", "max(xs, default=None)")
    found = run_checks(TASK, written(*RIGHT, RIGHT[0], *wrong, "max(*xs, 0)"))
    assert [c.fell for c in found[:4]] == [""] * 4
    assert [(c.alike, c.different) for c in found[:4]] == [(5, 4)] * 4
    assert [c.fell for c in found[4:]] == ["names", "", "examples", "types", "examples"]
    assert [(c.alike, c.different, c.said) for c in found[4:5]] == [(0, 0, None)]
    assert found[5].alike == 5, "an argument may be sorted in place on the way"
    assert found[6].reason == "biggest([1, 3, 2]) gave 1, not 3"
    assert run_checks(TASK, []) == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return sorted(xs)", ""),
        ("xs.sort()", ""),  # what returns nothing is there to change its arguments
        ("xs.sort()\n    return xs", ""),
        ("import random\n    return random.random()", "answers differently"),
        ("return sorted(xs) + xs[0].no", "it raises AttributeError on ([3, 1, 2])"),
        ("return f(xs)", "it raises RecursionError"),
        ("return list", "no answer that can be compared on ([3, 1, 2])"),
        ("raise ValueError", ""),
        ("return {8, 0, 16, 24, *xs}, float('nan')", ""),
    ],
)
def test_properties(body: str, words: str) -> None:
    rows = [([3, 1, 2],), ([0],)]
    said = observe(FREE, f"{FREE.prompt}    {body}\n", rows)
    assert words in unsound(said, rows)
    assert bool(unsound(said, rows)) == bool(words)


def test_a_program_that_does_not_end() -> None:
    rows = [([3, 1, 2],)]
    assert unsound(None, rows) == "it did not answer 1 inputs within 60 seconds"


def test_floats_are_compared_to_nine_digits() -> None:
    rows = [([1],)]
    one, two, three = (
        observe(FREE, f"{FREE.prompt}    return {value}\n", rows)
        for value in ("0.1 + 0.2", "0.3", "0.3001")
    )
    assert one == two != three


def test_contracts_are_tried() -> None:
    text = '"""Return the root.\n\n    pre: n >= 0\n    post: __return__ ** 2 <= n\n    """'
    task = read_task(f"def root(n: int) -> int:\n    {text}\n")
    right, wrong = (task.prompt + f"    return {value}\n" for value in ("int(n ** 0.5)", "n"))
    reasons = by_contract(task, [right, wrong], [(4,), (-3,), (10,)])
    assert reasons[0] == ""
    assert "assert __return__ ** 2 <= n" in reasons[1]


def test_tests_of_the_task_are_tried() -> None:
    task = read_task(TASK.prompt, tests="assert biggest([]) == 0\n")
    assert by_tests(task, written(*RIGHT[:2], "max(xs)"))[:2] == ["", ""]
    assert "ValueError" in by_tests(task, written("max(xs)"))[0]
    assert by_tests(TASK, written("no")) == [""]


def test_a_search_finds_what_examples_do_not_show() -> None:
    """Both agree wherever a number is positive; CrossHair finds a list where they do not."""
    low = TASK.prompt + "    best = -99\n    for x in xs:\n        best = max(x, best)\n"
    low += "    return best if xs else 0\n"
    found = run_checks(TASK, [*written(RIGHT[0]), low])
    assert [candidate.alike for candidate in found] == [2, 2]
    after = searched(TASK, found)
    assert after.pairs == 1
    assert [candidate.alike for candidate in after.candidates] == [1, 1]
    ((numbers,),) = after.inputs
    assert numbers
    assert max(numbers) < -99


def test_a_search_between_copies_is_none() -> None:
    found = run_checks(TASK, written(RIGHT[0], RIGHT[0]))
    assert searched(TASK, found).pairs == 0
    assert searched(TASK, []).candidates == ()
    assert difference(FREE, FREE.prompt, FREE.prompt, []) is None  # of no type


def threshold(score: float | None) -> Threshold:
    return Threshold(score, 40, 1, 0.095, 0.1, 0.9)


def test_what_is_shown_has_its_evidence() -> None:
    programs = written(*RIGHT, "xs[0]")
    found = judged(TASK, programs, threshold(0.75), "a model")
    assert (found.shown, found.code) == (True, programs[0])
    assert "0.75 is enough" in found.reason
    said = "\n".join(found.evidence)
    for words in ("4 candidates came from a model", "1 rejected by examples", "2 examples to try"):
        assert words in said
    assert "3 of 4 do the same" in said
    assert "of 40 HumanEval problems" in said
    assert "CrossHair" in said
    assert programs[0] in str(found)
    assert "```python" in found._repr_markdown_()


@pytest.mark.parametrize(
    ("task", "values", "limit", "words"),
    [
        (TASK, RIGHT, threshold(None), "no threshold keeps the error as low"),
        (TASK, ("xs[0]", *RIGHT[:1]), threshold(0.75), "has a score of 0.5, below 0.75"),
        (TASK, ("xs[0]",), None, "none held"),
        (TASK, (), None, "none held"),
        (
            read_task('def f(xs):\n    """Sort."""\n'),
            ("sorted(xs)",),
            None,
            "give an example, or types",
        ),
    ],
)
def test_what_is_not_shown_says_why(task, values, limit, words: str) -> None:
    found = judged(task, [f"{task.prompt}    return {value}\n" for value in values], limit)
    assert (found.shown, found.code) == (False, "")
    assert words in found.reason
    assert "def " not in str(found)


def test_truth_knows_the_helpers_of_a_problem() -> None:
    task = problems()["HumanEval/38"]
    program = f"{task.prompt}    return encode_cyclic(encode_cyclic(s))\n"
    assert check_program(program, task.entry, tests=truth(task), timeout=60.0).passed
    wrong = f"{task.prompt}    return encode_cyclic(s)\n"
    assert not check_program(wrong, task.entry, tests=truth(task), timeout=60.0).passed
