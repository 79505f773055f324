"""An idea on a card of 1200 x 630 pixels, for where a link to its page is shown.

The title, the word, one sentence on what was found, and the picture: what the notebook's cell
tagged `hero` shows, or else the figure of the effect. It is made of the notebook and the results
alone, and has the same bytes as long as they are the same.
"""

import base64
import json
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ideas_lib.publish.first_screen.bottom import Found
from ideas_lib.publish.first_screen.figure import INK, PAPER, drawn, ground_of
from ideas_lib.publish.first_screen.headline import headline
from ideas_lib.publish.first_screen.raster import SMOOTH, painted, typeface

__all__ = ["CARD", "hero_png", "laid_out", "social_card"]

CARD = (1200, 630)  # pixels, as those ask who show links
EDGE, GAP = 56, 44  # pixels
COLUMN = 430  # pixels: the width of the words
MUTED = "#4d5966"
TITLES = (54, 48, 42, 36, 32)  # pixels of type, the largest that fits
SENTENCES = (32, 30, 28, 26, 24, 22, 20, 18)
FIGURE = 450  # pixels wide is the figure of an effect laid out, before it is enlarged


def social_card(found: Found, top: Path, site: str) -> bytes:
    """Return the card of what was found, as PNG; `site` is the book's name."""
    said = headline(found.results, found.idea.forked_from)
    shown = hero_png(found.idea.notebook(top))
    picture = Image.open(BytesIO(shown)) if shown else _effect(found)
    card = laid_out(found.idea.title, found.finding.word, said, picture, site)
    out = BytesIO()
    card.save(out, "PNG", optimize=True)
    return out.getvalue()


def hero_png(notebook: Path) -> bytes | None:
    """Return the first picture of the notebook's cells tagged `hero`, None where there is none."""
    if not notebook.is_file():
        return None
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if "hero" in cell["metadata"].get("tags", []):
            for output in cell.get("outputs", []):
                png = output.get("data", {}).get("image/png")
                if png:
                    return base64.b64decode("".join(png))
    return None


def _effect(found: Found) -> Image.Image:
    return painted(drawn(found), FIGURE, (CARD[0] - 2 * EDGE - COLUMN - GAP) / FIGURE)


def laid_out(title: str, word: str, said: str, picture: Image.Image, site: str) -> Image.Image:
    """Lay a card out: words on the left, the picture on the right, nothing on its edges."""
    card = Image.new("RGB", CARD, PAPER)
    left = EDGE + COLUMN + GAP
    room = CARD[0] - EDGE - left, CARD[1] - 2 * EDGE
    shown = _scaled(picture.convert("RGBA"), room)
    place = left + (room[0] - shown.width) // 2, EDGE + (room[1] - shown.height) // 2
    card.paste(shown, place, shown)
    draw = ImageDraw.Draw(card)
    bottom = CARD[1] - EDGE
    draw.text((EDGE, bottom), site, MUTED, typeface(22), "ls")
    y = _write(draw, EDGE, title, TITLES, 230, bold=True)
    y = _badge(card, y + 18, word)
    _write(draw, y + 22, said, SENTENCES, bottom - 40 - (y + 22))
    return card


def _scaled(picture: Image.Image, room: tuple[int, int]) -> Image.Image:
    """Return a picture as large as fits, its proportions kept."""
    by = min(room[0] / picture.width, room[1] / picture.height)
    if by == 1:
        return picture
    size = round(picture.width * by), round(picture.height * by)
    return picture.resize(size, Image.Resampling.LANCZOS)


def _write(
    draw: ImageDraw.ImageDraw,
    y: int,
    text: str,
    sizes: tuple[int, ...],
    room: int,
    bold: bool = False,
) -> int:
    """Write a text at height `y` in the largest type of which `room` pixels hold it all.

    In the smallest it is cut short, if it must be. Returns the height below it.
    """
    for size in sizes:
        font, step = typeface(size, bold), round(1.25 * size)
        lines, fit = _lines(text, font), room // step
        if len(lines) <= fit and max(map(font.getlength, lines)) <= COLUMN:
            break
    if len(lines) > fit:
        words = " ".join(lines[:fit]).split(" ")
        while len(lines) > fit:
            words.pop()
            lines = _lines(" ".join(words).rstrip(".,;:") + "…", font)
    for line in lines:
        draw.text((EDGE, y), line, INK, font)
        y += step
    return y


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """Break a text at its spaces, so that each line fits the column; a longer word stays whole."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= COLUMN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _badge(card: Image.Image, y: int, word: str) -> int:
    """Put the word on its ground at height `y`, and return the height below it."""
    font = typeface(26 * SMOOTH, bold=True)
    size = round(font.getlength(word)) + 40 * SMOOTH, 46 * SMOOTH
    badge = Image.new("RGBA", size)
    draw = ImageDraw.Draw(badge)
    draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 23 * SMOOTH, ground_of(word))
    draw.text((size[0] / 2, size[1] / 2), word, PAPER, font, "mm")
    small = badge.reduce(SMOOTH)
    card.paste(small, (EDGE, y), small)
    return y + small.height
