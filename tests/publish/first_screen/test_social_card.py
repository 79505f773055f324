"""A card fits, is the same wherever it is made, and shows the hero or else the effect."""

import base64
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image, ImageChops, ImageDraw

from ideas_lib.ideas import Idea
from ideas_lib.measured import Measured
from ideas_lib.publish.first_screen.bottom import Found, Unit
from ideas_lib.publish.first_screen.figure import drawn, ground_of
from ideas_lib.publish.first_screen.raster import painted, typeface
from ideas_lib.publish.first_screen.social_card import (
    CARD,
    hero_png,
    laid_out,
    social_card,
)
from ideas_lib.results import Results
from ideas_lib.verdict import WORDS

Make = Callable[..., Results]
WHITE, RED = (255, 255, 255), (255, 0, 0)
STYLE = Path(__file__).parents[3] / "_static/book.css"


@pytest.fixture
def found(made: Make) -> Found:
    results = made("mine", [0.8, 0.9, 0.9], [0.5, 0.5, 0.7], 0.05)
    unit = Unit.of("points of accuracy", results.study.prediction)
    return Found(Idea("mine", "trees", "Mine"), results, results.finding(), unit, ".3g")


def png(colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> str:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def write_notebook(top: Path, *tags: str) -> Path:
    """Write the notebook of the idea `mine`, whose cell with these tags shows a red picture."""
    said = new_output("display_data", {"text/plain": "words"})
    shown = new_output("display_data", {"image/png": png(RED), "text/plain": "a picture"})
    cell = new_code_cell("draw()", outputs=[said, shown], metadata={"tags": list(tags)})
    path = top / "chapters/trees/mine.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[cell]), path)
    return path


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("many", [1, 4, 40])
@pytest.mark.parametrize("shape", [(1120, 720), (300, 900), (90, 20)])
def test_whatever_the_words_and_the_picture_they_fit(many: int, shape: tuple[int, int]) -> None:
    title, said = " ".join(["Comparing"] * min(many, 8)), " ".join(["of the accuracy"] * many)
    card = laid_out(title, "no difference", said, Image.new("RGB", shape, RED), "A book")
    assert card.size == CARD == (1200, 630)
    ink = ImageChops.difference(card, Image.new("RGB", CARD, WHITE)).getbbox()
    assert ink
    assert min(ink[0], ink[1], CARD[0] - ink[2], CARD[1] - ink[3]) >= 50, "nothing on its edges"
    gap = card.crop((490, 0, 528, 630))
    assert gap.getcolors() == [(38 * 630, WHITE)], "words and picture stand apart"
    above_the_name = card.crop((0, 536, 490, 551))
    assert above_the_name.getcolors() == [(490 * 15, WHITE)], "the sentence ends above the name"


def test_one_sentence_that_is_too_long_ends_in_an_ellipsis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[str] = []
    monkeypatch.setattr(
        ImageDraw.ImageDraw, "text", lambda _, at, text, *rest: written.append(text)
    )
    laid_out("T", "measured", "so many words, " * 200, Image.new("RGB", (4, 3)), "B")
    site, title, word, *lines = written
    assert (site, title, word) == ("B", "T", "measured")
    assert " ".join(lines).startswith("so many words, so many words, so many")
    assert [line.endswith("…") for line in lines] == [False] * (len(lines) - 1) + [True]


def test_it_shows_the_hero_or_else_the_effect(found: Found, tmp_path: Path) -> None:
    without = opened(social_card(found, tmp_path, "Book"))
    effect = painted(drawn(found), 450, 614 / 450)
    assert effect.width == 614
    y = (630 - effect.height) // 2
    assert without.crop((530, y, 1144, y + effect.height)).tobytes() == effect.tobytes()
    notebook = write_notebook(tmp_path, "hero", "remove-input")
    assert hero_png(notebook) == base64.b64decode(png(RED))
    assert opened(social_card(found, tmp_path, "Book")).getpixel((837, 315)) == RED


def test_another_cells_picture_is_no_hero(tmp_path: Path) -> None:
    assert hero_png(write_notebook(tmp_path, "result")) is None
    assert hero_png(tmp_path / "nowhere.ipynb") is None


def test_it_has_the_same_bytes_each_time_and_others_for_other_results(
    found: Found, made: Make, tmp_path: Path
) -> None:
    first = social_card(found, tmp_path, "Book")
    typeface.cache_clear()
    assert social_card(found, tmp_path, "Book") == first
    results = made("mine", [0.8, 0.9, 0.8], [0.5, 0.5, 0.7], 0.05)
    other = Found(found.idea, results, results.finding(), found.unit, found.spec)
    assert social_card(other, tmp_path, "Book") != first


def test_the_words_have_the_colours_of_the_page() -> None:
    css = STYLE.read_text(encoding="utf-8")
    page = dict(re.findall(r"--verdict-([a-z-]+): (#\w+);", css))
    assert {word.replace(" ", "-"): ground_of(word) for word in (*WORDS, Measured.word)} == page
