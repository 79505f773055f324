"""Words for splits and paths, by hand."""

import numpy as np
import pandas as pd
import pytest

from ideas_lib.trees.explain import Explanation, Step, one_row, split_words


def test_one_feature() -> None:
    assert split_words(1, 2.44999, ("a", "petal length (cm)")) == "petal length (cm) > 2.45"
    assert split_words(1, -0.5, yes=False) == "x1 <= −0.5"


def test_a_sum_names_what_matters_most() -> None:
    weights = np.array([0.5, -2.0, 0.0, 1.0, 0.25])
    assert split_words(weights, 3) == "−2 x1 + 1 x3 + 0.5 x0 + 1 more > 3"
    assert split_words(weights, 3, terms=4) == "−2 x1 + 1 x3 + 0.5 x0 + 0.25 x4 > 3"
    spread = np.array([100, 1, 1, 1, 1000.0])
    assert split_words(weights, 3, spread=spread, terms=2) == "0.25 x4 + 0.5 x0 + 2 more > 3"
    assert split_words(-weights, 3, terms=1, yes=False) == "2 x1 + 3 more <= 3"
    assert split_words(np.array([1.0, -1.0]), 0) == "1 x0 − 1 x1 > 0"
    assert split_words(np.zeros(2), 1) == "0 > 1"


def test_a_path_is_a_list_of_steps_and_an_end() -> None:
    steps = (Step(0, "age > 40", True, 0.75), Step(2, "dose <= 1", False, 0.999))
    assert str(Explanation(steps, 2, "ill", 0.74925)) == (
        "1. age > 40 (75%)\n2. dose <= 1 (> 99%)\nso ill: this path has 75% of the say"
    )
    sure = (Step(0, "age > 40", True, 1.0),)
    assert str(Explanation(sure, 1, -1.23456, 1.0)) == "1. age > 40\nso −1.235"
    assert str(Explanation((), 0, "ill", 1.0)) == "so ill"


def test_one_sample_in_any_form() -> None:
    row = [1.0, 2.0]
    frame = pd.DataFrame([row, row], columns=["a", "b"])
    for form in (row, tuple(row), np.array(row), np.array([row]), frame.iloc[0], frame[:1]):
        assert np.asarray(one_row(form)).tolist() == [row]
    assert list(one_row(frame.iloc[0]).columns) == ["a", "b"]
    with pytest.raises(ValueError, match="one sample, not 2"):
        one_row(frame)
    with pytest.raises(ValueError, match="one sample, not 0"):
        one_row(np.zeros((0, 2)))
