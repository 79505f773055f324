"""Figures: what the alt text says, that type is legible, and that equal data give equal bytes."""

import base64
import io
import itertools
from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from ideas_lib import figures
from ideas_lib.figures.look import FAINT, GREY, INK, png
from ideas_lib.figures.settling import settle
from ideas_lib.verdict import Verdict, paired

MINUS = "\N{MINUS SIGN}"
ARMS = {"none": [0.5, 0.52, 0.54], "learned key": [0.9, 0.92, 0.97], "gate": [0.2, 0.5, 0.8]}
LINES = {f"arm {i}": 1 + i / 50 + np.linspace(2, 0, 20) + np.zeros((3, 1)) for i in range(6)}
SQUARE = np.arange(16).reshape(4, 4) / 16
NAMES = ["a", "b", "c", "d"]


def effects() -> dict:
    zero = [0.0] * 8
    seeds = np.arange(8) - 3.5
    return {
        "learned key": paired(0.42 + 0.03 * seeds / 2.29, zero, 0.1),
        "zero key": paired(0.02 + 0.01 * seeds, zero, 0.1),
        "BOS token": paired(-0.3 + 0.01 * seeds, zero, 0.1),
        "sigmoid gate": paired(0.1 + 0.1 * seeds, zero, 0.1),
    }


LONG = {f"{name}, at its own best learning rate": arm for name, arm in ARMS.items()}
MANY = {f"arm {i}, at its own best learning rate": [1e-4 * i, 1.1e-4 * i] for i in range(14)}
TOKENS = [f"token {i}" for i in range(24)]
WORDY = [f"{name}, as it stands after the last of all steps" for name in NAMES]
SMALL = {f"{i}, over all that it can be compared with": paired([i * 1e-4, 3e-4], [0, 0], 3e-4)
         for i in range(-4, 8)}  # fmt: skip
LONG_AXES = {"xlabel": "how often the token has occurred before this one, in all texts",
             "ylabel": "share of the attention that it gets, on average"}  # fmt: skip

# Every kind of figure, with what crowds it most.
KINDS = {
    "intervals": lambda: figures.plot_intervals(
        effects(), over="none", outcome="accuracy", margin=0.1, title="Counting"
    ),
    "strip": lambda: figures.plot_strip(ARMS, outcome="accuracy", idea="learned key"),
    "strip, long names": lambda: figures.plot_strip(LONG, outcome="accuracy"),
    "curves": lambda: figures.plot_curves(LINES, title="Loss"),
    "curves, log": lambda: figures.plot_curves(LINES, log=True),
    "strip, many": lambda: figures.plot_strip(MANY, outcome="how far it is from all the others"),
    "intervals, many": lambda: figures.plot_intervals(
        SMALL, over="the best of all baselines", outcome="halvings of the mean loss", margin=3e-4
    ),
    "curves, long names": lambda: figures.plot_curves(
        {f"{name}, over all the others": line for name, line in LINES.items()}, **LONG_AXES
    ),
    "curves, one end": lambda: figures.plot_curves(
        {name: 10 - line for name, line in LINES.items()}, x=np.arange(20) * 1e5
    ),
    "heat, wordy": lambda: figures.plot_heat(
        SQUARE - 0.5, rows=WORDY, columns=WORDY, value="the mass that is given to it", **LONG_AXES
    ),
    "heat, wide numbers": lambda: figures.plot_heat(
        np.arange(128).reshape(16, 8) * 1e5, rows=TOKENS[:16], columns=TOKENS[:8], value="steps"
    ),
    "heat": lambda: figures.plot_heat(
        SQUARE, rows=NAMES, columns=NAMES, value="mass", title="Mass"
    ),
    "heat, many": lambda: figures.plot_heat(
        np.eye(24) - 0.1, rows=TOKENS, columns=TOKENS, value="weight", xlabel="to", ylabel="at"
    ),
}


def texts(fig: mpl.figure.Figure) -> list[tuple[Text, Bbox]]:
    """Return the texts that the laid-out figure shows, and where each stands."""
    with figures.style():
        fig.draw_without_rendering()
    unseen = {
        label
        for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis))
        for tick in axis.get_major_ticks() + axis.get_minor_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }
    shown = [t for t in fig.findobj(Text) if t.get_text().strip() and t.get_visible()]
    # Without what a note points at: its own text is what could be in the way.
    return [(t, Text.get_window_extent(t)) for t in shown if t not in unseen]


@cache
def drawn(kind: str) -> tuple[mpl.figure.Figure, bytes, list[tuple[Text, Bbox]]]:
    """Return a figure, its bytes and its texts, once for all tests."""
    fig, _ = KINDS[kind]()
    return fig, png(settle(fig)), texts(fig)


# What the figure says to those who do not see it.


def test_intervals_say_each_effect_and_where_its_interval_lies():
    rows = effects()
    rows["learned key"] = rows["learned key"].decided()  # which the study registered
    _, alt = figures.plot_intervals(rows, over="none", outcome="accuracy", margin=0.1)
    assert alt == (
        "Effect of learned key over none: +0.42 accuracy, 95 % interval +0.39 to +0.45,"
        " supported: all at or above the margin of 0.10."
        " Effect of zero key over none: +0.02 accuracy, 95 % interval 0.00 to +0.04,"
        " within the margin: all within the margin of 0.10."
        f" Effect of BOS token over none: {MINUS}0.30 accuracy, 95 % interval {MINUS}0.32 to"
        f" {MINUS}0.28, worse: all at or below {MINUS}0.10."
        f" Effect of sigmoid gate over none: +0.10 accuracy, 95 % interval {MINUS}0.10 to +0.30,"
        " unclear: on both sides of the margin of 0.10."
    )


@dataclass
class Plain:
    effect: float
    low: float
    high: float


def test_an_interval_without_a_word_is_told_by_where_it_lies():
    # Name alone over the sum: an interval that nobody should read as a refutation.
    row = Plain(-0.004, -0.054, 0.046)
    _, alt = figures.plot_intervals({"a": row}, over="b", outcome="c", margin=0.05)
    end = f" all below the margin of 0.050, on both sides of {MINUS}0.050."
    assert alt.endswith(f"{MINUS}0.054 to +0.046,{end}")
    found = Verdict("unclear", -0.004, -0.054, 0.046, 0.05, 8, "paired t")
    _, alt = figures.plot_intervals({"a": found}, over="b", outcome="c", margin=0.05)
    assert alt.endswith(f"{MINUS}0.054 to +0.046, unclear:{end}")


def test_strip_says_each_arms_mean_and_range():
    _, alt = figures.plot_strip(ARMS, outcome="accuracy")
    assert alt == (
        "Accuracy of each arm. none: mean 0.52, 3 seeds from 0.50 to 0.54;"
        " learned key: mean 0.93, 3 seeds from 0.90 to 0.97;"
        " gate: mean 0.50, 3 seeds from 0.20 to 0.80."
    )


def test_strip_sorts_when_asked():
    _, alt = figures.plot_strip(ARMS, outcome="accuracy", sort=True)
    assert alt.index("learned key") < alt.index("none") < alt.index("gate")


def test_curves_say_where_each_goes():
    lines = {"none": [3.0, 2.0, 1.5], "learned key": [[3.0, 2.0, 0.4], [3.2, 2.0, 0.6]]}
    _, alt = figures.plot_curves(lines, x=[0, 50, 100])
    assert alt == (
        "Loss from step 0 to 100: none goes from 3.00 to 1.50;"
        " learned key goes from 3.10 to 0.50, mean of 2 seeds."
    )


def test_steps_that_are_whole_numbers_have_whole_ticks():
    fig, _ = figures.plot_curves({"none": [1.0, 2, 3]}, x=[0, 1, 2], xlabel="layers")
    ticks = fig.axes[0].get_xticks()
    assert np.array_equal(ticks, np.round(ticks))
    fig, _ = figures.plot_curves({"none": [1.0, 2, 3]}, x=[0, 0.25, 0.5])
    assert 0.1 in np.round(fig.axes[0].get_xticks(), 6)


def test_heat_says_the_extremes_and_the_rows():
    _, alt = figures.plot_heat([[0.1, 0.3], [0.9, 0.5]], rows=["layer 0", "layer 1"],
                          columns=["head 0", "head 1"], value="null mass")  # fmt: skip
    assert alt == (
        "Null mass, 2 rows by 2 columns, from 0.10 to 0.90, which is at layer 1, head 0."
        " Means by row: layer 0 0.20, highest at head 1; layer 1 0.70, highest at head 0."
    )


# What it shows to those who do.


@pytest.mark.parametrize("kind", KINDS)
def test_type_is_large_enough_and_inside_the_figure(kind):
    fig, _, shown = drawn(kind)
    for text, box in shown:
        assert text.get_fontsize() >= 11, text
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= fig.bbox.x1 + 1, text
        assert box.y1 <= fig.bbox.y1 + 1, text


@pytest.mark.parametrize("kind", KINDS)
def test_type_does_not_overlap(kind):
    # Lines that end together would otherwise write their names over one another.
    for (a, box_a), (b, box_b) in itertools.combinations(drawn(kind)[2], 2):
        overlap = min(box_a.x1, box_b.x1) > max(box_a.x0, box_b.x0) + 1
        overlap &= min(box_a.y1, box_b.y1) > max(box_a.y0, box_b.y0) + 4  # descenders may touch
        assert not overlap, (a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_tick_labels_stand_apart(kind):
    for ax in drawn(kind)[0].axes:
        names = {t for t in ax.get_xticklabels() if t.get_rotation() == 0}
        boxes = sorted((box.x0, box.x1) for text, box in drawn(kind)[2] if text in names)
        assert all(b[0] - a[1] > 5 for a, b in itertools.pairwise(boxes)), boxes


def test_ticks_of_any_figure_stand_apart():
    # A picture in two small panels, as the trees draw it, with numbers that are long.
    with figures.style():
        fig, panels = plt.subplots(1, 2, figsize=(3, 2))
    for ax in panels:
        ax.plot([-0.0301, 0.0301], [0, 1])
    settle(fig)
    shown = dict(texts(fig))
    for ax in panels:
        spans = sorted((shown[t].x0, shown[t].x1) for t in ax.get_xticklabels() if t in shown)
        assert spans
        assert all(b[0] - a[1] > 5 for a, b in itertools.pairwise(spans)), spans
    plt.close(fig)


def test_names_stand_in_the_order_of_the_lines():
    names = {text.get_text(): box for text, box in drawn("curves")[2] if "arm" in text.get_text()}
    heights = [names[name].y0 for name in sorted(names)]
    assert len(heights) == 6
    assert heights == sorted(heights)


def test_names_stand_beside_their_panel_not_below_it():
    for kind in ("curves, long names", "curves, one end", "curves, log"):
        fig, _, shown = drawn(kind)
        ends = [box for text, box in shown if text.get_text().startswith("arm")]
        assert min(box.y0 for box in ends) > fig.axes[0].bbox.y0 - 8
        assert max(box.y1 for box in ends) < fig.axes[0].bbox.y1 + 8


def test_numbers_are_stated_only_where_they_fit():
    stated = {kind: any("0.50" in t.get_text() for t, _ in drawn(kind)[2]) for kind in KINDS}
    assert stated["heat"]
    assert stated["heat, wordy"]
    assert not any(text.get_text() == "100000" for text, _ in drawn("heat, wide numbers")[2])
    assert len(drawn("heat, wide numbers")[0].axes) == 2  # the bar of shades


def luminance(colour: tuple) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def dark(colour: tuple) -> tuple:
    """Return a colour after CSS `invert(1) hue-rotate(180deg)`."""
    weights = np.array([0.213, 0.715, 0.072])
    rotate = 2 * np.tile(weights, (3, 1)) - np.eye(3)
    return tuple(np.clip(rotate @ (1 - np.array(colour)), 0, 1))


@pytest.mark.parametrize("colour", [*figures.COLOURS, INK, FAINT, GREY])
def test_colours_stand_out_from_white_and_when_inverted_from_black(colour):
    # 3 is what WCAG asks of graphics; Okabe and Ito's orange and sky blue have less on white.
    assert 1.05 / (luminance(to_rgb(colour)) + 0.05) >= 3
    assert (luminance(dark(to_rgb(colour))) + 0.05) / 0.05 >= 3


def test_colours_stay_apart_for_colour_blind_readers():
    # Deuteranopia and protanopia, Machado, Oliveira and Fernandes (2009), severity 1, in linear
    # RGB. So seen, matplotlib's own red and green are 0.12 apart.
    deutan = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    protan = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    for matrix in (deutan, protan):
        seen = [np.clip(np.array(matrix) @ np.power(to_rgb(c), 2.2), 0, 1) ** (1 / 2.2)
                for c in figures.COLOURS]  # fmt: skip
        distances = [np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)]
        assert min(distances) > 0.19


# Bytes.


@pytest.mark.parametrize("kind", KINDS)
def test_equal_data_give_equal_bytes_without_date_or_version(kind):
    first = drawn(kind)[1]
    assert first == png(settle(KINDS[kind]()[0]))
    image = Image.open(io.BytesIO(first))
    assert image.size[0] == 1120
    assert set(image.info) <= {"dpi"}


def test_style_is_the_books_whatever_was_set_before():
    plain = drawn("strip")[1]
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 50}):
        before = mpl.rcParams.copy()
        assert png(settle(KINDS["strip"]()[0])) == plain
        assert mpl.rcParams == before


def test_other_data_give_another_picture():
    other = {**ARMS, "none": [0.6, 0.62, 0.64]}
    assert png(figures.plot_strip(ARMS, outcome="x")[0]) != png(
        figures.plot_strip(other, outcome="x")[0]
    )


def test_show_in_a_notebook():
    code = """from ideas_lib import figures
import matplotlib.pyplot as plt
figures.show(*figures.plot_strip({"none": [0.5, 0.6], "idea": [0.8, 0.9]}, outcome="accuracy"))
with figures.style():
    fig, ax = plt.subplots()
    ax.plot([1, 2])
figures.show(fig, "a line")
with figures.style():
    fig, ax = plt.subplots(figsize=(9, 4.5))
    ax.plot([1, 2])
figures.show(fig, "a wide line")"""
    nb = new_notebook(cells=[new_code_cell(code)])
    NotebookClient(nb, kernel_name="python3", record_timing=False, timeout=60).execute()
    strip, line, wide = nb.cells[0].outputs  # shown once each: what was shown is closed
    alt = strip.metadata["image/png"]["alt"]
    assert alt.startswith("Accuracy of each arm. none: mean 0.55")
    assert strip.data["text/plain"] == alt
    assert strip.metadata["image/png"]["width"] == 560
    assert Image.open(io.BytesIO(base64.b64decode(strip.data["image/png"]))).size[0] == 1120
    assert line.metadata["image/png"] == {"alt": "a line", "width": 560, "height": 320}
    assert wide.metadata["image/png"] == {"alt": "a wide line", "width": 560, "height": 280}
    assert Image.open(io.BytesIO(base64.b64decode(wide.data["image/png"]))).size == (1120, 560)


def test_show_outside_a_notebook_prints_the_alt_text_and_closes(capsys):
    fig, ax = plt.subplots()
    ax.plot([1, 2])
    figures.show(fig, "a line")
    assert capsys.readouterr().out == "a line\n"
    assert not plt.get_fignums()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.show(plt.Figure(), "  "), "alt is empty"),
        (lambda: figures.plot_strip({}, outcome="x"), "no arms"),
        (lambda: figures.plot_strip({"a": []}, outcome="x"), r"a has shape \(0,\)"),
        (lambda: figures.plot_strip({"a": [1, np.nan]}, outcome="x"), "a holds nan"),
        (lambda: figures.plot_curves({"a": [1, 2], "b": [1, 2, 3]}), r"x has 2 points.*\{'b': 3\}"),
        (
            lambda: figures.plot_curves({str(i): [1, 2] for i in range(7)}),
            "7 lines in one figure: 6",
        ),
        (
            lambda: figures.plot_heat([[1]], rows=["a"], columns=["b", "c"], value="v"),
            r"v has shape",
        ),
        (lambda: figures.plot_intervals({}, over="a", outcome="b", margin=1), "no rows"),
    ],
)
def test_errors_name_what_is_wrong(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
