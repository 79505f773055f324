"""Tasks for models: each can be written in both notations, and is judged by what it does."""

import re

import pytest

from ideas_lib.lm.generate import Generator
from ideas_lib.lm.request import Decoding
from ideas_lib.programs.dsl.snippet_reading import parse_python, read_programs
from studies.dsl import TASK_SEEDS
from studies.dsl import asking_models as asking
from studies.dsl.judging_answers import expected_of, judge_answer
from studies.dsl.model_tasks import DOMAINS, EXAMPLES, FAMILIES, Task, tasks_of
from studies.dsl.notations import DSL, PYTHON, Notation, learn_language

TASKS = [task for family in FAMILIES for task in tasks_of(family)]
MORE = """import os
x = [1, 2][0:1], {"a": (1, None)}, (3 if a < b else -b), [y for y in z if not y], f"{a} b"
os.environ["PATH"] = "a"
os.environ["HOME"] = "b"
"""


@pytest.fixture(scope="module")
def languages() -> dict[str, dict[str, Notation]]:
    """Languages of what the tasks and examples themselves use: what others use is not read."""
    found = {}
    for domain in DOMAINS:
        texts = [task.right for task in TASKS if task.domain == domain]
        texts += [expression for *_, expression in EXAMPLES[domain]]
        snippets = []
        for text in [*(f"import {domain}\ny = {each}" for each in texts), MORE]:
            for program in read_programs(parse_python(text), "a.py"):
                snippets.append(program.pieces)
        found[domain] = learn_language(domain, snippets)
    return found


def test_there_are_as_many_as_are_registered() -> None:
    assert len(FAMILIES) == len(TASK_SEEDS) == 24
    assert len(TASKS) == 72
    assert {task.domain for task in TASKS} == set(DOMAINS)
    assert all(len(task.inputs) == 5 for task in TASKS)


@pytest.mark.parametrize("task", TASKS[::3], ids=lambda task: task.family)
def test_what_is_right_is_found_right_in_both_notations(
    task: Task, languages: dict[str, dict[str, Notation]]
) -> None:
    for notation in languages[task.domain].values():
        text = notation.write(task.right, task.names, task.domain)
        assert judge_answer(task, notation, text, 30.0) == "right", text


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"{task.family} {task.right}")
def test_inputs_tell_a_task_from_its_sisters(task: Task) -> None:
    told = expected_of(task)
    assert len(set(told)) > 1, "one answer for all inputs is guessed"
    for other in tasks_of(task.family):
        assert other == task or expected_of(other) != told


def test_what_is_wrong_is_not_right(languages: dict[str, dict[str, Notation]]) -> None:
    task = next(tasks_of("beside"))
    python, own = (languages["os"][name] for name in (PYTHON, DSL))
    for text in ("path", "os.path.join(path, 'setup.py')", "1 / 0", "exit()", "undefined"):
        assert judge_answer(task, python, text, 30.0) == "wrong"
    assert judge_answer(task, own, "$path", 30.0) == "wrong"
    for notation, text in ((python, "os.path.join("), (own, "os.path.dirname(path)"), (own, "")):
        assert judge_answer(task, notation, text, 30.0) == "unread"
    assert judge_answer(task, own, '$a = "b"', 30.0) == "unread"


def test_prompts_are_about_as_long_and_show_no_answer(
    languages: dict[str, dict[str, Notation]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in TASKS:
        prompts = [asking.prompt_for(task, each) for each in languages[task.domain].values()]
        assert max(map(len, prompts)) < 1.25 * min(map(len, prompts))
        for notation, prompt in zip(languages[task.domain].values(), prompts, strict=True):
            assert notation.write(task.right, task.names, task.domain) not in prompt
            assert prompt.endswith("\n")
            assert "`" not in prompt


@pytest.mark.parametrize("name", [DSL, PYTHON])
def test_a_grammar_holds_a_model_to_its_notation(
    name: str, languages: dict[str, dict[str, Notation]]
) -> None:
    task = next(tasks_of("called"))
    notation = languages["os"][name]
    how = Decoding(max_tokens=48, stop=("\n",), grammar=notation.grammar_of(task.names))
    with Generator("smollm2-135m-instruct") as model:
        replies = model.generate(["# Whether it is so:\n"], 6, decoding=how)[0]
    whole = [reply.text for reply in replies if reply.finished]
    assert whole, "none came to an end"
    for text in whole:
        notation.as_python(text)
        words = set(re.findall(r"[a-z_]{2,}", re.sub(r"\"[^\"]*\"|'[^']*'", "", text)))
        assert words <= set(re.findall(r"[a-z_]+", notation.grammar_of(task.names)))
