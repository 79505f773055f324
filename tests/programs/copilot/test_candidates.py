"""Candidates fall on the rung that rejects them; right programs get through them all."""

import re
from functools import partial

import pytest

from ideas_lib.programs.checks import behaviour
from ideas_lib.programs.checks.symbolic import find_distinguishing_input
from ideas_lib.programs.checks.task import read_task
from ideas_lib.programs.copilot.candidates import run_checks, search_best
from ideas_lib.programs.copilot.completion import judged
from ideas_lib.programs.copilot.rule import Threshold

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


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(behaviour, "SECONDS", 60.0)  # for a machine that is busy


def written(*values: str) -> list[str]:
    return [f"{TASK.prompt}    return {value}\n" for value in values]


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


def test_a_search_finds_what_examples_do_not_show() -> None:
    """Both agree wherever a number is positive; CrossHair finds a list where they do not."""
    low = TASK.prompt + "    best = -99\n    for x in xs:\n        best = max(x, best)\n"
    low += "    return best if xs else 0\n"
    found = run_checks(TASK, [*written(RIGHT[0]), low])
    assert [candidate.alike for candidate in found] == [2, 2]
    after = search_best(TASK, found)
    assert after.pairs == 1
    assert [candidate.alike for candidate in after.candidates] == [1, 1]
    ((numbers,),) = after.inputs
    assert numbers
    assert max(numbers) < -99


def test_a_search_between_copies_is_none() -> None:
    found = run_checks(TASK, written(RIGHT[0], RIGHT[0]))
    assert search_best(TASK, found).pairs == 0
    assert search_best(TASK, []).candidates == ()


def threshold(score: float | None) -> Threshold:
    return Threshold(score, 40, 1, 0.095, 0.1, 0.9)


def test_what_is_shown_has_its_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    # These two never differ, which CrossHair would try to show for as long as it may.
    brief = partial(find_distinguishing_input, seconds=1.0)
    searched = "ideas_lib.programs.copilot.candidates.find_distinguishing_input"
    monkeypatch.setattr(searched, brief)
    programs = written(RIGHT[0], RIGHT[0], RIGHT[1], "xs[0]")
    found = judged(TASK, programs, threshold(0.75), "a model")
    assert (found.shown, found.code) == (True, programs[0])
    assert "0.75 is enough" in found.reason
    said = "\n".join(found.evidence)
    for words in ("4 candidates came from a model", "1 rejected by examples", "2 examples to try"):
        assert words in said
    assert "2 different programs agree on" in said
    assert "3 of 4 candidates with their copies" in said
    assert "it finds no files, processes, network" in said
    assert "the sandbox saw it try none of these" in said
    assert "of 40 HumanEval problems" in said
    assert "CrossHair" in said
    assert programs[0] in str(found)
    assert "```python" in found._repr_markdown_()


@pytest.mark.parametrize(
    ("task", "values", "limit", "words"),
    [
        (TASK, RIGHT[:1], threshold(None), "no threshold keeps the error as low"),
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


TABLE = TASK.prompt + "    return {(1, 3, 2): 3, (-5, -2): -2}.get(tuple(xs), 0)\n"
CHAIN = TASK.prompt + "    if xs == [1, 3, 2]: return 3\n    return -2 if xs == [-5, -2] else 0\n"


def test_copies_that_agree_are_no_evidence() -> None:
    """Nor are tables of the examples, however calibrated the model and however many agree."""
    for programs, limit in (([TABLE] * 8, None), ([TABLE, CHAIN] * 4, threshold(0.5))):
        found = judged(TASK, programs, limit)
        assert (found.shown, found.code) == (False, "")
        said = "\n".join(found.evidence)
        assert "8 rejected by properties; the first because it has the prompt's examples" in said
    renamed = [TASK.prompt + f"    {name} = sorted(xs)\n    return {name}[-1] if {name} else 0\n"
               for name in ("a", "b", "c")]  # fmt: skip
    alone = judged(TASK, renamed * 2, None)
    assert not alone.shown
    assert "copies of one program are no evidence" in alone.reason
    assert "1 different program agrees on" in "\n".join(alone.evidence)
    assert "6 of 6 candidates with their copies" in "\n".join(alone.evidence)
    assert judged(TASK, renamed * 2, threshold(0.75)).shown, "calibrated with copies"


def test_what_a_shown_program_touches_is_said() -> None:
    acts = (
        "    import os\n    os.system('true')\n    return max(xs) if xs else 0\nprint('loaded')\n"
    )
    found = judged(TASK, [TASK.prompt + acts] * 2, threshold(0.75))
    assert found.shown
    said = "\n".join(found.evidence)
    assert "it may touch processes (os.system, line" in said
    assert "run when it is loaded (print('loaded'), line" in said
    assert "in the sandbox it tried: os.system b'true'" in said


def test_no_escape_reaches_a_terminal_or_a_page() -> None:
    evil = ["    # \x1b[2J\n", "    # \u202e\n", "    # \x9b31m\n"]
    found = judged(TASK, [TASK.prompt + line + "    return 0\n" for line in evil], None, "\x1b[2J")
    assert not found.shown
    raised = TASK.prompt + "    raise ValueError('\\x1b[2J<img src=x>![x](http://x)')\n"
    failed = judged(TASK, [raised], None, "<b>`m`\x1b[2J")
    for text in (str(found), str(failed), failed._repr_markdown_()):
        assert all(each.isprintable() or each == "\n" for each in text)
    assert not re.search(r"(?<!\\)[<`]|(?<!\\)!\[", failed._repr_markdown_())
    told = read_task(TASK.prompt.replace("Return", "\x1b[2J ``` Return"))
    mine = judged(
        told, [told.prompt + f"    return {value}\n" for value in RIGHT[:1]], threshold(0.5)
    )
    assert mine.shown
    assert "\x1b" not in str(mine) + mine._repr_markdown_()
    assert mine._repr_markdown_().startswith("````python\n")
