"""Where posts go: names that are not taken, and files of former posts, which alone are replaced."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from ideas_lib.files import write_whole
from ideas_lib.publish.post.flavors import PostError, Target
from ideas_lib.publish.post.front import tidy
from ideas_lib.publish.post.links import book_of
from ideas_lib.publish.post.markup import slugify
from ideas_lib.publish.post.meta import meta_of

__all__ = [
    "FORCE",
    "former_files",
    "former_of",
    "mark_of",
    "named",
    "read_notebook",
    "refuse",
    "slugs_of",
    "write_if_new",
]

FORCE = "move it away, write to another folder, or replace it by --force"
# nbformat reads on where a file is JSON and no notebook, and falls over what it then finds.
UNREADABLE = (
    OSError,
    LookupError,
    AttributeError,
    TypeError,
    ValueError,
    RecursionError,
    nbformat.ValidationError,
)
OBJECTS = ("ideas", "kernelspec", "language_info")  # what the metadata hold, where they hold it


def slugs_of(notebooks: Iterable[Path], top: Path) -> dict[Path, str]:
    """The names of several notebooks' posts: those that would be one get their folders' names.

    Raises PostError when two are one even so.
    """
    own: dict[Path, str] = {}
    for path in notebooks:
        with suppress(PostError):  # it is named when its post is made
            own[path] = meta_of(tidy(read_notebook(path)), path.resolve(), book_of(path)).slug
    count = Counter(own.values())
    for path, slug in own.items():
        if count[slug] > 1:
            folder = slugify(path.relative_to(top).parent.as_posix().replace("/", "-"))
            own[path] = f"{folder}-{slug}" if folder else slug
    seen: dict[str, Path] = {}
    for path, slug in own.items():
        if slug in seen:
            raise PostError(f"{path} and {seen[slug]} would be one post, {slug!r}: rename one")
        seen[slug] = path
    return own


def former_files(page: Path) -> list[Path]:
    """A page of flavor myst and its figures if `write_post` wrote it, else nothing."""
    mark = mark_of(page)
    if not mark.get("source"):
        return []
    figures = page.with_name(f"{page.stem}_files")
    return [page, *(figures / Path(str(name)).name for name in mark.get("files", []))]


def write_if_new(path: Path, data: bytes) -> bool:
    """Write `data` in one step unless the file holds it already; True when it was written."""
    if path.is_file() and path.read_bytes() == data:
        return False
    write_whole(path, data)
    return True


def read_notebook(notebook: Path) -> NotebookNode:
    """A notebook of any version. Raises PostError for what is none."""
    try:
        nb = nbformat.read(notebook, as_version=4)
        about = [nb.metadata, *(nb.metadata.get(name) or {} for name in OBJECTS)]
        about += [cell.metadata for cell in nb.cells]
        if not all(isinstance(each, Mapping) for each in about):
            raise TypeError("its metadata, or those of a cell, are no object")
        if not all(isinstance(cell.source, str) for cell in nb.cells):
            raise TypeError("a cell has no text")
        if not all(isinstance(cell.metadata.get("tags", []), list) for cell in nb.cells):
            raise TypeError("the tags of a cell are no list")
    except UNREADABLE as error:
        raise PostError(f"{notebook} is not a notebook that can be read: {error}") from error
    return nb


def named(notebook: Path, root: Path | None) -> str:
    """How a post names its source, so that two notebooks of one name are two.

    Inside a checkout its path there; elsewhere its folder's name and its own.
    """
    up = [root] if root else [p for p in notebook.parents if (p / ".git").exists()]
    if up:
        return notebook.relative_to(up[0]).as_posix()
    return f"{notebook.parent.name}/{notebook.name}".lstrip("/")


def mark_of(page: Path) -> Mapping[str, Any]:
    """What a former post notes about itself in its front matter; empty for any other file."""
    if not page.is_file():
        return {}
    front = re.match(r"---\n(.*?\n)---\n", page.read_text("utf-8", errors="replace"), re.S)
    try:
        found = yaml.safe_load(front[1]) if front else None
    except yaml.YAMLError:
        return {}
    mark = found.get("ideas_post") if isinstance(found, dict) else None
    return mark if isinstance(mark, dict) else {}


def former_of(target: Target, source: str, force: bool) -> set[Path]:
    """The figures of the post that stands there; raises PostError when it is another's file."""
    if not target.page.exists():
        return set()
    mark = mark_of(target.page)
    if mark.get("source") != source:
        if force:
            return set()  # another's figures are no former ones of ours
        raise PostError(f"{target.page} exists and is not the former post of {source}: {FORCE}")
    return {target.figures / Path(str(name)).name for name in mark.get("files", [])}


def refuse(figures: Mapping[Path, bytes], former: set[Path]) -> None:
    """Raise PostError where a figure would replace a file that is not the former post's."""
    for path, data in figures.items():
        if path.exists() and path not in former and path.read_bytes() != data:
            raise PostError(f"{path} exists and was not written by this post: {FORCE}")
