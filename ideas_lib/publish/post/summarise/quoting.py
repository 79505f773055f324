"""What is the same sentence, written otherwise.

How a number, a quote, a dash or a contraction is written may differ, and so may a plus, articles
and large letters. The verdict before a colon, brackets with a range of numbers, and what begins at
a colon with a signed number, as an effect does, may be left out.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["NUMBER", "Tokens", "forms_of", "leans", "sentences_in", "takes_back", "tokens_of"]

Tokens = tuple[str, ...]


def _listed(words: str) -> list[str]:
    """Return the words of a text."""
    return words.split()


ABBREVIATIONS = re.compile(
    r"\b(?:e\.g|i\.e|et al|vs|cf|[Ff]igs?|[Ee]qs?|[Nn]o|[Ss]ec|Dr|Mrs?|Prof|St|ca|approx|[A-Z])\.$"
)
END = re.compile(r"[.!?…]+[\"'”’)]*(?=\s+[\"'“‘(]?[^\Wa-z_]|\s*$)")
_DIGITS = r"(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?|\.\d+"
TOKEN = re.compile(
    rf"(?:(?<![^\W_])[+\-−±])?(?:{_DIGITS})(?!\w|[.,]\d|-\w)"  # a number with its sign,
    r"|[^\W_](?:[\w'’]|[-.](?=[^\W_]))*"  # a word,
    r"|\S"  # or a mark: none is passed over
)
NUMBER = re.compile(rf"([+\-−±]?)({_DIGITS})")
COUNTS = _listed("zero one two three four five six seven eight nine ten eleven twelve")
MARKS = {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "—", "−": "-", "…": "."}
FEW = {"few", "little"}  # "a few" is more than "few"
NEGATIONS = _listed("not no never none nothing nobody neither nor without only hardly rarely")
TURNS = _listed(
    "but however yet nor not wrong false though although except only still instead unless or"
)
LEANS = TURNS + _listed(
    "and so then thus therefore hence consequently also too again even such otherwise rather that "
    "which here now both neither either similarly likewise conversely"
)
POINTS_BACK = _listed(
    "it its they them their theirs he him his she her hers this these those others former latter "
    "itself themselves other"
)
RANGE = re.compile(r"\d to [+\-]?\.?\d")
VERDICT = ("supported", "refuted", "inconclusive", "measured")


def sentences_in(text: str) -> list[str]:
    """The sentences of a text in one line, each with its full stop."""
    found, start = [], 0
    for end in END.finditer(text):
        if ABBREVIATIONS.search(text[start : end.start() + 1]) and end.end() < len(text):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    return [sentence for sentence in (*found, text[start:].strip()) if sentence]


def tokens_of(text: str) -> Tokens:
    """The words, numbers and marks of a sentence, each in one way of writing; the full stop goes.

    >>> tokens_of("It isn't right on 79.4 percent of the 1,200 cases.")
    ('it', 'is', 'not', 'right', 'on', '79.4', '%', 'of', '1200', 'cases')
    """
    text = re.sub(r"\bper\s?cent\b", "%", text.replace("’", "'"))
    text = re.sub(r"\b(ca|wo)n't\b|\bcannot\b", _uncontracted, text, flags=re.I)
    raw = TOKEN.findall(re.sub(r"n't\b", " not", text))
    while raw and raw[-1] in ".!…":
        raw.pop()
    kept = []
    for at, token in enumerate(raw):
        article = token.casefold() in ("the", "an") or token == "a" or (token == "A" and not at)
        few = token.casefold() == "a" and raw[at + 1 : at + 2] and raw[at + 1].casefold() in FEW
        if few or not article:
            kept.append(_written(token))
    return tuple(kept)


def _uncontracted(found: re.Match[str]) -> str:
    return "will not" if (found[1] or "").lower() == "wo" else "can not"


def _written(token: str) -> str:
    number = NUMBER.fullmatch(token)
    if number:
        return MARKS.get(number[1], number[1]) + re.sub(r"[,\u00a0\u202f]", "", number[2])
    lower = token.casefold()
    return str(COUNTS.index(lower)) if lower in COUNTS else MARKS.get(lower, lower)


def forms_of(sentence: str) -> set[Tokens]:
    """What may be said for a sentence of the notebook: itself, and without figures that back it."""
    whole = tokens_of(sentence)
    found = {whole}
    if len(whole) > 4 and whole[0] in VERDICT and whole[1] == ":":
        found.add(whole[2:])
    found |= {form for each in found for form in _without_brackets(each)}
    found |= {form for each in found for form in _without_tail(each)}
    return found | {tuple(_unsigned(token) for token in each) for each in found}


def _unsigned(token: str) -> str:
    return token[1:] if token[0] == "+" and len(token) > 1 else token


def _without_brackets(tokens: Tokens) -> Iterator[Tokens]:
    """Leave out all brackets that have a range of numbers in them, as an interval's have."""
    kept: list[str] = []
    inside: list[str] = []
    for token in tokens:
        if inside or token == "(":
            inside.append(token)
        else:
            kept.append(token)
        if token == ")" and inside:
            figures = RANGE.search(" ".join(inside)) and not set(NEGATIONS) & set(inside)
            kept += [] if figures else inside
            inside = []
    yield tuple(kept + inside)


def _without_tail(tokens: Tokens) -> Iterator[Tokens]:
    """Leave out what begins at a colon with a signed number."""
    for at, (mark, after) in enumerate(pairwise(tokens)):
        signed = mark == ":" and len(after) > 1 and after[0] in "+-±"
        if signed and "(" not in tokens[:at] and not set(NEGATIONS + TURNS) & set(tokens[at:]):
            yield tokens[:at]


def leans(sentence: str) -> bool:
    """Whether a sentence says by its beginning that it goes on from the one before."""
    words = re.findall(r"[\w'’]+", re.split(r"[,;:—–(]", sentence)[0].casefold())
    begins = sentence[:1].islower() or bool(set(words[:1]) & set(LEANS))
    return begins or bool(set(POINTS_BACK) & set(words))


def takes_back(sentence: str) -> bool:
    """Whether a sentence may take back what the one before it says."""
    first = re.match(r"\W*(\w+)\s*(\w?)", sentence.casefold())
    return first is not None and (first[1] in TURNS or (first[1] == "no" and not first[2]))
