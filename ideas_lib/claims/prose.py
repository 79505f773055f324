"""What the prose of an executed notebook says, for posts and for tests."""

import re
from ast import literal_eval
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ideas_lib.claims.sentences import HOLDS

__all__ = ["glued", "unbound"]

_REFERENCE = re.compile(
    r"\{glue(?::\w*)?\}`([^`]+)`|^\s*(?:`{3,}|:{3,})\{glue(?::\w*)?\}\s+(\S+)", re.M
)
_RESULTS = re.compile(r"\b(study|results?|verdict|found|failed|means)\b", re.I)
_MEASURED = re.compile(
    r"(?<![\w.@/:-])\d+\.\d+(?:\s*(?:%|nats|bits|ms|s|x|×))?|\b\d+(?:\.\d+)?\s*(?:%|percent|nats|×)"
)
# Not measured: roles, code, maths, links, and the level of an interval.
_EXEMPT = re.compile(
    r"\{[\w:+-]+\}`[^`]*`|`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)"
    r"|\b9[059](?:\.\d)?\s*%\s+(?:[\w-]+\s+)?intervals?"
)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FENCE = re.compile(r"\s*(`{3,}|~{3,}|:{3,})(.*)")
_CODE = re.compile(r"\{(math|code|code-block|code-cell)\}|(?!\{)")


def glued(nb: NotebookNode) -> dict[str, str]:
    """Return name -> text, as the page shows it, for all that an executed notebook bound."""
    return dict(_records(nb))


def unbound(nb: NotebookNode, folder: Path | None = None) -> list[str]:
    """Return complaints, in plain English, about prose that no result holds up; best is none.

    They are: a reference to a name that no cell bound; a name bound twice; a measured number
    typed under a heading that speaks of results; a sentence checked by `holds` that the page does
    not say. References to other notebooks ({glue:text}`path::name`) are looked up from `folder`,
    the notebook's own, and are passed over without it.
    """
    counts = Counter(name for name, _ in _records(nb))
    complaints = [f"{name} is bound {n} times" for name, n in counts.items() if n > 1]
    for k, cell in _prose(nb):
        for match in _REFERENCE.finditer(cell.source):
            complaints += _missing(match[1] or match[2], glued(nb), folder, k)
    complaints += [f"cell {k} states {number}, typed by hand: bind it" for k, number in _typed(nb)]
    said = _plain(" ".join(cell.source for _, cell in _prose(nb)))
    for sentence in _checked(nb):
        if _plain(sentence) not in said:
            complaints.append(f"{sentence!r} is checked, but the page does not say it")
    return complaints


def _outputs(nb: NotebookNode) -> Iterator[NotebookNode]:
    for cell in nb.cells:
        if cell.cell_type == "code":
            yield from cell.outputs


def _prose(nb: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    for k, cell in enumerate(nb.cells):
        if cell.cell_type == "markdown":
            yield k, cell


def _records(nb: NotebookNode) -> Iterator[tuple[str, str]]:
    for output in _outputs(nb):
        record = output.get("metadata", {}).get("scrapbook")
        if record:
            text = output.data.get(record.get("mime_prefix", "") + "text/plain", "")
            yield record["name"], _unquoted(text)


def _unquoted(text: str) -> str:
    try:
        return str(literal_eval(text))
    except (SyntaxError, ValueError):
        return text


def _missing(reference: str, here: dict[str, str], folder: Path | None, k: int) -> list[str]:
    path, _, name = reference.rpartition("::")
    name = name.split(":")[0]
    bound = here
    if path:
        if folder is None:
            return []
        other = (folder / path).with_suffix(".ipynb")
        if not other.is_file():
            return [f"cell {k} refers to {reference}, and there is no {other.name}"]
        bound = glued(nbformat.read(other, as_version=4))
    return [] if name in bound else [f"cell {k} refers to {reference}, which no cell binds"]


def _typed(nb: NotebookNode) -> Iterator[tuple[int, str]]:
    """Yield (cell, number) for what looks measured under headings that speak of results."""
    inside = 0  # the level of the heading that speaks of results, 0 outside
    for k, cell in _prose(nb):
        for line in _lines(cell.source):
            heading = re.match(r"(#+)\s+(.*)", line)
            if heading:
                level = len(heading[1])
                if not inside or level <= inside:
                    inside = level if _RESULTS.search(heading[2]) else 0
            elif inside:
                yield from ((k, m[0].strip()) for m in _MEASURED.finditer(_EXEMPT.sub("", line)))


def _lines(source: str) -> Iterator[str]:
    """Yield the lines that are prose: none of code blocks, display maths and comments."""
    fences: list[tuple[str, bool]] = []  # open fences, innermost last, and whether each holds code
    maths = False
    for line in _COMMENT.sub("", source).splitlines():
        in_code = bool(fences) and fences[-1][1]
        fence = _FENCE.fullmatch(line)
        if fence and fences and fence[1] == fences[-1][0] and not fence[2].strip():
            fences.pop()
        elif fence and not in_code:
            fences.append((fence[1], bool(_CODE.match(fence[2].strip()))))
        elif not in_code:
            was, maths = maths, maths ^ (line.count("$$") % 2 == 1)
            if not (was or maths):
                yield line


def _checked(nb: NotebookNode) -> Iterator[str]:
    for output in _outputs(nb):
        if output.output_type == "stream":
            for line in output.text.splitlines():
                if line.startswith(HOLDS):
                    yield line.removeprefix(HOLDS)


def _plain(text: str) -> str:
    """Drop emphasis, case, spacing and a closing full stop."""
    return " ".join(re.sub(r"[*_`]", "", text).lower().split()).removesuffix(".")
