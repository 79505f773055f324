"""What was found, as a sentence and a picture: the numbers are those of the results."""

import re
from collections.abc import Callable

import pytest

from ideas_lib.formatting import badge
from ideas_lib.ideas import IDEAS
from ideas_lib.publish.first_screen.headline import Amount, headline, interval_svg
from ideas_lib.results import Results, exists, load
from ideas_lib.study.checkout import root
from ideas_lib.study.study import slugs
from ideas_lib.verdict import WORDS, Verdict, decide

Make = Callable[..., Results]


@pytest.mark.parametrize(
    ("idea", "end"),
    [
        ([0.95, 0.96, 0.97], "without it, 50 %."),
        ([0.05, 0.06, 0.07], "without it, 50 %."),
        ([0.51, 0.52, 0.53], "without it, 50 %: no difference worth having."),
        ([0.3, 0.9, 0.9], "without it, 50 %: whether the difference is worth having is open."),
    ],
)
@pytest.mark.usefixtures("in_points")
def test_a_sentence_has_the_two_means_and_no_more_than_the_verdict(
    made: Make, idea: list[float], end: str
) -> None:
    said = headline(made("null-attention", idea, [0.5, 0.5, 0.5])).replace("\xa0", " ")
    assert said.startswith("With a null column, a GPT counts ")
    assert f"counts {100 * sum(idea) / 3:.0f} % right" in said
    assert said.endswith(end)


@pytest.mark.usefixtures("in_points")
def test_an_idea_without_a_template_and_a_fork_name_their_arms(made: Make) -> None:
    found = made("mine", [0.9, 0.9, 0.91], [0.5, 0.5, 0.5])
    assert headline(found) == "Score of “with” 0.903, of “without” 0.5."
    assert headline(found, "null-attention") == "Score of “with” 90\xa0%, of “without” 50\xa0%."


def test_each_template_takes_two_numbers_and_ends_open() -> None:
    templates = {idea.slug: idea.found for idea in IDEAS if idea.found}
    assert {slug for slug in slugs() if exists(slug) and load(slug).study.prediction} <= {
        *templates,
        *(
            path.stem
            for path in root().glob("chapters/*/*.ipynb")
            if "forked_from" in path.read_text()
        ),
    }
    for template in templates.values():
        one = template.format(idea=Amount(0.25), baseline=Amount(0.5))
        assert one != template.format(idea=Amount(0.75), baseline=Amount(0.5)) != ""
        assert one != template.format(idea=Amount(0.25), baseline=Amount(0.75))
        assert one[-1] not in ".:;,"


def test_amounts() -> None:
    assert f"{Amount(-3):log2 .3g}" == "0.125"
    assert f"{Amount(-0.0004):+.2f}, {Amount(0.0):+.0%}" == "0.00, 0\N{NO-BREAK SPACE}%"
    assert f"{Amount(-0.5):+.0%}" == "−50\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize("numbers", [(0.2, 0.1, 0.3), (-3.0, -5.0, -1.0), (0.0, 0.0, 0.0)])
def test_a_picture_is_to_scale_and_within_its_frame(numbers: tuple[float, float, float]) -> None:
    effect, low, high = numbers
    word = decide(low, high, 0.1)
    svg = interval_svg(Verdict(word, effect, low, high, 0.1, 8, "paired t"), "+1 < 2 points")
    band = re.search(r'<rect class="sb-band" x="([\d.]+)" y="3" width="([\d.]+)"', svg)
    line = re.search(r'<line x1="([\d.]+)" x2="([\d.]+)"', svg)
    assert band
    assert line
    left, width = map(float, band.groups())
    start, end = map(float, line.groups())
    zero = left + width / 2
    assert 0 < min(left, start) < max(left + width, end) < 168
    pixels = 0.15 + 0.05 * abs(low / 0.1)  # places are rounded to a tenth of one
    assert (start - zero) == pytest.approx(low / 0.1 * width / 2, abs=pixels)
    assert (end - zero) == pytest.approx(max(high / 0.1 * width / 2, start - zero + 1), abs=pixels)
    assert svg.count("+1 &lt; 2 points") == 2


def test_a_word_has_one_colour_on_front_page_and_in_notebooks() -> None:
    css = (root() / "_static/book.css").read_text()
    for word in (*WORDS, "measured"):
        colour = re.search(r"background:(#\w+)", badge(word, ""))
        assert colour
        assert f"--verdict-{word.replace(' ', '-')}: {colour[1]};" in css
