"""The essay's figures say their numbers, and the script answers as the learners did."""

import numpy as np
import pytest

from ideas_lib.essays.superficiality.hint_figure import (
    Listener,
    every_answer,
    plot_hint,
    plot_reliance,
)

FIGURE = "document.querySelector('.ideas-figure').figure"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
DOSES = (0.5, 0.95, 1.0)


def listeners() -> dict[str, Listener]:
    rng = np.random.default_rng(0)
    return {
        name: Listener(rng.integers(0, 10, (3, 4, 11)), rng.random(3)) for name in ("tree", "rule")
    }


def figure(who: dict[str, Listener]):
    images = np.random.default_rng(1).integers(0, 17, (4, 64)) / 16
    return plot_hint(images, np.array([3, 1, 4, 1]), DOSES, who)


def test_the_script_knows_each_answer(shown):
    who = listeners()
    page = shown(figure(who).html())
    places = list(np.ndindex(2, 3, 4, 11))
    found = page.evaluate(
        f"""(places) => places.map(([k, dose, image, lamp]) => {{
            {FIGURE}.update({{ dose, image, lamp }});
            return {FIGURE}.answer(k);
        }})""",
        [list(place) for place in places],
    )
    assert found == np.stack([each.answers for each in who.values()]).ravel().tolist()


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_move_the_lamp(shown, serious, width, theme):
    page = shown(figure(listeners()).html(), width, theme, has_touch=True)
    said = page.locator(".ideas-said")
    assert "It is a 3, and lamp 6 is lit." in said.text_content()
    assert "You guessed" not in said.text_content()
    page.get_by_role("button", name="Show what they did").tap()
    assert "You guessed that the tree follows 10 of 100" in said.text_content()
    page.get_by_role("button", name="Another digit").tap()
    assert "It is a 1" in said.text_content()
    page.get_by_label("The lamp that is lit").focus()
    page.keyboard.press("End")
    assert "no lamp is lit" in said.text_content()
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []


def test_the_picture_says_what_the_first_digit_is_answered():
    who = listeners()
    alt = figure(who).alt
    assert "A digit 3 with lamp 6 lit" in alt
    for name, each in who.items():
        assert f"{name} answers {each.answers[1, 0, 6]}" in alt
    with pytest.raises(ValueError, match=r"tree has answers of shape \(2, 4, 11\)"):
        figure({"tree": Listener(np.zeros((2, 4, 11), dtype=int), np.zeros(2))})


def test_every_hint_is_asked_and_none_is_the_last():
    found = every_answer(lambda hints: hints, 3, 2)
    assert found.tolist() == [[0, 1, 2, -1]] * 2


def test_the_words_of_the_curves_are_their_numbers():
    learners = {"tree": [0.1, 0.6, 0.9], "SVM": [0.0, 0.05, 0.7], "forest": [0.1, 0.2, 0.8]}
    _, alt = plot_reliance(DOSES, {"digits": ([0, 0.07, 0.5], learners)})
    assert "digits, at 0.95: warranted 7%, tree 60%, forest 20%, SVM 5%" in alt
    with pytest.raises(ValueError, match="0 panels"):
        plot_reliance(DOSES, {})
