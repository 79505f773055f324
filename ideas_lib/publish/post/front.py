"""What a notebook says of itself in its first cell: YAML front matter, or nbdev's list.

Quarto writes `---` lines of YAML in a raw cell; others write them at the top of a Markdown cell.
nbdev writes `# Title`, a quote and a list of `- key: value` lines.
"""

import re
from copy import deepcopy
from typing import Any

import yaml
from nbformat import NotebookNode

from ideas_lib.publish.post.flavors import PostError

__all__ = ["front_matter", "tidy"]

FRONT = re.compile(r"\A\s*---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
NBDEV = re.compile(
    r"\A\s*#[ \t]+[^\n]+\n+(?:(>[^\n]*(?:\n>[^\n]*)*)\n*)?((?:[-*][^\n]*(?:\n|\Z))*)\s*\Z"
)
ITEM = re.compile(r"[-*][ \t]+[\"']?([a-z][\w-]*)[\"']?:[ \t]*(.*)\Z")
KNOWN = {
    "author", "authors", "badges", "branch", "categories", "category", "comments", "date",
    "default_exp", "description", "draft", "hide", "image", "layout", "output-file",
    "permalink", "published", "search_exclude", "skip_exec", "skip_showdoc", "slug",
    "sticky_rank", "summary", "tags", "title", "toc", "use_math",
}  # fmt: skip


def tidy(nb: NotebookNode) -> NotebookNode:
    """A copy whose lines end as lines do, whose cells know their number from 1 on."""
    nb = deepcopy(nb)
    for number, cell in enumerate(nb.cells, 1):
        cell["number"] = number
        cell.source = _clean(cell.source.replace("\r\n", "\n").replace("\r", "\n"))
        for output in cell.get("outputs", []):
            if "text" in output:
                output.text = plain_text(re.sub(r"\r+\n", "\n", output.text))
            if "traceback" in output:
                output.traceback = [plain_text(line) for line in output.traceback]
            for mime, data in output.get("data", {}).items():
                if isinstance(data, str):
                    lines = data.replace("\r\n", "\n")
                    output.data[mime] = plain_text(lines) if mime == PLAIN else _clean(lines)
    return nb


PLAIN = "text/plain"
# colours and moves of the cursor, and links and titles of a terminal
CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")


def plain_text(text: str) -> str:
    """What a terminal would leave standing: no codes, and what was struck over is gone."""
    text = CODES.sub("", text)
    while "\b" in text and (shorter := re.sub(r"[^\n\b]\x08|^\x08", "", text, flags=re.M)) != text:
        text = shorter
    return _clean(text)


def _clean(text: str) -> str:
    """Text without control characters, and what cannot be written in UTF-8 replaced."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000-\ue003]", "", text)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\u2028", "\n")


def front_matter(nb: NotebookNode) -> tuple[dict[str, Any], list[NotebookNode]]:
    """What the first cell says, and the cells without it.

    Raises PostError for front matter that is no YAML of names and values.
    """
    first = next((c for c in nb.cells if c.source.strip()), None)
    if first is None or first.cell_type == "code":
        return {}, list(nb.cells)
    found = FRONT.match(first.source)
    if found:
        said, rest = _yaml(found[1] or "", first.cell_type), first.source[found.end() :]
    elif first.cell_type == "markdown":
        said, rest = _nbdev(first.source)
    else:
        return {}, list(nb.cells)
    if not said:
        return {}, list(nb.cells)
    cells = [NotebookNode({**c, "source": rest}) if c is first else c for c in nb.cells]
    return said, [c for c in cells if c.source.strip() or c.cell_type == "code"]


def _yaml(text: str, kind: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        problem = " ".join(str(error).split())
        raise PostError(f"has front matter that is no YAML: {problem}") from error
    if isinstance(found, dict):
        return {str(key): value for key, value in found.items()}
    if kind == "raw" and found is not None:
        raise PostError(f"has front matter that is no list of names and values: {found!r}")
    return {}  # words between two rules


def _nbdev(source: str) -> tuple[dict[str, Any], str]:
    found = NBDEV.match(source)
    items = [ITEM.match(line) for line in found[2].strip().split("\n")] if found else []
    if not found or not (found[1] or found[2]) or not all(m and m[1] in KNOWN for m in items):
        return {}, source
    said = _yaml("\n".join(f"{m[1]}: {m[2]}" for m in items if m), "markdown")
    quote = " ".join(line.lstrip("> ") for line in (found[1] or "").split("\n")).strip(' "')
    if quote:
        said.setdefault("description", quote)
    return said, source.strip().split("\n")[0]
