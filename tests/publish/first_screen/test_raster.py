"""Painted, a figure has its marks where its SVG says."""

import pytest
from PIL import Image

from ideas_lib.publish.first_screen.raster import painted

PAPER, INK = (255, 255, 255), (29, 33, 37)


def shown(*elements: str) -> Image.Image:
    """Paint elements on 100 x 50 pixels, thrice as large."""
    return painted(f'<svg width="100%" height="50">{"".join(elements)}</svg>', 100, 3)


def test_places_along_the_width_are_percent_and_along_the_height_pixels() -> None:
    assert painted('<svg height="50"/>', 200, 1.5).size == (300, 75)
    image = shown('<circle cx="20%" cy="10" r="4" stroke="none"/>')
    assert image.getpixel((60, 30)) == INK
    assert image.getpixel((60, 30 + 10)) == INK
    assert image.getpixel((60, 30 + 14)) == PAPER


def test_a_hollow_dot_is_hollow() -> None:
    image = shown('<circle cx="50%" cy="25" r="4" fill="none" stroke-width="1.5"/>')
    assert image.getpixel((150, 75)) == PAPER
    assert image.getpixel((150 + 11, 75)) == INK


def test_a_faint_line_is_a_mixture_and_a_thick_one_is_thick() -> None:
    line = '<line x1="0%" y1="25" x2="100%" y2="25" stroke-opacity=".5" stroke-width="3"/>'
    image = shown(line)
    assert image.getpixel((150, 75)) == (142, 144, 146)
    column = [image.getpixel((150, y)) for y in range(150)]
    assert sum(colour != PAPER for colour in column) in (9, 10)


def test_a_rectangle_has_its_width() -> None:
    image = shown('<rect x="10%" y="10" width="30%" height="20" fill-opacity=".13"/>')
    row = [image.getpixel((x, 60)) for x in range(300)]
    inside = [x for x, colour in enumerate(row) if colour != PAPER]
    assert (inside[0], inside[-1]) == (30, 120)


@pytest.mark.parametrize(("anchor", "x"), [("start", 0), ("middle", 50), ("end", 100)])
def test_text_stands_where_it_is_anchored(anchor: str, x: int) -> None:
    image = shown(f'<text x="{x}%" y="40" text-anchor="{anchor}">ab−5&#160;%</text>')
    inked = image.convert("L").point(lambda level: level < 200 and 255).getbbox()
    assert inked
    middle = (inked[0] + inked[2]) / 2
    half = (inked[2] - inked[0]) / 2
    expected = {"start": half, "middle": 150, "end": 300 - half}[anchor]
    assert middle == pytest.approx(expected, abs=6)
    assert inked[3] == pytest.approx(120, abs=3), "y is the baseline"


def test_what_no_figure_has_is_refused() -> None:
    with pytest.raises(ValueError, match="no figure of an effect has a <path>"):
        shown('<path d="M0 0"/>')
