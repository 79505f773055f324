"""What a report draws with: texts in which everything is seen, steps of colour, an axis."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from matplotlib.ticker import MaxNLocator

__all__ = ["Axis", "ColourScale", "colour_scale", "cut_middle", "rounded", "seen"]

STEPS = 8  # of a sequential scale; a diverging one has one more, for what is near 0
JOINERS = "\u200c\u200d"  # Persian words and emoji need them, and they do no harm
MINUS = "\u2212"


def seen(text: str) -> str:
    """Return a text with its outer spaces, its line ends and its control characters visible.

    What turns or hides text (U+202E, U+2028, a lone surrogate) comes out as its code point.
    """
    inner = text.strip(" ")
    left = len(text) - len(text.lstrip(" ")) if inner else 0
    right = len(text) - left - len(inner)
    return "\u2423" * left + "".join(map(_seen, inner)) + "\u2423" * right


def _seen(one: str) -> str:
    if one == "\n":
        return "\u21b5"
    kind = unicodedata.category(one)
    hidden = kind[0] == "C" or kind in ("Zl", "Zp")
    return f"\u27e8U+{ord(one):04X}\u27e9" if hidden and one not in JOINERS else one


def cut_middle(text: str, room: int) -> str:
    """Cut a long text in its middle: its end is what a phrase follows."""
    if len(text) <= room:
        return text
    head = room // 3
    return f"{text[:head]} \u2026 {text[head - room :]}"


def rounded(value: float, digits: int, sign: bool = False) -> str:
    """Write a number with a true minus, rounded as the script does; an unknown one as a dash."""
    if not math.isfinite(value):
        return "\u2013" if math.isnan(value) else ("\u221e" if value > 0 else MINUS + "\u221e")
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = f"{rounded:{'+' if sign else ''}}"
    return text.replace("-", MINUS) if float(text) else text.lstrip("+-")


@dataclass(frozen=True)
class ColourScale:
    """Steps of colour: a value's step is how many `edges` are not above it. `digits` to print."""

    kind: str
    digits: int
    edges: tuple[float, ...]

    def step(self, value: float) -> str:
        """The class of a value's colour: s0 to s7, or d0 to d8; empty where it is not known."""
        if math.isnan(value):
            return ""
        return f"{self.kind}{sum(edge <= value for edge in self.edges)}"


def colour_scale(values: Iterable[float], digits: int, diverging: bool = False) -> ColourScale:
    """Return the scale of some values; 5 % at each end share the outermost colours' bounds.

    A diverging one is even about 0.
    """
    known = np.array([each for each in values if math.isfinite(each)])
    if diverging:
        reach = float(np.percentile(np.abs(known), 95)) if len(known) else 1.0
        edges = np.linspace(-1, 1, STEPS + 2)[1:-1] * max(reach, 0.1)
        return ColourScale("d", digits, tuple(edges.round(digits).tolist()))
    low, high = np.percentile(known, [5, 95]) if len(known) else (-1.0, 0.0)
    if high - low < 10.0**-digits * STEPS:  # fewer values than colours
        low = high - 10.0**-digits * STEPS
    return ColourScale(
        "s", digits, tuple(np.linspace(low, high, STEPS + 1)[1:-1].round(digits).tolist())
    )


@dataclass(frozen=True)
class Axis:
    """A horizontal axis: `ticks` in nats, and where a value stands on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @staticmethod
    def of(values: Sequence[float]) -> "Axis":
        """The axis that holds all finite values and 0, with room, more where an end is open."""
        known = [0.0, *(each for each in values if math.isfinite(each))]
        low, high = min(known), max(known)
        room = (0.2 if any(map(math.isinf, values)) else 0.04) * (high - low) or 1.0
        low, high = low - room, high + room
        ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
        return Axis(low, high, tuple(float(each) for each in ticks if low <= each <= high))

    def at(self, value: float) -> float:
        """Where a value stands, from 0 to 100; what is infinite stands at an end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(100 * share, 2)
