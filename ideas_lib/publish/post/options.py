"""What a code cell says of itself in its first lines, its tags and its metadata.

Quarto writes `#| echo: false`, nbdev `#|hide` (once `#hide`), Colab a form, JupyterLab what was
folded; a notebook's front matter may say it of all cells (`execute: {echo: false}`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from nbformat import NotebookNode

__all__ = ["NO_CELL", "Shown", "shown_of", "tags"]

LINE = re.compile(r"\s*(?:#|//|--|%)\|\s*(.*)\Z")
FORMER = re.compile(r"#\s*(hide|hide_input|hide_output|export|exports?\s+[\w.]+)\s*\Z")
NO_INPUT = {"remove-input", "hide-input", "remove_input"}
NO_OUTPUT = {"remove-output", "hide-output", "remove_output"}
NO_CELL = {"remove-cell", "hide-cell", "remove_cell"}


@dataclass(frozen=True)
class Shown:
    """What is shown of a code cell: its source, without what it says of itself, and its outputs.

    `streams` are the streams that are left out; `caption` and `alt` are of its figure.
    """

    source: str
    cell: bool = True
    code: bool = True
    outputs: bool = True
    streams: frozenset[str] = frozenset()
    caption: str = ""
    alt: str = ""


def tags(cell: NotebookNode) -> set[str]:
    """A cell's tags."""
    return set(cell.metadata.get("tags", []))


def shown_of(cell: NotebookNode, document: Mapping[str, Any] | None = None) -> Shown:
    """What is shown of a code cell; `document` is what front matter says of all cells."""
    source, own, words = _read(cell.source)
    said = {**(document or {}), **own}
    jupyter, figure = cell.metadata.get("jupyter", {}), _figure(cell)
    known = tags(cell)
    streams = {s for s in ("stdout", "stderr") if known & {f"remove-{s}", f"hide-{s}"}}
    return Shown(
        source=source,
        cell=not known & NO_CELL and _on(said.get("include")) and "hide" not in words,
        code=not (
            known & NO_INPUT
            or words & {"hide_input"}
            or jupyter.get("source_hidden")
            or cell.metadata.get("cellView") == "form"
        )
        and _on(said.get("echo")),
        outputs=not (known & NO_OUTPUT or words & {"hide_output"} or jupyter.get("outputs_hidden"))
        and _on(said.get("output")),
        streams=frozenset(streams | (set() if _on(said.get("warning")) else {"stderr"})),
        caption=str(said.get("fig-cap") or said.get("tbl-cap") or figure.get("caption") or ""),
        alt=str(said.get("fig-alt") or ""),
    )


def _figure(cell: NotebookNode) -> Mapping[str, Any]:
    """The figure that MyST-NB makes of a cell's output."""
    found = cell.metadata.get("mystnb", {}).get("figure", {})
    return found if isinstance(found, Mapping) else {}


def _read(source: str) -> tuple[str, dict[str, Any], set[str]]:
    """A cell's source without its first lines that speak of it, their values and their words."""
    lines, pairs = source.split("\n"), []
    words: set[str] = set()
    while lines:
        found, former = LINE.match(lines[0]), FORMER.match(lines[0].strip())
        if found and re.match(r"[\w-]+\s*:", found[1]):
            pairs.append(found[1])
        elif found:
            words.update(found[1].split()[:1])
        elif former:
            words.add(former[1].split()[0])
        else:
            break
        lines.pop(0)
    try:
        said = yaml.safe_load("\n".join(pairs)) if pairs else {}
    except yaml.YAMLError:
        said = {}
    return "\n".join(lines), said if isinstance(said, dict) else {}, words


def _on(value: object) -> bool:
    """Whether a switch is on, as it is where nothing is said."""
    return value is not False and str(value).lower() != "false"
