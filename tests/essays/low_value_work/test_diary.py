"""How many people a diary needs: against drawn diaries, and where no number of them would do."""

import numpy as np
import pytest
from scipy import stats

from ideas_lib.essays.low_value_work.diary import people_needed


def test_as_many_people_see_the_effect_as_often_as_was_asked():
    effect, days, noise, spread = 0.5, 5, 1.5, 0.5
    people = people_needed(effect, days, noise, spread)
    rng, times = np.random.default_rng(0), 4000
    own = rng.normal(effect, spread, (times, people))
    seen = own + rng.normal(0, noise * np.sqrt(2 / days), (times, people))
    p = stats.ttest_1samp(seen, 0, axis=1).pvalue
    assert np.mean(p < 0.05) == pytest.approx(0.8, abs=0.04)


def test_a_smaller_effect_needs_more_people_and_more_days_fewer():
    found = [people_needed(effect, 5, 1.5, 0.5) for effect in (1.0, 0.5, 0.25)]
    assert found == sorted(found)
    assert people_needed(0.5, 10, 1.5, 0.5) < people_needed(0.5, 5, 1.5, 0.5)
    assert people_needed(100.0, 5, 1.5, 0.0) == 2


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ((0, 5, 1, 1), "effect=0"),
        ((0.5, 5, -1, 1), "noise=-1"),
        ((0.5, 0, 1, 1), "days=0"),
        ((1e-6, 5, 1, 1), "effect=1e-06 is too small: more than 100,000 people"),
    ],
)
def test_what_is_no_design_is_refused_by_name(design, words):
    with pytest.raises(ValueError, match=words):
        people_needed(*design)
