"""What a model proposes, as changes to a repository."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from ideas_lib.lm.generate import Generator, Reply
from ideas_lib.programs.what_if.proposed_edits import cut_function, propose_changes, read_wish
from ideas_lib.programs.what_if.repo_changes import BadChange, change_diff

SOURCE = '''"""Prices."""
import functools


class Basket:
    @functools.cache
    def total(self, rate=0.2):
        """Return what it costs."""
        return self.plain * (1 + rate)

    plain = 3


def discount(price, share):
    return price - price * share
'''


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "prices.py").write_text(SOURCE)
    (tmp_path / "bad.py").write_text("def f(:\n")
    (tmp_path / "none.py").write_text("x = 1\n")
    (tmp_path / "nul.py").write_bytes(b"x = 1\n\0")
    return tmp_path


class Said:
    """Gives the replies that a model would, and keeps what it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = texts, []  # type: tuple[str, ...], list[Any]

    def generate(self, prompts: list[Any], samples: int, **how: Any) -> list[list[Reply]]:
        self.asked.append((prompts[0], how))
        return [[Reply(text, True) for text in self.texts[:samples]]]


def proposed(repo: Path, wish: str, *texts: str, style: str = "completion") -> Any:
    model: Any = Said(*texts)
    return propose_changes(read_wish(repo, wish), len(texts), 0, model, style)


def test_a_function_takes_the_place_of_the_one_named(repo: Path) -> None:
    found = proposed(
        repo,
        "prices.py:discount never below zero",
        "price, share):\n    return max(0, price - price * share)\n\nprint(1)",
        "price, share):\n    return price - price  *  share  # the same\n",
        "price, share):\n    return max(0, price - price*share)\n",
        "price, share:\n    nonsense",
    )
    (change,) = found.changes
    (edit,) = change.edits
    assert change.name == "prices.py:14 discount never below zero, proposal 1"
    assert edit.after == SOURCE.replace(
        "return price - price * share", "return max(0, price - price * share)"
    )
    assert found.left_out == {"what is there already": 2, "no whole function of that name": 1}
    assert change_diff(change)[-1] == "+    return max(0, price - price * share)"


def test_a_method_keeps_its_place_and_its_decorators(repo: Path) -> None:
    reply = (
        'Sure:\n```python\ndef total(self, rate=0.2):\n    """Cost."""\n    return 0\n```\nDone.'
    )
    found = proposed(repo, "prices.py:Basket.total give 0", reply, style="chat")
    after = found.changes[0].edits[0].after
    ast.parse(after)
    assert '    @functools.cache\n    def total(self, rate=0.2):\n        """Cost' in after
    assert after.endswith(SOURCE[SOURCE.index("    plain") :])


def test_other_line_ends_stay(repo: Path) -> None:
    (repo / "prices.py").write_bytes(SOURCE.replace("\n", "\r\n").encode())
    found = proposed(repo, "prices.py:discount x", "price, share):\n    return 1")
    after = found.changes[0].edits[0].after
    assert after.count("\n") == after.count("\r\n")


ODD = {
    "tabs": "class A:\n\tdef f(self):\n\t\treturn 1\n",
    "a text at the margin": 'class A:\n    def f(self):\n        """Sum.\n\nAt the margin.\n"""\n',
    "a form feed": 'X = "a\x0cb"\n\n\nclass A:\n    def f(self):\n        return 1\n',
    "no line end": "class A:\n    def f(self):\n        return 1",
    "under a condition": "if True:\n    class A:\n        def f(self):\n            return 1\n",
    "what waits": "class A:\n    async def f(self):\n        return 1\n",
}


@pytest.mark.parametrize("kind", ODD)
def test_functions_are_found_and_replaced_where_lines_are_odd(repo: Path, kind: str) -> None:
    text = ODD[kind]
    (repo / "odd.py").write_text(text)
    wish = read_wish(repo, "odd.py:A.f give 2")
    ast.parse(wish.source)
    found = proposed(
        repo, "odd.py:A.f give 2", "self):\n    return 2\n", wish.source[len(wish.head) :]
    )
    assert found.left_out == {"what is there already": 1}
    after = found.changes[0].edits[0].after
    (function,) = [
        n for n in ast.walk(ast.parse(after)) if hasattr(n, "decorator_list") and n.name == "f"
    ]
    assert type(function) is type(wish.node)
    assert ast.unparse(function.body[-1]) == "return 2"
    assert after.startswith(text[: text.index("def f(")])


def test_a_model_is_shown_the_function_and_the_words(repo: Path) -> None:
    model: Any = Said("a): pass")
    propose_changes(read_wish(repo, "prices.py:Basket.total give 0"), 1, 7, model)
    ((prompt, how),) = model.asked
    assert prompt.startswith('def total(self, rate=0.2):\n    """Return')
    assert prompt.endswith("changed: give 0\ndef total(")
    assert how["seed"] == 7


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("make it faster", "'make it faster' does not say what to change: write 'FILE.py:FUNC"),
        ("prices.py:discount", "does not say what to change"),
        ("prices.py:discnt better", "there is no function discnt in prices.py: there is discount"),
        ("none.py:f better", "there is no function f in none.py, nor any function"),
        ("gone.py:f better", "gone.py is no file in"),
        ("../x.py:f better", "../x.py is no file in"),
        ("bad.py:f better", "bad.py, line 1 is no Python"),
        ("nul.py:f better", "nul.py is no Python"),
    ],
)
def test_a_wish_that_cannot_be_read_says_why(repo: Path, text: str, why: str) -> None:
    with pytest.raises(BadChange, match=re.escape(why)):
        read_wish(repo, text)


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("def f(x):\n    return 1\n\nf(2)", "def f(x):\n    return 1"),
        ("def f(\n    x,\n):\n    return 1\n", "def f(\n    x,\n):\n    return 1"),
        ("```\nasync def f():\n    pass\n```", "async def f():\n    pass"),
        ("def g():\n    pass", None),
        ("def f(x):\n    return (1", None),
        ("", None),
        ("def f(x):", None),
        ("def f():\n    '''\n", None),
    ],
)
def test_cutting(text: str, function: str | None) -> None:
    assert cut_function(text, "f") == function


def test_a_model_of_this_machine_can_be_asked(repo: Path) -> None:
    wish = read_wish(repo, "prices.py:discount raise ValueError if share is above 1")
    with Generator("smollm2-135m-instruct") as model:
        found = propose_changes(wish, 2, 0, model)
    assert len(found.changes) + found.left_out.total() == 2
    for change in found.changes:
        ast.parse(change.edits[0].after or "")
