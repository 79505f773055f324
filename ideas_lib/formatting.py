"""How numbers are written for readers: one way, in badges, figures, alt texts and claims."""

import math
import re
from collections.abc import Iterable

__all__ = ["badge", "decimals", "number", "printable"]

# White text on each of these has a contrast above 4.5, and the badge brings its own background,
# so it reads the same on a light and on a dark page. The word carries the meaning, not the colour.
_COLOURS = {
    "supported": "#00684a",
    "no difference": "#4d5966",
    "refuted": "#a33b00",
    "inconclusive": "#6a4a8c",
    "measured": "#1f5a8c",
}


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


def printable(text: str) -> str:
    """Return a text with what no screen should get, escapes and line ends too, written out.

    What hides or turns text (U+200B, U+202E) and lone surrogates come out as their code points.
    """
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def badge(word: str, numbers: str) -> str:
    """Return HTML of a word that says what was found, on its colour, and the numbers for it."""
    style = (
        f"background:{_COLOURS[word]};color:#fff;border-radius:0.3em;"
        "padding:0.15em 0.55em;font-weight:600;white-space:nowrap"
    )
    return f'<p><span class="verdict-word" style="{style}">{word.capitalize()}</span> {numbers}</p>'
