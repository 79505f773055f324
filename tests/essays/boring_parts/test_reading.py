"""Lines are read as a teacher reads them, or refused with the reason; none is ever run."""

from fractions import Fraction

import pytest

from ideas_lib.essays.boring_parts.line_reading import Unreadable, read_derivation, read_statement
from ideas_lib.essays.boring_parts.trees import equation_gap, same_value, spelled, tree_value


@pytest.mark.parametrize(
    ("line", "root"),
    [
        ("2x + 3 = 7", 2), ("3(x + 1)/2 = 6", 3), ("-x^2 + 4x = 4", 2), ("(1/2)x = 3", 6),
        ("2x - -3 = 7", 2), ("|x - 3| = 5", 8), ("2|x| = 8", 4), ("||x| - 1| = 2", 3),
        (r"\frac{x}{2} + 1 = 3", 4), (r"\( 2 \cdot x = 6 \)", 3), ("√(x + 3) = 2", 1),
        ("Step 2: x² = 9", 3), ("=> 2 × x = 6", 3), ("Divide both sides by 3: x = 2", 2),
        ("x^-2 = 4", 0.5), ("y = 0.25", 0.25), ("x ≈ 3.33", 3.33),
    ],
)  # fmt: skip
def test_a_line_means_what_it_says(line, root):
    (equation,) = read_statement(line).equations
    assert same_value(equation_gap(equation, root), 0)
    assert not same_value(equation_gap(equation, root + 0.7), 0)


@pytest.mark.parametrize(
    ("line", "values"),
    [("x = ±3", [3, -3]), ("x = 2 or x = -5", [2, -5]), ("x = 2 or 3", [2, 3]),
     ("x = 1, x = 4", [1, 4]), ("x = 2 and x = 3", [2, 3]), ("x = 5 +/- 2", [7, 3])],
)  # fmt: skip
def test_several_equations_stand_in_one_line(line, values):
    assert [tree_value(each.right, 0) for each in read_statement(line).equations] == values


def test_nothing_and_everything():
    assert read_statement("No real solution.").equations == ()
    assert read_statement("all real numbers").everything


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("__import__('os').system('true') = 1", "no algebra"),
        ("x = (lambda: 1)()", "equals sign"),
        ("1/2x = 3", "two ways"),
        ("x = 9^9^9", "power"),
        ("((((x^6)^6)^6)^6)^6 = 3", "powers of powers"),
        ("x = " + "(" * 13 + "1" + ")" * 13, "brackets within brackets"),
        ("x = 12345678901", "digits"),
        ("x = y", "two unknowns"),
        ("x = 1 = 2", "2 equals signs"),
        ("x + 1", "no equals sign"),
        ("x = 2 1", "side by side"),
        ("x = ", "empty"),
        ("(x + 1 = 2", "stays open"),
        ("x = 2)", "stands where nothing can"),
        ("x = " + "1 + " * 60 + "1", "characters"),
        ("x = 2 +", "missing"),
    ],
)
def test_the_rest_is_refused_with_its_reason(line, reason):
    with pytest.raises(Unreadable, match=reason):
        read_statement(line)


@pytest.mark.parametrize(
    "line",
    ["-(x + 2)^2 = 4/(x - 1)", "x - (2 - x) = 3(x^2)^2", "2*3 = |x - |x||", "-(-x)/(2x) = 1",
     "sqrt(x^2 + 1) = x/2/3", "x = 2 or x = 1/3", "(x/2)^2 = x(x - 1)"],
)  # fmt: skip
def test_what_is_written_reads_as_the_same(line):
    one, other = read_statement(line), read_statement(spelled(read_statement(line)))
    for a, b in zip(one.equations, other.equations, strict=True):
        for x in (0.3, -1.7, 5.2):
            assert same_value(equation_gap(a, x), equation_gap(b, x))


def test_talk_is_left_out_and_decimals_are_counted():
    text = "We solve it.\n1. 3x = 10\n\n2. x = 3.33\nDone!\n"
    assert read_derivation(text) == ["3x = 10", "x = 3.33"]
    assert read_statement("x = 3.33").equations[0].decimals == 2
    assert read_statement("x = 3.33").equations[0].right == ("n", Fraction(333, 100))
    assert len(read_derivation("x = 1\n" * 99)) == 40
