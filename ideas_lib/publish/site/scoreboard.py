"""The `{scoreboard}` directive: every idea, its words, its verdict, and how to fork it.

It lists the rows of `catalogue` by part, with chapters that cross ideas last, then the forks. A
page that holds a scoreboard is read again when any row has changed, even if its own text has not.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from ideas_lib import results
from ideas_lib.formatting import decimals, number
from ideas_lib.ideas import IDEAS, PARTS, Idea
from ideas_lib.measured import Measured
from ideas_lib.publish.site.catalogue import NOT_TESTED, Row, rows
from ideas_lib.study.codekey import digest

__all__ = ["Scoreboard", "effect_words", "setup", "summary"]

_MARK = "ideas_scoreboard"  # the key in a page's environment metadata that says it has one


def effect_words(row: Row) -> str:
    """Write a row's effect with its interval; of what was measured, with its unit and no sign.

    >>> effect_words(Row("a", "A", None, "supported", 0.4471, 0.4302, 0.464, 12))
    '+0.447 [+0.430, +0.464]'
    >>> effect_words(Row("a", "A", None, "measured", 12.1, 11.4, 12.9, 40, unit="words"))
    '12.1 words [11.4, 12.9]'
    """
    if row.effect is None or row.low is None or row.high is None:
        return ""
    sign = "" if row.verdict == Measured.word else "+"
    spec = f"{sign}.{decimals((row.low, row.high))}f"
    effect, low, high = (number(value, spec) for value in (row.effect, row.low, row.high))
    return f"{f'{effect} {row.unit}'.rstrip()} [{low}, {high}]"


def summary(table: Iterable[Row]) -> str:
    """Count the page's ideas by verdict, in a sentence."""
    words = Counter(row.verdict for row in table)
    untested = words.pop(NOT_TESTED, 0)
    total = untested + words.total()
    if not words:
        return f"None of the {total} ideas has been tested yet."
    counts = ", ".join(f"{count} {word}" for word, count in words.most_common())
    are = "is" if untested == 1 else "are"
    rest = f" The other {untested} {are} not yet tested." if untested else ""
    return f"{words.total()} of {total} ideas tested: {counts}.{rest}"


class Scoreboard(SphinxDirective):
    """`{scoreboard}`: takes no argument, no option and no content."""

    def run(self) -> list[nodes.Node]:
        """Return the summary, one section per part that has rows, and one for the forks."""
        table = rows()
        self.env.metadata[self.env.docname][_MARK] = _fingerprint(self.env, table)
        page = {idea.slug: idea for idea in IDEAS}
        tested = summary(row for row in table if row.slug in page)
        out: list[nodes.Node] = [_paragraph(tested, "sb-summary")]
        own = [row for row in table if not row.forked_from]
        for part, heading in PARTS.items():
            entries = [self._entry(row, page.get(row.slug)) for row in own if row.part == part]
            if entries:
                out.append(_section(part, heading, entries))
        forks = [row for row in table if row.forked_from]
        if forks:
            out.append(_section("forks", "Forks", [self._entry(row, None) for row in forks]))
        return out

    def _entry(self, row: Row, idea: Idea | None) -> nodes.list_item:
        """One row: on the left its words and how to fork it, on the right where it stands."""
        item = nodes.list_item(classes=["sb-row"], ids=[f"idea-{row.slug}"])
        words = nodes.container(classes=["sb-words"])
        title = nodes.paragraph(classes=["sb-title"])
        if idea:
            title += [nodes.inline("", str(idea.number), classes=["sb-number"]), nodes.Text(" ")]
        title += self._link(row)
        words += title
        if idea:
            words += nodes.block_quote("", nodes.paragraph("", idea.quote))
        if row.forked_from:
            words += _paragraph(f"A fork of {row.forked_from}.", "sb-after")
        if row.path:
            new = f"{row.slug}-2" if row.forked_from else "my-idea"
            command = nodes.literal("", f"ideas fork {row.slug} {new}")
            words += nodes.paragraph("", "Steal it: ", command, classes=["sb-after"])
        item += [words, _standing(row)]
        return item

    def _link(self, row: Row) -> nodes.Node:
        """Link the title to its page, if the page is in the book."""
        docname = _docname(row)
        if docname not in self.env.found_docs:
            return nodes.strong("", row.title)
        link = addnodes.pending_xref(
            "",
            nodes.inline("", row.title),
            refdomain="std",
            reftype="doc",
            refdoc=self.env.docname,
            reftarget=f"/{docname}",
            refexplicit=True,
            refwarn=True,
        )
        return nodes.strong("", "", link)


def _standing(row: Row) -> nodes.container:
    """Say the verdict, the effect with its interval, and whether the page is current."""
    kind = row.verdict.replace(" ", "-")
    badge = nodes.inline("", row.verdict, classes=["verdict", f"verdict-{kind}"])
    box = nodes.container("", nodes.paragraph("", "", badge), classes=["sb-standing"])
    if row.effect is not None:
        box += _paragraph(effect_words(row), "sb-interval")
        over = "seeds" if row.independent == "seed" else f"by {row.independent}"
        box += _paragraph(f"95 % interval, {row.seeds} {over}", "sb-seeds")
        if caveat := _caveat(row):
            box += _paragraph(caveat, "sb-caveat")
    if row.fresh:
        box += _paragraph("page is current", "sb-fresh")
    elif row.path:
        box += _paragraph("page is stale", "sb-stale")
    return box


def _caveat(row: Row) -> str:
    """Say what stands between a verdict and today's code and prediction, if anything does."""
    if row.verdict == NOT_TESTED:
        return ""
    standing = results.load(row.slug).standing()
    return "" if standing.code == "current" and standing.sealed else standing.words


def _paragraph(text: str, kind: str) -> nodes.paragraph:
    return nodes.paragraph("", text, classes=[kind])


def _section(name: str, heading: str, entries: list[nodes.list_item]) -> nodes.section:
    section = nodes.section(ids=[f"scoreboard-{name}"], names=[f"scoreboard-{name}"])
    section += nodes.title(heading, heading)
    section += nodes.bullet_list("", *entries, classes=["scoreboard"])
    return section


def _docname(row: Row) -> str:
    return row.path.removesuffix(".ipynb") if row.path else ""


def _fingerprint(env: BuildEnvironment, table: Iterable[Row]) -> str:
    """Hash all that a scoreboard shows."""
    return digest(repr([(row, _caveat(row), _docname(row) in env.found_docs) for row in table]))


def _outdated(app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
    """Name the pages whose scoreboard no longer shows what `catalogue` says."""
    pages = {name: data[_MARK] for name, data in env.metadata.items() if _MARK in data}
    now = _fingerprint(env, rows()) if pages else ""
    return [name for name, then in pages.items() if then != now and name in env.found_docs]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive("scoreboard", Scoreboard)
    app.connect("env-get-outdated", _outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
