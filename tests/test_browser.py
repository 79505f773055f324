"""Every page in a real browser: wide and narrow, light and dark, read from file://.

The book is built once, as it stands, into a temporary folder: no notebook is executed. A page is
loaded once and turned in place; those that a script draws are loaded narrow and dark as well. Where
there is no Chromium, the tests say so and are skipped.
"""

import contextlib
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page

Audit = Callable[..., list[str]]
ROOT = Path(__file__).resolve().parents[1]
LOCAL = ("file:", "data:", "blob:")
DESKTOP, PHONE = 1280, 390
LOOKS = ((DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark"), (DESKTOP, "dark"))
AUDITED = {(DESKTOP, "light"), (PHONE, "dark")}  # by axe, which takes most of the time
LISTS = re.compile(r"posts/(tag|category|author)/")  # one kind of page each: axe sees the first
DRAWN = re.compile(r"data-ideas-figure")  # a page on which a script draws
NO_TEXT = "imgs => imgs.filter(i => !i.alt.trim() || /\\.(png|svg)$/.test(i.alt)).map(i => i.src)"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MATHS = "window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => true) : true"
TURNED = "imgs => imgs.map(i => getComputedStyle(i).filter)"
# Marks the words of code in colours that axe has judged, and the single characters, which it does
# not judge; returns the colours that it will judge now.
MARKED = """judged => {
  const known = new Set(judged), more = new Set();
  for (const word of document.querySelectorAll(".highlight pre span:not(:has(span))")) {
    const { color, fontWeight, backgroundColor } = getComputedStyle(word);
    const behind = [word.parentElement, word.closest("pre")].map((each) => getComputedStyle(each));
    const grounds = behind.map((each) => each.backgroundColor);
    const look = [color, fontWeight, backgroundColor, ...grounds].join(" ");
    const short = word.textContent.trim().length < 2;
    word.toggleAttribute("data-judged", short || known.has(look));
    if (!short && word.checkVisibility()) more.add(look);
  }
  return [...more].filter((look) => !known.has(look));
}"""
# The theme lets boxes that scroll take the focus, a moment after the window has changed its width.
REACHED = """() => {
  const boxes = document.querySelectorAll("pre, .pst-scrollable-table-container");
  const wide = [...boxes].filter((box) => box.scrollWidth > box.clientWidth);
  return wide.every((box) => box.tabIndex >= 0);
}"""
INVERTED = "invert(0.93) hue-rotate(180deg)"  # how a figure turns over in the dark
STILL = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages; the build itself must not warn."""
    out = tmp_path_factory.mktemp("book")
    tool = Path(sys.executable).with_name("jupyter-book")
    build = subprocess.run(
        [tool, "build", ROOT, "--path-output", out, "-W", "-n", "--keep-going"],
        env=os.environ | {"IDEAS_NO_EXECUTE": "1"},
        capture_output=True,
        text=True,
    )
    assert build.returncode == 0, build.stdout[-3000:] + build.stderr[-3000:]
    return out / "_build" / "html"


def pages(site: Path) -> list[Path]:
    return [page for page in sorted(site.rglob("*.html")) if "_static" not in page.parts]


def opened(browser: Browser, width: int = DESKTOP, theme: str = "light") -> Page:
    size = {"width": width, "height": 900}
    return browser.new_context(viewport=size, color_scheme=theme).new_page()


def name_of(path: Path, site: Path) -> str:
    return path.relative_to(site).as_posix()


def audited(site: Path) -> list[str]:
    """The pages that axe sees: all but the second and later lists of a kind."""
    kinds: set[str] = set()
    names = []
    for name in (name_of(path, site) for path in pages(site)):
        kind = listed[0] if (listed := LISTS.match(name)) else name
        if kind not in kinds:
            names.append(name)
        kinds.add(kind)
    return names


class Visit:
    """A page in a browser, and all that is wrong with what it loads and shows."""

    def __init__(self, page: Page, site: Path) -> None:
        self.page, self.site, self.name = page, site, ""
        self.found: list[str] = []
        self.turned = 0
        page.on("console", lambda m: self.say(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.say(str(error)))
        page.on("requestfailed", lambda request: self.say(f"failed {request.url}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith(LOCAL) else self.say(f"asked {r.url}"),
        )

    def say(self, *words: str) -> None:
        self.found += [f"{self.name}: {each}" for each in words]

    def load(self, path: Path) -> None:
        self.name = name_of(path, self.site)
        self.page.goto(path.as_uri())
        self.page.evaluate(MATHS)

    def look(self, width: int, theme: str) -> None:
        """Look at the page that is loaded, at this width and in this theme."""
        page = self.page
        if (worn := page.evaluate("document.documentElement.dataset.theme")) != theme:
            self.say(f"is {worn} where {theme} is asked for")
        if (wider := page.evaluate(TOO_WIDE)) > 0:
            self.say(f"{wider} pixels wider than the window of {width}, {theme}")
        if theme == "dark":
            filters = page.locator("div.cell_output img").evaluate_all(TURNED)
            self.say(*(f"a figure has {each} in the dark" for each in filters if each != INVERTED))
            self.turned += len(filters)


def test_pages_load_fit_and_can_be_used_by_all(
    browser: Browser, site: Path, serious: Audit
) -> None:
    page = opened(browser)
    visit = Visit(page, site)
    by_axe = audited(site)
    judged: list[str] = []  # most words of a page are code, and most of its colours known
    for path in pages(site):
        for width, theme in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)  # which every page follows while it is open
            if (width, theme) == LOOKS[0]:
                visit.load(path)
            page.evaluate(STILL)
            visit.look(width, theme)
            if (width, theme) in AUDITED and visit.name in by_axe:
                with contextlib.suppress(Error):  # after which axe says what is out of reach
                    page.wait_for_function(REACHED, timeout=2000)
                judged += page.evaluate(MARKED, judged)
                wrong = serious(page, but="[data-judged]")
                visit.say(*(f"{width}, {theme}: {violation}" for violation in wrong))
        if (links := page.locator(".right-next").count()) > 1:
            visit.say(f"{links} links to the next page")
        visit.say(*(f"no alt text on {src}" for src in images_without_words(page)))
    page.context.close()
    assert not visit.found, "\n".join(visit.found[:30])
    assert visit.turned


def test_what_scripts_draw_is_drawn_for_a_page_that_loads_narrow_and_dark(
    browser: Browser, site: Path
) -> None:
    page = opened(browser, PHONE, "dark")
    visit = Visit(page, site)
    drawn = [path for path in pages(site) if DRAWN.search(path.read_text(encoding="utf-8"))]
    assert {"soft-trees", "embeddings"} <= {path.stem for path in drawn}
    for path in (site / "index.html", site / "chapters/transformers/null-attention.html", *drawn):
        visit.load(path)
        try:
            page.wait_for_function("!document.querySelector('.ideas-figure:not([data-drawn])')")
        except Error as error:
            visit.say(f"a figure is not drawn: {error}")
        visit.look(PHONE, "dark")
    page.context.close()
    assert not visit.found, "\n".join(visit.found[:30])
    assert visit.turned


def images_without_words(page: Page) -> list[str]:
    """The images of the article whose alt text is missing or only a file name."""
    sources: list[str] = page.locator(".bd-article img").evaluate_all(NO_TEXT)
    return sources


def test_axe_does_find_what_is_wrong(browser: Browser, serious: Audit) -> None:
    page = opened(browser)
    page.set_content("<html lang=en><title>t</title><main><img src='data:,'></main></html>")
    assert any("image-alt (critical)" in violation for violation in serious(page))


def test_search_answers_without_a_server(browser: Browser, site: Path) -> None:
    page = opened(browser)
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("scoreboard")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=scoreboard*")
    first = page.locator("#search-results li a").first
    first.wait_for()
    assert "Ideas to Steal" in first.inner_text()
    assert page.locator("#search-results .context").count() == 0


def test_search_on_a_server_shows_an_excerpt(browser: Browser, site: Path) -> None:
    page = opened(browser)
    page.route(
        "http://book/**",
        lambda route: route.fulfill(path=site / urlsplit(route.request.url).path.lstrip("/")),
    )
    page.goto("http://book/search.html?q=scoreboard")
    excerpt = page.locator("#search-results li .context").first
    excerpt.wait_for()
    assert "scoreboard" in excerpt.inner_text().lower()


def test_a_folded_section_opens_by_keyboard_for_a_link_and_for_paper(
    browser: Browser, site: Path
) -> None:
    page = opened(browser)
    chapter = (site / "chapters/transformers/null-attention.html").as_uri()
    page.goto(chapter)
    folds = page.locator("section.fold")
    is_open = page.locator("section.fold > details[open]")
    assert folds.count() > 1
    assert is_open.count() == 0
    assert folds.first.locator("summary :is(h2, h3, h4)").is_visible()
    folds.first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert is_open.count() == 1
    last = folds.last.get_attribute("id")
    page.locator(f".page-toc a[href='#{last}']").click()
    page.locator(f"#{last} > details[open]").wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert is_open.count() == folds.count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert is_open.count() == 2
    page.goto("about:blank")
    page.goto(f"{chapter}#{last}")
    page.locator(f"#{last} > details[open]").wait_for()
    page.context.close()


def test_headings_text_and_code_make_one_scale(browser: Browser, site: Path) -> None:
    page = opened(browser)
    page.goto((site / "chapters/transformers/null-attention.html").as_uri())
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        sizes = [
            page.locator(f".bd-article {what}").first.evaluate(
                "e => parseFloat(getComputedStyle(e).fontSize)"
            )
            for what in ("h1", "h2", "h3", "p", "div.highlight pre")
        ]
        steps = [math.log(larger / smaller, 1.2) for larger, smaller in pairwise(sizes)]
        assert min(steps) > 0.9, (width, sizes)
        assert [round(step) for step in steps] == pytest.approx(steps, abs=0.05)


def test_the_scoreboard_is_filtered_by_keyboard_and_nothing_moves(
    browser: Browser, site: Path
) -> None:
    page = opened(browser)
    page.goto((site / "index.html").as_uri())
    height = page.evaluate("document.documentElement.scrollHeight")
    rows, left_out = page.locator(".sb-row"), page.locator(".sb-left-out")
    page.locator(".sb-filter select").nth(1).focus()
    page.keyboard.type("supp")
    kept = page.locator(".sb-row.sb-is-supported").count()
    assert 0 < kept < rows.count()
    assert left_out.count() == rows.count() - kept
    assert page.locator(".sb-filter output").inner_text() == f"{kept} of {rows.count()}"
    assert page.evaluate("document.documentElement.scrollHeight") == height


def test_a_notebook_can_be_downloaded_and_launched(browser: Browser, site: Path) -> None:
    page = opened(browser)
    page.goto((site / "chapters/transformers/null-attention.html").as_uri())
    source = page.locator("a.btn-download-source-button").get_attribute("href")
    assert source
    assert (site / "chapters/transformers" / source).resolve().suffix == ".ipynb"
    assert (site / "chapters/transformers" / source).is_file()
    link = page.locator(".dropdown-launch-buttons a[href*='mybinder.org']").get_attribute("href")
    assert link
    assert "null-attention.ipynb" in link


def test_code_can_be_copied(browser: Browser, site: Path) -> None:
    page = opened(browser)
    page.goto((site / "index.html").as_uri())
    assert page.locator("div.highlight button.copybtn").count() >= 1
