"""What students get, as Markdown and as a notebook, and the notebook with solutions for nbgrader.

The metadata are those of nbgrader's schema 3 (nbgraderformat/v3.json of nbgrader 0.9.6, whose own
validator takes them). The student's notebook is the teacher's as nbgrader clears it of solutions
and hidden tests, but for the comment of NBGRADER_CONFIG and for checksums.
"""

import ast
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from ideas_lib.exercises.deciding import SAME
from ideas_lib.exercises.drawing import ExerciseVariant
from ideas_lib.exercises.exercise import Exercise

__all__ = [
    "NBGRADER_CONFIG",
    "NEAR_ENOUGH",
    "exercise_notebook",
    "exercise_slug",
    "grading_tests",
    "student_markdown",
]

NEAR_ENOUGH = 1e-9  # share of an answer: floats do not agree to the last bit
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"
NBGRADER_CONFIG = """\
c = get_config()
# What a student begins with stands in each notebook; nothing takes the solution's place.
c.ClearSolutions.code_stub = {"python": "# Your code stands above this line."}
"""


def exercise_slug(title: str) -> str:
    """Return a title as file names and nbgrader's assignments have it."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40].rstrip("-")
    # Two titles without Latin letters are two assignments of one course.
    return name or f"exercise-{hashlib.sha256(title.encode()).hexdigest()[:8]}"


def student_markdown(exercise: Exercise, variant: ExerciseVariant) -> str:
    """Return the exercise as a student reads it."""
    parts = [f"# {exercise.title}", variant.prompt.strip()]
    if exercise.subject == "program":
        parts.append(f"Begin with this:\n\n```python\n{variant.starter.strip()}\n```")
        shown = zip(variant.calls, variant.expected, strict=False)
        lines = [f"- `{call}` gives `{expected}`" for call, expected in shown]
        if lines:
            parts.append("Examples:\n\n" + "\n".join(lines))
    else:
        parts.append(_how(exercise, variant))
    return "\n\n".join(parts) + "\n"


def exercise_notebook(exercise: Exercise, variant: ExerciseVariant, *, solved: bool) -> str:
    """Return a notebook as JSON: the student's, or with `solved` the one that nbgrader grades by.

    It is the same for the same variant, to the last byte.
    """
    starter = variant.starter.strip() if exercise.subject == "program" else "answer = ..."
    answer = SOLUTION.format(_solution(exercise, variant))
    slug = exercise_slug(exercise.title)
    text = student_markdown(exercise, variant).split("\nBegin with this:")[0].strip()
    cells = [
        _cell(new_markdown_cell(text), f"{slug}-task", locked=True),
        _cell(
            new_code_cell(f"{starter}\n{answer}" if solved else starter),
            f"{slug}-answer",
            solution=True,
        ),
        _cell(
            new_code_cell(_tests(exercise, variant, solved)),
            f"{slug}-tests",
            grade=True,
            locked=True,
            points=float(exercise.points),
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = new_notebook(cells=cells, metadata=metadata)
    for at, cell in enumerate(notebook.cells):
        cell.id = f"{variant.name}-{at}"
    return nbformat.writes(notebook) + "\n"


def _cell(cell: Any, grade_id: str, **given: Any) -> Any:
    flags = {"grade": False, "locked": False, "solution": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": grade_id, **flags, **given}
    return cell


def _solution(exercise: Exercise, variant: ExerciseVariant) -> str:
    if exercise.subject == "program":
        return variant.solution.strip()
    return f"answer = {_as_python(variant)}"


def _as_python(variant: ExerciseVariant) -> str:
    """Return the answer as a student may write it: a number, or SymPy's text for it."""
    if variant.decimal is not None:
        return str(int(variant.decimal)) if variant.whole else repr(variant.decimal)
    return repr(list(variant.items) if variant.items else variant.answer)


def _tests(exercise: Exercise, variant: ExerciseVariant, hidden: bool) -> str:
    if exercise.subject == "answer":
        shown = ['assert answer is not ..., "there is no answer yet"']
        return "\n".join([*shown, HIDDEN.format(_answer_tests(exercise, variant))][: 1 + hidden])
    count = len(variant.calls)
    shown = _asserts(variant.calls, variant.expected[:count])
    later = _asserts(variant.hidden_calls, variant.expected[count:])
    later += [variant.tests.strip()] if variant.tests.strip() else []
    later += [f"{name}()" for name in re.findall(r"^def (test\w*)\(\)", variant.tests, re.M)]
    if any("same_answer(" in line for line in (*shown, *later)):
        shown = [_same(), *shown]
    parts = shown or ["# Graded by tests that are not shown."]
    return "\n".join([*parts, HIDDEN.format("\n".join(later))] if hidden and later else parts)


def grading_tests(exercise: Exercise, variant: ExerciseVariant) -> str:
    """Return all tests for `judge.check_program`; an answer is what `answer()` returns."""
    if exercise.subject == "answer":
        return f"answer = candidate()\n{_answer_tests(exercise, variant)}"
    calls = _asserts((*variant.calls, *variant.hidden_calls), variant.expected)
    return "\n".join([_same(), *calls, variant.tests])


def _asserts(calls: Sequence[str], expected: Sequence[str]) -> list[str]:
    """Return a test for each call; floats, wherever they stand, need not agree to the last bit."""
    return [
        f"assert same_answer({call}, {_floats(value)})"
        if re.search(r"\d\.\d|\de[-+]?\d|\b(inf|nan)\b", value)
        else f"assert {call} == {value}"
        for call, value in zip(map(_operand, calls), expected, strict=True)
    ]


def _operand(call: str) -> str:
    """Return an expression as it may stand before `==`: a comparison or a pair needs brackets."""
    tree = ast.parse(call.strip(), mode="eval").body
    text = ast.unparse(tree)  # without a comment, which would hide what follows
    return text if isinstance(tree, ast.Call | ast.Tuple) else f"({text})"


def _floats(text: str) -> str:
    return re.sub(r"(?<![\w'\"])(inf|nan)(?![\w'\"])", r"float('\1')", text)


def _same() -> str:
    """Return the code of `same`, without what only this library needs."""
    source = SAME.read_text(encoding="utf-8")
    body = source[source.index("def same_answer") :].replace(
        "got: Any, expected: Any) -> bool", "got, expected)"
    )
    return f"import math\n\n\n{body}\n"


def _answer_tests(exercise: Exercise, variant: ExerciseVariant) -> str:
    right = variant.answer
    if variant.decimal is not None:
        room = max(float(exercise.tolerance), NEAR_ENOUGH) * abs(variant.decimal) or NEAR_ENOUGH
        return f"assert abs(float(answer) - ({variant.decimal!r})) <= {room!r}"
    names = f"symbols({' '.join(exercise.symbols)!r}, seq=True)"
    lines = ["from sympy import *"]
    if exercise.symbols:
        lines.append(f"{', '.join(exercise.symbols)}, = {names}")
    if variant.items:
        lines.append("given = answer if isinstance(answer, (list, set, tuple)) else [answer]")
        lines.append(f"right = FiniteSet(*map(sympify, {list(variant.items)!r}))")
        lines.append("assert FiniteSet(*(nsimplify(sympify(each)) for each in given)) == right")
    else:
        lines.append(f"assert simplify(sympify(answer) - ({right})) == 0")
    return "\n".join(lines)


def _how(exercise: Exercise, variant: ExerciseVariant) -> str:
    if variant.items:
        return "Give all answers, in a list: `answer = [...]`."
    unit = f" in {exercise.unit}, without the unit" if exercise.unit else ""
    kind = "a number" if variant.decimal is not None else "an expression, in quotes"
    return f"The answer is {kind}{unit}: `answer = ...`."
