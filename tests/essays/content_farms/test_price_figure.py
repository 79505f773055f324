"""The essay's figures say their numbers, and the script moves places along the fitted lines."""

import math

import numpy as np
import pytest

from ideas_lib.datasets.capitals import sample_places
from ideas_lib.datasets.inhabitants import log_ratio
from ideas_lib.essays.content_farms.exchange import exchange_rate
from ideas_lib.essays.content_farms.price_figure import plot_bargain, plot_price

FIGURE = "document.querySelector('.ideas-figure').figure"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PLACES = sample_places(0, 7)
RATIOS = np.array([log_ratio(place) for place in PLACES])
NOISE = np.random.default_rng(0)
ODDS = {
    "asked for the capital": 1.4 + 0.9 * RATIOS + NOISE.normal(0, 0.5, len(PLACES)),
    "asked for any city": 0.2 + 0.8 * RATIOS + NOISE.normal(0, 0.5, len(PLACES)),
}
FIRST = PLACES[0].capital


def figure():
    return plot_bargain(PLACES, ODDS, FIRST)


def test_the_script_moves_a_place_along_its_questions_line(shown):
    page = shown(figure().html())
    for question, odds in enumerate(ODDS.values()):
        fame = exchange_rate(RATIOS, odds).fame
        for place in (0, 5, 13):
            for power in (-1.5, 0.0, 2.0):
                found = page.evaluate(
                    f"([q, p, s]) => {FIGURE}.at(q, p, s)", [question, place, power]
                )
                moved = -power * math.log(10) - RATIOS[place]
                assert found == pytest.approx(odds[place] + fame * moved, abs=1e-5)
            page.evaluate(f"(place) => {FIGURE}.pick(place)", place)
            even = page.evaluate(f"(q) => {FIGURE}.even(q)", question)
            at = page.evaluate(f"([q, p, s]) => {FIGURE}.at(q, p, s)", [question, place, even])
            assert at == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_move_the_rival(shown, serious, width, theme):
    page = shown(figure().html(), width, theme, has_touch=True)
    said = page.locator(".ideas-said")
    before = said.text_content()
    assert before.startswith(f"{PLACES[0].name}: ")
    page.get_by_role("button", name="Of one size").tap()
    assert "1.0 times bigger" in said.text_content()
    page.get_by_role("button", name="As it is").tap()
    assert said.text_content() == before
    page.get_by_label("The place").focus()
    page.keyboard.press("End")
    assert said.text_content().startswith(f"{PLACES[-1].name}: ")
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []


def test_the_picture_says_what_the_first_place_says():
    alt = figure().alt
    assert alt.startswith(f"{FIRST} against {PLACES[0].other}")
    for name, odds in ODDS.items():
        assert f"{name}, {odds[0]:+.1f} nats".replace("-", "\N{MINUS SIGN}") in alt
    with pytest.raises(ValueError, match="no place has the capital 'Atlantis'"):
        plot_bargain(PLACES, ODDS, "Atlantis")


def test_the_words_of_the_price_are_its_numbers():
    odds = ODDS["asked for the capital"]
    line = exchange_rate(RATIOS, odds)
    _, alt = plot_price(PLACES, odds, [FIRST])
    assert f"by {line.fame * math.log(10):.1f} nats for ten times" in alt
    assert f"other city is {line.times:.1f} times bigger" in alt
    assert f"{FIRST} {odds[0]:+.1f}".replace("-", "\N{MINUS SIGN}") in alt
    with pytest.raises(ValueError, match="'Atlantis'"):
        plot_price(PLACES, odds, ["Atlantis"])
