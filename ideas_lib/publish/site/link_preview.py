"""What a link to an idea's page shows elsewhere: the idea on a card, by `og:image`.

A Sphinx extension. It draws the card as a notebook's page is written, and names it in the head of
that page, and of the post that is made from it. sphinxext-opengraph writes the tags.
"""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from ideas_lib import __version__
from ideas_lib.ideas import Idea, UnknownIdea, find_idea
from ideas_lib.publish.first_screen.bottom import find, line_of
from ideas_lib.publish.first_screen.social_card import CARD, social_card
from ideas_lib.publish.post.exporter import write_if_new

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup"]

FOLDER = "_images/cards"
LARGE = '<meta name="twitter:card" content="summary_large_image" />'


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", _show, priority=400)  # before opengraph reads the metadata
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _show(
    app: "Sphinx", page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    top = Path(app.srcdir)
    idea = _idea_of(page, top)
    found = find(idea.slug) if doctree is not None and idea else None
    if idea is None or found is None:
        return
    name = f"{FOLDER}/{idea.slug}.png"
    path = Path(app.outdir) / name
    if page == _page(idea) or not path.is_file():
        site_name = str(app.config.html_title or app.config.project)
        write_if_new(path, social_card(found, top, site_name))
    site, said = getattr(app.config, "ogp_site_url", ""), line_of(found).text()
    context["meta"] = {
        "og:description": said,  # else a post's would be its first words: its date and labels
        **(context.get("meta") or {}),
        "og:image": urljoin(site, name),
        "og:image:alt": f"{idea.title}. {said}",
        "og:image:width": str(CARD[0]),
        "og:image:height": str(CARD[1]),
    }
    tags = f"{context.get('metatags', '')}\n{LARGE}\n"
    if 'name="description"' not in tags:
        tags += f'<meta name="description" content="{escape(said)}" />\n'
    context["metatags"] = tags


def _idea_of(page: str, top: Path) -> Idea | None:
    """Return the idea whose notebook a page is, or whose post; None where it has no study."""
    slug = page.rpartition("/")[2]
    try:
        idea = find_idea(slug, top)
    except UnknownIdea:
        return None
    own = page in (_page(idea), f"posts/{slug}")
    return idea if own and idea.study(top).exists() else None


def _page(idea: Idea) -> str:
    return idea.path.removesuffix(".ipynb")
