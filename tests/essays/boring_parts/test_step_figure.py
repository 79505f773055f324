"""The essay's figures: what they show is what was checked, and every reader can use them."""

import pytest

from ideas_lib.essays.boring_parts.prepared import prepare_derivations
from ideas_lib.essays.boring_parts.step_figure import plot_derivation, plot_prepared

LINES = ["x^2/(x + 1) = 4x/(x + 1)", "x^2 = 4x", "2x = 8", "x = 4"]
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def test_the_words_of_a_derivation_are_what_was_found(ask):
    _, alt = plot_derivation(LINES, ask)
    assert "line 1, x^2 = 4x, solved by 0 and 4: kept" in alt
    assert "line 2, 2x = 8, solved by 4: loses 0" in alt
    assert "the answer alone: line 3; the ratio of the lines: line 1" in alt
    _, alt = plot_derivation(["x + 1 = x + 2", "no solution"], ask)
    assert "solved by nothing: kept" in alt


@pytest.fixture(scope="module")
def html(ask):
    return plot_prepared(ask, variants=2).html()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_look_into_lines(html, shown, serious, width, theme):
    page = shown(html, width, theme, has_touch=True)
    said = page.locator(".ideas-said")
    names = [each.name for each in prepare_derivations(1)]
    assert page.locator("option").count() == len(names) == 12
    page.get_by_role("group", name="Lines").get_by_role("button").nth(1).tap()
    assert "lost" in said.text_content()
    assert "divided by what may be zero" in said.text_content()
    before = page.get_by_role("group", name="Lines").text_content()
    page.get_by_role("button", name="Give me other numbers").tap()
    assert page.get_by_role("group", name="Lines").text_content() != before
    page.get_by_label("Derivation", exact=True).select_option(
        str(names.index("wrong, and right by luck"))
    )
    page.get_by_role("group", name="Lines").get_by_role("button").nth(0).focus()
    page.keyboard.press("Tab")
    assert "Right by luck" in said.text_content()
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []
