"""The essay's figures say their numbers; who reads places first and sees then, by hand or keys."""

import pytest

from ideas_lib.essays.two_by_two.decision_map import ToolPoint, plot_decisions, plot_guesses

FIGURE = "document.querySelector('.ideas-figure').figure"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
ON = ToolPoint("goes on", 0.2, 5.25, (0.2, 6.75), (("It is good.", "It is a"), ("No.", "No one")))
TOOLS = (ON, ToolPoint("made a review", 0.05, 0.3, (0.05, 0.5)))


def figure():
    return plot_guesses(TOOLS, ["a satnav"], 9)


def place(page) -> dict[str, float]:
    return page.evaluate(f"{FIGURE}.guesses[{FIGURE}.state.chosen]")


def test_nothing_measured_is_said_before_it_is_asked_for(shown):
    page = shown(figure().html())
    said = page.locator(".ideas-said")
    assert "goes on: you say" in said.text_content()
    assert "Measured" not in page.locator(".ideas-figure").inner_text().replace("measured", "")
    page.get_by_role("button", name="Show what was measured").click()
    assert "Measured: 20\u00a0% and 5.3 bits" in said.text_content()
    assert "without it, 6.8" in said.text_content()
    assert "It is good." in page.locator(".ideas-figure").inner_text()
    page.get_by_role("button", name="Another sentence").click()
    assert "No one" in page.locator(".ideas-figure").inner_text()
    page.get_by_label("You place").select_option("2")
    assert "Nobody has measured it here" in said.text_content()


def test_a_hand_drags_what_it_takes(shown):
    page = shown(figure().html())
    spot = page.locator('.ideas-plate [data-place="1"]')
    box = spot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y - 40, steps=4)
    page.mouse.up()
    page.evaluate(FRAMES)
    assert page.get_by_label("You place").input_value() == "1"
    after = spot.bounding_box()
    assert (after["x"] - box["x"], after["y"] - box["y"]) == pytest.approx((80, -40), abs=2)
    page.mouse.move(x, y)  # and no longer
    page.evaluate(FRAMES)
    assert spot.bounding_box() == after


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_place_a_tool(shown, serious, width, theme):
    page = shown(figure().html(), width, theme, has_touch=True)
    page.get_by_label("Decisions left to her").focus()
    page.keyboard.press("End")
    page.get_by_label("What arrives").focus()
    page.keyboard.press("Home")
    assert place(page) == {"x": 1, "y": 0}
    assert "100\u00a0% of the decisions, 0.0 bits" in page.locator(".ideas-said").text_content()
    page.get_by_role("button", name="Show what was measured").tap()
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []


def test_the_picture_names_what_is_to_be_placed():
    assert "3 names to place on it: goes on; made a review; a satnav" in figure().alt
    with pytest.raises(ValueError, match="0 tools of 1 names"):
        plot_guesses([], ["a satnav"], 9)


def test_the_words_of_the_map_are_its_numbers():
    _, alt = plot_decisions(9.0, ON, 9, "four words")
    assert "of 9, where 20% of the decisions are hers" in alt
    assert "four words: 6.8; goes on: 5.2; typed in full: 9.0" in alt
    with pytest.raises(ValueError, match="bits holds nan"):
        plot_decisions(float("nan"), ON, 9, "four words")
