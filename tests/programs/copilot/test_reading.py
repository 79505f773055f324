"""Programs are cut out of replies, and HumanEval's problems are read whole."""

import ast

import pytest

from ideas_lib.datasets.humaneval import development, problems
from ideas_lib.programs.checks.examples import read_examples
from ideas_lib.programs.checks.task import FunctionTask, read_task
from ideas_lib.programs.copilot.sample import Reply, Sampling, ask, extract_program

TASK = read_task('import math\n\n\ndef area(r: float) -> float:\n    """Return it."""\n')
BODY = "    return math.pi * r * r\n"


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


def test_humaneval_is_whole() -> None:
    tasks = problems()
    assert len(tasks) == 164
    assert sum(map(development, tasks)) == 33
    for task in tasks.values():
        assert isinstance(task, FunctionTask)
        assert task.docstring
        assert "def check(candidate)" in task.tests
        ast.parse(task.before)
    assert sum(bool(read_examples(task)) for task in tasks.values()) == 139
