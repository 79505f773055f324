"""One style for the book's figures, and alt texts made of the data they show.

Each `plot_*` returns (figure, alt text); `show` displays both.
"""

from ideas_lib.figures.heat import plot_heat
from ideas_lib.figures.look import COLOURS
from ideas_lib.figures.plots import EffectInterval, plot_curves, plot_intervals, plot_strip
from ideas_lib.figures.settling import drawing as style
from ideas_lib.figures.settling import show_settled as show

__all__ = [
    "COLOURS",
    "EffectInterval",
    "plot_curves",
    "plot_heat",
    "plot_intervals",
    "plot_strip",
    "show",
    "style",
]
