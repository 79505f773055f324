"""Every place of the bank has its inhabitants, and they put it into the half where it stands."""

import math

import pytest

from ideas_lib.datasets.capitals import Place, places
from ideas_lib.datasets.inhabitants import load_inhabitants, log_ratio


def test_every_place_is_there_once_and_no_other():
    names = [place.name for half in (True, False) for place in places(half)]
    assert list(load_inhabitants()) == names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("smaller", [True, False])
def test_the_smaller_city_is_the_one_that_the_bank_says(smaller):
    wrong = [place.name for place in places(smaller) if (log_ratio(place) < 0) != smaller]
    assert wrong == []


def test_a_ratio_is_the_capitals_over_the_other_citys():
    australia = next(place for place in places(True) if place.name == "Australia")
    capital, other = load_inhabitants()["Australia"]
    assert capital < 1e6 < other
    assert log_ratio(australia) == pytest.approx(math.log(capital) - math.log(other))


def test_another_place_is_named():
    with pytest.raises(KeyError, match="Atlantis"):
        log_ratio(Place("Atlantis", "Poseidonis", "Cerne", True))
