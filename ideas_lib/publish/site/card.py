"""The top of each notebook's page: what was found, where it is an idea's, and the provenance card.

The card says when, where and from what the notebook was run. The page is current as long as both
are: see `page_top` for what was found.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from ideas_lib import __version__
from ideas_lib.publish.site.freshness import Check, check
from ideas_lib.publish.site.page_top import follows_from, idea_of, open_page
from ideas_lib.resources import resource
from ideas_lib.study.closure import Checkout, digest

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["card", "setup", "standings"]

STATIC = resource(__file__, "static")
WORDS = {
    "fresh": "This page is up to date",
    "stale": "This page is stale",
    "failed": "This page failed",
    "never executed": "This page was never executed",
}
MOST_REASONS = 3
AGAIN = "<code>jupyter-book build .</code> runs it again"


def card(notebook: dict[str, Any], found: Check, measured: dict[str, str]) -> str:
    """Return the card's HTML: one line, and the details behind it.

    `found` is how the notebook stands; `measured` says of each study it shows, by slug, which
    code measured its results: one sentence. Every text is escaped.
    """
    ran = notebook["metadata"].get("ideas", {})
    kind = "provenance " + ("provenance-fresh" if found.state == "fresh" else "provenance-stale")
    line = " ".join([_line(ran, found), *map(escape, _studies(measured))])
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in _rows(ran))
    if not rows:
        return f'<div class="{kind}">{line}</div>'
    return f'<details class="{kind}"><summary>{line}</summary><dl>{rows}</dl></details>'


def standings(found: Check) -> dict[str, str]:
    """Say of each study whose results the notebook reads which code measured them."""
    files = (Path(name).parts for name in found.parts if name.startswith("studies/"))
    # A study is `studies/<slug>.py`, or the files of the folder `studies/<slug>`.
    slugs = list(dict.fromkeys(Path(parts[1]).stem.replace("_", "-") for parts in files))
    if not slugs:
        return {}
    # Imported here, for a study brings its own libraries, torch among them.
    from ideas_lib import results

    return {
        slug: results.load(slug).standing().words if results.exists(slug) else "Not measured yet."
        for slug in slugs
    }


def _line(ran: dict[str, Any], found: Check) -> str:
    strong = f"<strong>{WORDS[found.state]}</strong>"
    if found.state == "fresh":
        when = _when(ran)
        return f"{strong}: executed on {when.day} {when:%B %Y} in {_duration(ran['seconds'])}."
    more = len(found.reasons) - MOST_REASONS
    why = "; ".join(found.reasons[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
    return f"{strong}: {escape(why)}. {AGAIN}."


def _studies(measured: dict[str, str]) -> list[str]:
    """Say how the results stand; name the studies where there are several."""
    if len(measured) == 1:
        return list(measured.values())
    return [f"{slug}: {words}" for slug, words in measured.items()]


def _rows(ran: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "key" in ran:
        yield "Executed", f"{_when(ran):%Y-%m-%d %H:%M} UTC, in {_duration(ran['seconds'])}"
        yield "Where", ran["where"]
        yield "With", ", ".join(f"{name} {release}" for name, release in ran["versions"].items())
        yield "Key", f"{ran['key']}, over {len(ran['components'])} parts"
    if "forked_from" in ran:
        turned = ", ".join(f"{name}={value}" for name, value in ran.get("set", {}).items())
        yield "Fork of", ran["forked_from"] + (f", with {turned}" if turned else "")


def _when(ran: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(ran["executed"])


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register the extension: every notebook's page gets its top, and keeps it current."""
    app.connect("builder-inited", _add_style)
    app.connect("env-get-outdated", _outdated)
    app.connect("doctree-read", _insert)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _add_style(app: "Sphinx") -> None:
    app.config.html_static_path.append(str(STATIC))
    app.add_css_file("card.css")
    app.add_css_file("first_screen.css")


def _outdated(
    app: "Sphinx", env: "BuildEnvironment", added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages whose file is as it was and whose card is not: code or results moved."""
    pages = env.found_docs - added - changed - removed
    top = Path(app.srcdir)
    checkout = Checkout(top)
    return [
        name
        for name in sorted(pages)
        if (path := _notebook(env, name))
        and env.metadata[name].get("provenance") != _fingerprint(check(path, top, checkout), top)
    ]


def _insert(app: "Sphinx", doctree: nodes.document) -> None:
    path = _notebook(app.env, app.env.docname)
    if not path:
        return
    top = Path(app.srcdir)
    found = check(path, top)
    app.env.metadata[app.env.docname]["provenance"] = _fingerprint(found, top)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    html = card(notebook, found, standings(found))
    section, at = open_page(doctree, app.env, path, top)
    section.insert(at, nodes.raw("", html, format="html"))


def _notebook(env: "BuildEnvironment", name: str) -> Path | None:
    path = Path(env.doc2path(name))
    return path if path.suffix == ".ipynb" and path.is_file() else None


def _fingerprint(found: Check, top: Path) -> str:
    idea = idea_of(found.path, top)
    opening = follows_from(idea, top) if idea else ""
    return digest(found.state, *found.reasons, json.dumps(found.parts, sort_keys=True), opening)
