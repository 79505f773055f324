"""The figure of an effect as pixels, for where no SVG is shown.

It knows what `figure` draws with and nothing else: lines, circles, rectangles and text, places
along the width in percent. Its type is the one that comes with matplotlib, so that a figure has the
same pixels on every machine.
"""

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from PIL import Image, ImageColor, ImageDraw, ImageFont

from ideas_lib.publish.first_screen.figure import INK, PAPER

__all__ = ["SMOOTH", "painted", "typeface"]

SMOOTH = 2  # Pillow draws lines with steps: this many pixels become one, each way
TYPE = 13.0  # pixels of the figure's type
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


@cache
def typeface(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans in a size in pixels."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    path = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name
    # Without Raqm, which some machines have, and which sets letters otherwise.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def painted(svg: str, width: int, scale: float) -> Image.Image:
    """Paint a figure's SVG, laid out `width` pixels wide, `scale` times as large.

    Raises ValueError for an element that no figure has.
    """
    root = ElementTree.fromstring(svg)
    k = scale * SMOOTH
    size = round(width * k), round(float(root.attrib["height"]) * k)
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    for element in root:
        _paint(draw, element, width, k)
    return image.reduce(SMOOTH)


def _paint(draw: ImageDraw.ImageDraw, element: ElementTree.Element, width: int, k: float) -> None:
    """Paint one element, `k` pixels to one of the figure's."""
    own = element.attrib

    def at(name: str) -> float:
        value = own[name]
        return k * (float(value[:-1]) * width / 100 if value.endswith("%") else float(value))

    ink = _mixed(float(own.get("stroke-opacity") or own.get("fill-opacity") or 1))
    thick = max(1, round(k * float(own.get("stroke-width", 1))))
    match element.tag:
        case "line":
            draw.line((at("x1"), at("y1"), at("x2"), at("y2")), fill=ink, width=thick)
        case "rect":
            x, y = at("x"), at("y")
            draw.rectangle((x, y, x + at("width"), y + at("height")), fill=ink)
        case "circle":
            x, y, r = at("cx"), at("cy"), at("r")
            box = x - r, y - r, x + r, y + r
            if own.get("fill") == "none":
                draw.ellipse(box, outline=ink, width=thick)
            else:
                draw.ellipse(box, fill=ink)
        case "text":
            font, anchor = typeface(k * TYPE), ANCHORS[own["text-anchor"]]
            draw.text((at("x"), at("y")), element.text or "", ink, font, anchor)
        case other:
            raise ValueError(f"no figure of an effect has a <{other}>")


def _mixed(opacity: float) -> tuple[int, int, int]:
    """Return the ink's colour on paper."""
    both = zip(ImageColor.getrgb(INK), ImageColor.getrgb(PAPER), strict=True)
    red, green, blue = (round(opacity * ink + (1 - opacity) * paper) for ink, paper in both)
    return red, green, blue
