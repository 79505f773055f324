"""The bottom line of an idea: a word, a sentence on what was found, and one on what it is not.

The first sentence says what was measured, in which unit, against what, with its interval and its
margin, all of it from the study and its results. The second stands in `ideas.toml`.
"""

import re
from dataclasses import dataclass

from ideas_lib import results
from ideas_lib.formatting import decimals, number
from ideas_lib.ideas import Idea, find_idea, origin
from ideas_lib.measured import Measured
from ideas_lib.publish.first_screen.headline import measured_sentence, spec_of, two_means
from ideas_lib.results import Results
from ideas_lib.study.checkout import root
from ideas_lib.study.finding import Prediction
from ideas_lib.study.study import load_study
from ideas_lib.verdict import Verdict, decide, weigh

__all__ = [
    "NOT_MEASURED",
    "BottomLine",
    "Found",
    "Unit",
    "bottom_line",
    "effect_words",
    "find",
    "line_of",
]

NOT_MEASURED = "not measured yet"
MARKUP = re.compile(r"([\\`*_<\[\]$|])")
POINTS = "points of "
TEXT_MARGIN = 0.02  # nats a token: the smallest difference on text worth having


@dataclass(frozen=True)
class BottomLine:
    """What was found, and what it does not say.

    `word` is a verdict, "measured", or NOT_MEASURED, where both sentences are "". `beyond` is ""
    for what is not an idea of the page, a fork for instance. `language` says what became of the
    idea on text, where its study asks.
    """

    word: str
    finding: str = ""
    beyond: str = ""
    language: str = ""

    def text(self) -> str:
        """Return it as plain text, in one line."""
        if not self.finding:
            return f"{self.word.capitalize()}."
        said = (self.finding, self.language, self.beyond)
        return " ".join([f"{self.word.capitalize()}:", *filter(None, said)])

    def markdown(self) -> str:
        """Return it as a paragraph of Markdown."""
        said = (self.finding, self.language, self.beyond)
        marked = [MARKUP.sub(r"\\\1", text) for text in said if text]
        return " ".join([f"**{self.word.capitalize()}.**", *marked])


@dataclass(frozen=True)
class Unit:
    """How an effect's numbers are written: times 10 to the `shift`, followed by `name`.

    `outcome` labels the axis of the two arms' own values.

    >>> Unit.of("points of accuracy", None)
    Unit(name='points of accuracy', shift=2, outcome='accuracy')
    """

    name: str
    shift: int
    outcome: str

    @classmethod
    def of(cls, words: str, p: Prediction | None) -> "Unit":
        """Return the unit that `ideas.toml` names, or, where it has none, the prediction's own."""
        if words.startswith(POINTS):
            return cls(words, 2, words.removeprefix(POINTS))
        if p is None:
            return cls(words, 0, words)
        worse = "" if p.higher else ", where less is better"
        return cls(words or f"in {p.outcome}{worse}", 0, f"{p.outcome}{worse}")

    @property
    def scale(self) -> int:
        """What numbers are multiplied by."""
        return 10**self.shift

    def number(self, value: float, digits: int, sign: str = "+") -> str:
        """Write a value with `digits` decimals, of which `shift` come before the point."""
        return number(self.scale * value, f"{sign}.{digits - self.shift}f")

    def margin(self, value: float) -> str:
        """Write a margin as it was registered, without a sign."""
        return number(self.scale * value, ".10g")


@dataclass(frozen=True)
class Found:
    """An idea's results, with the unit and the way of writing means that it, or its original, has.

    `spec` is a format spec of `Amount`.
    """

    idea: Idea
    results: Results
    finding: Verdict | Measured
    unit: Unit
    spec: str


def find(slug: str) -> Found | None:
    """Read what was found of an idea, None where it has no results yet.

    A fork has its original's unit as long as it measures the same outcome. Raises UnknownIdea,
    UnknownStudy and BadResults.
    """
    if not results.exists(slug):
        return None
    top = root()
    idea = find_idea(slug, top)
    read = results.load(slug)
    first, p = origin(idea, top), read.study.prediction
    if first is not idea:
        theirs = load_study(first.slug).prediction
        same = p and theirs and (p.outcome, p.higher) == (theirs.outcome, theirs.higher)
        first = first if same else idea
    return Found(idea, read, read.finding(), Unit.of(first.unit, p), spec_of(first.slug))


def bottom_line(slug: str) -> BottomLine:
    """Return the bottom line of an idea, by its slug; the errors are those of `find`."""
    found = find(slug)
    return line_of(found) if found else BottomLine(NOT_MEASURED)


def line_of(found: Found) -> BottomLine:
    """Return the bottom line of what was found."""
    what = found.finding
    if isinstance(what, Measured):
        return BottomLine(what.word, measured_sentence(found.results, what), found.idea.beyond)
    deciding = found.results.study.experiments[0]
    over = "splits" if deciding.overlap else "seeds"
    sentence = f"{two_means(found.results, found.spec)}: {effect_words(what, found.unit)}"
    sentence = f"{sentence}, {what.n} {over}."
    return BottomLine(what.word, sentence, found.idea.beyond, language_words(found))


def language_words(found: Found) -> str:
    """Say what the idea's loss on text comes to over its rival's, "" where `ideas.toml` has none.

    That is held-out loss in nats a token, and the word is a comparison's: nobody predicted it.
    """
    if not found.idea.text:
        return ""
    idea, rival = found.idea.text
    loss = found.results.compare("language", "loss", idea, rival, TEXT_MARGIN, higher=False)
    shown = effect_words(loss, Unit.of("nats a token", None))
    return f"On text “{idea}” over “{rival}” comes to {shown}: {loss.comparison}."


def effect_words(found: Verdict, unit: Unit) -> str:
    """Write an effect with its unit, interval and margin.

    It has as many digits as show the interval's ends apart, and more while rounding would change
    the word.
    """
    digits = first = max(unit.shift, decimals((found.low, found.high)))
    while digits < first + 12 and not _keeps_its_word(found, digits):
        digits += 1
    effect, low, high = (unit.number(x, digits) for x in (found.effect, found.low, found.high))
    margin = unit.margin(found.margin)
    last = f"margin {margin}"
    if found.no_worse:
        last = f"predicted: worse by less than {margin}"
    percent = f"{100 * found.confidence:g}\N{NO-BREAK SPACE}%"
    return f"{effect} {unit.name} ({percent} interval {low} to {high}; {last})"


def _keeps_its_word(found: Verdict, digits: int) -> bool:
    low, high = (round(value, digits) for value in (found.low, found.high))
    words = decide(low, high, found.margin, found.no_worse), weigh(low, high, found.margin)
    return found.word in words
