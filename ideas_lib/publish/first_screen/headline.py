"""What an idea's study found, in one sentence with its unit, and as a small picture.

The sentence is a template of `ideas.toml`, filled with the means of the two arms that decide. It
states what was measured; what follows from it is the verdict's to say, and the end of the sentence
where the verdict is that nothing, or not yet anything, follows.
"""

from html import escape
from statistics import fmean as mean
from string import Formatter
from typing import Any

from ideas_lib.formatting import number
from ideas_lib.ideas import IDEAS
from ideas_lib.measured import Measured
from ideas_lib.results import Results
from ideas_lib.verdict import Verdict

__all__ = [
    "Amount",
    "headline",
    "interval_svg",
    "measured_sentence",
    "pairs",
    "spec_of",
    "two_means",
]

TEMPLATES = {idea.slug: idea.found for idea in IDEAS if idea.found}
ENDS = {
    "supported": ".",
    "refuted": ".",
    "no difference": ": no difference worth having.",
    "inconclusive": ": whether the difference is worth having is open.",
}
WIDTH, HEIGHT, EDGE = 168, 26, 6  # pixels of the picture
PLAIN = ".3g"


class Amount(float):
    r"""A number that is written as a template's format spec says.

    Beside Python's own specs, "log2 .2g" writes 2 to the number, and a spec with % puts a space
    before the sign. What rounds to zero has no sign.

    >>> f"{Amount(-3):log2 .2g} nats, {Amount(0.25):.0%}, {Amount(-0.001):+.2f}"
    '0.12 nats, 25\xa0%, 0.00'
    """

    def __format__(self, spec: str) -> str:
        if spec.startswith("log2 "):
            return format(2 ** float(self), spec.removeprefix("log2 "))
        return number(float(self), spec).replace("%", "\N{NO-BREAK SPACE}%")


def pairs(found: Results) -> list[tuple[float, float]]:
    """Return what idea and baseline came to in the outcome that decides, a pair for each seed."""
    p, deciding = found.study.prediction, found.study.experiments[0]
    assert p is not None, "a verdict is on a prediction"
    by_arm = {
        arm: {r["seed"]: r["metrics"] for r in found.select(deciding.name, arm=arm)}
        for arm in p.arms
    }
    return [
        (float(by_arm[p.idea][seed][p.outcome]), float(by_arm[p.baseline][seed][p.outcome]))
        for seed in deciding.seeds
    ]


def two_means(found: Results, spec: str = PLAIN) -> str:
    """Say what both arms came to, without a full stop: as `ideas.toml` does, or by their names.

    A fork's arms are named, for what changed may have made its original's sentence untrue. `spec`
    is how a named arm's mean is written.
    """
    p = found.study.prediction
    assert p is not None, "a verdict is on a prediction"
    both = zip(("idea", "baseline"), zip(*pairs(found), strict=True), strict=True)
    shown: dict[str, Any] = {arm: Amount(mean(values)) for arm, values in both}
    template = TEMPLATES.get(found.study.slug)
    if template:
        return template.format(**shown)
    idea, baseline = (format(each, spec) for each in shown.values())
    text = f"{p.outcome} of “{p.idea}” {idea}, of “{p.baseline}” {baseline}"
    return text[0].upper() + text[1:]


def spec_of(slug: str) -> str:
    """Return how an idea's template writes the mean of its arm: a format spec of `Amount`."""
    fields = Formatter().parse(TEMPLATES.get(slug, ""))
    return next((spec for _, name, spec, _ in fields if name == "idea" and spec), PLAIN)


def headline(found: Results, origin: str = "") -> str:
    """Return one sentence on a study's finding; `origin` is the slug that a fork was made from.

    Where `ideas.toml` has no words for it, it names the arms and the outcome as the study does.
    """
    what = found.finding()
    if isinstance(what, Measured):
        return measured_sentence(found, what)
    return two_means(found, spec_of(origin)) + ENDS[what.word]


def measured_sentence(found: Results, what: Measured) -> str:
    """Say what a measurement asked, and what came of it."""
    assert found.study.measurement is not None
    return f"{found.study.measurement.question} {what.sentence().removeprefix('Measured: ')}"


def interval_svg(found: Verdict, words: str) -> str:
    """Draw an effect's interval beside zero, with the margin on both sides as a band.

    `words` say the same, for those who do not see it. It takes the text's colours.
    """
    reach = 1.08 * max(abs(found.low), abs(found.high), 1.25 * found.margin)

    def at(value: float) -> float:
        return round(EDGE + (value + reach) / (2 * reach) * (WIDTH - 2 * EDGE), 1)

    middle = HEIGHT / 2
    low, high = at(found.low), at(found.high)
    left, right = at(-found.margin), at(found.margin)
    return (
        f'<svg class="sb-plot" role="img" aria-label="{escape(words)}" width="{WIDTH}"'
        f' height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escape(words)}</title>'
        f'<rect class="sb-band" x="{left}" y="3" width="{max(0.5, right - left):.1f}"'
        f' height="{HEIGHT - 6}"/>'
        f'<line class="sb-zero" x1="{at(0)}" x2="{at(0)}" y1="1" y2="{HEIGHT - 1}"/>'
        f'<g><line x1="{low}" x2="{max(high, low + 1)}" y1="{middle}"'
        f' y2="{middle}"/><circle cx="{at(found.effect)}" cy="{middle}" r="3.6"/></g></svg>'
    )
