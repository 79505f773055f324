import random

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine
from sklearn.tree import DecisionTreeClassifier

from ideas_lib.datasets.tables import TABLES, _mnist1d, load_table

SIZES = {
    "iris": (150, 4, 3),
    "wine": (178, 13, 3),
    "breast cancer": (569, 30, 2),
    "digits": (1797, 64, 10),
    "mnist1d": (2000, 40, 10),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_table_has_named_features_and_classes(name):
    found = load_table(name)
    samples, features, classes = SIZES[name]
    assert found.X.shape == (samples, features)
    assert len(set(found.y)) == classes
    assert set(found.X.dtypes.astype(str)) == {"float64"}
    assert found.X.columns.is_unique
    assert not found.regression
    assert found.y.dtype.kind == "U", "a rule is read with the name of its class"


def test_tables_are_the_bundled_ones():
    wine, digits = load_wine(), load_digits()
    assert np.array_equal(load_table("wine").X, wine.data)
    assert load_table("wine").y[0] == "class 0"
    assert np.array_equal(load_table("digits").X, digits.data)
    assert np.array_equal(load_table("digits").y.astype(int), digits.target)
    assert load_table("digits").X.columns[9] == "row 2, column 2"


def test_a_number_as_target_is_regression_in_its_own_units():
    found = load_table("diabetes")
    assert found.regression
    assert found.X["age"].between(18, 80).all()


def test_mnist1d_is_the_same_each_time_and_leaves_the_global_generators_alone():
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    one = load_table("mnist1d")
    assert (random.random(), np.random.random()) == expected
    _mnist1d.cache_clear()
    other = load_table("mnist1d")
    assert one.X.equals(other.X)
    assert np.array_equal(one.y, other.y)
    one.X.iloc[0] = 0.0
    assert not load_table("mnist1d").X.equals(one.X), "a caller has a copy"
    assert np.unique(one.y, return_counts=True)[1].tolist() == [200] * 10
    # Its noise is in place, and its classes can be learned: guessing is right on a tenth.
    one = load_table("mnist1d")
    half = len(one.X) // 2
    tree = DecisionTreeClassifier(random_state=0).fit(one.X[:half], one.y[:half])
    assert 0.3 < tree.score(one.X[half:], one.y[half:]) < 0.9


def test_every_table_there_is_can_be_had():
    assert {"diabetes", *SIZES} == set(TABLES)
    with pytest.raises(ValueError, match="no table 'iris2'; there are iris, wine"):
        load_table("iris2")
