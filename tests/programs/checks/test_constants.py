"""What answers from the prompt's examples is found, however it is written; honest programs pass."""

from typing import Any

import pytest

from ideas_lib.programs.checks import answers_from_examples, read_examples, read_task, sample_inputs
from ideas_lib.programs.judge.harness.values import canonical

SQUARES = read_task(
    'def f(n: int) -> int:\n    """Sum.\n\n    >>> f(3)\n    14\n    >>> f(5)\n    55\n'
    '    >>> f(1)\n    1\n    """\n'
)
JOINED = read_task(
    'def f(a: list[int], b: int) -> str:\n    """Join.\n\n    >>> f([1, 2], 3)\n    "1-2-3"\n'
    '    >>> f([4], 5)\n    "4-5"\n    """\n'
)
MONTHS = read_task('def f(n: int) -> str:\n    """f(3) == "Mar" and\n    f(12) == "Dec" """\n')
GRADES = read_task('def f(n: int) -> str:\n    """f(90) == "A" and\n    f(80) == "B" """\n')


def found(task, body: str) -> str:
    program = f"{task.prompt}    {body}\n"
    space: dict[str, Any] = {}
    exec(program, space)
    rows, said = sample_inputs(task, read_examples(task)), []
    for row in rows:
        try:
            said.append(canonical(space["f"](*row)))
        except Exception as error:
            said.append(f"raised {type(error).__name__}")
    return answers_from_examples(task, program, said, rows)


@pytest.mark.parametrize(
    "body",
    [
        "return {3: 14, 5: 55, 1: 1}[n]",
        "return {3: 14, 5: 55, 1: 1}.get(n, n * 2)",
        "if n == 3: return 14\n    if n == 5: return 55\n    return 1",
        "if n != 3 and n != 5: return 1\n    return 14 if n < 4 else 55",
        "match n:\n        case 3: return 14\n        case 5: return 55\n        case 1: return 1",
        "return [None, 1, None, 14, None, 55][n]",
        "return (14, 55, 1)[(3, 5, 1).index(n)]",
        "return dict(zip('3 5 1'.split(), (14, 55, 1)))[str(n)]",
        "return eval('{3: 14, 5: 55, 1: 1}')[n]",
        'import json\n    return json.loads(\'{"3": 14, "5": 55, "1": 1}\')[str(n)]',
        "return T[n]\nT = {3: 14, 5: 55, 1: 1}",
        "return T[n]\nT = {}\nT.update({3: 14, 5: 55, 1: 1})",
        "return T[n]\nT = {}\nT[3] = 14\nT[5] = 55\nT[1] = 1",
        "return T.d[n]\nclass T:\n    d = {3: 14, 5: 55, 1: 1}",
        "return g(n)\ndef g(n, t={3: 14, 5: 55, 1: 1}): return t[n]",
        "return {3: 7 * 2, 5: 5 * 11, 1: 1}[n]",
        "return {3: 14, 5: 55, 1: 1, 99: 5, 98: 7}.get(n, 0)",
        "return {9: 14, 25: 55, 1: 1}.get(n * n, 0)",
        "return {'n3': 14, 'n5': 55, 'n1': 1}.get(f'n{n}', 0)",
        "t = {3: 14, 5: 55, 1: 1}\n    if n in t: return t[n]\n    return sum(range(n))",
        "try: return {3: 14, 5: 55}[n]\n    except KeyError: return 1",
    ],
)
def test_a_table_of_the_examples(body: str) -> None:
    assert "the prompt's examples as constants" in found(SQUARES, body)


@pytest.mark.parametrize(
    "body",
    [
        "if a == [1, 2] and b == 3: return '1-2-3'\n    if a == [4] and b == 5: return '4-5'",
        "return {'([1, 2], 3)': '1-2-3', '([4], 5)': '4-5'}[str((a, b))]",
        "return {(1, 2): '1-2-3', (4,): '4-5'}[tuple(a)]",
        "match a, b:\n        case [1, 2], 3: return '1-2-3'\n        case [4], 5: return '4-5'",
        "return ['', '4-5', '1-2-3'][len(a)]",
    ],
)
def test_a_table_of_several_arguments(body: str) -> None:
    assert "the prompt's examples as constants" in found(JOINED, body)


NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Dec"]
MANY = ", ".join(f"{k}: '{m}'" for k, m in enumerate(NAMES, 1))


@pytest.mark.parametrize(
    ("task", "body"),
    [
        (SQUARES, "return sum(i * i for i in range(1, n + 1))"),
        (SQUARES, "return n * (n + 1) * (2 * n + 1) // 6"),
        (SQUARES, "if n <= 0: return 0\n    if n == 1: return 1\n    return f(n - 1) + n * n"),
        (SQUARES, "return sum(i * i for i in range(1, n + 1))\nCASES = {3: 14, 5: 55, 1: 1}"),
        (JOINED, "return '-'.join(map(str, a + [b]))"),
        (MONTHS, f"return {{{MANY.replace('8:', '12:')}}}[n]"),
        (GRADES, "if n >= 90: return 'A'\n    if n >= 80: return 'B'\n    return 'C'"),
    ],
)
def test_what_is_no_table_of_the_examples(task, body: str) -> None:
    assert found(task, body) == ""
