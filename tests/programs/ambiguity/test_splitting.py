"""Entropy, clusters and properties, against references; the session that narrows."""

import math
import random

import pytest
import scipy.stats

from ideas_lib.programs.ambiguity.narrowing import Narrowing
from ideas_lib.programs.ambiguity.reaching import nothing_left, reached_stage
from ideas_lib.programs.ambiguity.rulings import Contradiction, Ruling, read_ruling
from ideas_lib.programs.ambiguity.splitting import entropy_bits
from ideas_lib.programs.ambiguity.traits import telling_trait, traits_of
from ideas_lib.programs.ambiguity.trial_inputs import edge_inputs, simpler_inputs
from ideas_lib.programs.checks.task import FunctionTask, NoTask, read_task
from tests.programs.ambiguity.conftest import PROGRAMS, TEXT

NAMES = ("x", "y")


def test_bits_are_entropy() -> None:
    rng = random.Random(0)
    for _ in range(50):
        sizes = [rng.randrange(0, 9) for _ in range(rng.randrange(1, 7))] + [1]
        assert entropy_bits(sizes) == pytest.approx(scipy.stats.entropy(sizes, base=2))
    assert [entropy_bits(s) for s in ([], [5], [4, 4], [1] * 8)] == [0, 0, 1, 3]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (([2, 2, 1],), "ties in x"),
        (([[1], [1]],), "ties in x"),
        (([],), "x is empty"),
        (("",), "x is empty"),
        (([-1],), "a negative number in x"),
        ((0,), "x is 0"),
        ((-0.5,), "x is negative"),
        ((2.5,), "x lies halfway between integers"),
        ((None,), "x is None"),
        ((float("nan"),), "x is nan"),
        ((" a",), "spaces around x"),
        (("aB",), "capitals in x"),
        ((3, [1, 2]), "x is above the length of y"),
        (([1], [2, 3]), "x and y differ in length"),
        ((4, 4), "x equals y"),
    ],
)
def test_a_condition_rules_out_what_has_the_property(row: tuple, words: str) -> None:
    traits = {trait.words: trait.pre for trait in traits_of(NAMES, row)}
    assert words in traits
    for pre in traits.values():
        assert not eval(pre, {}, dict(zip(NAMES, row, strict=False))), pre


def test_conditions_hold_elsewhere() -> None:
    """On 500 inputs a condition is false exactly where its property is named."""
    rng = random.Random(1)
    rows = [([rng.randrange(-2, 3) for _ in range(rng.randrange(4))],) for _ in range(500)]
    known = {t.words: t.pre for row in rows for t in traits_of(NAMES, row)}
    assert len(known) > 6
    for row in rows:
        having = {trait.words for trait in traits_of(NAMES, row)}
        for words, pre in known.items():
            assert bool(eval(pre, {}, {"x": row[0]})) != (words in having), (words, row)


def test_the_property_that_tells() -> None:
    rows = [([1, 1],), ([2, 1],), ([3, 3, 1],), ([],), ([1, 2, 3],), ([4, 4, 4, 4],)]
    hits = [len(set(x)) < len(x) for (x,) in rows]
    found = telling_trait(("x",), rows[0], rows, hits)
    assert found is not None
    assert found.words == "ties in x"
    assert telling_trait(("x",), rows[0], rows, [True] * 6) is None, "it tells nothing apart"
    assert telling_trait(("x",), rows[4], rows, hits) is None


def test_edges_and_what_is_simpler() -> None:
    rows = [([37, -5, 37], "Some words"), ([1], "x")]
    edges = edge_inputs(rows)
    assert ([], "x") in edges
    assert ([1, 1], "x") in edges
    assert ([1], "") in edges
    assert ([2, 1, 2], "Some words") in edges
    assert len(set(map(repr, edges))) == len(edges)
    for row in rows:
        assert all(len(repr(each)) <= len(repr(row)) for each in simpler_inputs(row))


def session(answers: tuple[Ruling, ...] = (), text: str = TEXT) -> Narrowing:
    return Narrowing(read_task(text, "rank"), PROGRAMS, answers)


def said(call: str, answer: str) -> Ruling:
    return read_ruling("rank", call, answer, "you")


@pytest.mark.usefixtures("in_process")
def test_from_two_bits_to_nothing() -> None:
    asked = session()
    state = asked.state()
    assert sorted(map(sorted, state.clusters)) == [["competition", "helped"], ["dense"], ["strict"]]
    assert state.bits == pytest.approx(1.5)
    first = state.questions[0]
    assert (first.property, first.bits) == ("ties in scores", pytest.approx(1.5))
    assert {o.shown for o, _ in first.outputs} == {
        f"[{', '.join(map(str, each))}]" for each in _three_readings(first.row[0])
    }
    assert all(q.bits <= first.bits for q in state.questions)
    assert any(q.call == "rank([])" and q.property == "scores is empty" for q in state.questions)
    assert reached_stage(asked, state) == "text"

    asked.answers.append(said("rank([2, 2, 1])", "[1, 2, 3]"))
    state = asked.state()
    assert state.left == ("strict",)
    assert state.done
    assert nothing_left(state) == (
        f"nothing left to ask that 4 programs on {len(state.rows)} inputs show"
    )
    assert [p.programs for p in state.passes] == [4, 1]
    assert reached_stage(asked, state) == "program"


def _three_readings(scores: list[int]) -> list[list[int]]:
    order = sorted(set(scores), reverse=True)
    places = sorted(range(len(scores)), key=lambda i: -scores[i])
    return [
        [1 + sum(o > s for o in scores) for s in scores],
        [order.index(s) + 1 for s in scores],
        [places.index(i) + 1 for i in range(len(scores))],
    ]


@pytest.mark.usefixtures("in_process")
def test_what_never_happens_becomes_a_precondition() -> None:
    state = session((said("rank([3, 3])", "never happens"),)).state()
    assert state.pre == ("len(set(scores)) == len(scores)",)
    assert all(len(set(row[0])) == len(row[0]) for row in state.rows)
    assert [q.call for q in state.questions] == ["rank([])"]
    both = (said("rank([3, 3])", "never"), said("rank([])", "never happens: len(scores) > 0"))
    state = session(both).state()
    assert state.done
    assert state.pre == ("len(set(scores)) == len(scores)", "len(scores) > 0")
    assert math.isclose(state.bits, 0)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((("rank([1, 1])", "[1, 1]"), ("rank([1, 1])", "[1, 2]")), "take one of them out"),
        ((("rank([1, 1])", "[1, 1]"), ("rank([3, 3])", "never")), r"rank\(\[1, 1\]\) is \[1, 1\]"),
        ((("rank([1, 1])", "never: len(scores) > 1"),), "and len(scores) > 1 allows it"),
        ((("rank([1])", "never: False"),), "allows none of"),
    ],
)
def test_answers_that_contradict(answers: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("len(scores)", r"len\(scores\)")) as told:
        session(tuple(said(*each) for each in answers)).state()
    assert "allows none" in str(told.value) or isinstance(told.value, Contradiction)


@pytest.mark.usefixtures("in_process")
def test_nothing_fits_and_examples_count() -> None:
    state = session((said("rank([5])", "[7]"),)).state()
    assert (state.left, state.done, state.questions) == ((), False, ())
    assert state.passes[-1].programs == 0
    text = TEXT.replace("rank 1.", "rank 1.\n\n    >>> rank([2, 2, 1])\n    [1, 1, 2]\n    ")
    state = session(text=text).state()
    assert state.left == ("dense",)
    assert state.settled == ()
    assert state.examples == 1


@pytest.mark.usefixtures("in_process")
def test_kinds_are_guessed_where_nothing_says_what_arguments_are() -> None:
    task = read_task('def longest(words):\n    "Return the longest."\n')
    programs = {
        "first": "def longest(words):\n    return max(words, key=lambda w: len(w.strip()))\n",
        "last": "def longest(words):\n    return sorted(words, key=lambda w: len(w.strip()))[-1]\n",
    }
    state = Narrowing(task, programs).state()
    assert all(isinstance(row[0], list | str | dict) for row in state.rows)
    assert state.questions
    assert len(state.rows) > 20
    nothing = Narrowing(FunctionTask("def f():\n    'x'\n", "f"), {"a": "def f():\n return 1\n"})
    assert nothing.state().rows == ((),)
    with pytest.raises(NoTask, match="by keyword only"):
        Narrowing(read_task("def f(x, *, y):\n    'x'\n"), {})
