"""HumanEval's problems are read whole, and their tests with what they call."""

import pytest

from ideas_lib.datasets.humaneval import is_development, load_humaneval
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask
from ideas_lib.programs.judge.judging import check_program
from ideas_lib.programs.sandbox.running import Unavailable


def test_humaneval_is_whole() -> None:
    problems = load_humaneval()
    assert list(problems) == [f"HumanEval/{n}" for n in range(164)]
    assert sum(map(is_development, problems)) == 33
    with_examples = 0
    for name, problem in problems.items():
        task = FunctionTask(problem.prompt, problem.entry_point)
        assert problem.task_id == name
        assert task.docstring
        assert "def check(candidate)" in problem.test
        assert problem.hidden_tests == f"{task.before}\n{problem.test}"
        compile(problem.prompt + problem.canonical_solution, name, "exec")
        with_examples += bool(read_examples(task))
    assert with_examples == 139


def test_hidden_tests_know_the_helpers_of_a_problem() -> None:
    problem = load_humaneval()["HumanEval/38"]
    name, tests = problem.entry_point, problem.hidden_tests
    right = f"{problem.prompt}    return encode_cyclic(encode_cyclic(s))\n"
    wrong = f"{problem.prompt}    return encode_cyclic(s)\n"
    try:
        assert check_program(right, name, tests=tests, timeout=60.0).passed
    except Unavailable as error:
        pytest.skip(str(error))
    assert not check_program(wrong, name, tests=tests, timeout=60.0).passed
