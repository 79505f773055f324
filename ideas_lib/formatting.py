"""How numbers are written for readers: one way, in badges, figures, alt texts and claims."""

import math
import re
from collections.abc import Iterable

__all__ = ["decimals", "number"]


def number(value: float, spec: str = "") -> str:
    """Format a number by a format spec, with a true minus sign, and zero without a sign."""
    text = format(value, spec)
    if re.fullmatch(r"[+-][0.,]+%?", text):
        text = text[1:]
    return text.replace("-", "\N{MINUS SIGN}")


def decimals(values: Iterable[float]) -> int:
    """Return how many decimals show some finite values apart: two for a span of 1, at most six."""
    found = list(values)
    span = (max(found) - min(found)) or abs(found[0]) or 1.0
    return min(6, max(0, 2 - math.ceil(math.log10(span))))
