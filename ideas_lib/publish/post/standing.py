"""Whether a post stands alone: its length, the names its code uses, and where its words point.

What a post leaves out may hold an import that its code needs, or be what "the figure above" means.
A chapter's post gets the lines that its code lacks; of any other notebook `ideas post --check`
names them.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from nbformat import NotebookNode

from ideas_lib.publish.post.options import Shown

__all__ = ["complete_code", "lacking", "pointing", "word_count"]

LINES = 8  # that are put before a cell; where more are missing, its code is left out
THINGS = "figure|table|plot|chart|code|cell|section|list|map|example|picture|equation|formula"
POINTING = re.compile(
    rf"\b(?:see|shown|given|described|listed|defined|drawn|mentioned|printed)\s+(?:above|below)\b"
    rf"|\b(?:{THINGS})s?\s+(?:above|below)\b|\b(?:above|below)\s+(?:{THINGS})s?\b",
    re.I,
)


def word_count(body: str) -> int:
    """How many words a post has, without code, tables, pictures and the marks of Markdown."""
    text = re.sub(r"^(`{3,}|~{3,}).*?^\1`*\s*$", "", body, flags=re.S | re.M)
    text = re.sub(r"\$\$.*?\$\$|!\[[^]]*\]\([^)]*\)|\]\([^)]*\)|<[^>]*>", " ", text, flags=re.S)
    lines = (line for line in text.split("\n") if not line.lstrip().startswith(("|", "{{<")))
    return len(re.findall(r"\w[\w'’.,-]*", "\n".join(lines)))


def pointing(texts: Iterable[str]) -> list[str]:
    """The words that point above or below."""
    return [found[0] for text in texts for found in POINTING.finditer(text)]


def _statements(source: str) -> list[ast.stmt]:
    """The statements of a cell; magics and what cannot be read are none."""
    lines = ("" if re.match(r"\s*[%!?]", line) else line for line in source.split("\n"))
    try:
        return ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError, RecursionError):
        return []


def _bound(node: ast.AST) -> set[str]:
    """The names that a statement binds, whatever is inside it."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(part.name)
        elif isinstance(part, ast.alias):
            found.add((part.asname or part.name).partition(".")[0])
        elif isinstance(part, ast.arg):
            found.add(part.arg)
        elif isinstance(part, ast.ExceptHandler) and part.name:
            found.add(part.name)
    return found


def _used(node: ast.AST) -> set[str]:
    return {
        part.id
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    }


def lacking(
    cells: Sequence[NotebookNode], shown: Sequence[Shown | None]
) -> Iterator[tuple[int, list[str], list[str]]]:
    """The code cells whose code, as shown, uses names bound only where the post shows no code.

    `cells` are all code cells of the notebook, `shown` what the post shows of each, None for
    nothing. Gives a cell's place, the names, and the lines that bind them, in order.
    """
    hidden: list[tuple[ast.stmt, str]] = []
    known: set[str] = set()
    for n, (cell, view) in enumerate(zip(cells, shown, strict=True)):
        source = view.source if view else cell.source
        statements = _statements(source)
        if view is None or not view.code:
            hidden += [(s, ast.get_source_segment(source, s) or "") for s in statements]
            continue
        names: list[str] = []
        lines: list[str] = []
        for statement in statements:
            for name in sorted(_used(statement) - known - _bound(statement)):
                needed = _slice(name, hidden, known)
                if needed:
                    names.append(name)
                    lines += [line for line in needed if line not in lines]
                    known |= {name}
            known |= _bound(statement)
        for line in lines:
            known |= {name for s in _statements(line) for name in _bound(s)}
        if names:
            yield n, names, lines


def _slice(name: str, hidden: Sequence[tuple[ast.stmt, str]], known: set[str]) -> list[str]:
    """The statements that bind a name, and what they need, in order; none when nothing does."""
    wanted, chosen = {name}, set()
    for n in range(len(hidden) - 1, -1, -1):
        statement, _ = hidden[n]
        if _bound(statement) & wanted:
            chosen.add(n)
            wanted = (wanted - _bound(statement)) | (_used(statement) - known)
    return [hidden[n][1] for n in sorted(chosen)]


def complete_code(view: Shown, lines: Sequence[str]) -> tuple[str, bool]:
    """A cell's source with the lines that it lacks, and whether it is short enough to be shown."""
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    others = [line for line in lines if line not in imports]
    if sum(line.count("\n") + 1 for line in lines) > LINES:
        return view.source, False
    blank = [""] if imports and (others or not view.source.startswith(("import", "from"))) else []
    return "\n".join([*imports, *blank, *others, view.source]), True
