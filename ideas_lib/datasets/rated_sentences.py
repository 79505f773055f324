"""Sentences from four places, each with the mean of how 20 people or so rated its feeling.

They came with VADER (Hutto and Gilbert, ICWSM 2014), under the MIT licence: sentences from film
reviews, product reviews and editorials, and tweets. The first release of its package on PyPI has
them, as a source archive; no wheel has. pip fetches it the first time, by its hash, and the table
stays in the cache folder. Nothing of it is committed here.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ideas_lib.caching import cache_folder, replacing

__all__ = ["SOURCES", "RatedSentences", "RatingsMissing", "load_rated"]

SOURCES = {
    "films": "movieReviewSnippets",
    "products": "amazonReviewSnippets",
    "editorials": "nytEditorialSnippets",
    "tweets": "tweets",
}
PACKAGE = "vaderSentiment==0.5"
PACKAGE_HASH = "5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a"
INSIDE = "vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz"
TABLE_HASH = "d5bb07d87474b3eb8d30b4deccbc23f19d742a6c5718fbacc65485b70b95c5fa"


class RatingsMissing(RuntimeError):
    """Raised when the rated sentences can neither be found nor fetched."""


@dataclass(frozen=True)
class RatedSentences:
    """Sentences of one source, and their mean ratings (sentences,), from -4 to 4."""

    source: str
    texts: tuple[str, ...]
    ratings: NDArray[np.float64]


@cache
def load_rated(source: str) -> RatedSentences:
    """Return the rated sentences of a source in `SOURCES`, each text once, in the file's order.

    Raises ValueError for another source, RatingsMissing where they cannot be had.
    """
    if source not in SOURCES:
        raise ValueError(f"no source {source!r}; there are {', '.join(SOURCES)}")
    with tarfile.open(_table()) as archive:
        member = archive.extractfile(f"hutto_ICWSM_2014/{SOURCES[source]}_GroundTruth.txt")
        assert member is not None, "the hash says what is inside"
        lines = member.read().decode("utf-8").splitlines()
    found: dict[str, float] = {}
    for line in lines:
        _, rating, text = line.split("\t")
        found.setdefault(text.strip(), float(rating))
    return RatedSentences(source, tuple(found), np.array(list(found.values())))


def _table() -> Path:
    """Return the archive of tables, fetched if the cache does not have it."""
    path = cache_folder() / f"rated-sentences-{TABLE_HASH[:12]}.tar.gz"
    if not path.is_file():
        data = _fetched()
        if hashlib.sha256(data).hexdigest() != TABLE_HASH:
            raise RatingsMissing(f"{PACKAGE} holds another {INSIDE} than was expected")
        with replacing(path) as new:
            new.write_bytes(data)
    return path


def _fetched() -> bytes:
    # pip runs a source archive's own code to learn its name: only that of the file with this hash.
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_HASH}\n")
        command = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps"]
        command += ["--no-build-isolation", "--no-input", "--disable-pip-version-check"]
        command += ["--requirement", str(wanted), "--dest", folder]
        done = subprocess.run(command, capture_output=True, text=True)
        archives = list(Path(folder).glob("*.zip"))
        if done.returncode or len(archives) != 1:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise RatingsMissing(
                f"{PACKAGE}, which has the rated sentences, could not be downloaded: are you"
                f" offline? pip's last word: {lines[-1] if lines else 'nothing'}"
            )
        with zipfile.ZipFile(archives[0]) as archive:
            return archive.read(INSIDE)
