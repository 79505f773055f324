"""The posts page, the post made from a chapter and both feeds, in a small book Sphinx builds."""

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlparse

import feedparser
import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ideas_lib.publish.post.flavors import PostError
from ideas_lib.publish.site.chapter_posts import generate
from ideas_lib.publish.site.feed import PACE, Entry, feeds

ATOM = "{http://www.w3.org/2005/Atom}"
CONF = """
project = html_title = "Book & Co"
author = "An Author"
extensions = ["myst_nb", "sphinx_external_toc", "ideas_lib.publish.site.feed"]
external_toc_exclude_missing = True
exclude_patterns = ["_build", ".*"]
html_theme = "sphinx_book_theme"
html_baseurl = "https://example.org/book/"
blog_path = "posts"
nb_execution_mode = "off"
nitpicky = True
"""
TOC = """
format: jb-book
root: index
chapters:
- file: chapters/t/null-attention
- file: posts/index
  sections:
  - glob: posts/*
"""
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
REPOSITORY = Path(__file__).parents[3]


def chapter(gain: float) -> nbformat.NotebookNode:
    """An executed chapter that asks for a post."""
    picture = new_output("display_data", {"image/png": PNG}, metadata={"alt": "One dot"})
    cells = [
        new_markdown_cell("# Null attention\n\nA key & no value gain {glue:text}`gain`."),
        new_code_cell(
            "from ideas_lib.claims import Claims\nc = Claims()\n"
            f"_ = c.number('gain', {gain}, '+.2f')"
        ),
    ]
    nb = new_notebook(cells=cells)
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "p", "language": "python"}
    nb.metadata["ideas"] = {
        "slug": "null-attention",
        "post": {
            "date": "2025-11-22",
            "tags": ["attention", "heads off"],
            "category": "Transformers",
        },
    }
    NotebookClient(nb, kernel_name="python3", record_timing=False).execute()
    nb.cells[1].outputs.append(picture)
    return nb


def essay() -> nbformat.NotebookNode:
    """A post written as a notebook, older than the chapter's."""
    words = "Its first words. " + "word " * (7 * PACE)
    code = new_code_cell("a = 'code, which is not read from line to line'\n" * PACE)
    nb = new_notebook(cells=[new_markdown_cell(f"# An essay\n\n{words}"), code])
    nb.metadata |= {
        "language_info": {"name": "python", "pygments_lexer": "ipython3"},
        "ideas": {"post": {"summary": "What it says."}},
        "blogpost": True,
        "date": "2024-01-02",
        "author": "A Guest",
        "tags": "essays",
        "summary": "What it once said.",
    }
    return nb


GUEST = "---\nblogpost: true\ndate: 2023-04-05\n---\n\n# By a guest\n\nOne. Is it *two*? Three.\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, build: Callable[..., str]) -> Path:
    """A book with a chapter, an essay and a guest's post, built once with warnings as errors."""
    top = tmp_path_factory.mktemp("book")
    for folder in ("chapters/t", "posts"):
        (top / folder).mkdir(parents=True)
    (top / "conf.py").write_text(CONF)
    (top / "_toc.yml").write_text(TOC)
    (top / "index.md").write_text("# Front\n")
    (top / "posts" / "index.md").write_text((REPOSITORY / "posts" / "index.md").read_text())
    nbformat.write(chapter(0.42), top / "chapters" / "t" / "null-attention.ipynb")
    nbformat.write(essay(), top / "posts" / "essay.ipynb")
    (top / "posts" / "guest.md").write_text(GUEST)
    build(top)
    return top


@pytest.fixture(scope="module")
def build(build_book: Callable[..., tuple[int, str]]) -> Callable[..., str]:
    """Run Sphinx, warnings being errors, and return what it prints."""

    def build(top: Path, *options: str) -> str:
        strict = ("-W", "-n", "--keep-going", "-b", "html", *options)
        paths = (str(top), str(top / "_build" / "html"))
        code, said = build_book("sphinx-build", *strict, *paths, IDEAS_ROOT=str(REPOSITORY))
        assert code == 0, said
        return said

    return build


def page(book: Path, name: str) -> str:
    return (book / "_build" / "html" / name).read_text("utf-8")


def test_the_chapters_post_is_made_at_build_with_its_numbers(book: Path) -> None:
    html = page(book, "posts/null-attention.html")
    assert "A key &amp; no value gain +0.42." in html
    assert 'alt="One dot"' in html
    assert 'href="../chapters/t/null-attention.html"' in html


def test_the_posts_page_lists_title_date_and_summary_newest_first(book: Path) -> None:
    html = page(book, "posts/index.html")
    article = html[html.index('class="postlist') :]
    assert article.index("Null attention") < article.index("An essay")
    assert "22 November 2025" in article
    assert "A key &amp; no value gain +0.42." in article
    assert "What it says." in article
    assert "Its first words." not in article


def test_a_post_says_how_long_it_takes_under_its_title_and_in_lists(book: Path) -> None:
    byline = re.search(r'<p class="post-byline">.*?</p>', page(book, "posts/essay.html"), re.S)
    assert "· 7 min read" in byline[0]
    lines = re.findall(r'<p class="ablog-post-title">.*?</p>', page(book, "posts/index.html"))
    assert [re.search(r"(\d+) min read</p>", line)[1] for line in lines] == ["1", "7", "1"]
    assert "· 7 min read" in page(book, "posts/tag/essays.html")
    assert "min read" not in (book / "_build" / "html" / "atom.xml").read_text("utf-8")


def test_tags_years_and_lists_are_reached_by_links_that_hold(book: Path) -> None:
    built = book / "_build" / "html"
    seen: set[Path] = set()
    todo = [built / "index.html"]
    while todo:
        at = todo.pop()
        if at in seen or at.suffix != ".html":
            continue
        seen.add(at)
        for link in re.findall(r'href="([^"#?]+)', at.read_text("utf-8")):
            if not urlparse(link).scheme:
                target = (at.parent / unquote(link)).resolve()
                assert target.exists(), f"{at.name} links to {link}"
                todo.append(target)
    found = {path.relative_to(built).as_posix() for path in seen}
    assert found >= {
        "posts/tag.html",
        "posts/tag/attention.html",
        "posts/tag/heads-off.html",
        "posts/archive.html",
        "posts/2025.html",
        "posts/category/transformers.html",
    }
    listed = page(book, "posts/tag/attention.html")
    assert "<h1>Posts tagged attention</h1>" in listed
    assert "A key &amp; no value gain +0.42." in listed


def test_every_page_names_the_feeds_by_relative_links(book: Path) -> None:
    for name, up in (("index.html", ""), ("posts/tag/attention.html", "../../")):
        links = re.findall(r'<link rel="alternate"[^>]*>', page(book, name))
        assert [re.search('href="([^"]+)"', link)[1] for link in links] == [
            f"{up}atom.xml",
            f"{up}rss.xml",
        ]
    assert not list((book / "_build" / "html" / "posts").rglob("*.xml")), (
        "ablog wrote a feed of its own"
    )


@pytest.mark.parametrize("name", ["atom.xml", "rss.xml"])
def test_a_reader_takes_the_feed(book: Path, name: str) -> None:
    parsed = feedparser.parse((book / "_build" / "html" / name).read_bytes())
    assert not parsed.bozo
    assert parsed.feed.title == "Book & Co"
    assert [entry.title for entry in parsed.entries] == ["Null attention", "An essay", "By a guest"]
    first, second, third = parsed.entries
    assert first.link == first.id == "https://example.org/book/posts/null-attention.html"
    assert first.summary == "A key & no value gain +0.42."
    assert second.summary == "What it says."
    assert third.summary == "One. Is it two?"
    assert first.published_parsed[:3] == (2025, 11, 22)
    assert second.published_parsed[:3] == (2024, 1, 2)


def test_atom_has_what_rfc_4287_requires(book: Path) -> None:
    root = ET.parse(book / "_build" / "html" / "atom.xml").getroot()
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
            assert element.findtext(f"{ATOM}{name}")
        moment = dt.datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo is not None
        assert element.find(f"{ATOM}author/{ATOM}name") is not None
    for entry in root.iter(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}link").get("href") == entry.findtext(f"{ATOM}id")
        assert entry.findtext(f"{ATOM}summary")
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links["self"] == "https://example.org/book/atom.xml"
    assert root.findtext(f"{ATOM}updated") == "2025-11-22T00:00:00+00:00"
    ids = [e.findtext(f"{ATOM}id") for e in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) == 3


def test_rss_has_what_the_specification_requires(book: Path) -> None:
    root = ET.parse(book / "_build" / "html" / "rss.xml").getroot()
    channel = root.find("channel")
    assert root.tag == "rss"
    assert root.get("version") == "2.0"
    for name in ("title", "link", "description"):
        assert len(channel.findall(name)) == 1
        assert channel.findtext(name)
    assert channel.findtext("link") == "https://example.org/book/"
    built = parsedate_to_datetime(channel.findtext("lastBuildDate"))
    assert built == dt.datetime(2025, 11, 22, tzinfo=dt.UTC)
    for item in channel.findall("item"):
        for name in ("title", "link", "description", "guid", "pubDate"):
            assert item.findtext(name)
        assert item.find("guid").get("isPermaLink") == "true"
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo is not None


def test_a_second_build_reads_nothing_and_changes_no_byte(
    book: Path, build: Callable[..., str]
) -> None:
    kept = [book / "_build" / "html" / n for n in ("atom.xml", "rss.xml")]
    kept += [p for p in (book / "posts").rglob("*") if p.is_file()]
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in kept}
    said = build(book)
    assert "0 added, 0 changed, 0 removed" in said
    assert {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in kept} == before
    build(book, "-E", "-a")
    assert {p: p.read_bytes() for p in kept} == {p: data for p, (data, _) in before.items()}


def test_a_changed_number_reaches_the_post_and_a_post_no_longer_asked_for_goes(
    book: Path, tmp_path: Path
) -> None:
    for folder in ("chapters/t", "posts"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(TOC)
    source = tmp_path / "chapters" / "t" / "null-attention.ipynb"
    nb = nbformat.read(book / "chapters" / "t" / "null-attention.ipynb", as_version=4)
    nbformat.write(nb, source)
    (made,) = generate(tmp_path)
    assert "+0.42" in made.read_text()
    text = nbformat.writes(nb).replace("+0.42", "+0.17")
    source.write_text(text)
    assert generate(tmp_path) == [made]
    assert "+0.17" in made.read_text()
    del nb.metadata["ideas"]["post"]
    nbformat.write(nb, source)
    (tmp_path / "posts" / "mine.md").write_text("# Mine\n")
    assert generate(tmp_path) == []
    left = [p for p in (tmp_path / "posts").rglob("*") if p.is_file()]
    assert [p.name for p in left] == ["mine.md"]


def test_a_fork_makes_no_post_and_a_bad_request_is_named(tmp_path: Path) -> None:
    (tmp_path / "chapters" / "t").mkdir(parents=True)
    (tmp_path / "_toc.yml").write_text(TOC)
    source = tmp_path / "chapters" / "t" / "null-attention.ipynb"
    nb = new_notebook(cells=[new_markdown_cell("# A fork")])
    nb.metadata["ideas"] = {"post": {"date": "2025-11-22"}, "forked_from": "null-attention"}
    nbformat.write(nb, source)
    assert generate(tmp_path) == []
    nb.metadata["ideas"] = {"post": "soon"}
    nbformat.write(nb, source)
    with pytest.raises(PostError, match=r"null-attention.ipynb: ideas.post is 'soon'"):
        generate(tmp_path)


def test_feeds_escape_and_order() -> None:
    day = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    old = Entry("Old <b>", "https://e.org/a.html", day, "a < b & c", "")
    new = Entry("New", "https://e.org/b.html", day + dt.timedelta(days=1), "s", "Me", ("x y",))
    done = feeds("T", "https://e.org/", "All", [old, new])
    assert done == feeds("T", "https://e.org/", "All", [new, old])
    for name, data in done.items():
        parsed = feedparser.parse(data)
        assert not parsed.bozo, name
        assert [entry.title for entry in parsed.entries] == ["New", "Old <b>"]
        assert parsed.entries[1].summary == "a < b & c"
