import pytest
from hypothesis import given
from hypothesis import strategies as st

from ideas_lib.formatting import decimals, number

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (0.42, "+.2f", "+0.42"),
        (-0.42, "+.2f", f"{MINUS}0.42"),
        (-0.001, "+.2f", "0.00"),
        (0.001, "+.2f", "0.00"),
        (-0.001, ".0%", "0%"),
        (-12345.6, ",.0f", f"{MINUS}12,346"),
        (0.00001, "g", f"1e{MINUS}05"),
        (8, "", "8"),
    ],
)
def test_number(value, spec, text):
    assert number(value, spec) == text


@pytest.mark.parametrize(
    ("values", "digits"),
    [([0, 1], 2), ([0.38, 0.46], 3), ([10, 60], 0), ([3.0], 1), ([0.0], 2), ([0, 1e-9], 6)],
)
def test_decimals(values, digits):
    assert decimals(values) == digits


@given(st.floats(0.001, 1e6), st.floats(-1e3, 1e3))
def test_ends_of_a_span_are_shown_apart(span, low):
    # Too few decimals would print an interval's two ends as one number.
    digits = decimals([low, low + span])
    assert number(low, f".{digits}f") != number(low + span, f".{digits}f")
