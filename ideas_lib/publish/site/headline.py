"""What an idea's study found, in one sentence with its unit, and as a small picture.

The sentence is a template of `ideas.toml`, filled with the means of the two arms that decide. It
states what was measured; what follows from it is the verdict's to say, and the end of the sentence
where the verdict is that nothing, or not yet anything, follows.
"""

from html import escape
from typing import Any

from ideas_lib.ideas import IDEAS
from ideas_lib.measured import Measured
from ideas_lib.results import Results
from ideas_lib.verdict import Verdict

__all__ = ["Amount", "headline", "interval_svg"]

TEMPLATES = {idea.slug: idea.found for idea in IDEAS if idea.found}
ENDS = {
    "supported": ".",
    "refuted": ".",
    "no difference": ": no difference worth having.",
    "inconclusive": ": whether the difference is worth having is open.",
}
WIDTH, HEIGHT, EDGE = 168, 26, 6  # pixels of the picture


class Amount(float):
    r"""A number that is written as a template's format spec says.

    Beside Python's own specs, "log2 .2g" writes 2 to the number, and a spec with % puts a space
    before the sign.

    >>> f"{Amount(-3):log2 .2g} nats, {Amount(0.25):.0%}"
    '0.12 nats, 25\xa0%'
    """

    def __format__(self, spec: str) -> str:
        if spec.startswith("log2 "):
            return format(2 ** float(self), spec.removeprefix("log2 "))
        return (
            format(float(self), spec)
            .replace("-", "\N{MINUS SIGN}")
            .replace("%", "\N{NO-BREAK SPACE}%")
        )


def headline(found: Results, origin: str = "") -> str:
    """Return one sentence on a study's finding; `origin` is the slug that a fork was made from.

    Where `ideas.toml` has no words for it, it names the arms and the outcome as the study does.
    """
    what = found.finding()
    if isinstance(what, Measured):
        assert found.study.measurement is not None
        return f"{found.study.measurement.question} {what.sentence().removeprefix('Measured: ')}"
    p = found.study.prediction
    assert p is not None, "a verdict is on a prediction"
    means = found.means(found.study.experiments[0].name, p.outcome)
    shown: dict[str, Any] = {"idea": Amount(means[p.idea]), "baseline": Amount(means[p.baseline])}
    template = TEMPLATES.get(found.study.slug) or TEMPLATES.get(origin)
    if template is None:
        template = f"{p.outcome} of “{p.idea}” {{idea:.3g}}, of “{p.baseline}” {{baseline:.3g}}"
        template = template[0].upper() + template[1:]
    return template.format(**shown) + ENDS[what.word]


def interval_svg(found: Verdict) -> str:
    """Draw an effect's interval beside zero, with the margin on both sides as a band.

    The picture says the same in words, for those who do not see it, and takes the text's colours.
    """
    reach = 1.08 * max(abs(found.low), abs(found.high), 1.25 * found.margin)

    def at(value: float) -> float:
        return round(EDGE + (value + reach) / (2 * reach) * (WIDTH - 2 * EDGE), 1)

    middle = HEIGHT / 2
    low, high = at(found.low), at(found.high)
    left, right = at(-found.margin), at(found.margin)
    words = (
        f"Effect {found.effect:+.2g}, 95 % interval {found.low:+.2g} to {found.high:+.2g}; the"
        f" margin is {found.margin:.2g}"
    ).replace("-", "\N{MINUS SIGN}")
    return (
        f'<svg class="sb-plot" role="img" aria-label="{escape(words)}" width="{WIDTH}"'
        f' height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"><title>{escape(words)}</title>'
        f'<rect class="sb-band" x="{left}" y="3" width="{max(0.5, right - left):.1f}"'
        f' height="{HEIGHT - 6}"/>'
        f'<line class="sb-zero" x1="{at(0)}" x2="{at(0)}" y1="1" y2="{HEIGHT - 1}"/>'
        f'<g><line x1="{low}" x2="{max(high, low + 1)}" y1="{middle}"'
        f' y2="{middle}"/><circle cx="{at(found.effect)}" cy="{middle}" r="3.6"/></g></svg>'
    )
