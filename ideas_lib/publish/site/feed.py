"""Posts in the book: ablog's pages, the posts made from chapters, an Atom and an RSS feed.

A Sphinx extension. Before Sphinx reads, it makes the chapters' posts (`generate`), after
`freshness` has run what was stale. After a build of HTML it writes `atom.xml` and `rss.xml` at the
top: the same bytes as long as the posts are the same, for their dates are the posts' own. ablog's
own feed carries the time of the build, and stays off while `blog_baseurl` is not set. How long a
post takes to read stands under its title and in the lists: neither feed has a place for it.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ideas_lib import __version__
from ideas_lib.publish.post.exporter import write_if_new
from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.post.standing import word_count
from ideas_lib.publish.site.chapter_posts import generate

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
from ideas_lib.resources import resource

__all__ = ["PACE", "Entry", "feeds", "setup"]

TEMPLATES = resource(__file__, "templates")
PACE = 238  # words a minute: silent reading of English non-fiction (Brysbaert, 2019)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"(])")
NAMES = {"atom.xml": "application/atom+xml", "rss.xml": "application/rss+xml"}


@dataclass(frozen=True)
class Entry:
    """One post in a feed; `url` is where it stands on the site, and its id."""

    title: str
    url: str
    date: dt.datetime
    summary: str
    author: str
    labels: tuple[str, ...] = ()


def feeds(title: str, site: str, author: str, entries: list[Entry]) -> dict[str, bytes]:
    """The feeds by file name, newest post first; needs at least one entry. `site` ends in /."""
    from feedgen.feed import FeedGenerator

    newest = sorted(entries, key=lambda e: (e.date, e.title, e.url), reverse=True)
    done = {}
    for name in NAMES:
        feed = FeedGenerator()
        feed.id(site)
        feed.title(title)
        feed.subtitle(f"Posts of {title}")
        feed.language("en")
        feed.author({"name": author})
        feed.generator("ideas_lib")
        feed.link(href=site + name, rel="self")
        feed.link(href=site, rel="alternate")
        feed.updated(newest[0].date)
        feed.lastBuildDate(newest[0].date)
        for entry in newest:
            item = feed.add_entry(order="append")
            item.id(entry.url)
            item.guid(entry.url, permalink=True)
            item.link(href=entry.url)
            item.title(entry.title)
            item.summary(entry.summary)
            item.author({"name": entry.author or author})
            item.published(entry.date)
            item.updated(entry.date)
            for label in entry.labels:
                item.category({"term": label})
        write = feed.atom_str if name == "atom.xml" else feed.rss_str
        done[name] = write(pretty=True)
    return done


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register ablog and this extension."""
    app.setup_extension("ablog")
    app.connect("config-inited", _configure)
    app.connect("builder-inited", _generate, priority=900)  # when freshness is done
    app.connect("doctree-read", _dress, priority=600)  # when ablog has seen the post
    app.connect("doctree-resolved", _list_minutes, priority=600)  # when ablog has made its lists
    app.connect("html-page-context", _announce, priority=900)
    app.connect("build-finished", _write)
    return {"version": __version__, "parallel_read_safe": False, "parallel_write_safe": True}


def _configure(app: "Sphinx", config: "Config") -> None:
    config.templates_path.append(str(TEMPLATES))


def _generate(app: "Sphinx") -> None:
    from sphinx.errors import ExtensionError

    try:
        generate(Path(app.srcdir))
    except PostError as error:
        raise ExtensionError(f"posts: {error}") from error


def _dress(app: "Sphinx", doctree: "nodes.document") -> None:
    """Give a post its summary, for lists and feeds, and a line under its title: date, time, labels.

    The summary is the metadata's, or else the first two sentences of the first paragraph.
    """
    from docutils import nodes

    env = app.env
    for info in getattr(env, "ablog_posts", {}).get(env.docname, []):
        section = next(doctree.findall(nodes.section), None)
        if section is None:
            continue
        first = next((n for n in section.children if isinstance(n, nodes.paragraph)), None)
        opening = " ".join(SENTENCE.split(first.astext())[:2]) if first else ""
        said = _summary(env.metadata[env.docname]) or opening
        if info["date"] and info["date"].tzinfo:  # ablog compares with times that have no zone
            info["zoned"] = info["date"]
            info["date"] = info["update"] = info["date"].replace(tzinfo=None)
        info["excerpt"] = [nodes.paragraph("", " ".join(said.split()))]
        info["minutes"] = max(1, round(word_count("\n".join(_prose(section))) / PACE))
        if info["date"]:
            section.insert(1, _byline(info, env.docname, app.config.post_date_format))


def _summary(about: dict[str, Any]) -> str:
    """Return the summary that a page's metadata hold; a notebook's `ideas.post` goes first."""
    try:
        ideas = json.loads(about.get("ideas") or "{}")
    except (TypeError, ValueError):  # a page's own word, not a notebook's record
        ideas = {}
    post = ideas.get("post") if isinstance(ideas, dict) else None
    own = post.get("summary") if isinstance(post, dict) else None
    return str(own or about.get("summary") or "")


def _prose(node: "nodes.Node") -> Iterator[str]:
    """The text of what is read from line to line, without code, what it shows, maths and tables."""
    from docutils import nodes

    skipped = nodes.literal_block | nodes.math_block | nodes.raw | nodes.table | nodes.Invisible
    if isinstance(node, skipped) or node.get("nb_element") == "cell_code":
        return
    if isinstance(node, nodes.TextElement):
        yield node.astext()
        return
    for child in node.children:
        yield from _prose(child)


def _byline(info: dict[str, Any], docname: str, date_format: str) -> "nodes.paragraph":
    from ablog.blog import slugify
    from docutils import nodes

    line = nodes.paragraph(classes=["post-byline"])
    line += _reference(f"archive-{info['date'].year}", info["date"].strftime(date_format), docname)
    line += nodes.Text(f" · {info['minutes']} min read")
    for kind, labels in (("category", info["category"]), ("tag", info["tags"])):
        for label in filter(None, labels):
            line += nodes.Text(" · ")
            line += _reference(f"{kind}-{slugify(label)}", label, docname)
    return line


def _list_minutes(app: "Sphinx", doctree: "nodes.document", docname: str) -> None:
    """Say in a list of posts how long each takes to read: ablog's formats have no word for it."""
    from docutils import nodes

    for line in doctree.findall(nodes.paragraph):
        if "ablog-post-title" in line["classes"]:
            link = next(line.findall(nodes.reference))["refuri"]
            for name, infos in getattr(app.env, "ablog_posts", {}).items():
                if app.builder.get_relative_uri(docname, name) == link and "minutes" in infos[0]:
                    line += nodes.Text(f" · {infos[0]['minutes']} min read")


def _reference(target: str, text: str, docname: str) -> "nodes.Element":
    from docutils import nodes
    from sphinx.addnodes import pending_xref

    return pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="ref",
        reftarget=target,
        refexplicit=True,
        refwarn=True,
        refdoc=docname,
    )


def _announce(
    app: "Sphinx", page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Name the feeds in a page's head, by relative links; ablog would name one that is not."""
    context.pop("feed_path", None)
    if app.config.html_baseurl and any(_entries(app)):
        title = context.get("docstitle") or app.config.html_title
        for name, kind in NAMES.items():
            word = "Atom" if name == "atom.xml" else "RSS"
            context["metatags"] = context.get("metatags", "") + (
                f'\n<link rel="alternate" type="{kind}" title="{_escaped(title)} ({word})" '
                f'href="{context["pathto"](name, 1)}" />'
            )


def _escaped(text: object) -> str:
    plain = re.sub(r"<[^>]*>", "", str(text))
    return plain.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _write(app: "Sphinx", exception: Exception | None) -> None:
    from sphinx.util.logging import getLogger

    if exception is not None or app.builder.format != "html" or not any(_entries(app)):
        return
    if not app.config.html_baseurl:
        getLogger(__name__).warning("no feeds: _config.yml gives the site no html.baseurl")
        return
    site = app.config.html_baseurl.rstrip("/") + "/"
    title, author = str(app.config.html_title or app.config.project), str(app.config.author)
    for name, data in feeds(title, site, author, list(_entries(app))).items():
        write_if_new(Path(app.outdir) / name, data)


def _entries(app: "Sphinx") -> Iterator[Entry]:
    """The posts that are out: those with a date that is not to come."""
    site = str(app.config.html_baseurl or "").rstrip("/") + "/"
    for docname, infos in sorted(getattr(app.env, "ablog_posts", {}).items()):
        for info in infos:
            date = info.get("zoned") or info["date"]
            if date is None or (
                date > dt.datetime.now(dt.UTC) if date.tzinfo else date.date() > dt.date.today()
            ):
                continue
            yield Entry(
                title=info["title"],
                url=site + app.builder.get_target_uri(docname),
                date=date if date.tzinfo else date.replace(tzinfo=dt.UTC),
                summary=" ".join(node.astext() for node in info["excerpt"]),
                author=", ".join(filter(None, info["author"])),
                labels=tuple(filter(None, (*info["category"], *info["tags"]))),
            )
