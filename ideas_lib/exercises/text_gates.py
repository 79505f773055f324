"""What has to hold of a text that a model wrote before anything of it is run or shown.

>>> original = "{{ who }} has {{ n }} apples in a bag."
>>> text_fault("{{ who }} owns {{ n }} marbles, and 3 dice.", original)
'it has the number 3, which the exercise does not'
"""

import re
from collections import Counter
from collections.abc import Sequence

from ideas_lib.exercises.holes import HOLE, hole_names
from ideas_lib.formatting import printable

__all__ = ["NEAR", "likeness", "text_fault"]

NEAR = 90.0  # of 100: texts that are more alike than this are one text
LONGEST = 3  # times the original's length
WORDS = "zero one two three four five six seven eight nine ten eleven twelve dozen twenty thirty"
WORDS += " forty fifty sixty seventy eighty ninety hundred thousand half double twice triple thrice"
NUMBER = re.compile(rf"\d+(?:[.,]\d+)*|\b(?:{'|'.join(WORDS.split())})\b", re.I)
MARKUP = re.compile(r"<\s*[/!a-zA-Z][^>]*>|\]\s*\(|^\s*\[[^\]]+\]:", re.M)


def text_fault(text: str, original: str, keep: Sequence[str] = ()) -> str:
    """Return the first thing that is wrong with a text written anew; nothing if all is well.

    `original` is what it was made of, and `keep` what both have to say.
    """
    if not text.strip():
        return "it is empty"
    if len(text) > LONGEST * len(original) + 200:
        return f"it has {len(text)} characters, over {LONGEST} times as many as the exercise"
    strange = next((c for c in text if not (c.isprintable() or c == "\n")), "")
    if strange:
        return f"it has the character {printable(strange)}"
    return (
        _holes_fault(text, original)
        or _number_fault(text, original)
        or next((f"it does not say {word!r}" for word in keep if word not in text), "")
        or _markup_fault(text, original)
    )


def _holes_fault(text: str, original: str) -> str:
    there, wanted = Counter(hole_names(text)), set(hole_names(original))
    for name in there:
        if name not in wanted:
            return f"it has a hole {name!r}, which the exercise does not"
    for name in sorted(wanted):
        if there[name] != 1:
            times = "twice" if there[name] == 2 else f"{there[name]} times"
            return (
                f"the hole {name!r} is missing"
                if not there[name]
                else (f"the hole {name!r} stands there {times}")
            )
    rest = HOLE.sub("", text)
    return "it has braces that are no hole" if "{{" in rest or "}}" in rest else ""


def _number_fault(text: str, original: str) -> str:
    """Find a number that the original has not: a test would know nothing of it."""
    known = {found.lower() for found in NUMBER.findall(HOLE.sub("", original))}
    for found in NUMBER.findall(HOLE.sub("", text)):
        if found.lower() not in known:
            return f"it has the number {found}, which the exercise does not"
    return ""


def _markup_fault(text: str, original: str) -> str:
    for found in MARKUP.findall(text):
        if found not in original:
            return f"it has HTML or a link: {found.strip()[:40]!r}"
    if "```" in text and "```" not in original:
        return "it has a program in it"
    return ""


def likeness(text: str, others: Sequence[str]) -> tuple[float, int]:
    """Return how alike a text is to the nearest of others, from 0 to 100, and which that is.

    Compared are words without their order, holes being words; names and marks count little.
    """
    from rapidfuzz import fuzz

    plain = _plain(text)
    scores = [fuzz.token_sort_ratio(plain, _plain(other)) for other in others]
    best = max(range(len(scores)), key=scores.__getitem__)
    return scores[best], best


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
