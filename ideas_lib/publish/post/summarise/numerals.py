"""Numbers as text has them: 1,200, +23 points, −0.17, 98 %, eight seeds.

Two are one number if value, sign and unit are: 75 % is neither 75 points nor 0.75, and nothing is
rounded, for a reader who looks a number up in the notebook has to find it. 0.50 is 0.5, and 8 is
eight.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["NUMERAL", "Numeral", "numeral_at", "word_value"]

NUMERAL = re.compile(r"[+\-−±]?(?:\.\d|\d)(?:[.,\u00a0\u202f]?\d)*(?:[eE][+\-−]?\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?")
_GAP = r"(?:[\s\u00a0\u202f]|-(?=\w))*"
_SCALE = re.compile(_GAP + r"(hundred|thousand|million|billion|k(?![\w]))\b", re.I)
_UNITS = (
    (r"%|per\s?cent\b", "%"),
    (r"‰", "‰"),
    (r"percentage\s+points?\b|pp\b", "percentage points"),
    (r"points?\b", "points"),
    (r"times\b|[x×](?!\w)|fold\b", "times"),
    (r"ns\b|nanoseconds?\b", "ns"),
    (r"[µμ]s\b|microseconds?\b", "us"),
    (r"ms\b|milliseconds?\b", "ms"),
    (r"s\b|secs?\b|seconds?\b", "s"),
    (r"min\b|mins\b|minutes?\b", "min"),
    (r"h\b|hours?\b", "h"),
    (r"days?\b", "d"),
    (r"weeks?\b", "weeks"),
    (r"months?\b", "months"),
    (r"years?\b", "years"),
    (r"nats?\b", "nats"),
    (r"bits?\b", "bits"),
    (r"[kK]i?B\b", "kB"),
    (r"[mM]i?B\b", "MB"),
    (r"[gG]i?B\b", "GB"),
    (r"bytes?\b", "bytes"),
    (r"dollars?\b", "$"),
    (r"euros?\b|€", "€"),
    (r"°\s?[CF]?|degrees?\b", "°"),
)
_UNIT = re.compile(
    _GAP + "(?:" + "|".join(f"(?P<u{n}>{pattern})" for n, (pattern, _) in enumerate(_UNITS)) + ")"
)
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: Decimal(n) for n, word in enumerate(_ONES.split())}
_WORDS |= {word: Decimal(10 * n) for n, word in enumerate(_TENS.split(), 2)}
_WORDS |= {"hundred": Decimal(100), "thousand": Decimal(1000), "million": Decimal(10**6)}
_WORDS |= {"billion": Decimal(10**9)}
# A share or a multiple in a word is that word: half is not 50 %.
_PARTS = (
    "half halves twice thrice double doubles doubled triple tripled quarter quarters dozen dozens "
    "hundreds thousands millions tenfold twofold threefold hundredth tenth fifth twentieth "
    "majority minority"
)


@dataclass(frozen=True)
class Numeral:
    """A number: its value, or its own text where that is in no form known; sign; unit."""

    value: Decimal | str
    sign: str = ""
    unit: str = ""
    text: str = ""

    def is_said_by(self, other: "Numeral") -> bool:
        """Say whether the other is this number. A plus may be left out, a minus may not."""
        signs = {self.sign, other.sign}
        return (self.value, self.unit) == (other.value, other.unit) and (
            len(signs) == 1 or signs == {"", "+"}
        )


def numeral_at(text: str, start: int) -> tuple[Numeral, int] | None:
    """Return the number in figures that begins at a place, and where it ends with its unit."""
    found = NUMERAL.match(text, start)
    if not found:
        single = text[start : start + 1]
        return (Numeral(single, text=single), start + 1) if single.isnumeric() else None
    raw, end = found[0], found.end()
    sign = raw[0] if raw[0] in "+-−±" else ""
    value = _value(raw[len(sign) :])
    before = text[start - 1 : start]
    unit = before if before and before in "$€£¥" else ""
    return _measured(text, start, end, value, "−" if sign == "-" else sign, unit)


def word_value(word: str) -> Decimal | str | None:
    """Return the value of a number in a word, None for any other word."""
    lower = word.casefold()
    first, _, second = lower.partition("-")
    if first in _TENS.split() and second in _ONES.split()[1:10]:
        return _WORDS[first] + _WORDS[second]
    return lower.removesuffix("s") if lower in _PARTS.split() else _WORDS.get(lower)


def spelled_at(text: str, start: int, end: int, value: Decimal | str) -> tuple[Numeral, int]:
    """Return the number that a word is, with its unit."""
    return _measured(text, start, end, value, "", "")


def _measured(
    text: str, start: int, end: int, value: Decimal | str, sign: str, unit: str
) -> tuple[Numeral, int]:
    scale = _SCALE.match(text, end)
    if scale and not isinstance(value, str):
        word = scale[1].lower()
        value, end = value * _WORDS.get(word, Decimal(1000)), scale.end()
    found = _UNIT.match(text, end)
    if found:
        unit += next(name for n, (_, name) in enumerate(_UNITS) if found[f"u{n}"])
        end = found.end()
    return Numeral(value, sign, unit, " ".join(text[start:end].split())), end


def _value(digits: str) -> Decimal | str:
    if _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"[,\u00a0\u202f]", "", digits)
    plain = digits.replace("−", "-").lower()
    return Decimal(plain).normalize() if _PLAIN.fullmatch(plain) else digits
