"""Irrelevant prefixes, and the order of sentences."""

import random
import re

from ideas_lib.lm.noise.layout import FIELD
from ideas_lib.lm.noise.text import NoRoom, split_sentences
from ideas_lib.lm.noise.vocabulary import ADJECTIVES, OPENINGS, PLACES, THINGS

__all__ = ["order", "prefix"]

# A sentence with one of these leans on another one, or on the time it is told at.
BOUND = re.compile(
    r"(?i)\b(?:he|she|it|they|him|her|them|his|its|their|hers|theirs|himself|herself|itself"
    r"|themselves|this|that|these|those|such|former|latter|here|there|then|next|now|first|firstly"
    r"|second|secondly|third|last|lastly|finally|later|after|afterwards|before|soon|again|still"
    r"|already|meanwhile|however|therefore|thus|hence|so|but|yet|because|instead|otherwise"
    r"|moreover|furthermore|also|too|another|other|others|same|both|either|neither|else|for"
    r"\s+example|for\s+instance|in\s+turn|as\s+a\s+result)\b"
)
OPENING = re.compile(r"(?i)^\W*(?:and|or|nor)\b")


def prefix(context: str, chance: random.Random) -> tuple[str, str]:
    """Put one or two sentences before a text that have nothing to do with it."""
    said = " ".join(
        f"{chance.choice(OPENINGS)} {chance.choice(ADJECTIVES)} {chance.choice(THINGS)} "
        f"{chance.choice(PLACES)}."
        for _ in range(chance.choice((1, 2)))
    )
    between = "\n" if "\n" in context.strip() else " "
    return said + between + context.lstrip(), f"{said!r} comes before it"


def order(context: str, chance: random.Random) -> tuple[str, str]:
    """Put the sentences before the last one in another order, where none leans on another.

    Pronouns, connectives and words of time are taken for signs that one does; a story told in
    order without any of them is not seen. The last sentence stays where it is.
    """
    if FIELD.search(context):
        raise NoRoom("it has fields, whose order carries meaning")
    *parts, last = split_sentences(context)
    if len(parts) < 2:
        raise NoRoom(
            f"it has {len(parts) + 1} sentence{'s' if parts else ''}: order needs 3, the last stays"
        )
    for each in (*parts, last):
        leaning = BOUND.search(each) or OPENING.search(each)
        if leaning:
            raise NoRoom(f"a sentence leans on another one: it says {leaning[0]!r}")
    if not all(re.search(r"[.!?][\"'”’)\]]*\s*$", each) for each in parts):
        raise NoRoom("its lines are no sentences, which end in a full stop")
    places = list(range(len(parts)))
    chance.shuffle(places)
    spaces = [each[len(each.rstrip()) :] for each in parts]
    moved = [parts[place].rstrip() + space for place, space in zip(places, spaces, strict=True)]
    numbers = ", ".join(str(place + 1) for place in places)
    return "".join(moved) + last, f"sentences in the order {numbers}, {len(parts) + 1}"
