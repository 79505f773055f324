"""Where the book's checkout is."""

import os
from pathlib import Path

__all__ = ["NotACheckout", "root"]


class NotACheckout(RuntimeError):
    """Raised when no folder from here upwards is a checkout of the book."""


def root() -> Path:
    """Return the checkout's top folder.

    `IDEAS_ROOT` wins; otherwise it is the nearest folder, from the working directory upwards,
    that holds `_toc.yml` and `ideas_lib`. Raises NotACheckout when there is none.
    """
    named = os.environ.get("IDEAS_ROOT")
    if named:
        folder = Path(named).resolve()
        if not _is_checkout(folder):
            raise NotACheckout(f"IDEAS_ROOT={named} holds no _toc.yml and ideas_lib")
        return folder
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if _is_checkout(folder):
            return folder
    raise NotACheckout(
        f"{here} is not inside a checkout of the book: cd into one, or set IDEAS_ROOT to it"
    )


def _is_checkout(folder: Path) -> bool:
    return (folder / "_toc.yml").is_file() and (folder / "ideas_lib").is_dir()
