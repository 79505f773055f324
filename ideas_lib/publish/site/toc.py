"""Add an entry to `_toc.yml` and take it out again, leaving every other byte as it is.

A YAML library would lose comments or layout; one line of text does not need one.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

__all__ = ["NotInContents", "entries", "holds", "read_text", "with_entry", "without_entry"]


class NotInContents(LookupError):
    """Raised when the table of contents lacks the entry, or holds it in a form not understood."""


def entries(node: Any) -> Iterator[tuple[str, str]]:
    """Yield (`root`, `file` or `glob`, value) for each entry of a loaded table of contents."""
    for child in node if isinstance(node, list) else ():
        yield from entries(child)
    for key, child in node.items() if isinstance(node, dict) else ():
        if key in ("root", "file", "glob") and isinstance(child, str):
            yield key, child
        else:
            yield from entries(child)


def holds(text: str, page: str) -> bool:
    """Say whether the contents list `page` (a path without suffix), by name or by a glob."""
    return any(
        PurePosixPath(page).match(value) if kind == "glob" else value.removesuffix(".ipynb") == page
        for kind, value in entries(yaml.safe_load(text))
    )


def with_entry(text: str, page: str, after: str) -> str:
    """Return the contents with `page` listed right after `after`, in the same form.

    Where a glob lists `page` already, nothing changes. Raises NotInContents when `after` is not
    listed line by line.
    """
    if holds(text, page):
        return text
    lines = text.splitlines(keepends=True)
    start, end = _block(lines, after)
    match = _line_of(lines[start], after)
    assert match
    ending = "\r\n" if lines[start].endswith("\r\n") else "\n"
    entry = match["dash"] + match["quote"] + page + (match["suffix"] or "") + match["quote"]
    if lines[end - 1].endswith("\n"):
        lines.insert(end, entry + ending)
    else:  # the last line has no newline: the new last line has none either
        lines[end - 1] += ending
        lines.insert(end, entry)
    changed = "".join(lines)
    if not holds(changed, page):
        raise NotInContents(f"_toc.yml has no list entry `- file: {after}` to put {page} after")
    return changed


def without_entry(text: str, page: str) -> str:
    """Return the contents without `page`: what `with_entry` added, or text unchanged.

    Raises NotInContents when pages are listed below it, which would be lost with it.
    """
    lines = text.splitlines(keepends=True)
    try:
        start, end = _block(lines, page)
    except NotInContents:
        return text
    if any(re.match(r"\s*-\s+(file|glob|url):", line) for line in lines[start + 1 : end]):
        raise NotInContents(f"_toc.yml lists pages below {page}: move them first")
    was_last = not lines[end - 1].endswith("\n")
    del lines[start:end]
    if was_last and lines:
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(lines)


def read_text(path: Path) -> str:
    """Return a file's text with its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def _block(lines: list[str], page: str) -> tuple[int, int]:
    """Return the lines, from and up to, of the page's entry with all that is indented below it."""
    for start, line in enumerate(lines):
        match = _line_of(line, page)
        if match:
            depth = len(match["indent"])
            end = start + 1
            for below, text in enumerate(lines[start + 1 :], start + 1):
                if text.strip() and len(text) - len(text.lstrip()) <= depth:
                    break
                if text.strip():
                    end = below + 1
            return start, end
    raise NotInContents(f"_toc.yml has no list entry `- file: {page}`")


def _line_of(line: str, page: str) -> re.Match[str] | None:
    return re.match(
        rf"(?P<dash>(?P<indent>\s*)-\s+file:\s*)(?P<quote>['\"]?){re.escape(page)}"
        r"(?P<suffix>\.ipynb)?(?P=quote)\s*(#.*)?$",
        line,
    )
