"""When two answers are the same: used in the sandbox, and written into notebooks."""

import math
from typing import Any


def same_answer(got: Any, expected: Any) -> bool:
    """Say whether two answers are equal; floats to nine digits."""
    if isinstance(got, float) or isinstance(expected, float):
        numbers = isinstance(got, int | float) and isinstance(expected, int | float)
        close = numbers and math.isclose(got, expected, rel_tol=1e-9, abs_tol=1e-9)
        return close or (got != got and expected != expected)
    if isinstance(expected, list | tuple):
        alike = type(got) is type(expected) and len(got) == len(expected)
        return alike and all(same_answer(a, b) for a, b in zip(got, expected, strict=True))
    if isinstance(expected, dict):
        alike = isinstance(got, dict) and got.keys() == expected.keys()
        return alike and all(same_answer(got[key], expected[key]) for key in expected)
    return got == expected
