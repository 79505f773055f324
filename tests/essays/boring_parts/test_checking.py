"""The checker against what we know of each step, hostile text, and its simpler rivals."""

import time

import pytest

from ideas_lib.essays.boring_parts.causes import name_cause, tried_with_other_numbers
from ideas_lib.essays.boring_parts.equations import sample_equation
from ideas_lib.essays.boring_parts.labels import CAUSES
from ideas_lib.essays.boring_parts.limited import Limited
from ideas_lib.essays.boring_parts.mal_rules import MAL_RULES
from ideas_lib.essays.boring_parts.prepared import prepare_derivations
from ideas_lib.essays.boring_parts.rivals import RIVALS, first_objection
from ideas_lib.essays.boring_parts.step_checking import check_derivation

ROOT = ["sqrt(x + 3) = x - 3", "x + 3 = x^2 - 6x + 9", "(x - 1)(x - 6) = 0", "x = 1 or x = 6"]

STEPS = [  # line, next line, verdict, cause
    ("3x + 5 = 11", "3x = 6", "kept", ""),
    ("2x = 6", "6 = 2x", "kept", ""),
    ("x/2 + x/3 = 10", "3x + 2x = 60", "kept", ""),
    ("|x - 3| = 5", "x - 3 = 5 or x - 3 = -5", "kept", ""),
    ("x^2 = 9", "x = ±3", "kept", ""),
    ("x + 1 = x + 2", "1 = 2", "kept", ""),
    ("2x = x + x", "0 = 0", "kept", ""),
    ("3x = 10", "x = 3.33", "kept", ""),
    ("3x = 10", "x = 3.3", "does not follow", "arithmetic"),
    ("x = 3", "sqrt(9) = 3", "kept", ""),
    ("x^2 = 5x", "x = 5", "lost", "divided by the unknown"),
    ("x^2 = 9", "x = 3", "lost", "one root"),
    ("|x - 2| = 3", "x - 2 = 3", "lost", "one root"),
    ("x = 2", "x^2 = 4", "gained", "not checked"),
    ("(x^2 - 4)/(x - 2) = 0", "x^2 - 4 = 0", "gained", "not checked"),
    ("3x + 5 = 11", "3x = 16", "does not follow", "sign"),
    ("5 - (x + 2) = 9", "5 - x + 2 = 9", "does not follow", "sign"),
    ("2(x + 3) = 10", "2x + 3 = 10", "does not follow", "bracket"),
    ("3x = 6", "x = 3", "does not follow", "operation"),
    ("2x + 4 = 10", "x + 4 = 5", "does not follow", "one side"),
    ("(x + 2)^2 = 16", "x^2 + 4 = 16", "does not follow", "power of a sum"),
    ("sqrt(x^2 + 9) = 5", "x + 3 = 5", "does not follow", "power of a sum"),
    ("3x + 5 = 11", "3x = 7", "does not follow", "arithmetic"),
    ("3x + 5 = 11", "3x + 5 = 12", "does not follow", "copied"),
    ("12/x = 3", "x = 36", "does not follow", ""),
]


@pytest.mark.parametrize(("one", "other", "verdict", "cause"), STEPS)
def test_a_step_is_judged_and_its_cause_named(ask, one, other, verdict, cause):
    line = check_derivation([one, other], ask).lines[1]
    assert (line.verdict, name_cause(one, line)) == (verdict, cause)


def test_causes_that_are_named_are_among_those_that_people_may_give():
    assert set(MAL_RULES) < set(CAUSES)


def test_what_squaring_lets_in_breaks_a_line_if_it_stays(ask):
    kept = check_derivation(ROOT, ask)
    assert (kept.broken, kept.sure, kept.lines[1].verdict) == (1, True, "gained")
    thrown = check_derivation([*ROOT, "x = 6"], ask)
    assert (thrown.broken, thrown.sure, thrown.lines[-1].verdict) == (None, True, "thrown out")


def test_cases_may_follow_one_another(ask):
    lines = ["x^2 + x = 6", "(x - 2)(x + 3) = 0", "x - 2 = 0", "x = 2", "x + 3 = 0", "x = -3"]
    found = check_derivation(lines, ask)
    assert (found.broken, found.sure) == (None, True)
    assert [line.verdict for line in found.lines[2:]] == ["a case"] * 4
    assert check_derivation(lines[:4], ask).broken == 2
    assert check_derivation([*lines[:5], "x = 3"], ask).broken == 2


def test_the_first_broken_line_is_named_and_later_ones_are_judged_by_what_they_follow(ask):
    found = check_derivation(["3x + 5 = 11", "3x = 16", "x = 16/3", "x = 16"], ask)
    verdicts = [line.verdict for line in found.lines]
    assert found.broken == 1
    assert verdicts == ["given", "does not follow", "kept", "does not follow"]


def test_it_does_not_know_is_said_apart(ask):
    found = check_derivation(["2x = 4", "x is two = 2", "x = 3"], ask)
    assert (found.broken, found.sure) == (2, False)
    assert "no algebra" in found.lines[1].why
    found = check_derivation(["2x = 4", "oops = 3", "x = 2"], ask)
    assert (found.broken, found.sure) == (None, False)
    assert not check_derivation(["oops = 3", "x = 2"], ask).sure
    with pytest.raises(ValueError, match="a line at least"):
        check_derivation([], ask)


def test_domains_are_those_of_what_is_written(ask):
    assert ask("solutions", "x(x - 2)/x = 0")["values"] == [2]
    assert ask("solutions", "sqrt(x)^2 = -1")["values"] == []
    assert "not all" in ask("solutions", "(x^2 - 4)/(x - 2) = x + 2")["why"]
    assert ask("solutions", "1/0 = x")["why"] == "it divides by zero"


def test_what_takes_for_ever_is_ended_and_the_next_question_is_answered():
    with Limited(seconds=0.3) as short:
        begun = time.monotonic()
        slow = short("solutions", "sqrt(sqrt(sqrt(x^6 + 1) + x) + x^5) = x^2 + 1")
        assert "within 0.3 s" in slow["why"]
        assert short("solutions", "x = 2 or x = 3")["values"] == [2, 3]
        assert time.monotonic() - begun < 60
    with pytest.raises(ValueError, match="'eval' is none of"):
        short("eval", "1")
    with pytest.raises(ValueError, match="seconds=0"):
        Limited(0)


LUCKY = [("sqrt(x^2 + 9) = 3", "x + 3 = 3", "power of a sum")]
UNLUCKY = [("x^2 = 0", "x = 0"), ("(x - 2)^2 = 0", "x = 2"), ("2(x + 3) = 10", "2x + 6 = 10"),
           ("sqrt(x + 1) = 1", "x + 1 = 1"), ("3x + 5 = 11", "3x = 16")]  # fmt: skip


def test_other_numbers_tell_luck(ask):
    for one, other, cause in LUCKY:
        line = check_derivation([one, other], ask).lines[1]
        luck = tried_with_other_numbers(one, line, ask)
        assert luck is not None
        assert luck.cause == cause
        again = check_derivation([luck.before, luck.after], ask)
        assert again.broken == 1
    for one, other in UNLUCKY:
        line = check_derivation([one, other], ask).lines[1]
        assert tried_with_other_numbers(one, line, ask) is None


def test_rivals_object_where_they_must():
    cases = {
        "answer alone": (["2x = 4", "x = 3", "x = 2"], None),
        "same difference": (["2x = 4", "x = 2"], 1),
        "same ratio": (["2x = 4", "x = 2", "x = 3"], 2),
        "answer put in": (["x = 2", "x^2 = 4", "x = -2"], 2),
    }
    with Limited(5) as ask:
        for rival, (lines, expected) in cases.items():
            assert first_objection(rival, lines, [2.0], ask) == expected, rival
        assert first_objection("answer alone", ["2x = 4", "x = 3"], [2.0], ask) == 1
        assert first_objection("answer put in", ["3x = 10", "x = 3.33"], [10 / 3], ask) is None
        assert first_objection("same ratio", ["x^2 = 4", "x = 2 or x = -2"], [2], ask) is None
    assert set(cases) == set(RIVALS)


def test_equations_are_solved_by_what_they_say(ask):
    kinds = set()
    for seed in range(60):
        posed = sample_equation(seed)
        kinds.add(posed.kind)
        found = ask("solutions", posed.text)
        assert found["values"] == pytest.approx([float(each) for each in posed.solutions]), posed
    assert len(kinds) >= 9
    assert sample_equation(3) == sample_equation(3)


def test_what_is_prepared_breaks_where_it_is_said_to(ask):
    for each in prepare_derivations(1):
        found = check_derivation(each.lines, ask)
        assert found.sure, each
        assert found.broken == (None if each.lucky else each.broken), each
        line = found.lines[each.broken or 1]
        if each.lucky:
            assert tried_with_other_numbers(each.lines[0], line, ask).cause == each.cause
        elif each.broken:
            assert name_cause(each.lines[each.broken - 1], line) == each.cause, each
