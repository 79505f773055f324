"""The manual of a language, from its table: each construct's form, picture, meaning and example."""

import html
import re
from collections.abc import Iterable

from ideas_lib.programs.dsl.runtime.construct_table import (
    ConstructRow,
    ConstructTable,
    Slot,
    SyntaxNode,
)
from ideas_lib.programs.dsl.runtime.meaning import expand
from ideas_lib.programs.dsl.runtime.parsing import parse_program
from ideas_lib.programs.dsl.runtime.tree_running import python_source

__all__ = ["form_text", "manual_html", "meaning_text", "readme_text"]

WIDTH, HEIGHT = 7.3, 40  # of a letter, and of a picture
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;"
    "background:#fff}pre{background:#f3f3f0;padding:.6em;overflow:auto}h2{margin-top:2em}"
    "svg{max-width:100%;height:auto}"
)
HOW = """\
A program is one line after the other. Where a construct stands within another it is in brackets,
if it begins with a word: `print (upper "a")`. Names are written `$name`, texts in double quotes,
comments after `#`.
"""


def form_text(row: ConstructRow) -> str:
    """Return a form as one line: slots in angle brackets, what may be left out in square ones."""
    return " ".join(part if isinstance(part, str) else _slot_text(part) for part in row.form)


def _slot_text(slot: Slot) -> str:
    if slot.of == "values":
        few = ["<value>"] * slot.least
        return " ".join([*few, *["[<value>]"] * (slot.most - slot.least)])
    if slot.of == "options":
        return " ".join(f"[{label}: <value>]" for label in slot.labels)
    return f"<{slot.name}>"


def meaning_text(table: ConstructTable, row: ConstructRow) -> str:
    """Return what a construct is in Python: its note, its path, or what it stands for."""
    if row.body is not None:
        names = [SyntaxNode("a name", (slot.name.upper(),)) for slot in row.slots]
        whole = expand(table, SyntaxNode(row.word, tuple(names)))
        return python_source(table, SyntaxNode("program", ((whole,),))).strip().split("\n")[-1]
    said = {"method": f"calls .{row.target}(...)", "attribute": f".{row.target}"}
    said |= {"setter": f"sets .{row.target}", "function": f"calls {row.target}(...)"}
    said |= {"constant": row.target, "call": "calls a value", "core": row.note}
    return said[row.kind]


def readme_text(table: ConstructTable, learned: Iterable[ConstructRow]) -> str:
    """Return the README of a package."""
    name = table.name
    rows = "\n".join(
        f"| {_code(form_text(row))} | {_code(meaning_text(table, row))} | {row.uses} |"
        for row in learned
    )
    example = next((row.example for row in learned if row.example), '$x = "a"')
    tree = "tree" if name != "tree" else "node"
    return f"""\
# {name}

A small language, made from a corpus by `ideas dsl`. It needs lark alone.

```python
import {name}

{tree} = {name}.parse({example!r})
assert {name}.parse({name}.unparse({tree})) == {tree}
print({name}.python({tree}))  # the Python calls that it stands for
```

`{name}.run(tree, names)` makes these calls; `names` has the values that a program may use. It
reaches what the table names and nothing else, but that is no sandbox: run no stranger's program.

{HOW}
## What was learned

| written | Python | uses |
| --- | --- | --- |
{rows}

`manual.html` has every construct, with a picture of its form and an example.
`{name}/constructs.json` is the table that all of it is made of, `{name}/grammar.lark` and
`{name}/{name}.gbnf` (for constrained decoding) are made from it, and `python -m unittest discover
tests` holds them to it. `{name}.lexer()` is a lexer for Pygments.
"""


def _code(text: str) -> str:
    """Return a text as code in a table of Markdown, whatever is in it."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    escaped = text.replace("|", "\\|")
    return f"{fence}{pad}{escaped}{pad}{fence}"


def manual_html(table: ConstructTable) -> str:
    """Return a page with every construct, most used first; it needs no other file."""
    order = sorted(table.rows.values(), key=lambda row: (row.kind == "core", -row.uses, row.word))
    parts = []
    for row in order:
        example = f"<pre>{html.escape(row.example)}</pre>" if row.example else ""
        if row.example:
            parse_program(table, row.example)  # no example that is none
        meaning = html.escape(meaning_text(table, row))
        parts.append(
            f"<h2>{html.escape(row.word)}</h2>\n{_picture(row)}\n"
            f"<p><code>{meaning}</code>; {row.uses} uses in the corpus.</p>\n{example}"
        )
    title = html.escape(table.name)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{html.escape(HOW)}</p>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def _picture(row: ConstructRow) -> str:
    """Return a form as a line of boxes: round for words, square for slots, dashed if optional."""
    boxes: list[tuple[str, str]] = []
    for part in row.form:
        if isinstance(part, str):
            boxes.append((part, 'rx="13"'))
        elif part.of == "values":
            boxes += [("value", "")] * part.least
            if part.most != part.least:
                boxes.append((f"{part.most - part.least} more values", DASHED))
        elif part.of == "options":
            boxes += [(f"{label}: value", DASHED) for label in part.labels]
        else:
            boxes.append((part.name, ""))
    at, drawn = 12.0, []
    for text, style in boxes:
        width = len(text) * WIDTH + 18
        drawn.append(
            f'<rect x="{at:.0f}" y="7" width="{width:.0f}" height="26" {style} fill="#fff" '
            f'stroke="#00684a"/><text x="{at + width / 2:.0f}" y="25" text-anchor="middle">'
            f"{html.escape(text)}</text>"
        )
        at += width + 14
    words = html.escape(form_text(row), quote=True)
    return (
        f'<svg role="img" aria-label="{words}" viewBox="0 0 {at:.0f} {HEIGHT}" '
        f'width="{at:.0f}" height="{HEIGHT}" font-family="monospace" font-size="12">'
        f'<path d="M0 20H{at:.0f}" stroke="#00684a"/>{"".join(drawn)}</svg>'
    )


DASHED = 'stroke-dasharray="4 3"'
