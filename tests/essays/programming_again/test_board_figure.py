"""The essay's figures say their numbers, and the script shows each board as it was measured."""

import numpy as np
import pytest

from ideas_lib.essays.programming_again import (
    GROWLERS,
    Boards,
    packed_boards,
    plot_board,
    plot_boards,
    taught_slice,
)

FIGURE = "document.querySelector('.ideas-figure').figure"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
DOSES = (0.0, 0.5, 1.0)


def boards() -> Boards:
    halts = np.random.default_rng(0).integers(0, 101, (2, 2, 2, 2, 3, 64))
    return Boards(("list", "reward"), DOSES, halts)


def test_the_script_knows_each_board(shown):
    some = boards()
    page = shown(plot_board(some, "reward", 0.5).html())
    places = list(np.ndindex(2, 2, 2, 2, 3))
    found = page.evaluate(
        f"""(places) => places.map(([world, method, confounded, told, dose]) => {{
            {FIGURE}.update({{ world, method, confounded, told, dose }});
            return {FIGURE}.board();
        }})""",
        [list(place) for place in places],
    )
    np.testing.assert_allclose(np.array(found) * 100, some.halts.reshape(-1, 64), atol=0.83)


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_teach_anew(shown, serious, width, theme):
    some = boards()
    page = shown(plot_board(some, "reward", 0.5).html(), width, theme, has_touch=True)
    said = page.locator(".ideas-said")
    first = said.text_content()
    assert "world 1 of 2" in first
    page.get_by_label("Counterexamples").select_option("1")
    assert said.text_content() != first
    page.get_by_label("Taught by").select_option("0")
    page.get_by_role("button", name="Another world").tap()
    assert "world 2 of 2" in said.text_content()
    page.get_by_label("How clearly the kind shows").focus()
    page.keyboard.press("End")
    unseen = np.ones(64, dtype=bool)
    unseen[list(taught_slice(4).taught)] = False
    wanted = some.halts[1, 0, 0, 1, 2][unseen & GROWLERS].mean()
    assert page.evaluate(f"100 * {FIGURE}.mean(true)") == pytest.approx(wanted, abs=1)
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []


def test_the_picture_says_what_the_first_board_is():
    halts = np.zeros((1, 1, 2, 2, 3, 64), dtype=int)
    halts[0, 0, 0, 0, 1] = np.where(GROWLERS, 100, 20)
    figure = plot_board(Boards(("reward",), DOSES, halts), "reward", 0.5)
    assert "growlers that were not taught 100%, after such hummers 20%" in figure.alt
    assert len(figure.data["boards"]) == halts.size
    with pytest.raises(ValueError, match="dose=0.7 is none of"):
        plot_board(Boards(("reward",), DOSES, halts), "reward", 0.7)


def test_boards_that_are_none_are_refused():
    with pytest.raises(ValueError, match=r"halts has shape \(1, 1, 2, 2, 3, 63\)"):
        Boards(("list",), DOSES, np.zeros((1, 1, 2, 2, 3, 63), dtype=int))
    with pytest.raises(ValueError, match="halts goes from 0 to 101"):
        Boards(("list",), DOSES, np.full((1, 1, 2, 2, 3, 64), 101) * (np.arange(64) == 3))
    assert packed_boards(Boards(("a",), (0,), np.full((1, 1, 2, 2, 1, 64), 100))) == "z" * 256


def test_the_words_of_the_boards_are_their_numbers():
    halts = np.where(GROWLERS, 98, 4)
    halts[list(taught_slice(4).taught)] = 50
    _, alt = plot_boards({"by reward": (halts, taught_slice(4))})
    assert "by reward: after growlers that were not taught 98%, after such hummers 4%" in alt
    with pytest.raises(ValueError, match="0 boards"):
        plot_boards({})
