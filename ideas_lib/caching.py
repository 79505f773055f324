"""Files that can be made again: the user's cache folder, and entries that are written whole."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

__all__ = ["cache_folder", "replacing"]


def cache_folder() -> Path:
    """Return the folder of everything that can be fetched or computed again.

    It is `IDEAS_CACHE`, or a folder in the user's cache; it need not be there yet.
    """
    named = os.environ.get("IDEAS_CACHE")
    return Path(named) if named else user_cache_path("ideas-book")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new file to write, with the suffix of `path`, which takes its place at the end.

    Nobody ever sees half of it, and the last of two writers wins. After an error `path` is as it
    was, and nothing is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
