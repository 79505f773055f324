"""Every page in a real browser: wide and narrow, light and dark, read from file://.

The book is built once, as it stands, into a temporary folder: no notebook is executed. Where there
is no Chromium, the tests say so and are skipped.
"""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

Audit = Callable[[Page], list[str]]
ROOT = Path(__file__).resolve().parents[1]
LOCAL = ("file:", "data:", "blob:")
DESKTOP, PHONE = 1280, 390
AUDITED = {(DESKTOP, "light"), (PHONE, "dark")}  # by axe, which takes most of the time
NO_TEXT = "imgs => imgs.filter(i => !i.alt.trim() || /\\.(png|svg)$/.test(i.alt)).map(i => i.src)"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MATHS = "window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => true) : true"

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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_pages_load_fit_and_can_be_used_by_all(
    browser: Browser, site: Path, serious: Audit, width: int, theme: str
) -> None:
    page = opened(browser, width, theme)
    found: list[str] = []
    name = ""
    page.on("console", lambda m: found.append(f"{name}: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: found.append(f"{name}: {error}"))
    page.on("requestfailed", lambda request: found.append(f"{name}: failed {request.url}"))
    page.on(
        "request",
        lambda r: None if r.url.startswith(LOCAL) else found.append(f"{name}: asked {r.url}"),
    )
    for path in pages(site):
        name = path.relative_to(site).as_posix()
        page.goto(path.as_uri())
        page.evaluate(MATHS)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        if (wider := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{name}: {wider} pixels wider than the window")
        if (links := page.locator(".right-next").count()) > 1:
            found.append(f"{name}: {links} links to the next page")
        found += [f"{name}: no alt text on {src}" for src in images_without_words(page)]
        if (width, theme) in AUDITED:
            found += [f"{name}: {violation}" for violation in serious(page)]
    page.context.close()
    assert not found, "\n".join(found[:30])


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


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_headings_text_and_code_make_one_scale(browser: Browser, site: Path, width: int) -> None:
    page = opened(browser, width)
    page.goto((site / "chapters/transformers/null-attention.html").as_uri())
    sizes = [
        page.locator(f".bd-article {what}").first.evaluate(
            "e => parseFloat(getComputedStyle(e).fontSize)"
        )
        for what in ("h1", "h2", "h3", "p", "div.highlight pre")
    ]
    steps = [math.log(larger / smaller, 1.2) for larger, smaller in pairwise(sizes)]
    assert min(steps) > 0.9, sizes
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


def test_figures_turn_over_in_the_dark(browser: Browser, site: Path) -> None:
    page = opened(browser, theme="dark")
    filters: set[str] = set()
    for path in pages(site):
        page.goto(path.as_uri())
        filters |= set(
            page.locator("div.cell_output img").evaluate_all(
                "imgs => imgs.map(i => getComputedStyle(i).filter)"
            )
        )
    assert filters == {"invert(0.93) hue-rotate(180deg)"}


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
