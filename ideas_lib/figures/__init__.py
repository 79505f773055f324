"""One style for the book's figures, and alt texts made of the data they show.

Each of `intervals`, `strip`, `curves` and `heat` returns (figure, alt text); `show` displays both.
"""

from ideas_lib.figures.draw import Interval, curves, heat, intervals, strip
from ideas_lib.figures.look import COLOURS, show, style

__all__ = ["COLOURS", "Interval", "curves", "heat", "intervals", "show", "strip", "style"]
