"""The ideas of the page, and where each one stands.

`ideas()` is the page itself, from `ideas.toml`. `rows()` joins it with what the checkout holds:
notebooks, results and how fresh they are. The scoreboard and `ideas list` show the same rows.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ideas_lib import results
from ideas_lib.publish.site import freshness
from ideas_lib.study.checkout import root

__all__ = ["NOT_TESTED", "PARTS", "Idea", "Row", "ideas", "rows"]

NOT_TESTED = "not yet tested"

PARTS = {
    "transformers": "Transformers",
    "trees": "Interpretable models",
    "programs": "High-level goals",
    "tools": "Tools",
    "posts": "Essays",
}


@dataclass(frozen=True)
class Idea:
    """One idea of the page: `quote` is the page's words, `part` a key of PARTS."""

    number: int
    slug: str
    part: str
    title: str
    quote: str

    @property
    def path(self) -> str:
        """Where its notebook lives, relative to the checkout, whether or not it is there."""
        folder = "posts" if self.part == "posts" else f"chapters/{self.part}"
        return f"{folder}/{self.slug}.ipynb"


@dataclass(frozen=True)
class Row:
    """Where one idea stands.

    `path` is relative to the checkout, None without a notebook. `effect`, `low` and `high` are in
    the study's outcome, idea minus baseline, and `seeds` counts the pairs; all None until the study
    has run. `fresh` says whether the notebook matches today's code and results, None without one.
    `forked_from` is the slug that a fork was made from.
    """

    slug: str
    title: str
    path: str | None
    verdict: str = NOT_TESTED
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int | None = None
    fresh: bool | None = None
    forked_from: str | None = None


@cache
def ideas() -> tuple[Idea, ...]:
    """Return the page's ideas in its order."""
    text = files("ideas_lib.publish").joinpath("ideas.toml").read_text(encoding="utf-8")
    return tuple(Idea(**entry) for entry in tomllib.loads(text)["idea"])


def rows() -> list[Row]:
    """Return one row per idea of the page, then one per fork in the table of contents."""
    top = root()
    known = [
        _row(idea.slug, idea.title, idea.path if (top / idea.path).is_file() else None)
        for idea in ideas()
    ]
    return known + list(_forks(top))


def _row(slug: str, title: str, path: str | None) -> Row:
    fresh = None if path is None else freshness.state(root() / path) == "fresh"
    if not results.exists(slug):
        return Row(slug, title, path, fresh=fresh)
    found = results.load(slug).verdict()
    return Row(
        slug, title, path, found.word, found.effect, found.low, found.high, found.n, fresh=fresh
    )


def _forks(top: Path) -> Iterator[Row]:
    """Yield a row for each notebook in the table of contents that is a fork."""
    for path in freshness.notebooks(top):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        origin = notebook["metadata"].get("ideas", {}).get("forked_from")
        if origin:
            row = _row(path.stem, _title(notebook, path.stem), path.relative_to(top).as_posix())
            yield replace(row, forked_from=origin)


def _title(notebook: Mapping[str, Any], otherwise: str) -> str:
    for cell in notebook["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return otherwise
