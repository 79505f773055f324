"""Strict tests: what is drawn, what is left out, and which programs they find wrong."""

import ast
import builtins
import itertools
import json
from dataclasses import replace

import pytest

from ideas_lib.datasets.humaneval import humaneval_contract, humaneval_reference, load_humaneval
from ideas_lib.programs.judge.judging import check_program
from ideas_lib.programs.mutate.listing import list_mutations
from ideas_lib.programs.strict.likeness import draw_rows, edge_rows
from ideas_lib.programs.strict.strict_tests import (
    NoStrictTests,
    StrictTests,
    judge_strictly,
    make_strict_tests,
)
from ideas_lib.study.checkout import root

PROBLEMS = load_humaneval()
SOME = StrictTests("any", "f", (([],), ([2, 1, 1],), ([0.5],)), ([], [1, 1, 2], [0.5]))


def contracts() -> dict[str, str]:
    found = {}
    for name in PROBLEMS:
        try:
            found[name] = humaneval_contract(name)[0]
        except KeyError:
            continue
    return found


def test_contracts_speak_of_the_arguments() -> None:
    helpers = {node.name for node in ast.parse(humaneval_contract("HumanEval/0")[1]).body}
    known = {*helpers, *dir(builtins)}
    for name, pre in contracts().items():
        problem = PROBLEMS[name]
        (node,) = [
            one
            for one in ast.parse(problem.prompt).body
            if isinstance(one, ast.FunctionDef) and one.name == problem.entry_point
        ]
        tree = ast.parse(pre, mode="eval")
        loaded = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
        bound = {
            one.id
            for one in ast.walk(tree)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        assert loaded <= known | bound | {arg.arg for arg in node.args.args}, name
    assert len(contracts()) > 100


def test_edge_cases_come_first() -> None:
    lists = [row[0] for row in edge_rows([([3, 1, 2],)])]
    assert {(), (0,), (-1,)} <= set(map(tuple, lists)), "empty, zero, negative"
    assert any(len(some) > 20 and len(set(some)) == 1 for some in lists), "long, and all ties"
    texts = {row[0] for row in edge_rows([("word",)])}
    assert {"", " ", "wordword", "drow"} <= texts
    assert {(0, ""), (-1, "a")} <= {(a, b) for a, b in edge_rows([(5, "a")])}


def test_what_is_drawn_follows_from_the_seed_alone() -> None:
    rows = [([1.5, 2.0], "ab", {"k": (1, None)}), ([], "x y", {})]
    some, again, other = (list(itertools.islice(draw_rows(rows, seed), 500)) for seed in (0, 0, 1))
    assert some == again != other
    assert all(
        type(numbers) is list and type(text) is str and type(table) is dict
        for numbers, text, table in some
    )
    assert any(not text.isascii() for _, text, _ in some)
    assert len({repr(row) for row in some}) > 400
    with pytest.raises(ValueError, match="2 rows of arguments have to be of one length"):
        next(draw_rows([(1,), (1, 2)], 0))


def test_the_canonical_solution_passes_and_what_it_refuses_is_left_out() -> None:
    problem = PROBLEMS["HumanEval/35"]  # the maximum of a list, which may not be empty
    tests = make_strict_tests(problem, 300)
    assert len(tests.inputs) == len(tests.answers) == 300
    assert all(some for (some,) in tests.inputs)
    assert any(max(some) < 0 for (some,) in tests.inputs)
    right = problem.prompt + problem.canonical_solution
    assert judge_strictly(tests, right).passed
    from_zero = problem.prompt + "    return max([0, *l])\n"
    found = judge_strictly(tests, from_zero)
    assert not found.passed
    assert "not -" in found.reason
    problem = PROBLEMS["HumanEval/11"]  # two texts of the same length, of 0 and 1
    for one, other in make_strict_tests(problem, 100).inputs:
        assert len(one) == len(other)
        assert set(one + other) <= {"0", "1"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return sorted(xs)", ""),
        ("return tuple(sorted(xs))", ""),  # HumanEval's own tests say whether that is right
        ("return [x + 1e-9 if isinstance(x, float) else x for x in sorted(xs)]", ""),
        ("return sorted(set(xs))", "not [1, 1, 2]"),
        ("return [x + 1e-3 for x in sorted(xs)]", "not [1, 1, 2]"),
        ("return sorted(xs) or None", "on ([]): None, not []"),
        ("return xs[0] and sorted(xs)", "raised IndexError"),
        ("return sorted(xs) if len(xs) != 1 else 'it is right'", "not [0.5]"),
        ("while len(xs) == 3: pass\n    return sorted(xs)", "slow"),
        ("import os\n    os._exit(0)", "its process ended"),
    ],
)
def test_what_is_found_wrong(body: str, words: str) -> None:
    found = judge_strictly(SOME, f"def f(xs):\n    {body}\n")
    assert words in found.reason
    assert found.passed == (not words), found.reason


def test_a_program_that_forges_its_answers() -> None:
    forged = "def f(xs): ...\nclass Yes:\n    def __eq__(self, other): return True\n"
    assert not judge_strictly(SOME, f"{forged}def f(xs): return Yes()\n").passed
    few = "import copy\ncopy.deepcopy = lambda rows: []\ndef f(xs): return sorted(xs)\n"
    assert "it answers otherwise" in judge_strictly(SOME, few).reason


def test_where_nothing_is_known_there_are_none() -> None:
    with pytest.raises(NoStrictTests, match="HumanEval/32 has no contract"):
        make_strict_tests(PROBLEMS["HumanEval/32"])  # a zero of a polynomial: many are right
    mute = replace(PROBLEMS["HumanEval/77"], prompt="def iscube(a): ...\n", test="")
    with pytest.raises(NoStrictTests, match="nothing says what the arguments"):
        make_strict_tests(mute)
    never = replace(PROBLEMS["HumanEval/77"], canonical_solution="    raise ValueError\n")
    with pytest.raises(NoStrictTests, match="answers no input"):
        make_strict_tests(never, 20)


def test_a_reference_that_is_mended_passes_humanevals_own_tests() -> None:
    mended = [p for p in PROBLEMS.values() if humaneval_reference(p) != p.canonical_solution]
    assert [problem.task_id for problem in mended] == ["HumanEval/44", "HumanEval/97"]
    for problem in mended:
        source, own = problem.prompt + humaneval_reference(problem), problem.hidden_tests
        assert check_program(source, problem.entry_point, tests=own, timeout=60.0).passed
        tests = make_strict_tests(problem, 400)
        assert judge_strictly(tests, source).passed
        assert not judge_strictly(tests, problem.prompt + problem.canonical_solution).passed


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        # Each a mistake that HumanEval's own tests let pass; why the strict ones do not:
        ("HumanEval/9", "running_max is None", "not running_max"),  # a maximum of 0 that falls
        ("HumanEval/57", "l == sorted(l) or", "l == sorted(l) and len(l) < 9 or"),  # long lists
    ],
)
def test_mistakes_that_only_strict_tests_notice(name: str, before: str, after: str) -> None:
    problem = PROBLEMS[name]
    assert before in problem.canonical_solution
    wrong = problem.prompt + problem.canonical_solution.replace(before, after)
    own = check_program(wrong, problem.entry_point, tests=problem.hidden_tests, timeout=60.0)
    assert own.passed, own.reason
    assert not judge_strictly(make_strict_tests(problem), wrong).passed


def test_strict_tests_notice_no_fewer_mutants_than_humanevals_own() -> None:
    text = (root() / "results" / "copilot-strict-mutants.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) >= 25
    own, strict = (sum(line[key] for line in lines) for key in ("own", "strict"))
    assert strict >= own
    for line in lines:  # they are mutants of what stands there
        problem = PROBLEMS[line["task"]]
        source = problem.prompt + humaneval_reference(problem)
        assert line["mutation"] in set(map(str, list_mutations(source)))
