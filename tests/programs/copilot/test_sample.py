"""What is asked for a candidate, and how the program is cut out of the reply."""

import pytest

from ideas_lib.programs.checks.task import read_task
from ideas_lib.programs.copilot.sample import Sampling, extract_program

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
def test_what_is_asked(style: str) -> None:
    request = Sampling(style=style, temperature=0.5, max_tokens=9).request(TASK, 7)
    body = request.body()
    assert request.path == {"completion": "completions", "chat": "chat/completions"}[style]
    assert (body["seed"], body["temperature"], body["top_p"]) == (7, 0.5, 0.95)
    assert body["max_tokens"] == 9
    assert TASK.prompt in str(body.get("prompt") or body["messages"][0]["content"])
    assert ("stop" in body) == (style == "completion"), "what is said in words ends by itself"
    with pytest.raises(ValueError, match="style='talk'"):
        Sampling(style="talk")
