"""The essay's figures: the script plans as Python does, and every reader can use it."""

import numpy as np
import pytest

from ideas_lib.essays.low_value_work.day_figure import plot_day, plot_speedups
from ideas_lib.essays.low_value_work.working_day import SHAPES, Inbox, Work, Worker, plan_day

FIGURE = "document.querySelector('.ideas-figure').figure"
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_script_plans_as_python_does(shown, shape):
    rng = np.random.default_rng(4)
    work = Work(small=0.3, first=0.7, fade=8.0, large=1.7, worth=2.2, shape=shape)
    page = shown(plot_day(work, Inbox(20, 1.0), Worker(0.05)).html())
    for _ in range(6):
        faster, thinking = rng.uniform(1, 12), rng.uniform(1, 3)
        inbox = Inbox(float(rng.integers(0, 60)), rng.uniform(0, 1.1))
        worker = Worker(rng.uniform(0, 0.1), rng.uniform(0, 1))
        state = dict(
            faster=faster, thinking=thinking, morning=inbox.morning, replies=inbox.replies,
            tick=worker.tick, weight=worker.weight,
        )  # fmt: skip
        found = page.evaluate(f"(at) => {FIGURE}.plan(at)", state)
        plan = plan_day(work.faster(faster, thinking), inbox, worker)
        there = [found[name] for name in ("small", "large", "value", "felt")]
        assert there == pytest.approx([plan.small, plan.large, plan.value, plan.felt])


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_keys_and_thumbs_change_the_day(shown, serious, width, theme):
    page = shown(
        plot_day(Work(), Inbox(20, 1.0), Worker(0.05)).html(), width, theme, has_touch=True
    )
    said = page.locator(".ideas-said")
    before = said.text_content()
    assert "0 large" in before
    page.get_by_role("button", name="Without the tick").tap()
    assert "more than before" in said.text_content()
    page.get_by_label("Replies an answer").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert page.get_by_label("Replies an answer").get_attribute("aria-valuetext") == "0.05"
    page.get_by_role("button", name="As she was").tap()
    assert said.text_content() == before
    page.evaluate(FRAMES)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert serious(page) == []


def test_post_that_comes_later_is_refused_by_the_figure():
    with pytest.raises(ValueError, match=r"later=0\.5"):
        plot_day(Work(), Inbox(20, later=0.5), Worker())


def test_the_words_of_the_curves_are_their_numbers():
    work, who = Work(), {"a": (Inbox(20, 1.0), Worker()), "b": (Inbox(20, 1.0), Worker(0.05))}
    _, alt = plot_speedups(who, work, most=10.0)
    for name, (inbox, worker) in who.items():
        first, last = (plan_day(work.faster(k), inbox, worker).value for k in (1, 10))
        assert f"{name} goes from {first:.1f} to {last:.1f}" in alt
    assert "b falls by" in alt
    _, alt = plot_speedups({"a": who["a"]}, work, most=10.0)
    assert "falls" not in alt
    with pytest.raises(ValueError, match="0 workers"):
        plot_speedups({}, work)
