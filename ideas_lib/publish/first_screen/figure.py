"""The figure of an effect: every seed's pair of values, and beneath it the interval and the margin.

It is SVG that takes its width from the page and its colours from the text, so that it reads on a
phone and in the dark. Places along the width are percentages, places along the height pixels.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean

from ideas_lib.formatting import badge, number
from ideas_lib.measured import Measured
from ideas_lib.publish.first_screen.bottom import Found, Unit, effect_words, find
from ideas_lib.publish.first_screen.headline import Amount, pairs
from ideas_lib.verdict import Verdict

__all__ = ["FONT", "INK", "PAPER", "drawn", "figure_svg", "ground_of", "interval_panel"]

INK, PAPER = "#1d2125", "#ffffff"  # of a picture that stands alone
WIDTH, PAD = 600, 20  # pixels; of a picture that stands alone
FONT = 'font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif"'
LOG2 = "log2 "
LONGEST = 34  # characters of an arm's name that fit a phone
SPREAD = 9.0  # pixels up and down, where seeds have the same value

Label = Callable[[float], str]


def ground_of(word: str) -> str:
    """Return the colour that a word's badge has behind it, as #rrggbb."""
    colour = re.search(r"background:(#\w+)", badge(word, ""))
    assert colour, "a badge has its word's colour"
    return colour[1]


def figure_svg(slug: str, standalone: bool = False) -> str:
    """Return the figure of an idea's effect as SVG, "" where it has no results.

    `standalone` makes a file of it, with its own size and colours; otherwise it is as wide as what
    it stands in, and takes that's colour. The errors are those of `bottom.find`.
    """
    found = find(slug)
    return drawn(found, standalone) if found else ""


def drawn(found: Found, standalone: bool = False) -> str:
    """Return the figure of what was found."""
    what = found.finding
    if isinstance(what, Measured):
        body, height, words = _measured(found, what)
    else:
        body, height, words = _effect(found, what)
    label = f'role="img" aria-label="{escape(words)}" font-size="13" {FONT}'
    if not standalone:
        return (
            f'<svg class="fs-figure" {label} width="100%" height="{height}" overflow="visible"'
            f' fill="currentColor">{body}</svg>'
        )
    wide, high = WIDTH + 2 * PAD, height + 2 * PAD
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {label} width="{wide}" height="{high}"'
        f' viewBox="0 0 {wide} {high}" color="{INK}" fill="{INK}">'
        f'<rect width="{wide}" height="{high}" rx="6" fill="{PAPER}"/>'
        f'<svg x="{PAD}" y="{PAD}" width="{WIDTH}" height="{height}" overflow="visible">{body}'
        "</svg></svg>"
    )


@dataclass(frozen=True)
class TickedAxis:
    """A scale from `low` to `high` along the width, with ticks and their labels."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        """Return where a value is, in percent of the width."""
        return round(3 + 94 * (value - self.low) / (self.high - self.low), 2)

    def drawn(self, y: float, title: str) -> str:
        """Return the axis at a height, its ticks, and its title centred below."""
        marks = [_line(0, y, 100, y, 'stroke-opacity=".5"')]
        for value, label in self.ticks:
            x = self.at(value)
            marks += [_line(x, y, x, y + 4, 'stroke-opacity=".5"'), _text(x, y + 18, label)]
        return "".join([*marks, _text(50, y + 36, title)])


def _effect(found: Found, what: Verdict) -> tuple[str, int, str]:
    """Return the figure of a verdict: its body, its height, and what it shows in words."""
    study = found.results.study
    p, deciding = study.prediction, study.experiments[0]
    assert p is not None, "a verdict is on a prediction"
    arms = ((p.idea, "idea"), (p.baseline, "baseline"))
    both = pairs(found.results)
    axis, title = _outcome_axis([value for pair in both for value in pair], p.outcome, found.unit)
    # A sentence may undo a logarithm that the axis leaves as it is, as of halvings.
    spec = found.spec if p.outcome.startswith(LOG2) else found.spec.removeprefix(LOG2)
    body, words = [], []
    heights = (30.0, 84.0)
    lifts = [_lifts([axis.at(pair[row]) for pair in both]) for row in (0, 1)]
    for seed, pair in enumerate(both):
        ends = [(axis.at(pair[row]), heights[row] + lifts[row][seed]) for row in (0, 1)]
        body.append(_line(*ends[0], *ends[1], 'stroke-opacity=".35"'))
    for row, (arm, role) in enumerate(arms):
        values = [pair[row] for pair in both]
        middle = fmean(values)
        mean = format(Amount(middle), spec)
        for value, lift in zip(values, lifts[row], strict=True):
            body.append(_dot(axis.at(value), heights[row] + lift, hollow=role == "baseline"))
        x = axis.at(middle)
        body.append(_line(x, heights[row] - 11, x, heights[row] + 11, 'stroke-width="3"'))
        label = f"{_short(arm)} ({role}): mean {mean}"
        body.append(_text(0, (12, 112)[row], label, "start"))
        ends_in_words = (format(Amount(f(values)), spec) for f in (min, max))
        words.append(f"“{arm}”, the {role}: mean {mean}, from {' to '.join(ends_in_words)}")
    unit = "split" if deciding.overlap else "seed"
    body.append(axis.drawn(124, title))
    body.append(_text(50, 178, f"a dot is a {unit}, a bar the mean"))
    body.append(interval_panel(what, found.unit, 218))
    ahead = sum((idea > baseline) == p.higher for idea, baseline in both if idea != baseline)
    text = (
        f"{len(both)} {unit}s, {title}. {'; '.join(words)}. The idea is ahead in {ahead}."
        f" The effect: {effect_words(what, found.unit)}."
    )
    return "".join(body), 326, text


def interval_panel(what: Verdict, unit: Unit, top: float) -> str:
    """Draw the effect's interval on its own axis, the margin a band on both sides of zero."""
    reach = 1.05 * max(abs(what.low), abs(what.high), 1.5 * what.margin)
    axis = TickedAxis(
        -reach, reach, _ticks(-reach, reach, lambda v: number(unit.scale * v, "+.4g"))
    )
    left, right = axis.at(-what.margin), axis.at(what.margin)
    middle, y = top + 22, top + 44
    low, high = axis.at(what.low), axis.at(what.high)
    faint = 'fill-opacity=".13"'
    return "".join(
        [
            f'<rect x="{left}%" y="{top}" width="{right - left:.2f}%" height="44" {faint}/>',
            _text(50, top - 5, f"margin {unit.margin(what.margin)}"),
            _line(axis.at(0), top, axis.at(0), y, 'stroke-opacity=".5"'),
            _line(low, middle, high, middle, 'stroke-width="3"'),
            *(_line(x, middle - 6, x, middle + 6, 'stroke-width="2"') for x in (low, high)),
            _dot(axis.at(what.effect), middle, size=5),
            axis.drawn(y, f"effect, {unit.name}"),
            _text(0, y + 56, "\N{LEFTWARDS ARROW} baseline better", "start"),
            _text(100, y + 56, "idea better \N{RIGHTWARDS ARROW}", "end"),
        ]
    )


def _measured(found: Found, what: Measured) -> tuple[str, int, str]:
    """Return the figure of a measurement: each unit's value where there are few, and the mean."""
    how, deciding = found.results.study.measurement, found.results.study.experiments[0]
    assert how is not None, "it measures something"
    runs = {
        record["seed"]: record["metrics"][how.outcome]
        for record in found.results.select(deciding.name, arm=how.arm)
    }
    values = [fmean(each) for each in how.units(runs).values()]
    axis = _axis([*values, what.low, what.high], lambda v: number(v, ".4g"))
    body = [
        _dot(axis.at(value), 24 + lift, hollow=True)
        for value, lift in zip(values, _lifts([axis.at(v) for v in values]), strict=True)
    ]
    low, high = axis.at(what.low), axis.at(what.high)
    body += [_line(low, 56, high, 56, 'stroke-width="3"'), _dot(axis.at(what.value), 56, size=5)]
    note = f"a ring is a {how.independent}, the bar the interval"
    text = f"{len(values)} by {how.independent}. {what.sentence()}"
    return (
        "".join([*body, axis.drawn(72, what.unit or how.outcome), _text(50, 126, note)]),
        134,
        text,
    )


def _outcome_axis(values: Sequence[float], outcome: str, unit: Unit) -> tuple[TickedAxis, str]:
    """Return the axis of the arms' own values, and its title: shares are in percent."""
    if outcome.startswith(LOG2):
        worse = unit.outcome.removeprefix(outcome)
        axis = _axis(values, lambda v: f"{2**v:.2g}")
        return axis, f"{outcome.removeprefix(LOG2)}, log scale{worse}"
    if unit.scale == 100:
        return _axis(values, lambda v: f"{100 * v:.4g}\N{NO-BREAK SPACE}%"), unit.outcome
    return _axis(values, lambda v: number(v, ".4g")), unit.outcome


def _axis(values: Sequence[float], label: Label) -> TickedAxis:
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
    return TickedAxis(low, high, _ticks(low, high, label))


def _ticks(low: float, high: float, label: Label) -> tuple[tuple[float, str], ...]:
    """Return two to five round values within [low, high], with their labels."""
    span = high - low
    power = 10.0 ** math.floor(math.log10(span))
    step = next(s for s in (power * f for f in (5, 2, 1, 0.5, 0.2)) if span / s >= 2)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = [float(f"{k * step:.12g}") for k in range(first, last + 1)]
    return tuple((value, label(value)) for value in values)


def _lifts(places: Sequence[float]) -> list[float]:
    """Return how far to lift each dot, in pixels, so that no two of the same value coincide."""
    lifts = [0.0] * len(places)
    for place in set(places):
        same = [k for k, other in enumerate(places) if other == place]
        step = min(4.0, 2 * SPREAD / max(1, len(same) - 1))
        for rank, k in enumerate(same):
            lifts[k] = round(step * (rank - (len(same) - 1) / 2), 1)
    return lifts


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _dot(x: float, y: float, hollow: bool = False, size: float = 4) -> str:
    look = 'fill="none" stroke="currentColor" stroke-width="1.5"' if hollow else 'stroke="none"'
    return f'<circle cx="{x}%" cy="{y:g}" r="{size}" {look}/>'


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    where = f'x1="{x1}%" y1="{y1:g}" x2="{x2}%" y2="{y2:g}"'
    return f'<line {where} stroke="currentColor" {look}/>'


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    return f'<text x="{x}%" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
