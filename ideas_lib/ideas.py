"""The ideas of the book, and where all that belongs to one of them lives.

`ideas.toml` holds the page's ideas, a row each. A fork says in its notebook's metadata what it is
made of: `ideas` holds its `slug`, `forked_from` and its own `code`.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ideas_lib.resources import resource

__all__ = [
    "BOOK",
    "IDEAS",
    "PARTS",
    "Idea",
    "UnknownIdea",
    "find_idea",
    "module_name",
    "notebooks_by_slug",
    "origin",
]

BOOK = "book"  # the part of chapters that cross ideas


class UnknownIdea(LookupError):
    """Raised when neither the page nor a notebook has the slug asked for."""


@dataclass(frozen=True)
class Idea:
    """One idea, of the page, a fork, or whatever else has a notebook; it need not be there yet.

    `part` is a key of PARTS. `code` names files and folders of its own, relative to `ideas_lib`.
    `number` and `quote` are the page's, None and "" for what is not on it; `found` is what its
    study found, a sentence with places for `{idea}` and `{baseline}`, `unit` the effect's unit and
    `beyond` what the finding does not say. `text` names two arms of the study's experiment
    "language", the idea's and its rival, where it has one. `forked_from` is the slug that a fork
    was made from.
    """

    slug: str
    part: str
    title: str
    code: tuple[str, ...] = ()
    number: int | None = None
    quote: str = ""
    found: str = ""
    unit: str = ""
    beyond: str = ""
    text: tuple[str, ...] = ()
    forked_from: str = ""

    @property
    def path(self) -> str:
        """Where its notebook lives, relative to the checkout."""
        folder = "posts" if self.part == "posts" else f"chapters/{self.part}"
        return f"{folder}/{self.slug}.ipynb"

    def notebook(self, top: Path) -> Path:
        """Return the path of its notebook."""
        return top / self.path

    def study(self, top: Path) -> Path:
        """Return its study: a file, or a folder where it is a package."""
        folder = top / "studies" / module_name(self.slug)
        return folder if (folder / "__init__.py").is_file() else folder.with_suffix(".py")

    def results(self, top: Path) -> Path:
        """Return the file that its study's runs are kept in."""
        return top / "results" / f"{self.slug}.jsonl"

    def code_paths(self, top: Path) -> tuple[Path, ...]:
        """Return the files and folders of its own code."""
        return tuple(top / "ideas_lib" / name for name in self.code)

    def tests(self, top: Path) -> tuple[Path, ...]:
        """Return the tests of its own code, files and folders, of those that mirror it."""
        names = [PurePosixPath(name) for name in self.code]
        mirrored = [n if not n.suffix else n.with_name(f"test_{n.name}") for n in names]
        return tuple(path for name in mirrored if (path := top / "tests" / name).exists())


def module_name(slug: str) -> str:
    """Return a slug as Python names it."""
    return slug.replace("-", "_")


def _read_page() -> tuple[dict[str, str], tuple[Idea, ...]]:
    table = tomllib.loads(resource(__file__, "ideas.toml").read_text(encoding="utf-8"))
    lists = ("code", "text")
    rows = (row | {name: tuple(row.get(name, ())) for name in lists} for row in table["idea"])
    return table["parts"], tuple(Idea(**row) for row in rows)


PARTS: Mapping[str, str]  # folder -> name, in the page's order, and then what crosses ideas
IDEAS: tuple[Idea, ...]  # the page's, in its order
PARTS, IDEAS = _read_page()


def notebooks_by_slug(top: Path) -> dict[str, Path]:
    """Return the notebooks of chapters and posts by slug."""
    found = [*top.glob("chapters/*/*.ipynb"), *top.glob("posts/*.ipynb")]
    return {path.stem: path for path in sorted(found)}


def find_idea(slug: str, top: Path) -> Idea:
    """Return the idea of a slug: the page's row, or what a notebook says of itself.

    Raises UnknownIdea.
    """
    for idea in IDEAS:
        if idea.slug == slug:
            return idea
    path = notebooks_by_slug(top).get(slug)
    if path is None:
        raise UnknownIdea(f"no idea {slug!r}: neither the page nor a notebook has it")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    about = notebook["metadata"].get("ideas", {})
    return Idea(
        slug,
        path.parent.name,
        _title(notebook, slug),
        code=tuple(about.get("code", ())),
        forked_from=about.get("forked_from", ""),
    )


def origin(idea: Idea, top: Path) -> Idea:
    """Return the idea that a fork, or a fork of forks, was made of; the idea itself if it is none.

    Raises UnknownIdea where an original is gone.
    """
    while idea.forked_from:
        idea = find_idea(idea.forked_from, top)
    return idea


def _title(notebook: Mapping[str, Any], otherwise: str) -> str:
    for cell in notebook["cells"]:
        for line in "".join(cell["source"]).splitlines():
            if cell["cell_type"] == "markdown" and line.startswith("# "):
                return line[2:].strip()
    return otherwise
