"""The `{scoreboard}` and `{findings}` directives: what was found of every idea, and how surely.

The scoreboard lists the rows of `catalogue` by part, with chapters that cross ideas last, then the
forks, then what is not yet tested, folded. A page that holds either is read again when any row has
changed, even if its own text has not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from ideas_lib.formatting import decimals, number
from ideas_lib.ideas import IDEAS, PARTS, Idea
from ideas_lib.measured import Measured
from ideas_lib.publish.site.catalogue import NOT_TESTED, Row, rows
from ideas_lib.study.codekey import digest

__all__ = ["Findings", "Scoreboard", "setup", "short_effect", "summary"]

_MARK = "ideas_scoreboard"  # the key in a page's environment metadata that says it has one


def short_effect(row: Row) -> str:
    """Write a row's effect with its unit and interval; of what was measured, without a sign.

    >>> short_effect(Row("a", "A", None, "supported", 0.4471, 0.4302, 0.464, 12))
    '+0.447 [+0.430, +0.464]'
    >>> short_effect(Row("a", "A", None, "supported", 0.447, 0.43, 0.464, 12, unit="%", shift=2))
    '+44.7 % [+43.0, +46.4]'
    >>> short_effect(Row("a", "A", None, "measured", 12.1, 11.4, 12.9, 40, unit="words"))
    '12.1 words [11.4, 12.9]'
    """
    if row.effect is None or row.low is None or row.high is None:
        return ""
    sign = "" if row.verdict == Measured.word else "+"
    shown = [10**row.shift * value for value in (row.effect, row.low, row.high)]
    spec = f"{sign}.{decimals(shown[1:])}f"
    effect, low, high = (number(value, spec) for value in shown)
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
        own = [row for row in table if row.slug in page]
        begun = [row for row in table if row.path or row.verdict != NOT_TESTED]
        out: list[nodes.Node] = [_paragraph(summary(own), "sb-summary"), *_filter(begun)]
        originals = [row for row in begun if not row.forked_from]
        for part, heading in PARTS.items():
            entries = [
                self._entry(row, page.get(row.slug)) for row in originals if row.part == part
            ]
            if entries:
                out.append(_section(part, heading, entries))
        forks = [row for row in begun if row.forked_from]
        if forks:
            out.append(_section("forks", "Forks", [self._entry(row, None) for row in forks]))
        return out + self._untested([row for row in own if row not in begun], page)

    def _entry(self, row: Row, idea: Idea | None) -> nodes.list_item:
        """One row: on the left what was found, on the right how sure it is."""
        kind = row.verdict.replace(" ", "-")
        part = "forks" if row.forked_from else row.part
        classes = ["sb-row", f"sb-part-{part}", f"sb-is-{kind}"]
        item = nodes.list_item(classes=classes, ids=[f"idea-{row.slug}"])
        words = nodes.container(classes=["sb-words"])
        words += self._title(row, idea)
        if row.headline:
            words += _paragraph(row.headline, "sb-headline")
        if row.forked_from:
            words += _paragraph(f"A fork of {row.forked_from}.", "sb-after")
        item += [words, _standing(row)]
        return item

    def _title(self, row: Row, idea: Idea | None) -> nodes.paragraph:
        title = nodes.paragraph(classes=["sb-title"])
        if idea:
            title += [nodes.inline("", str(idea.number), classes=["sb-number"]), nodes.Text(" ")]
        title += _link(self.env, row)
        return title

    def _untested(self, table: list[Row], page: Mapping[str, Idea]) -> list[nodes.Node]:
        """List what has not been tested, a line each, folded."""
        if not table:
            return []
        what = "1 idea has" if len(table) == 1 else f"{len(table)} ideas have"
        head = f'<details class="sb-untested"><summary>{what} not been tested yet</summary>'
        entries = []
        for row in table:
            item = nodes.list_item(ids=[f"idea-{row.slug}"])
            item += self._title(row, page.get(row.slug))
            entries.append(item)
        return [_html(head), nodes.bullet_list("", *entries), _html("</details>")]


class Findings(SphinxDirective):
    """`{findings} SLUG ...`: what was found of these ideas, large, for the top of the front page.

    A slug without results is an error: what is shown there is picked by hand.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a box for each idea: its sentence, its verdict, its picture, a link."""
        table = {row.slug: row for row in rows()}
        self.env.metadata[self.env.docname][_MARK] = _fingerprint(self.env, table.values())
        box = nodes.container(classes=["sb-findings"])
        for slug in self.arguments[0].split():
            row = table.get(slug)
            if row is None or not row.headline:
                raise self.error(f"findings: {slug!r} has no results to show")
            one = nodes.container(classes=["sb-finding"])
            one += _paragraph(row.headline, "sb-headline")
            one += _standing(row, short=True)
            one += nodes.paragraph("", "", _link(self.env, row), classes=["sb-more"])
            box += one
        return [box]


def _link(env: BuildEnvironment, row: Row) -> nodes.Node:
    """Link the title to its page, if the page is in the book."""
    docname = _docname(row)
    if docname not in env.found_docs:
        return nodes.strong("", row.title)
    link = addnodes.pending_xref(
        "",
        nodes.inline("", row.title),
        refdomain="std",
        reftype="doc",
        refdoc=env.docname,
        reftarget=f"/{docname}",
        refexplicit=True,
        refwarn=True,
    )
    return nodes.strong("", "", link)


def _filter(table: list[Row]) -> list[nodes.Node]:
    """Return two lists to choose rows from; book.js shows them, as they need it."""
    parts = {row.part: PARTS[row.part] for row in table if row.part and not row.forked_from}
    in_order = {part: name for part, name in PARTS.items() if part in parts}
    if any(row.forked_from for row in table):
        in_order["forks"] = "Forks"
    verdicts = {row.verdict.replace(" ", "-"): row.verdict for row in table}
    if len(in_order) * len(verdicts) < 2:
        return []
    text = "".join(
        f'<label>{label} <select data-filter="{prefix}"><option value="">all</option>'
        + "".join(f'<option value="{key}">{escape(name)}</option>' for key, name in there.items())
        + "</select></label>"
        for label, prefix, there in (
            ("Part", "sb-part-", in_order),
            ("Verdict", "sb-is-", verdicts),
        )
    )
    return [_html(f'<form class="sb-filter" hidden>{text}<output></output></form>')]


def _standing(row: Row, short: bool = False) -> nodes.container:
    """Say the verdict, the effect with its interval, and whether the page is current."""
    kind = row.verdict.replace(" ", "-")
    badge = nodes.inline("", row.verdict, classes=["verdict", f"verdict-{kind}"])
    box = nodes.container("", nodes.paragraph("", "", badge), classes=["sb-standing"])
    if row.plot:
        box += _html(row.plot)
    if row.effect is not None:
        box += _paragraph(short_effect(row), "sb-interval")
        if not short:
            over = "seeds" if row.independent == "seed" else f"by {row.independent}"
            box += _paragraph(f"95 % interval, {row.seeds} {over}", "sb-seeds")
            box += _paragraph(row.reproduced, "sb-seeds")
    if row.path and not row.fresh:
        box += _paragraph("page is stale", "sb-stale")
    return box


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


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
    return digest(repr([(row, _docname(row) in env.found_docs) for row in table]))


def _outdated(app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
    """Name the pages whose scoreboard no longer shows what `catalogue` says."""
    pages = {name: data[_MARK] for name, data in env.metadata.items() if _MARK in data}
    now = _fingerprint(env, rows()) if pages else ""
    return [name for name, then in pages.items() if then != now and name in env.found_docs]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive("scoreboard", Scoreboard)
    app.add_directive("findings", Findings)
    app.connect("env-get-outdated", _outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
