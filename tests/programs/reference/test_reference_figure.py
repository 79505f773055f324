"""The picture of an example: both of its forms, and the names that changed stand out."""

import matplotlib.colors as mcolors
import pytest

from ideas_lib.figures.look import COLOURS
from ideas_lib.programs.reference.looking_up import CallReference
from ideas_lib.programs.reference.reference_figure import MOST, plot_example
from ideas_lib.programs.reference.showing import ReferenceExample


def looked_up(example: ReferenceExample | None) -> CallReference:
    words = ("m.f", "m", "1.0", "function", "m.f", "")
    return CallReference(*words, (), example, (), why_no_example="it has none")


def example(source: str, adapted: str, renamed: dict[str, str]) -> ReferenceExample:
    return ReferenceExample(source, adapted, True, True, True, renamed, "ran here")


def test_an_example_is_drawn_as_documented_and_in_your_names() -> None:
    some = example(">>> f(x, n=3)\nx 3", ">>> f(mine, n=size)\nmine 3", {"x": "mine", "3": "size"})
    fig, alt = plot_example(looked_up(some))
    texts = {each.get_text(): each.get_color() for each in fig.axes[0].texts}
    assert {"in the documentation", "in your names", "f", "x"} <= set(texts)
    blue = {text for text, colour in texts.items() if mcolors.same_color(colour, COLOURS[0])}
    assert blue == {"size"} or blue == {"size", "mine"}
    assert alt.endswith("there x is mine, 3 is size.")


def test_a_long_one_is_cut_and_says_so() -> None:
    text = "\n".join(f">>> f({'x' * 70})" for _ in range(MOST + 3))
    fig, alt = plot_example(looked_up(example(text, text, {})))
    assert [each.get_text() for each in fig.axes[0].texts].count("… ") == 2
    assert alt.endswith("no name is changed.")


def test_without_an_example_there_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="m.f has no example to draw: it has none"):
        plot_example(looked_up(None))
