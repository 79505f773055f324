"""The caterpillar: what it says is what it was given."""

import pytest

from ideas_lib.figures.look import png
from ideas_lib.lm.noise.caterpillar import plot_caterpillar
from ideas_lib.lm.noise.coverage import Held

HELD = {
    "narrow": [Held("typos", 0.0, -0.1, 0.1, truth, 0.0, 9) for truth in (0.0, 0.5, -0.05)],
    "wide": [Held("typos", 0.0, -1.0, 2.0, truth, 0.0, 9) for truth in (0.0, 0.5)],
}


def test_the_alt_text_counts_what_holds():
    _, alt = plot_caterpillar(HELD, outcome="nats")
    assert "narrow: 2 of 3 hold what they should, the widest from −0.10 to +0.10" in alt
    assert "wide: 2 of 2 hold what they should, the widest from −1.0 to +2.0" in alt


def test_every_truth_is_a_dot_and_misses_have_a_colour_of_their_own():
    fig, _ = plot_caterpillar(HELD, outcome="nats")
    dots = [line for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == [0.0, 0.5, -0.05, 0.0, 0.5]
    colours = [dot.get_color() for dot in dots]
    assert colours[1] not in (colours[:1] + colours[2:])
    assert png(fig) == png(plot_caterpillar(HELD, outcome="nats")[0])


def test_nothing_is_no_picture():
    with pytest.raises(ValueError, match="no intervals"):
        plot_caterpillar({"none": []}, outcome="nats")
